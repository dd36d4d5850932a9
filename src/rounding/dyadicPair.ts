/**
 * Exact binary numbers as pairs of binary64 numbers.
 *
 * @module
 */
import { binary64 } from '../formats/binary64.ts';
import { addDyadic, type Dyadic, dyadic } from './dyadic.ts';
import { FullRounder } from './full.ts';
import type { Pair } from './pair.ts';
import { defaultPolicy } from './policy.ts';

const toNearest = /* @__PURE__ */ new FullRounder(defaultPolicy(binary64));
const toOdd = /* @__PURE__ */ new FullRounder({ ...defaultPolicy(binary64), rounding: 'toOdd' });

/** An exact number as a pair: the nearest binary64 number (none is zero or infinite), and the rest, rounded to odd. */
export function pairOfDyadic(value: Dyadic): Pair {
  if (value.n === 0n) return { x: 0, residual: 0 };
  const x = rounded(toNearest, value);
  const { n, exponent } = dyadic(x);
  const rest = addDyadic(value, { n: -n, exponent });
  return { x, residual: rest.n === 0n ? 0 : rounded(toOdd, rest) };
}

/** A number other than zero, rounded within binary64's range. */
function rounded(rounder: FullRounder, value: Dyadic): number {
  const magnitude = Math.abs(rounder.roundDyadic(value));
  const within = Math.min(Math.max(magnitude, Number.MIN_VALUE), Number.MAX_VALUE);
  return value.n < 0n ? -within : within;
}

/** The binary64 number nearest to an exact one. */
export function nearestNumber(value: Dyadic): number {
  return value.n === 0n ? 0 : toNearest.roundDyadic(value);
}
