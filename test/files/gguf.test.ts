import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memorySource, readGguf, readTensor, readTensorBytes, readTensorCodes } from '../../src/files/index.ts';
import { ggufFile, text, u32, u64 } from './ggufFile.ts';
import { failure, floats } from './helpers.ts';

const open = (bytes: Uint8Array) => readGguf(memorySource(bytes, 'm.gguf'));
const blocks = (type: number, bytes: readonly number[], elements: number) => [
  ...readTensor(open(ggufFile({ tensors: [{ name: 'w', dims: [elements], type, data: Uint8Array.from(bytes) }] })), 'w')
    .data,
];

/** A binary16 number as an integer of 2^−24. */
const half = (code: number): bigint => {
  const [exponent, fraction] = [(code >> 10) & 31, code & 1023];
  const size = exponent === 0 ? BigInt(fraction) : BigInt(1024 + fraction) << BigInt(exponent - 1);
  return code & 0x8000 ? -size : size;
};
const value = (units: bigint): number => Number(units) / 2 ** 24;
const low = (code: number): number[] => [code & 255, code >> 8];

describe('decoders of blocks', () => {
  const finite = fc.integer({ min: 0, max: 65535 }).filter((code) => ((code >> 10) & 31) < 31);
  const codes = (bits: number, length: number) =>
    fc.array(fc.nat(2 ** bits - 1), { minLength: length, maxLength: length });
  /** Halves of bytes: element i and element i + n / 2. */
  const pairs = (all: readonly number[]): number[] =>
    all.slice(0, all.length / 2).map((code, i) => (code & 15) + (all[i + all.length / 2] & 15) * 16);
  const same = (found: readonly number[], wanted: readonly bigint[]) =>
    expect(found).toEqual(wanted.map(value).map((one) => one + 0 || one));

  it('Q4_0, Q4_1: what was packed', () => {
    fc.assert(
      fc.property(finite, finite, codes(4, 32), (d, m, q) => {
        expect(blocks(2, [...low(d), ...pairs(q)], 32).map(Math.abs)).toEqual(
          q.map((one) => Math.abs(value(half(d) * BigInt(one - 8)))),
        );
        same(
          blocks(3, [...low(d), ...low(m), ...pairs(q)], 32).map((one) => one + 0),
          q.map((one) => half(d) * BigInt(one) + half(m)),
        );
      }),
    );
  });

  it('Q5_0, Q5_1: the fifth bits lie in a word of their own', () => {
    fc.assert(
      fc.property(finite, finite, codes(5, 32), (d, m, q) => {
        const word = q.reduce((sum, one, i) => sum | (BigInt(one >> 4) << BigInt(i)), 0n);
        const high = [0n, 8n, 16n, 24n].map((shift) => Number((word >> shift) & 255n));
        same(
          blocks(6, [...low(d), ...high, ...pairs(q)], 32).map((one) => one + 0),
          q.map((one) => half(d) * BigInt(one - 16)),
        );
        same(
          blocks(7, [...low(d), ...low(m), ...high, ...pairs(q)], 32).map((one) => one + 0),
          q.map((one) => half(d) * BigInt(one) + half(m)),
        );
      }),
    );
  });

  it('Q8_0: codes with sign', () => {
    fc.assert(
      fc.property(finite, codes(8, 32), (d, q) => {
        same(
          blocks(8, [...low(d), ...q], 32).map((one) => one + 0),
          q.map((one) => half(d) * BigInt(one < 128 ? one : one - 256)),
        );
      }),
    );
  });

  it('Q4_K, Q5_K: eight sub-blocks with scales and minimums of six bits', () => {
    fc.assert(
      fc.property(finite, finite, codes(6, 8), codes(6, 8), codes(5, 256), (d, dmin, scales, minimums, q5) => {
        const packed = new Array<number>(12).fill(0);
        for (let j = 0; j < 8; j++) {
          const [s, m] = [scales[j], minimums[j]];
          if (j < 4) {
            packed[j] |= s;
            packed[j + 4] |= m;
          } else {
            packed[j + 4] |= (s % 16) + (m % 16) * 16;
            packed[j - 4] |= Math.floor(s / 16) * 64;
            packed[j] |= Math.floor(m / 16) * 64;
          }
        }
        const nibbles = (q: readonly number[]) =>
          [0, 64, 128, 192].flatMap((from) =>
            Array.from({ length: 32 }, (_, i) => (q[from + i] % 16) + (q[from + 32 + i] % 16) * 16),
          );
        const high = Array.from({ length: 32 }, (_, i) =>
          Array.from({ length: 8 }, (_, j) => (q5[32 * j + i] >> 4) << j).reduce((sum, bit) => sum + bit, 0),
        );
        const worth = (q: readonly number[]) =>
          q.map((one, i) => half(d) * BigInt(scales[i >> 5] * one) - half(dmin) * BigInt(minimums[i >> 5]));
        const q4 = q5.map((one) => one % 16);
        const head = [...low(d), ...low(dmin), ...packed];
        same(
          blocks(12, [...head, ...nibbles(q4)], 256).map((one) => one + 0),
          worth(q4),
        );
        same(
          blocks(13, [...head, ...high, ...nibbles(q5)], 256).map((one) => one + 0),
          worth(q5),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('Q6_K: sixteen sub-blocks with scales of eight bits', () => {
    fc.assert(
      fc.property(finite, codes(8, 16), codes(6, 256), (d, scales, q) => {
        const [lows, highs]: [number[], number[]] = [[], []];
        for (const from of [0, 128]) {
          const at = (offset: number, i: number): number => q[from + offset + i];
          for (let i = 0; i < 32; i++) lows.push((at(0, i) % 16) + (at(64, i) % 16) * 16);
          for (let i = 0; i < 32; i++) lows.push((at(32, i) % 16) + (at(96, i) % 16) * 16);
          for (let i = 0; i < 32; i++)
            highs.push([0, 32, 64, 96].reduce((sum, offset, n) => sum + Math.floor(at(offset, i) / 16) * 4 ** n, 0));
        }
        const wanted = q.map(
          (one, i) => half(d) * BigInt(scales[i >> 4] < 128 ? scales[i >> 4] : scales[i >> 4] - 256) * BigInt(one - 32),
        );
        same(
          blocks(14, [...lows, ...highs, ...scales, ...low(d)], 256).map((one) => one + 0),
          wanted,
        );
      }),
      { numRuns: 40 },
    );
  });

  /** The loops of ggml's dequantize functions, over integers of 2^−24. */
  const loops = {
    q2k(bytes: readonly number[]): bigint[] {
      const [d, dmin] = [80, 82].map((at) => half(bytes[at] + 256 * bytes[at + 1]));
      const y: bigint[] = [];
      let sub = 0;
      for (let q = 16; q < 80; q += 32) {
        for (let shift = 0; shift < 8; shift += 2) {
          for (const from of [0, 16]) {
            const both = bytes[sub++];
            for (let l = from; l < from + 16; l++)
              y.push(d * BigInt((both % 16) * ((bytes[q + l] >> shift) & 3)) - dmin * BigInt(both >> 4));
          }
        }
      }
      return y;
    },
    q3k(bytes: readonly number[]): bigint[] {
      const d = half(bytes[108] + 256 * bytes[109]);
      const packed = bytes.slice(96, 108);
      const scales = Array.from({ length: 16 }, (_, i) => {
        const four = i < 8 ? packed[i] % 16 : packed[i - 8] >> 4;
        return four + 16 * ((packed[8 + (i % 4)] >> (2 * Math.floor(i / 4))) & 3) - 32;
      });
      const y: bigint[] = [];
      let [sub, mask] = [0, 1];
      for (let q = 32; q < 96; q += 32) {
        for (let shift = 0; shift < 8; shift += 2, mask *= 2) {
          for (const from of [0, 16]) {
            const scale = scales[sub++];
            for (let l = from; l < from + 16; l++)
              y.push(d * BigInt(scale * (((bytes[q + l] >> shift) & 3) - (bytes[l] & mask ? 0 : 4))));
          }
        }
      }
      return y;
    },
    iq4xs(bytes: readonly number[]): bigint[] {
      const [d, high] = [half(bytes[0] + 256 * bytes[1]), bytes[2] + 256 * bytes[3]];
      return [0, 1, 2, 3, 4, 5, 6, 7].flatMap((sub) => {
        const scale = ((bytes[4 + (sub >> 1)] >> (sub % 2 ? 4 : 0)) % 16) + 16 * (Math.floor(high / 4 ** sub) % 4) - 32;
        const q = bytes.slice(8 + 16 * sub, 24 + 16 * sub);
        return [...q.map((one) => one % 16), ...q.map((one) => one >> 4)].map((one) => d * BigInt(scale * values[one]));
      });
    },
    tq20(bytes: readonly number[]): bigint[] {
      const y: bigint[] = [];
      for (const j of [0, 32])
        for (let l = 0; l < 4; l++)
          for (let m = 0; m < 32; m++)
            y.push(half(bytes[64] + 256 * bytes[65]) * BigInt(((bytes[j + m] >> (2 * l)) & 3) - 1));
      return y;
    },
    tq10(bytes: readonly number[]): bigint[] {
      const y: bigint[] = [];
      const trit = (byte: number, n: number) => Math.floor((((byte * 3 ** n) % 256) * 3) / 256) - 1;
      for (const [from, count, digits] of [
        [0, 32, 5],
        [32, 16, 5],
        [48, 4, 4],
      ])
        for (let n = 0; n < digits; n++)
          for (let m = 0; m < count; m++) y.push(half(bytes[52] + 256 * bytes[53]) * BigInt(trit(bytes[from + m], n)));
      return y;
    },
  };
  const values = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

  it.each([
    ['Q2_K', 10, 84, [80, 82], loops.q2k],
    ['Q3_K', 11, 110, [108], loops.q3k],
    ['IQ4_XS', 23, 136, [0], loops.iq4xs],
    ['TQ1_0', 34, 54, [52], loops.tq10],
    ['TQ2_0', 35, 66, [64], loops.tq20],
  ] as const)('%s: what the loops of ggml say', (_, type, size, halves, wanted) => {
    fc.assert(
      fc.property(codes(8, size), fc.array(finite, { minLength: 2, maxLength: 2 }), (drawn, scales) => {
        const bytes = [...drawn];
        for (const [i, at] of halves.entries()) bytes.splice(at, 2, ...low(scales[i]));
        same(
          blocks(type, bytes, 256).map((one) => one + 0),
          wanted(bytes),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('IQ4_NL: values of a table', () => {
    fc.assert(
      fc.property(finite, codes(4, 32), (d, q) => {
        same(
          blocks(20, [...low(d), ...pairs(q)], 32).map((one) => one + 0),
          q.map((one) => half(d) * BigInt(values[one])),
        );
      }),
    );
  });

  const fp4 = [0, 0.5, 1, 1.5, 2, 3, 4, 6];
  const signed = (code: number) => (code < 8 ? fp4[code] : -fp4[code - 8]);
  it('MXFP4 and NVFP4: FP4 under powers of two, or under E4M3 without sign', () => {
    fc.assert(
      fc.property(codes(4, 32), codes(4, 64), fc.nat(254), codes(7, 4), (q, n, e, s) => {
        expect(blocks(39, [e, ...pairs(q)], 32)).toEqual(q.map((code) => signed(code) * 2 ** (e - 127)));
        const subs = [0, 16, 32, 48].flatMap((from) => pairs(n.slice(from, from + 16)));
        const scale = (code: number) =>
          code === 127 ? NaN : code < 8 ? code * 2 ** -9 : (1 + (code % 8) / 8) * 2 ** ((code >> 3) - 7);
        expect(blocks(40, [...s, ...subs], 64)).toEqual(n.map((code, i) => signed(code) * scale(s[i >> 4])));
      }),
    );
    expect(blocks(39, [255, ...Array(16).fill(0x21)], 32)[0]).toBeNaN();
    expect(blocks(40, [0x80, 0x38, 0x38, 0x38, ...Array(32).fill(0x21)], 64).slice(14, 18)).toEqual([
      NaN,
      NaN,
      0.5,
      0.5,
    ]);
  });

  it('by hand: d = 0.5 (3800)', () => {
    // Codes 0, 1 in the low halves and 15, 8 in the high ones of the first two bytes.
    const q4 = blocks(2, [0, 0x38, 0xf0, 0x81, ...Array(14).fill(0x88)], 32);
    expect([q4[0], q4[1], q4[2], q4[16], q4[17]]).toEqual([-4, -3.5, 0, 3.5, 0]);
    expect(blocks(8, [0, 0x38, 127, 128, 255, ...Array(29).fill(0)], 32).slice(0, 4)).toEqual([63.5, -64, -0.5, 0]);
    // Sub-block 0: scale 2, minimum 1; sub-block 4: scale 16 (its top bits in byte 0), minimum 0; dmin = 1 (3c00).
    const q4k = blocks(12, [0, 0x38, 0, 0x3c, 0x42, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, ...Array(128).fill(0x53)], 256);
    expect([q4k[0], q4k[31], q4k[32], q4k[128], q4k[160]]).toEqual([2, 2, 0, 24, 0]);
    // Code 0b11_0011 of element 0: low half of byte 0, low bits of byte 128; scale −1 at byte 192.
    const q6k = blocks(
      14,
      [3, ...Array(127).fill(0), 3, ...Array(63).fill(0), 255, ...Array(15).fill(1), 0, 0x38],
      256,
    );
    expect([q6k[0], q6k[1], q6k[16]]).toEqual([-0.5 * (51 - 32), 16, -16]);
  });
});

describe('readGguf', () => {
  const w = { name: 'blk.0.attn_norm.weight', dims: [3, 2], type: 0, data: floats(1, 2, 3, 4, 5, 6) };
  const b = { name: 'b', dims: [2], type: 30, data: Uint8Array.of(0x80, 0x3f, 0x00, 0xc0) };
  const i = { name: 'i', dims: [1], type: 27, data: Uint8Array.of(7, 0, 0, 0, 0, 0, 0, 0) };
  const old = { name: 'q2', dims: [256], type: 16, data: new Uint8Array(66) };

  it('lists tensors row by row, reads them, and tells those it cannot', () => {
    for (const version of [2, 3]) {
      const checkpoint = open(ggufFile({ version, tensors: [w, b, i, old] }));
      expect([...checkpoint.entries.values()].map(({ name, dtype, shape }) => [name, dtype, shape])).toEqual([
        [w.name, 'F32', [2, 3]],
        ['b', 'BF16', [2]],
        ['i', 'I64', [1]],
      ]);
      expect([...readTensor(checkpoint, w.name).data]).toEqual([1, 2, 3, 4, 5, 6]);
      expect([...readTensor(checkpoint, 'b').data]).toEqual([1, -2]);
      expect([...readTensor(checkpoint, 'i').data]).toEqual([7]);
      expect(readTensorBytes(checkpoint, 'b')).toEqual(b.data);
      expect(failure(() => readTensor(checkpoint, 'q2'))).toBe('unsupported m.gguf: q2');
      expect(
        failure(() =>
          readTensorCodes(
            open(ggufFile({ tensors: [{ name: 'q', dims: [32], type: 8, data: new Uint8Array(34) }] })),
            'q',
          ),
        ),
      ).toBe('unsupported m.gguf: q');
    }
    expect(open(ggufFile({ tensors: [] })).entries.size).toBe(0);
  });

  it('reads metadata of every type as text', () => {
    const array = (type: number, count: number, bytes: number[]) => [...u32(type), ...u64(count), ...bytes];
    const { metadata, entries } = open(
      ggufFile({
        tensors: [w],
        alignment: 64,
        metadata: [
          ['general.alignment', 4, u32(64)],
          ['u8', 0, [255]],
          ['i8', 1, [255]],
          ['i32', 5, [0xff, 0xff, 0xff, 0xff]],
          ['f32', 6, [...floats(0.5)]],
          ['yes', 7, [1]],
          ['text', 8, text('é')],
          ['u64', 10, u64(2 ** 52)],
          ['list', 9, array(5, 2, [...u32(1), ...u32(2)])],
          ['tokens', 9, array(8, 20, Array.from({ length: 20 }, () => text('ab')).flat())],
          ['bytes', 9, array(0, 70_000, Array(70_000).fill(1))],
        ],
      }),
    );
    expect(metadata).toMatchObject({
      u8: '255',
      i8: '-1',
      i32: '-1',
      f32: '0.5',
      yes: 'true',
      text: 'é',
      u64: '4503599627370496',
      list: '[1, 2]',
    });
    expect(metadata.tokens).toMatch(/^\[ab, .*, … 20 in all\]$/);
    expect(metadata.bytes).toMatch(/70000 in all\]$/);
    expect((entries.get(w.name)?.offset ?? 1) % 64).toBe(0);
  });

  const patch = (at: number, ...bytes: number[]) => {
    const file = ggufFile({ tensors: [w, b] });
    file.set(bytes, at);
    return file;
  };
  it.each([
    ['an empty file', 'file m.gguf', new Uint8Array(0)],
    ['another magic', 'file m.gguf', patch(0, 0x67)],
    ['version 1', 'unsupported m.gguf: version', patch(4, 1)],
    ['a big-endian file', 'unsupported m.gguf: version', patch(4, 0, 0, 0, 3)],
    ['2^63 tensors', 'file m.gguf', patch(8, 0, 0, 0, 0, 0, 0, 0, 0x80)],
    ['more tensors than bytes', 'file m.gguf', patch(8, 0, 0, 1)],
    ['more metadata than bytes', 'file m.gguf', patch(16, 0xff, 0xff)],
    ['a name of 4 GiB', 'file m.gguf', patch(24, 0, 0, 0, 0, 1)],
    ['a name twice', 'file m.gguf', ggufFile({ tensors: [b, b] })],
    ['a name that is no UTF-8', 'file m.gguf', patch(32, 0xff)],
    ['five axes', 'file m.gguf: x', ggufFile({ tensors: [{ ...b, name: 'x', dims: [1, 1, 1, 1, 2] }] })],
    ['a type that is none', 'file m.gguf: b', ggufFile({ tensors: [{ ...b, type: 99 }] })],
    [
      'part of a block',
      'file m.gguf: q',
      ggufFile({ tensors: [{ name: 'q', dims: [16, 2], type: 8, data: new Uint8Array(34) }] }),
    ],
    ['elements beyond 2^53', 'file m.gguf: b', ggufFile({ tensors: [{ ...b, dims: [2 ** 40, 2 ** 40] }] })],
    ['an overlap', 'file m.gguf: blk.0.attn_norm.weight', ggufFile({ tensors: [w, b], offsets: [0, 0] })],
    ['a hole', 'file m.gguf: b', ggufFile({ tensors: [w, b], offsets: [0, 64] })],
    ['no alignment', 'file m.gguf: b', ggufFile({ tensors: [w, b], offsets: [0, 24] })],
    [
      'an alignment of 12',
      'file m.gguf: general.alignment',
      ggufFile({ tensors: [w], metadata: [['general.alignment', 4, u32(12)]] }),
    ],
    ['a truth value of 2', 'file m.gguf', ggufFile({ tensors: [], metadata: [['t', 7, [2]]] })],
    ['a value of type 13', 'file m.gguf', ggufFile({ tensors: [], metadata: [['t', 13, [2, 0]]] })],
    [
      'an entry twice',
      'file m.gguf',
      ggufFile({
        tensors: [],
        metadata: [
          ['t', 0, [2]],
          ['t', 0, [2]],
        ],
      }),
    ],
    [
      'an array of 2^40 texts',
      'file m.gguf',
      ggufFile({ tensors: [], metadata: [['t', 9, [...u32(8), ...u64(2 ** 40)]]] }),
    ],
    [
      'arrays of arrays without end',
      'file m.gguf',
      ggufFile({ tensors: [], metadata: [['t', 9, Array.from({ length: 12 }, () => [...u32(9), ...u64(1)]).flat()]] }),
    ],
    [
      'bytes behind the last tensor',
      'file m.gguf',
      Uint8Array.from([...ggufFile({ tensors: [b] }), ...new Uint8Array(40)]),
    ],
  ])('refuses %s', (_, wanted, bytes) => {
    expect(failure(() => open(bytes))).toBe(wanted);
  });

  it('refuses every truncation, and answers every damaged byte by an error of its own or none', () => {
    const whole = ggufFile({
      tensors: [w, b],
      metadata: [
        ['k', 8, text('v')],
        ['l', 9, [...u32(8), ...u64(1), ...text('x')]],
      ],
    });
    const last = 32 - b.data.length; // padding may be left out
    for (let length = 0; length < whole.length - last; length++) {
      expect(failure(() => open(whole.subarray(0, length)))).toMatch(/^file m\.gguf/);
    }
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
        const damaged = whole.slice();
        damaged[at] = byte;
        expect(failure(() => open(damaged))).toMatch(/^((file|unsupported) m\.gguf|no error)/);
      }),
      { numRuns: 500 },
    );
  });

  it('reads no more of a vast file than its header', () => {
    const head = ggufFile({ tensors: [{ name: 'w', dims: [2 ** 20, 2 ** 12], type: 0, data: new Uint8Array(0) }] });
    let most = 0;
    const read = (offset: number, length: number): Uint8Array => {
      most = Math.max(most, offset + length);
      const bytes = new Uint8Array(length);
      bytes.set(head.subarray(offset, offset + length));
      return bytes;
    };
    const found = readGguf({ name: 'vast.gguf', size: head.length + 2 ** 34, read });
    expect(found.entries.get('w')?.shape).toEqual([2 ** 12, 2 ** 20]);
    expect(most).toBeLessThanOrEqual(2 ** 16);
  });
});
