/**
 * Block formats: some numbers in a row share a scale, and a number is scale × element.
 *
 * - OCP Microscaling Formats (MX) v1.0: blocks of 32 under one e8m0 scale.
 * - NVFP4 (NVIDIA Blackwell): blocks of 16 e2m1 elements under an e4m3 scale, and one binary32 scale for the tensor.
 * - MSFP (Darvish Rouhani et al., NeurIPS 2020): boxes of 16 under a shared 8-bit exponent, elements of sign and
 *   magnitude without a hidden bit. Such elements are the values of a float with one exponent bit, which is uniform.
 * - Groups under a scale with fraction bits: ggml's Q8_0 and GPTQ (int8, binary16 scales), DeepSeek-V3 (e4m3fn, binary32
 *   scales of 128), QLoRA (the codebook nf4, binary32 scales of 64).
 * - What blocks have beside a scale: zero points, a second scale, a second grid, exponents of groups; see `Beside`.
 *
 * @module
 */
import { BittrueError, checkInteger, checkName, checkObject, checkText } from '../errors/index.ts';
import { bitsBeside, checkBeside, checkBesideRule } from './beside.ts';
import type { Beside, BlockFormat } from './blockFormat.ts';
import { binary32, e2m1fn, e2m3fn, e3m2fn, e4m3fn, e5m2, e8m0fnu, mxint8 } from './catalogue.ts';
import { checkElement, checkFormat } from './check.ts';
import { type Codebook, defineCodebook, type ElementFormat } from './codebook.ts';
import { defineFloat } from './float.ts';
import type { FloatFormat, Format } from './format.ts';
import { checkDigits, defaultRule, fitsScale, type ScaleRule, scaleRules } from './scaleRule.ts';

/** The parameters of a block format. */
export interface BlockParameters<E extends ElementFormat = ElementFormat> {
  /** What reports call it. */
  readonly name: string;
  /** A float, an integer, or a codebook. */
  readonly element: E;
  /** Default e8m0fnu. */
  readonly scale?: FloatFormat;
  /** Default none. */
  readonly tensorScale?: FloatFormat | null;
  readonly size: number;
  /** Rows that share a scale too; default 1. */
  readonly rows?: number;
  /** What a block has beside its scale; default nothing. */
  readonly beside?: Beside;
  /** Default: `nvfp4` under a tensor scale; else `floor` for scales that are powers of two, `amax` for others. */
  readonly scaleRule?: ScaleRule;
}

/** Codes are kept in 32 bits. */
const WIDEST = 32;

/**
 * Defines a block format.
 *
 * @throws {@link BittrueError} for an element that is unsigned without a zero point, a scale that is an integer, either wider than 32 bits, a
 *   rule that does not fit the scale, and formats whose products (tensor scale · scale · element) binary64 does not hold
 * @example
 * import { binary16, binary32, defineBlock, e2m1fn, e4m3fn, int8 } from 'bittrue/formats';
 * const mxfp4With16 = defineBlock({ name: 'mxfp4/16', element: e2m1fn, size: 16 });
 * mxfp4With16.bitsPerNumber; // 4.5
 * mxfp4With16.scaleRule; // 'floor'
 * defineBlock({ name: 'q8_0', element: int8, scale: binary16, size: 32 }).scaleRule; // 'amax'
 * defineBlock({ name: 'deepseek', element: e4m3fn, scale: binary32, size: 128, rows: 128 }).bitsPerNumber; // 8.001953125
 */
export function defineBlock<E extends ElementFormat>(parameters: BlockParameters<E>): BlockFormat<E> {
  const keys = ['name', 'element', 'scale', 'tensorScale', 'size', 'rows', 'beside', 'scaleRule'] as const;
  checkObject('parameters', parameters, keys);
  const name = checkText('name', parameters.name);
  const element: E = checkElement('element', parameters.element);
  const scale = checkFormat('scale', parameters.scale ?? e8m0fnu);
  const tensorScale = parameters.tensorScale ?? null;
  const size = checkInteger('size', parameters.size, 1, 2 ** 31);
  const rows = checkInteger('rows', parameters.rows ?? 1, 1, 2 ** 31);
  const beside = checkBeside(parameters.beside, element, size);
  if (element.kind !== 'codebook' && !element.signed && beside?.kind !== 'zeroPoint')
    throw new BittrueError(
      'unsupported',
      'element',
      'an unsigned format',
      'a signed format, or a zero point beside it',
    );
  if (scale.kind !== 'float') throw new BittrueError('unsupported', 'scale', 'an integer format', 'a float format');
  for (const [argument, { bits }] of Object.entries({ element, scale })) {
    if (bits > WIDEST) throw new BittrueError('unsupported', argument, `${bits} bits`, `at most ${WIDEST} bits`);
  }
  if (tensorScale !== null && !isBinary32(checkFormat('tensorScale', tensorScale))) {
    throw new BittrueError('unsupported', 'tensorScale', tensorScale, 'binary32, or null');
  }
  const scaleRule = checkName('scaleRule', parameters.scaleRule ?? defaultRule(scale, tensorScale), scaleRules);
  checkRule(scaleRule, element, scale, tensorScale);
  checkBesideRule(beside, scaleRule, scale, rows);
  checkProducts(element, scale, tensorScale);
  return Object.freeze({
    kind: 'block',
    name,
    element,
    scale,
    tensorScale,
    size,
    ...(rows === 1 ? {} : { rows }),
    ...(beside === undefined ? {} : { beside }),
    scaleRule,
    bitsPerNumber: element.bits + (scale.bits + bitsBeside(beside, size, scale.bits)) / (size * rows),
  } as const);
}

function checkRule(rule: ScaleRule, element: ElementFormat, scale: FloatFormat, tensorScale: FloatFormat | null): void {
  if (!fitsScale(rule, scale)) {
    const wanted = scale.mantissaBits === 0 ? 'a rule for powers of two, or amax' : 'amax or nvfp4';
    throw new BittrueError('unsupported', 'scaleRule', rule, wanted);
  }
  if (tensorScale !== null && rule !== 'nvfp4') {
    throw new BittrueError('unsupported', 'tensorScale', 'a format', `null: the rule ${rule} chooses none`);
  }
  checkDigits('scaleRule', rule, element);
}

function isBinary32(format: Format): boolean {
  return format.kind === 'float' && format.bits === 32 && format.max === binary32.max && format.infinities === 'ieee';
}

/** Every number that blocks represent is a product of two or three, exact in binary64; so is a threshold times a scale. */
function checkProducts(element: ElementFormat, scale: FloatFormat, tensorScale: FloatFormat | null): void {
  const factors = [extentOf(element), ...[scale, ...(tensorScale === null ? [] : [tensorScale])].map(extentOf)];
  const digits = factors.reduce((sum, factor) => sum + factor.digits, 0);
  const last = factors.reduce((sum, factor) => sum + factor.last, 0);
  if (digits > 53 || last < -1074 || factors.reduce((product, { max }) => product * max, 1) === Infinity) {
    const found = `${digits} significant bits with its scales, the last of them 2^${last}`;
    throw new BittrueError(
      'unsupported',
      'element',
      found,
      'products that binary64 holds: at most 53, within its range',
    );
  }
}

/** Significant bits, the exponent of the last one, the largest magnitude. */
interface Extent {
  readonly digits: number;
  readonly last: number;
  readonly max: number;
}

function extentOf(format: ElementFormat): Extent {
  const { max } = format;
  if (format.kind === 'float') return { digits: format.precision, last: format.emin - format.mantissaBits, max };
  if (format.kind === 'integer') return { digits: format.bits - 1, last: -format.fractionBits, max };
  const numbers = [...format.values, ...format.thresholds, ...format.ends]
    .filter((value) => value !== 0 && Number.isFinite(value))
    .map(bitsOf);
  return numbers.reduce((all, one) => ({
    digits: Math.max(all.digits, one.digits),
    last: Math.min(all.last, one.last),
    max,
  }));
}

/** Of one number: halved or doubled until it is an odd integer, it has as many bits as that. */
function bitsOf(value: number): Extent {
  let odd = Math.abs(value);
  let last = 0;
  for (; !Number.isInteger(odd); last--) odd *= 2;
  for (; odd % 2 === 0; last++) odd /= 2;
  return { digits: BigInt(odd).toString(2).length, last, max: odd };
}

export const mxfp8e4m3: BlockFormat = /* @__PURE__ */ defineBlock({ name: 'mxfp8e4m3', element: e4m3fn, size: 32 });
export const mxfp8e5m2: BlockFormat = /* @__PURE__ */ defineBlock({ name: 'mxfp8e5m2', element: e5m2, size: 32 });
export const mxfp6e3m2: BlockFormat = /* @__PURE__ */ defineBlock({ name: 'mxfp6e3m2', element: e3m2fn, size: 32 });
export const mxfp6e2m3: BlockFormat = /* @__PURE__ */ defineBlock({ name: 'mxfp6e2m3', element: e2m3fn, size: 32 });
export const mxfp4: BlockFormat = /* @__PURE__ */ defineBlock({ name: 'mxfp4', element: e2m1fn, size: 32 });
/** MXINT8 as a block; `mxint8` is its element. */
export const mxint8Block: BlockFormat = /* @__PURE__ */ defineBlock({ name: 'mxint8', element: mxint8, size: 32 });
export const nvfp4: BlockFormat = /* @__PURE__ */ defineBlock({
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

/** A grid of integers beside one of floats under NVFP4's two scales; ratio and inverse as the authors write them, in binary32. */
function choosing(name: string, element: FloatFormat, integers: Codebook, ratio: number, inverse: number): BlockFormat {
  const beside = {
    kind: 'choice',
    element: integers,
    ratio: Math.fround(ratio),
    inverse: Math.fround(inverse),
  } as const;
  return defineBlock({ name, element, scale: e4m3fn, tensorScale: binary32, size: 16, beside });
}

/**
 * IF4 and IF6 (arXiv 2603.28765, github.com/mit-han-lab/fouroversix): NVFP4's blocks whose scale's sign, which NVFP4 leaves unused,
 * says that elements are integers, −7 … 7 in two's complement, or −31 … 31 as sign and magnitude, made as wide as the floats.
 */
export const if4 = /* @__PURE__ */ choosing(
  'if4',
  e2m1fn,
  integersOf('int4 of IF4', 7, false),
  0.8571428571,
  1.16666666,
);
const int6 = /* @__PURE__ */ integersOf('int6 of IF6', 31, true);
export const if6e2m3 = /* @__PURE__ */ choosing('if6e2m3', e2m3fn, int6, 0.2419355, 4.1333333333);
export const if6e3m2 = /* @__PURE__ */ choosing('if6e3m2', e3m2fn, int6, 0.9032258065, 1.1071428571);

/** Integers of one width by their codes; the code of −0, or of the lowest number, is never written and read as NaN. */
function integersOf(name: string, most: number, isMagnitude: boolean): Codebook {
  const half = most + 1;
  const values = Array.from({ length: 2 * half }, (_, code) => {
    if (code < half) return code;
    if (code === half) return Number.NaN;
    return isMagnitude ? half - code : code - 2 * half;
  });
  return defineCodebook({ name, values });
}

/**
 * HiFloat4 (Luo et al., arXiv 2602.11287; github.com/global-computing-consortium/HiFloat4): 64 elements of sign and three bits in
 * steps of 1/4 under an unsigned scale of six exponent bits (bias 48, no zero), a bit of exponent for every 8 and one for every 4.
 */
export const hif4 = /* @__PURE__ */ defineBlock({
  name: 'hif4',
  element: defineFloat({ exponentBits: 1, mantissaBits: 2, bias: 1, infinities: 'none', nan: 'none' }),
  scale: defineFloat({
    ...{ exponentBits: 6, mantissaBits: 2, bias: 48, signed: false },
    ...{ infinities: 'none', nan: 'topCode', lowest: 'normal' },
  } as const),
  size: 64,
  beside: { kind: 'exponents', groups: [8, 4] },
});

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
  if4,
  if6e2m3,
  if6e3m2,
  hif4,
});
