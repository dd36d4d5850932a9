/**
 * Block formats: some numbers in a row share a scale, and a number is scale × element.
 *
 * - OCP Microscaling Formats (MX) v1.0: blocks of 32 under one e8m0 scale.
 * - NVFP4 (NVIDIA Blackwell): blocks of 16 e2m1 elements under an e4m3 scale, and one binary32 scale for the tensor.
 * - MSFP (Darvish Rouhani et al., NeurIPS 2020): boxes of 16 under a shared 8-bit exponent, elements of sign and
 *   magnitude without a hidden bit. Such elements are the values of a float with one exponent bit, which is uniform.
 *
 * @module
 */
import { BittrueError, checkInteger, checkName, checkObject, checkText } from '../errors/index.ts';
import { binary32, e2m1fn, e2m3fn, e3m2fn, e4m3fn, e5m2, e8m0fnu, mxint8 } from './catalogue.ts';
import { checkFormat } from './check.ts';
import { defineFloat } from './float.ts';
import type { FloatFormat, Format } from './format.ts';

/**
 * How a block's scale follows from its largest magnitude A, with M and 2^E the element's largest number and its binade:
 *
 * - `floor`: 2^(⌊log2 A⌋ − E), OCP's own; up to the binade's end elements are clipped.
 * - `ceil`: 2^(⌈log2 A⌉ − E).
 * - `rceil`: the smallest power of two with A ≤ M · scale; nothing is clipped (NVIDIA's recipe for MXFP8).
 * - `even`: `floor` after A has been rounded, ties up, to the element's fraction bits.
 * - `tosa`: the smallest power of two for which A, rounded to the element without bounds, is at most M (TOSA 1.0).
 * - `nvfp4`: the scale is itself rounded to a format with fraction bits, under a scale for the tensor.
 */
export const scaleRules = ['floor', 'ceil', 'rceil', 'even', 'tosa', 'nvfp4'] as const;
export type ScaleRule = (typeof scaleRules)[number];

/** A block format, as data. Made by `defineBlock`. */
export interface BlockFormat {
  readonly kind: 'block';
  readonly name: string;
  readonly element: Format;
  /** Unsigned, or read without its sign. */
  readonly scale: FloatFormat;
  /** A binary32 scale over the tensor, or none. */
  readonly tensorScale: FloatFormat | null;
  /** Numbers that share a scale: consecutive ones of the last axis. */
  readonly size: number;
  /** The rule by which its producers are expected to choose scales. */
  readonly scaleRule: ScaleRule;
  /** Storage of one number, scales included (without the tensor's). */
  readonly bitsPerNumber: number;
}

/** The parameters of a block format. */
export interface BlockParameters {
  /** What reports call it. */
  readonly name: string;
  readonly element: Format;
  /** Default e8m0fnu. */
  readonly scale?: FloatFormat;
  /** Default none. */
  readonly tensorScale?: FloatFormat | null;
  readonly size: number;
  /** Default `floor`, or `nvfp4` for a scale with fraction bits. */
  readonly scaleRule?: ScaleRule;
}

/**
 * Defines a block format.
 *
 * @throws {@link BittrueError} for an element that is unsigned, a scale that is an integer, or a rule for powers of two
 *   with a scale that has fraction bits (and the other way round)
 * @example
 * import { defineBlock, e2m1fn } from 'bittrue/formats';
 * const mxfp4With16 = defineBlock({ name: 'mxfp4/16', element: e2m1fn, size: 16 });
 * mxfp4With16.bitsPerNumber; // 4.5
 * mxfp4With16.scaleRule; // 'floor'
 */
export function defineBlock(parameters: BlockParameters): BlockFormat {
  checkObject('parameters', parameters, ['name', 'element', 'scale', 'tensorScale', 'size', 'scaleRule']);
  const name = checkText('name', parameters.name);
  const element = checkFormat('element', parameters.element);
  const scale = checkFormat('scale', parameters.scale ?? e8m0fnu);
  const tensorScale = parameters.tensorScale ?? null;
  const size = checkInteger('size', parameters.size, 1, 2 ** 31);
  if (!element.signed) throw new BittrueError('unsupported', 'element', 'an unsigned format', 'a signed format');
  if (scale.kind !== 'float') throw new BittrueError('unsupported', 'scale', 'an integer format', 'a float format');
  if (tensorScale !== null && checkFormat('tensorScale', tensorScale).kind !== 'float') {
    throw new BittrueError('unsupported', 'tensorScale', 'an integer format', 'a float format, or null');
  }
  const powers = scale.mantissaBits === 0;
  const scaleRule = checkName('scaleRule', parameters.scaleRule ?? (powers ? 'floor' : 'nvfp4'), scaleRules);
  if ((scaleRule === 'nvfp4') === powers) {
    throw new BittrueError('unsupported', 'scaleRule', scaleRule, powers ? 'a rule for powers of two' : 'nvfp4');
  }
  return Object.freeze({
    kind: 'block',
    name,
    element,
    scale,
    tensorScale,
    size,
    scaleRule,
    bitsPerNumber: element.bits + scale.bits / size,
  } as const);
}

export const mxfp8e4m3 = /* @__PURE__ */ defineBlock({ name: 'mxfp8e4m3', element: e4m3fn, size: 32 });
export const mxfp8e5m2 = /* @__PURE__ */ defineBlock({ name: 'mxfp8e5m2', element: e5m2, size: 32 });
export const mxfp6e3m2 = /* @__PURE__ */ defineBlock({ name: 'mxfp6e3m2', element: e3m2fn, size: 32 });
export const mxfp6e2m3 = /* @__PURE__ */ defineBlock({ name: 'mxfp6e2m3', element: e2m3fn, size: 32 });
export const mxfp4 = /* @__PURE__ */ defineBlock({ name: 'mxfp4', element: e2m1fn, size: 32 });
/** MXINT8 as a block; `mxint8` is its element. */
export const mxint8Block = /* @__PURE__ */ defineBlock({ name: 'mxint8', element: mxint8, size: 32 });
export const nvfp4 = /* @__PURE__ */ defineBlock({
  name: 'nvfp4',
  element: e2m1fn,
  scale: e4m3fn,
  tensorScale: binary32,
  size: 16,
});

/**
 * A block floating-point format: a shared 8-bit exponent, elements of sign and `magnitudeBits` without a hidden bit,
 * in [−2, 2] · 2^exponent. A rounding up to 2 is clipped.
 *
 * @param magnitudeBits - 2 … 23
 * @throws {@link BittrueError} for parameters out of range
 * @example
 * import { defineBfp } from 'bittrue/formats';
 * defineBfp('bfp8', 7, 16).element.max; // 1.984375
 */
export function defineBfp(name: string, magnitudeBits: number, size: number): BlockFormat {
  checkInteger('magnitudeBits', magnitudeBits, 2, 23);
  // One exponent bit: subnormals and normals have the same step, so the codes count sign and magnitude.
  const element = defineFloat({ exponentBits: 1, mantissaBits: magnitudeBits - 1, bias: 1, infinities: 'none' });
  return defineBlock({ name, element, size });
}

export const msfp12 = /* @__PURE__ */ defineBfp('msfp12', 3, 16);
export const msfp16 = /* @__PURE__ */ defineBfp('msfp16', 7, 16);

/** The named block formats. */
export const blockCatalogue: Readonly<Record<string, BlockFormat>> = /* @__PURE__ */ Object.freeze({
  mxfp8e4m3,
  mxfp8e5m2,
  mxfp6e3m2,
  mxfp6e2m3,
  mxfp4,
  mxint8: mxint8Block,
  nvfp4,
  msfp12,
  msfp16,
});
