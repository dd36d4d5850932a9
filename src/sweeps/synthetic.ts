/**
 * Numbers made up from a seed. Only comparisons and the four operations are used, so that every machine makes the same.
 *
 * @module
 */
import seedrandom from 'seedrandom';
import {
  allocate,
  BittrueError,
  checkInteger,
  checkName,
  checkObject,
  checkPositive,
  checkText,
} from '../errors/index.ts';

/**
 * How numbers are distributed.
 *
 * - `normal`: mean 0, standard deviation `deviation` (default 1);
 * - `logUniform`: of either sign, magnitudes from 2^low (default −8) to 2^high (default 8), every binade as often;
 * - `outliers`: normal, but so many columns (`channels`, default 6) are `factor` times as large (default 60), in every row the
 *   same: the activations of large Llamas have such (LLM.int8(), arXiv 2208.07339, section 3).
 */
export type Synthetic =
  | { readonly kind: 'normal'; readonly deviation?: number }
  | { readonly kind: 'logUniform'; readonly low?: number; readonly high?: number }
  | { readonly kind: 'outliers'; readonly deviation?: number; readonly channels?: number; readonly factor?: number };

/** A fraction in [0, 1). */
type Draw = () => number;

/** Checked, with every default filled in. */
export function defineSynthetic(argument: string, value: unknown): Required<Synthetic> {
  const given = checkObject(argument, value, ['kind', 'deviation', 'low', 'high', 'channels', 'factor']);
  const kind = checkName(`${argument}.kind`, given.kind, ['normal', 'logUniform', 'outliers'] as const);
  if (kind === 'logUniform') {
    checkObject(argument, value, ['kind', 'low', 'high']);
    const low = checkInteger(`${argument}.low`, given.low ?? -8, -1000, 1000);
    return Object.freeze({ kind, low, high: checkInteger(`${argument}.high`, given.high ?? 8, low + 1, 1001) });
  }
  const deviation = checkSize(`${argument}.deviation`, given.deviation ?? 1);
  if (kind === 'normal') {
    checkObject(argument, value, ['kind', 'deviation']);
    return Object.freeze({ kind, deviation });
  }
  checkObject(argument, value, ['kind', 'deviation', 'channels', 'factor']);
  return Object.freeze({
    kind,
    deviation,
    channels: checkInteger(`${argument}.channels`, given.channels ?? 6, 1, 2 ** 31),
    factor: checkSize(`${argument}.factor`, given.factor ?? 60),
  });
}

/** What no number made of is infinite: a normal one of two such factors stays below 2^1024. */
function checkSize(argument: string, value: unknown): number {
  const size = checkPositive(argument, value);
  if (size > 2 ** 500) throw new BittrueError('range', argument, value, 'at most 2^500');
  return size;
}

/**
 * Rows of numbers made up from a seed.
 *
 * @param seed - any text
 * @param width - numbers a row
 * @throws {@link BittrueError} for parameters out of range
 * @example
 * import { syntheticNumbers } from 'bittrue/sweeps';
 * const x = syntheticNumbers({ kind: 'normal' }, 'a seed', 4, 256);
 * x.length; // 1024
 * const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
 * Math.abs(mean) < 0.2; // true
 */
export function syntheticNumbers(distribution: Synthetic, seed: string, rows: number, width: number): Float64Array {
  const defined = defineSynthetic('distribution', distribution);
  checkText('seed', seed);
  checkInteger('rows', rows, 0, 2 ** 31);
  checkInteger('width', width, 0, 2 ** 31);
  const numbers = allocate('rows', Float64Array, rows * width);
  const draw: Draw = seedrandom.alea(seed);
  const factors = factorsOf(defined, draw, width);
  for (let i = 0; i < numbers.length; i++) {
    numbers[i] =
      defined.kind === 'logUniform'
        ? logUniform(draw, defined.low, defined.high)
        : normal(draw) * defined.deviation * (factors?.[i % width] ?? 1);
  }
  return numbers;
}

/** What each column is multiplied by; null: nothing is. */
function factorsOf(distribution: Required<Synthetic>, draw: Draw, width: number): Float64Array | null {
  if (distribution.kind !== 'outliers') return null;
  const factors = new Float64Array(width).fill(1);
  for (let left = Math.min(distribution.channels, width); left > 0; ) {
    const at = Math.floor(draw() * width);
    if (factors[at] !== 1) continue;
    factors[at] = distribution.factor;
    // A factor of 1 leaves no mark: count it all the same.
    if (distribution.factor === 1) return factors;
    left -= 1;
  }
  return factors;
}

/** A significand m of density 1 / m: uniform ones, kept with probability 1 / m. */
function logUniform(draw: Draw, low: number, high: number): number {
  const binade = low + Math.floor(draw() * (high - low));
  const sign = draw() < 0.5 ? -1 : 1;
  for (;;) {
    const significand = 1 + draw();
    if (draw() * significand < 1) return sign * significand * 2 ** binade;
  }
}

/**
 * An exponential number (von Neumann 1951, "Various techniques used in connection with random digits"): the length of a
 * falling run of uniform numbers decides whether its first is kept; every run that fails adds 1.
 */
function exponential(draw: Draw): number {
  for (let whole = 0; ; whole++) {
    const first = draw();
    let last = first;
    let length = 1;
    for (let next = draw(); next < last; next = draw()) {
      last = next;
      length += 1;
    }
    if (length % 2 === 1) return whole + first;
  }
}

/** A normal number: an exponential x is kept with probability e^(−(x − 1)² / 2), and has either sign. */
function normal(draw: Draw): number {
  for (;;) {
    const x = exponential(draw);
    if (2 * exponential(draw) > (x - 1) * (x - 1)) return draw() < 0.5 ? -x : x;
  }
}
