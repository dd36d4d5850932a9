/**
 * Right converters as well-known libraries write them, in words of our own: one way of rounding each, for one pair of formats.
 */
import type { QuantizerCheckOptions, RoundingCheckOptions } from '../../../src/testing/check/index.ts';
import { bitsOf, numberOf } from './converters.ts';

/** A converter that is right, and what it converts. */
export interface WellKnown {
  readonly name: string;
  readonly implementation: (input: number) => number;
  readonly options: RoundingCheckOptions;
}

const { fround } = Math;
const toHalf = { from: 'binary32', to: 'binary16', takes: 'codes', gives: 'codes' } as const;

/** Adds a number whose last place is the small format's smallest: the addition rounds subnormals. */
function belowNormal(bits: number, magic: number): number {
  return bitsOf(fround(numberOf(bits) + numberOf(magic))) - magic;
}

export const wellKnown: readonly WellKnown[] = [
  {
    // Maratyszcza's FP16: two multiplications put overflow at infinity, and an addition rounds at the right place.
    name: 'scales to infinity and back, then adds (FP16)',
    options: toHalf,
    implementation: (w) => {
      const doubled = (w * 2) % 2 ** 32;
      const scaled = fround(fround(Math.abs(numberOf(w)) * 2 ** 112) * 2 ** -110);
      const bias = Math.max(Math.floor(doubled / 2 ** 24) * 2 ** 24, 0x71000000);
      const bits = bitsOf(fround(numberOf(bias / 2 + 0x07800000) + scaled));
      const code = ((bits >>> 13) & 0x7c00) + (bits & 0xfff);
      return ((w >>> 16) & 0x8000) | (doubled > 0xff000000 ? 0x7e00 : code);
    },
  },
  {
    // Giesen's float_to_half_fast3_rtne.
    name: 'adds the odd bit, subnormals by a magic number (Giesen)',
    options: toHalf,
    implementation: (w) => {
      const bits = w & 0x7fffffff;
      const code =
        bits >= 143 << 23
          ? bits > 255 << 23
            ? 0x7e00
            : 0x7c00
          : bits < 113 << 23
            ? belowNormal(bits, 126 << 23)
            : (bits - (112 << 23) + 0xfff + ((bits >>> 13) & 1)) >>> 13;
      return ((w >>> 16) & 0x8000) | code;
    },
  },
  {
    // numpy's npy_floatbits_to_halfbits: a half is added unless what is cut is a tie of an even number.
    name: 'adds a half unless it is a tie of an even number (numpy)',
    options: toHalf,
    implementation: (w) => {
      const sign = (w >>> 16) & 0x8000;
      const exponent = w & 0x7f800000;
      const fraction = w & 0x7fffff;
      if (exponent >= 0x47800000) return sign | (exponent === 0x7f800000 && fraction !== 0 ? 0x7e00 : 0x7c00);
      if (exponent <= 0x38000000) {
        if (exponent < 0x33000000) return sign;
        const shifted = (0x800000 + fraction) >>> (113 - (exponent >>> 23));
        const isTie = (shifted & 0x3fff) === 0x1000 && (w & 0x7ff) === 0;
        return sign + ((isTie ? shifted : shifted + 0x1000) >>> 13);
      }
      const rounded = (fraction & 0x3fff) === 0x1000 ? fraction : fraction + 0x1000;
      return sign + ((exponent - 0x38000000) >>> 13) + (rounded >>> 13);
    },
  },
  {
    // CPython's PyFloat_Pack2, on numbers: frexp, scaled by 1024, the rest compared with a half.
    name: 'takes the significand as a fraction (CPython)',
    options: { from: 'binary64', to: 'binary16', gives: 'codes' },
    implementation: (x) => {
      const sign = x < 0 || Object.is(x, -0) ? 0x8000 : 0;
      if (Number.isNaN(x)) return 0x7e00;
      const a = Math.abs(x);
      if (a >= 65536) return sign | 0x7c00;
      if (a < 2 ** -26) return sign;
      let exponent = Math.floor(Math.log2(a));
      if (2 ** exponent > a) exponent -= 1;
      if (2 ** (exponent + 1) <= a) exponent += 1;
      let field = exponent < -14 ? 0 : exponent + 15;
      const scaled = (exponent < -14 ? a * 2 ** 14 : a / 2 ** exponent - 1) * 1024;
      let bits = Math.floor(scaled);
      const rest = scaled - bits;
      if (rest > 0.5 || (rest === 0.5 && bits % 2 === 1)) bits += 1;
      if (bits === 1024) {
        bits = 0;
        field += 1;
      }
      return sign | (field << 10) | bits;
    },
  },
  {
    // PyTorch's c10: 0x7fff and the last kept bit are added.
    name: 'adds 0x7fff and the last kept bit (PyTorch)',
    options: { from: 'binary32', to: 'bfloat16', takes: 'codes', gives: 'codes' },
    implementation: (w) => {
      if ((w & 0x7fffffff) > 0x7f800000) return 0x7fc0;
      return ((w + 0x7fff + ((w >>> 16) & 1)) % 2 ** 32) >>> 16;
    },
  },
  {
    // c10's fp8e4m3fn_from_fp32_value.
    name: 'E4M3 by the odd bit, from 480 on NaN (PyTorch)',
    options: { from: 'binary32', to: 'e4m3fn', takes: 'codes', gives: 'codes' },
    implementation: (w) => {
      const bits = w & 0x7fffffff;
      const code =
        bits >= 1087 << 20
          ? 0x7f
          : bits < 121 << 23
            ? belowNormal(bits, 141 << 23)
            : (bits - (120 << 23) + 0x7ffff + ((bits >>> 20) & 1)) >>> 20;
      return ((w >>> 24) & 0x80) | code;
    },
  },
  {
    // c10's fp8e5m2_from_fp32_value.
    name: 'E5M2 by the odd bit, with infinities (PyTorch)',
    options: { from: 'binary32', to: 'e5m2', takes: 'codes', gives: 'codes' },
    implementation: (w) => {
      const bits = w & 0x7fffffff;
      const code =
        bits >= 143 << 23
          ? bits > 255 << 23
            ? 0x7f
            : 0x7c
          : bits < 113 << 23
            ? belowNormal(bits, 134 << 23)
            : (bits - (112 << 23) + 0xfffff + ((bits >>> 21) & 1)) >>> 21;
      return ((w >>> 24) & 0x80) | code;
    },
  },
];

/** Right quantizers. */
export const wellKnownQuantizers: readonly {
  readonly name: string;
  readonly implementation: (x: number) => number;
  readonly options: QuantizerCheckOptions;
}[] = [
  {
    // XNNPACK's: clamped first, then 1.5 · 2^23 is added, and its bits are subtracted.
    name: 'clamps, adds a magic number and subtracts its bits (XNNPACK)',
    options: { to: 'int8', scale: 0.25, zeroPoint: -5, quotient: 'binary32' },
    implementation: (x) => {
      const scaled = Math.min(Math.max(fround(x * 4), -128 + 5), 127 + 5);
      return bitsOf(fround(scaled + 12582912)) - (bitsOf(12582912) + 5);
    },
  },
  {
    // ONNX Runtime's: nearbyint of the quotient in binary32, the zero point, and a clamp.
    name: 'rounds the quotient, adds, clamps (ONNX Runtime)',
    options: { to: 'uint8', scale: 0.3, zeroPoint: 131, quotient: 'binary32' },
    implementation: (x) => {
      const q = fround(x / fround(0.3));
      const low = Math.floor(q);
      const rounded = q - low > 0.5 || (q - low === 0.5 && low % 2 !== 0) ? low + 1 : low;
      return Math.min(Math.max(rounded + 131, 0), 255);
    },
  },
];
