/**
 * Formats that are a list of values: what no sign, exponent and fraction describe.
 *
 * - NF4 of QLoRA and bitsandbytes (Dettmers et al., arXiv 2305.14314): sixteen quantiles of the normal distribution.
 * - IQ4_NL of llama.cpp: sixteen integers, denser near zero.
 * - HiFloat8 (Luo et al., arXiv 2409.16626): eight bits whose exponent field is as wide as a prefix says.
 *
 * A number becomes the nearest value. What lies between two of them is settled by the thresholds.
 *
 * @module
 */
import { BittrueError, checkList, checkName, checkNumber, checkObject, checkText } from '../errors/index.ts';
import type { Format } from './format.ts';

/** What a number on a threshold becomes: the lower value, the upper one, that of the larger magnitude, or that of the even code. */
export const codebookTies = ['down', 'up', 'away', 'even'] as const;
export type CodebookTies = (typeof codebookTies)[number];

/** A format that is a list of values. Made by `defineCodebook`. */
export interface Codebook {
  readonly kind: 'codebook';
  readonly name: string;
  /** Bits of a code. */
  readonly bits: number;
  /** How many codes there are; not always a power of two. */
  readonly codes: number;
  /** The value of each code. */
  readonly values: readonly number[];
  /** The codes of all values but NaN, in ascending order of these; −0 comes before 0. */
  readonly ascending: readonly number[];
  /** Between each two of them, what divides the numbers that become one from those that become the other. */
  readonly thresholds: readonly number[];
  readonly ties: CodebookTies;
  /** The lowest and the largest finite value, and the largest finite magnitude. */
  readonly lowest: number;
  readonly highest: number;
  readonly max: number;
  /** Below the first and above the second a number is clipped: they are as far beyond the outermost values as the thresholds within. */
  readonly ends: readonly [number, number];
}

/** What the elements of a block are numbers of. */
export type ElementFormat = Format | Codebook;

/** The parameters of a codebook. */
export interface CodebookParameters {
  /** What reports call it. */
  readonly name: string;
  /** The value of each code, 2 … 65,536 of them, each once; NaN and infinities may be among them. */
  readonly values: readonly number[];
  /**
   * What divides neighbours, ascending: one fewer than there are values, NaN apart. Default: the exact midpoints, which infinities
   * do not have.
   */
  readonly thresholds?: readonly number[];
  /** Default `even`. */
  readonly ties?: CodebookTies;
}

const MOST = 65_536;

/**
 * Defines a codebook.
 *
 * @throws {@link BittrueError} `value` for a value that stands twice, for a midpoint that binary64 does not hold or that an infinity
 *   would have, and for thresholds out of order
 * @example
 * import { defineCodebook } from 'bittrue/formats';
 * const ternary = defineCodebook({ name: 'ternary', values: [0, 1, -1] });
 * ternary.bits; // 2
 * ternary.ascending; // [2, 0, 1]
 * ternary.thresholds; // [-0.5, 0.5]
 */
export function defineCodebook(parameters: CodebookParameters): Codebook {
  checkObject('parameters', parameters, ['name', 'values', 'thresholds', 'ties']);
  const name = checkText('name', parameters.name);
  const values = checkList('values', parameters.values).map((value, i) => checkNumber(`values[${i}]`, value));
  if (values.length < 2 || values.length > MOST) {
    throw new BittrueError('range', 'values.length', values.length, `2 … ${MOST}`);
  }
  const ascending = values
    .map((_, code) => code)
    .filter((code) => !Number.isNaN(values[code]!))
    .sort((a, b) => order(values[a]!, values[b]!));
  const numbers = ascending.map((code) => values[code]!);
  numbers.forEach((value, i) => {
    if (i > 0 && Object.is(value, numbers[i - 1]))
      throw new BittrueError('value', 'values', `${value} twice`, 'each once');
  });
  const finite = numbers.filter((value) => Number.isFinite(value));
  const [lowest, highest] = [finite[0], finite.at(-1)];
  if (lowest === undefined || highest === undefined) {
    throw new BittrueError('value', 'values', parameters.values, 'at least one finite number');
  }
  const thresholds =
    parameters.thresholds === undefined ? midpoints(numbers) : checkThresholds(parameters.thresholds, numbers);
  return Object.freeze({
    kind: 'codebook',
    name,
    bits: Math.max(1, 32 - Math.clz32(values.length - 1)),
    codes: values.length,
    values: Object.freeze(values),
    ascending: Object.freeze(ascending),
    thresholds: Object.freeze(thresholds),
    ties: checkName('ties', parameters.ties ?? 'even', codebookTies),
    lowest,
    highest,
    max: Math.max(-lowest, highest),
    ends: Object.freeze(endsOf(numbers, thresholds)),
  } as const);
}

/** The outermost thresholds between finite values, mirrored at these. */
function endsOf(numbers: readonly number[], thresholds: readonly number[]): readonly [number, number] {
  const first = numbers.findIndex(Number.isFinite);
  const last = numbers.findLastIndex(Number.isFinite);
  if (first === last) return [numbers[first]!, numbers[last]!];
  return [2 * numbers[first]! - thresholds[first]!, 2 * numbers[last]! - thresholds[last - 1]!];
}

/** Ascending, −0 before 0. */
function order(a: number, b: number): number {
  if (a !== b) return a < b ? -1 : 1;
  return Number(Object.is(b, -0)) - Number(Object.is(a, -0));
}

/** A sum of two halves is exact where no bit lies below both. */
function midpoints(numbers: readonly number[]): number[] {
  return numbers.slice(1).map((upper, i) => {
    const lower = numbers[i]!;
    if (!Number.isFinite(lower) || !Number.isFinite(upper)) {
      throw new BittrueError(
        'value',
        'thresholds',
        undefined,
        `thresholds: nothing lies midway of ${lower} and ${upper}`,
      );
    }
    const middle = lower / 2 + upper / 2;
    if (middle - lower !== upper - middle || middle - lower + lower !== middle) {
      const wanted = 'values whose midpoints are binary64 numbers, or thresholds: Math.fround rounds to 24 bits';
      throw new BittrueError('value', 'values', `${lower} and ${upper}`, wanted);
    }
    return middle;
  });
}

function checkThresholds(given: readonly number[], numbers: readonly number[]): number[] {
  const thresholds = checkList('thresholds', given).map((value, i) => checkNumber(`thresholds[${i}]`, value));
  if (thresholds.length !== numbers.length - 1) {
    throw new BittrueError('shape', 'thresholds', `${thresholds.length} of them`, `${numbers.length - 1}`);
  }
  thresholds.forEach((threshold, i) => {
    if (Number.isFinite(threshold) && numbers[i]! <= threshold && threshold <= numbers[i + 1]!) return;
    throw new BittrueError('value', `thresholds[${i}]`, threshold, `a number from ${numbers[i]} to ${numbers[i + 1]}`);
  });
  return thresholds;
}

/**
 * NF4: quantiles of the normal distribution, as bitsandbytes has them in binary32. Its thresholds are those of dQuantizeNF4
 * (csrc/kernels.cu), decimals of 16 digits that a compiler rounds to binary32: four of the fifteen are not the midpoint
 * rounded to binary32, which is a tie there. A number on a threshold becomes the lower value.
 */
export const nf4 = /* @__PURE__ */ defineCodebook({
  name: 'nf4',
  values: [
    -1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334,
    -0.09105003625154495, 0, 0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
    0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1,
  ],
  thresholds: [
    -0.8480964303016663, -0.6106328964233398, -0.4599952697753906, -0.33967941999435425, -0.23460739850997925,
    -0.13791173696517944, -0.045525018125772476, 0.03979014977812767, 0.1202552542090416, 0.2035212516784668,
    0.2920137643814087, 0.3893125355243683, 0.5016633868217468, 0.6427869200706482, 0.8614783883094788,
  ],
  ties: 'down',
});

/** IQ4_NL: the integers of llama.cpp's `kvalues_iq4nl`; a number midway becomes the upper one (best_index_int8). */
export const iq4nl = /* @__PURE__ */ defineCodebook({
  name: 'iq4nl',
  values: [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113],
  ties: 'up',
});

/** The prefixes, widest exponent first: the bits that remain behind the prefix, and how many of them are the exponent's. */
const prefixes = [
  { from: 0b1100000, rest: 5, exponent: 4 },
  { from: 0b1000000, rest: 5, exponent: 3 },
  { from: 0b0100000, rest: 5, exponent: 2 },
  { from: 0b0010000, rest: 4, exponent: 1 },
  { from: 0b0001000, rest: 3, exponent: 0 },
] as const;

/**
 * HiFloat8: a prefix says how many of the bits behind the sign are the exponent's, so that numbers near 1 have three fraction bits
 * and those far from it one; 38 binades, ties away from zero, infinity from 1.25 · 2^15 on. It has one zero and one NaN.
 */
export const hifloat8 = /* @__PURE__ */ hifloat();

function hifloat(): Codebook {
  const magnitudes = Array.from({ length: 128 }, (_, code) => hifloatMagnitude(code));
  const values = [...magnitudes, ...magnitudes.map((value) => 0 - value)];
  values[0x80] = Number.NaN;
  const numbers = [...new Set(values.filter((value) => !Number.isNaN(value)))].sort((a, b) => a - b);
  const beyond = 1.25 * 2 ** 15;
  const thresholds = numbers.slice(1).map((upper, i) => {
    if (upper === Infinity) return beyond;
    return numbers[i] === -Infinity ? -beyond : (numbers[i]! + upper) / 2;
  });
  return defineCodebook({ name: 'hifloat8', values, thresholds, ties: 'away' });
}

function hifloatMagnitude(code: number): number {
  if (code === 0x6f) return Infinity;
  const prefix = prefixes.find(({ from }) => code >= from);
  // Below every prefix stand the denormal numbers: powers of two.
  if (prefix === undefined) return code === 0 ? 0 : 2 ** (code - 23);
  const fractionBits = prefix.rest - prefix.exponent;
  const rest = code - prefix.from;
  const fraction = (rest % 2 ** fractionBits) / 2 ** fractionBits;
  return (1 + fraction) * 2 ** hifloatExponent(Math.floor(rest / 2 ** fractionBits), prefix.exponent);
}

/** Sign and magnitude, the magnitude's first bit hidden; without bits the exponent is 0. */
function hifloatExponent(field: number, bits: number): number {
  if (bits === 0) return 0;
  const half = 2 ** (bits - 1);
  const magnitude = half + (field % half);
  return field >= half ? -magnitude : magnitude;
}

/** The named codebooks. */
export const codebookCatalogue: Readonly<Record<string, Codebook>> = /* @__PURE__ */ Object.freeze({
  nf4,
  iq4nl,
  hifloat8,
});
