/**
 * Blocks of quantized weights as GGUF stores them: layouts of ggml (github.com/ggml-org/ggml, src/ggml-common.h; docs/gguf.md). Values are
 * the products and sums that a block says, exact in binary64; ggml forms them in binary32, where those of Q4_1, Q5_1, Q2_K, Q4_K and
 * Q5_K, a scale times a code plus a minimum, may be rounded.
 *
 * @module
 */
import { e2m1fn, e4m3fn, e8m0fnu } from '../../formats/catalogue.ts';
import { halfValue, valuesOf } from '../dtype.ts';

/** Writes the numbers of one block, which begins at byte `at`, from `out[to]` on. */
export type DecodeBlock = (bytes: Uint8Array, at: number, out: Float32Array | Float64Array, to: number) => void;

/** A type whose elements share scales. */
export interface BlockType {
  /** Elements a block. */
  readonly size: number;
  /** Bytes a block. */
  readonly bytes: number;
  /** Null: known by name and size alone. */
  readonly decode: DecodeBlock | null;
}

/** A binary16 number, little-endian. */
const half = (bytes: Uint8Array, at: number): number => halfValue(bytes[at] | (bytes[at + 1] << 8));

/** Codes of 4 bits: the low halves of `count` bytes are the first elements, the high halves the next ones. */
function nibbles(count: number, bytes: Uint8Array, at: number, put: (index: number, code: number) => void): void {
  for (let i = 0; i < count; i++) {
    put(i, bytes[at + i] & 15);
    put(i + count, bytes[at + i] >> 4);
  }
}

/** d · (code − 8) */
const q40: DecodeBlock = (bytes, at, out, to) => {
  const d = half(bytes, at);
  nibbles(16, bytes, at + 2, (i, code) => {
    out[to + i] = d * (code - 8);
  });
};

/** d · code + m */
const q41: DecodeBlock = (bytes, at, out, to) => {
  const [d, m] = [half(bytes, at), half(bytes, at + 2)];
  nibbles(16, bytes, at + 4, (i, code) => {
    out[to + i] = d * code + m;
  });
};

/** The fifth bit of element i: bit i of four bytes. */
const fifth = (bytes: Uint8Array, at: number, i: number): number => ((bytes[at + (i >> 3)] >> (i & 7)) & 1) << 4;

/** d · (code − 16) */
const q50: DecodeBlock = (bytes, at, out, to) => {
  const d = half(bytes, at);
  nibbles(16, bytes, at + 6, (i, code) => {
    out[to + i] = d * ((code | fifth(bytes, at + 2, i)) - 16);
  });
};

/** d · code + m */
const q51: DecodeBlock = (bytes, at, out, to) => {
  const [d, m] = [half(bytes, at), half(bytes, at + 2)];
  nibbles(16, bytes, at + 8, (i, code) => {
    out[to + i] = d * (code | fifth(bytes, at + 4, i)) + m;
  });
};

/** d · code, codes of 8 bits with sign */
const q80: DecodeBlock = (bytes, at, out, to) => {
  const d = half(bytes, at);
  for (let i = 0; i < 32; i++) out[to + i] = d * ((bytes[at + 2 + i] << 24) >> 24);
};

/**
 * Scale and minimum of sub-block j of 8, six bits each, from twelve bytes: those of the first four are the low bits of bytes j and
 * j + 4; of the others the low and the high half of byte j + 4 are their low bits, and the top two bits of bytes j − 4 and j
 * the high ones.
 */
function scaleAndMinimum(bytes: Uint8Array, at: number, j: number): readonly [scale: number, minimum: number] {
  if (j < 4) return [bytes[at + j] & 63, bytes[at + j + 4] & 63];
  const low = bytes[at + j + 4];
  return [(low & 15) | ((bytes[at + j - 4] >> 6) << 4), (low >> 4) | ((bytes[at + j] >> 6) << 4)];
}

/** d · scale · code − dmin · minimum, eight sub-blocks of 32; two share 32 bytes, the first their low halves. */
function qk(codesAt: number, highAt: number | null): DecodeBlock {
  return (bytes, at, out, to) => {
    const [d, dmin] = [half(bytes, at), half(bytes, at + 2)];
    for (let j = 0; j < 8; j++) {
      const [scale, minimum] = scaleAndMinimum(bytes, at + 4, j);
      const codes = at + codesAt + 32 * (j >> 1);
      for (let i = 0; i < 32; i++) {
        const low = (bytes[codes + i] >> (4 * (j & 1))) & 15;
        const high = highAt === null ? 0 : ((bytes[at + highAt + i] >> j) & 1) << 4;
        out[to + 32 * j + i] = d * scale * (low | high) - dmin * minimum;
      }
    }
  };
}

/** Where element i of 256 has its two bits: in two halves, four elements a byte, 32 bytes apart in the number. */
const crumb = (bytes: Uint8Array, at: number, i: number): number =>
  (bytes[at + 32 * (i >> 7) + (i & 31)] >> (2 * ((i >> 5) & 3))) & 3;

/** d · scale · (code − 32): 16 sub-blocks of 16, codes of six bits in two halves of 128. */
const q6k: DecodeBlock = (bytes, at, out, to) => {
  const d = half(bytes, at + 208);
  for (let i = 0; i < 256; i++) {
    const [part, quarter, place] = [i >> 7, (i >> 5) & 3, i & 31];
    // The low four bits: 64 bytes for 128 elements, the first two quarters in the low halves.
    const low = (bytes[at + 64 * part + 32 * (quarter & 1) + place] >> (4 * (quarter >> 1))) & 15;
    const high = crumb(bytes, at + 128, i);
    const scale = (bytes[at + 192 + (i >> 4)] << 24) >> 24;
    out[to + i] = d * scale * ((low | (high << 4)) - 32);
  }
};

/** d · scale · code − dmin · minimum: 16 sub-blocks of 16, scale and minimum of four bits each in a byte. */
const q2k: DecodeBlock = (bytes, at, out, to) => {
  const [d, dmin] = [half(bytes, at + 80), half(bytes, at + 82)];
  for (let i = 0; i < 256; i++) {
    const both = bytes[at + (i >> 4)];
    out[to + i] = d * (both & 15) * crumb(bytes, at + 16, i) - dmin * (both >> 4);
  }
};

/**
 * d · (scale − 32) · (code − 4): 16 sub-blocks of 16. A code's third bit is bit i / 32 of one of the first 32 bytes; scales have six
 * bits: four in eight bytes, of the second half in the high ones, and two in four bytes.
 */
const q3k: DecodeBlock = (bytes, at, out, to) => {
  const d = half(bytes, at + 108);
  for (let i = 0; i < 256; i++) {
    const sub = i >> 4;
    const low = (bytes[at + 96 + (sub & 7)] >> (4 * (sub >> 3))) & 15;
    const scale = low | (((bytes[at + 104 + (sub & 3)] >> (2 * (sub >> 2))) & 3) << 4);
    const high = (bytes[at + (i & 31)] >> (i >> 5)) & 1;
    out[to + i] = d * (scale - 32) * ((crumb(bytes, at + 32, i) | (high << 2)) - 4);
  }
};

/** The sixteen values of IQ4_NL and IQ4_XS (ggml, kvalues_iq4nl). */
const iq4 = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113] as const;

/** d · value */
const iq4nl: DecodeBlock = (bytes, at, out, to) => {
  const d = half(bytes, at);
  nibbles(16, bytes, at + 2, (i, code) => {
    out[to + i] = d * iq4[code];
  });
};

/** d · (scale − 32) · value: eight sub-blocks of 32; scales of six bits, the upper two of all in one 16-bit word. */
const iq4xs: DecodeBlock = (bytes, at, out, to) => {
  const d = half(bytes, at);
  const high = bytes[at + 2] | (bytes[at + 3] << 8);
  for (let sub = 0; sub < 8; sub++) {
    const low = (bytes[at + 4 + (sub >> 1)] >> (4 * (sub & 1))) & 15;
    const scale = d * ((low | (((high >> (2 * sub)) & 3) << 4)) - 32);
    nibbles(16, bytes, at + 8 + 16 * sub, (i, code) => {
      out[to + 32 * sub + i] = scale * iq4[code];
    });
  }
};

/** d · (code − 1), codes of two bits. */
const tq20: DecodeBlock = (bytes, at, out, to) => {
  const d = half(bytes, at + 64);
  for (let i = 0; i < 256; i++) out[to + i] = d * (crumb(bytes, at, i) - 1);
};

/**
 * d · (digit − 1): digits to base 3, five a byte, as a fraction of 256, the first one the highest. 32 bytes hold 160 elements, 16 hold
 * 80, and four hold the last 16, four each.
 */
const tq10: DecodeBlock = (bytes, at, out, to) => {
  const d = half(bytes, at + 52);
  let [from, place] = [at, to];
  for (const [count, digits] of [
    [32, 5],
    [16, 5],
    [4, 4],
  ] as const) {
    for (let n = 0, power = 1; n < digits; n++, power *= 3) {
      for (let i = 0; i < count; i++) out[place++] = d * (((((bytes[from + i] * power) & 255) * 3) >> 8) - 1);
    }
    from += count;
  }
};

/** Numbers of codes, made when first wanted. */
const once = (make: () => Float64Array): (() => Float64Array) => {
  let held: Float64Array | null = null;
  return () => {
    held ??= make();
    return held;
  };
};
const fp4 = once(() => valuesOf(e2m1fn));
const powers = once(() => valuesOf(e8m0fnu));
const scales = once(() => valuesOf(e4m3fn));

/** An E8M0 scale (OCP MX v1.0: 255 is NaN), then FP4 codes. */
const mxfp4: DecodeBlock = (bytes, at, out, to) => {
  const scale = powers()[bytes[at]];
  nibbles(16, bytes, at + 1, (i, code) => {
    out[to + i] = scale * fp4()[code];
  });
};

/** Four E4M3 scales without sign, then four sub-blocks of 16 FP4 codes. A scale that is no such number gives NaN. */
const nvfp4: DecodeBlock = (bytes, at, out, to) => {
  for (let sub = 0; sub < 4; sub++) {
    const code = bytes[at + sub];
    const scale = code < 128 ? scales()[code] : Number.NaN;
    nibbles(8, bytes, at + 4 + 8 * sub, (i, one) => {
      out[to + 16 * sub + i] = scale * fp4()[one];
    });
  }
};

const block = (size: number, bytes: number, decode: DecodeBlock | null = null): BlockType => ({ size, bytes, decode });

/** Types of blocks by ggml's names. */
export const blockTypes: Readonly<Record<string, BlockType>> = /* @__PURE__ */ Object.freeze({
  Q4_0: block(32, 18, q40),
  Q4_1: block(32, 20, q41),
  Q5_0: block(32, 22, q50),
  Q5_1: block(32, 24, q51),
  Q8_0: block(32, 34, q80),
  Q4_K: block(256, 144, qk(16, null)),
  Q5_K: block(256, 176, qk(48, 16)),
  Q6_K: block(256, 210, q6k),
  MXFP4: block(32, 17, mxfp4),
  NVFP4: block(64, 36, nvfp4),
  Q2_K: block(256, 84, q2k),
  Q3_K: block(256, 110, q3k),
  IQ4_NL: block(32, 18, iq4nl),
  IQ4_XS: block(256, 136, iq4xs),
  TQ1_0: block(256, 54, tq10),
  TQ2_0: block(256, 66, tq20),
  Q1_0: block(128, 18),
  Q8_1: block(32, 36),
  Q8_K: block(256, 292),
  IQ2_XXS: block(256, 66),
  IQ2_XS: block(256, 74),
  IQ3_XXS: block(256, 98),
  IQ1_S: block(256, 50),
  IQ3_S: block(256, 110),
  IQ2_S: block(256, 82),
  IQ1_M: block(256, 56),
});
