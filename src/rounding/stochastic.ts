/**
 * Stochastic rounding with a given number of random bits, as IEEE P3109 (Interim Report v4.0) §4.7.4 states it.
 *
 * @module
 */
import { type Position, randomBits } from './philox.ts';

/** How the random integer R meets the fraction ν of a quantum; see {@link goesUpStochastically}. */
export const stochasticVariants = ['A', 'B', 'C'] as const;
export type StochasticVariant = (typeof stochasticVariants)[number];

/** What a policy with `rounding: 'stochastic'` adds. */
export interface Stochastic {
  /** How many random bits, N, 1–32; default 32. */
  readonly bits: number;
  /** Default B. */
  readonly variant: StochasticVariant;
  /** The key of the random bits, an integer 0 … 2^53 − 1; default 0. */
  readonly seed: number;
}

/** ν·2^(N+1): its whole part, and whether anything is left. Both are exact. */
export interface ScaledFraction {
  readonly whole: number;
  readonly sticky: boolean;
}

/** numerator / denominator, the latter above zero. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** 2^0 … 2^33, by table: a power takes longer than all else here. */
const powers = /* @__PURE__ */ Float64Array.from({ length: 34 }, (_, exponent) => 2 ** exponent);

/** The fraction `f` + `rest` of a quantum, 0 ≤ f < 1, both exact, times 2^(N+1). */
export function scaleFraction(f: number, rest: number, bits: number): ScaledFraction {
  const scale = powers[bits + 1]!;
  const scaled = f * scale;
  const tail = rest * scale;
  const whole = Math.floor(scaled);
  // The fraction left of `scaled` and the tail add to a pair of binary64 numbers, exactly (TwoSum).
  const left = scaled - whole;
  const sum = left + tail;
  const virtual = sum - left;
  const error = left - (sum - virtual) + (tail - virtual);
  const extra = Math.floor(sum);
  const beyond = sum - extra;
  if (beyond === 0 && error < 0) return { whole: whole + extra - 1, sticky: true };
  return { whole: whole + extra, sticky: beyond !== 0 || error !== 0 };
}

/** The same for a fraction of integers, 0 ≤ ν < 1. */
export function scaleExactFraction({ numerator, denominator }: Fraction, bits: number): ScaledFraction {
  const scaled = numerator << BigInt(bits + 1);
  const whole = scaled / denominator;
  return { whole: Number(whole), sticky: whole * denominator !== scaled };
}

/**
 * Whether a magnitude goes up. A: ⌊ν·2^N⌋ + R ≥ 2^N. B: ⌊ν·2^(N+1)⌋ + 2R + 1 ≥ 2^(N+1). C: ν·2^N to the nearest
 * integer, ties to even, + R ≥ 2^N. A never takes more than the exact share upward; B and C are without bias to within
 * half a step of R.
 */
export function goesUpStochastically(
  variant: StochasticVariant,
  bits: number,
  { whole, sticky }: ScaledFraction,
  random: number,
): boolean {
  if (variant === 'B') return whole + 2 * random + 1 >= powers[bits + 1]!;
  let n = Math.floor(whole / 2);
  if (variant === 'C' && whole % 2 === 1 && (sticky || n % 2 === 1)) n += 1;
  return n + random >= powers[bits]!;
}

/** The same by the random bits of a position. */
export function goesUpAt({ bits, variant, seed }: Stochastic, scaled: ScaledFraction, position: Position): boolean {
  return goesUpStochastically(variant, bits, scaled, randomBits(seed, bits, position));
}
