/**
 * The one decision in rounding: stay at the lower magnitude, or go to the next one away from zero.
 *
 * @module
 */
import { BittrueError } from '../../errors/index.ts';
import type { RoundingMode } from '../../rounding/policy.ts';
import { type Rational, type Split, split } from './rational.ts';

/** Stochastic rounding as IEEE P3109 §4.7.4 writes it: N bits, R in 0 … 2^N − 1. */
export interface Stochastic {
  readonly bits: number;
  readonly variant: 'A' | 'B' | 'C';
  readonly random: number;
}

/** Everything that says in which direction to round. */
export interface Direction {
  readonly rounding: RoundingMode;
  /** Needed when `rounding` is `stochastic`. */
  readonly stochastic?: Stochastic | undefined;
}

/**
 * Whether the magnitude whole + remainder / divisor becomes whole + 1.
 *
 * @param isOdd what ties-to-even and round-to-odd take for the parity of the lower neighbour
 */
export function roundsAway(direction: Direction, negative: boolean, isOdd: boolean, magnitude: Split): boolean {
  const { remainder, divisor } = magnitude;
  if (remainder === 0n) return false;
  const twice = 2n * remainder;
  switch (direction.rounding) {
    case 'tiesToEven':
      return twice > divisor || (twice === divisor && isOdd);
    case 'tiesToAway':
      return twice >= divisor;
    case 'towardZero':
      return false;
    case 'towardPositive':
      return !negative;
    case 'towardNegative':
      return negative;
    case 'toOdd':
      return !isOdd;
    case 'stochastic':
      return stochasticRoundsAway(direction.stochastic, magnitude);
  }
}

function stochasticRoundsAway(stochastic: Stochastic | undefined, { remainder, divisor }: Split): boolean {
  if (stochastic === undefined)
    throw new BittrueError('type', 'stochastic', undefined, 'the random bits of stochastic rounding');
  const { bits, variant, random } = stochastic;
  const n = BigInt(bits);
  const r = BigInt(random);
  if (r < 0n || r >= 1n << n)
    throw new BittrueError('range', 'stochastic.random', random, `an integer of ${bits} bits`);
  if (variant === 'A') return (remainder << n) / divisor + r >= 1n << n;
  if (variant === 'B') return (remainder << (n + 1n)) / divisor + 2n * r + 1n >= 1n << (n + 1n);
  const scaled = remainder << n;
  const whole = scaled / divisor;
  const twice = 2n * (scaled - whole * divisor);
  const nearest = twice > divisor || (twice === divisor && (whole & 1n) === 1n) ? whole + 1n : whole;
  return nearest + r >= 1n << n;
}

/** |x| rounded to whole units of 2^quantum, and whether anything was lost. */
export interface Rounding {
  readonly units: bigint;
  readonly isExact: boolean;
}

/**
 * |x| in units of 2^quantum, rounded to an integer.
 *
 * @param codeOfOne where every significand is 1, "odd" may mean the code: its parity when the lower neighbour is 1
 */
export function roundToUnits(x: Rational, quantum: number, direction: Direction, codeOfOne?: number): Rounding {
  const magnitude = split(x, quantum);
  const { whole } = magnitude;
  const isOdd = codeOfOne === undefined || whole === 0n ? (whole & 1n) === 1n : Math.abs(codeOfOne % 2) === 1;
  const away = roundsAway(direction, x.negative, isOdd, magnitude);
  return { units: away ? whole + 1n : whole, isExact: magnitude.remainder === 0n };
}
