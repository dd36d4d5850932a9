/**
 * Exact binary numbers as pairs of binary64 numbers.
 *
 * @module
 */
import { addDyadic, bitLength, type Dyadic, dyadic } from './dyadic.ts';
import type { Pair } from './pair.ts';

const LEAST = -1074;

/** An exact number as a pair: the nearest binary64 number (none is zero or infinite), and the rest, rounded to odd. */
export function pairOfDyadic(value: Dyadic): Pair {
  if (value.n === 0n) return { x: 0, residual: 0 };
  const x = cut(value, (kept, rest, half) => (rest > half || (rest === half && kept & 1n) ? kept + 1n : kept));
  const { n, exponent } = dyadic(x);
  const left = addDyadic(value, { n: -n, exponent });
  return { x, residual: left.n === 0n ? 0 : cut(left, (kept, rest) => (rest > 0n ? kept | 1n : kept)) };
}

/** Cut to binary64's digits, within its range; `round` gives the integer that stands for `kept` and a `rest` of `2 · half`. */
function cut({ n, exponent }: Dyadic, round: (kept: bigint, rest: bigint, half: bigint) => bigint): number {
  const magnitude = n < 0n ? -n : n;
  const quantum = Math.max(bitLength(magnitude) + exponent - 53, LEAST);
  const shift = quantum - exponent;
  let kept: bigint;
  if (shift <= 0) kept = magnitude << BigInt(-shift);
  else {
    const below = magnitude >> BigInt(shift);
    kept = round(below, magnitude - (below << BigInt(shift)), 1n << BigInt(shift - 1));
  }
  // Powers of two below the least normal number are numbers, too, and the product is exact or beyond the range.
  const found = quantum > 1023 ? Infinity : Number(kept) * 2 ** quantum;
  const within = Math.min(Math.max(found, Number.MIN_VALUE), Number.MAX_VALUE);
  return n < 0n ? -within : within;
}
