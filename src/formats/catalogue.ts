/**
 * The named formats. Every row names the document that defines it.
 *
 * - IEEE 754-2019 §3.6: binary64, binary32, binary16 (the interchange formats).
 * - OCP 8-bit Floating Point Specification (OFP8) v1.0 §3: e5m2, e4m3fn.
 * - OCP Microscaling Formats (MX) v1.0 §5: e3m2fn, e2m3fn, e2m1fn, e8m0fnu, mxint8.
 * - ml_dtypes README (IEEE-style e4m3 and e3m4; the `fnuz` formats of Noune et al., arXiv 2206.02915; e4m3b11fnuz).
 * - Google Cloud TPU documentation: bfloat16. NVIDIA A100 white paper: tf32.
 * - Agrawal et al., ARITH 2019, and IBM zDNN: dlfloat16.
 * - e8m13: the FP8 accumulator of NVIDIA Ada and Hopper tensor cores (Khattak & Mikaitis, arXiv 2512.07004).
 * - e3m0: LLM-FP4, arXiv 2310.16836, with IEEE's bias.
 *
 * @module
 */
import { binary32 } from './binary32.ts';
import { binary64 } from './binary64.ts';
import { defineFloat, type FloatParameters } from './float.ts';
import type { FloatFormat, Format, IntegerFormat } from './format.ts';
import { defineInteger, type IntegerParameters } from './integer.ts';
import { named } from './nameOf.ts';

const float = (name: string, parameters: FloatParameters): FloatFormat => named(name, defineFloat(parameters));
const integer = (name: string, parameters: IntegerParameters): IntegerFormat => named(name, defineInteger(parameters));

export { binary32, binary64 };
export const binary16 = /* @__PURE__ */ float('binary16', { exponentBits: 5, mantissaBits: 10 });
export const bfloat16 = /* @__PURE__ */ float('bfloat16', { exponentBits: 8, mantissaBits: 7 });
/** TensorFloat-32: the 19 significant bits, without the padding of its 32-bit container. */
export const tf32 = /* @__PURE__ */ float('tf32', { exponentBits: 8, mantissaBits: 10 });
/** The 22-bit output of Ada and Hopper FP8 tensor cores. */
export const e8m13 = /* @__PURE__ */ float('e8m13', { exponentBits: 8, mantissaBits: 13 });
/** IBM's 16-bit float: no subnormals, one merged code for NaN and infinity. */
export const dlfloat16 = /* @__PURE__ */ float('dlfloat16', {
  exponentBits: 6,
  mantissaBits: 9,
  infinities: 'none',
  nan: 'topCode',
  lowest: 'normalButZero',
});

export const e5m2 = /* @__PURE__ */ float('e5m2', { exponentBits: 5, mantissaBits: 2 });
export const e4m3fn = /* @__PURE__ */ float('e4m3fn', {
  exponentBits: 4,
  mantissaBits: 3,
  infinities: 'none',
  nan: 'topCode',
});
export const e4m3 = /* @__PURE__ */ float('e4m3', { exponentBits: 4, mantissaBits: 3 });
export const e3m4 = /* @__PURE__ */ float('e3m4', { exponentBits: 3, mantissaBits: 4 });
export const e4m3fnuz = /* @__PURE__ */ float('e4m3fnuz', {
  exponentBits: 4,
  mantissaBits: 3,
  bias: 8,
  infinities: 'none',
  nan: 'negativeZero',
});
export const e5m2fnuz = /* @__PURE__ */ float('e5m2fnuz', {
  exponentBits: 5,
  mantissaBits: 2,
  bias: 16,
  infinities: 'none',
  nan: 'negativeZero',
});
export const e4m3b11fnuz = /* @__PURE__ */ float('e4m3b11fnuz', {
  exponentBits: 4,
  mantissaBits: 3,
  bias: 11,
  infinities: 'none',
  nan: 'negativeZero',
});
/** The power-of-two scale of MX blocks: unsigned, no zero, no infinity. */
export const e8m0fnu = /* @__PURE__ */ float('e8m0fnu', {
  exponentBits: 8,
  mantissaBits: 0,
  signed: false,
  infinities: 'none',
  nan: 'topCode',
  lowest: 'normal',
});
/** The scale of NVFP4 as its matrix units read it: e4m3fn without a sign. */
export const ue4m3 = /* @__PURE__ */ float('ue4m3', {
  exponentBits: 4,
  mantissaBits: 3,
  signed: false,
  infinities: 'none',
  nan: 'topCode',
});
/** A scale whose sign bit is one more exponent bit: the top code is NaN, as that of e4m3fn. */
export const ue5m3 = /* @__PURE__ */ float('ue5m3', {
  exponentBits: 5,
  mantissaBits: 3,
  signed: false,
  infinities: 'none',
  nan: 'topCode',
});
export const e3m2fn = /* @__PURE__ */ float('e3m2fn', { exponentBits: 3, mantissaBits: 2, infinities: 'none' });
export const e2m3fn = /* @__PURE__ */ float('e2m3fn', { exponentBits: 2, mantissaBits: 3, infinities: 'none' });
export const e2m1fn = /* @__PURE__ */ float('e2m1fn', { exponentBits: 2, mantissaBits: 1, infinities: 'none' });
export const e3m0 = /* @__PURE__ */ float('e3m0', { exponentBits: 3, mantissaBits: 0, infinities: 'none' });

export const int2 = /* @__PURE__ */ integer('int2', { bits: 2 });
export const int4 = /* @__PURE__ */ integer('int4', { bits: 4 });
export const int8 = /* @__PURE__ */ integer('int8', { bits: 8 });
export const int16 = /* @__PURE__ */ integer('int16', { bits: 16 });
export const int32 = /* @__PURE__ */ integer('int32', { bits: 32 });
export const uint2 = /* @__PURE__ */ integer('uint2', { bits: 2, signed: false });
export const uint4 = /* @__PURE__ */ integer('uint4', { bits: 4, signed: false });
export const uint8 = /* @__PURE__ */ integer('uint8', { bits: 8, signed: false });
export const uint16 = /* @__PURE__ */ integer('uint16', { bits: 16, signed: false });
export const uint32 = /* @__PURE__ */ integer('uint32', { bits: 32, signed: false });
/** The element of an MXINT8 block: two's complement with six fraction bits. */
export const mxint8 = /* @__PURE__ */ integer('mxint8', { bits: 8, fractionBits: 6 });

/** The named formats by name. Integers of other widths and P3109 formats have names by rule; see `parseFormat`. */
export const catalogue: Readonly<Record<string, Format>> = /* @__PURE__ */ Object.freeze({
  binary32,
  binary16,
  bfloat16,
  tf32,
  e8m13,
  dlfloat16,
  e5m2,
  e4m3fn,
  e4m3,
  e3m4,
  e4m3fnuz,
  e5m2fnuz,
  e4m3b11fnuz,
  e8m0fnu,
  ue4m3,
  ue5m3,
  e3m2fn,
  e2m3fn,
  e2m1fn,
  e3m0,
  int2,
  int4,
  int8,
  int16,
  int32,
  uint2,
  uint4,
  uint8,
  uint16,
  uint32,
  mxint8,
  binary64,
});
