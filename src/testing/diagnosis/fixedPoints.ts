/**
 * Numbers that are carried as integers of a unit before they are rounded: `(x * 2 ** 24) | 0` and the like.
 *
 * @module
 */
import type { Setup } from '../conformance/compute.ts';
import type { Behaviour } from './behaviour.ts';
import { reading } from './reading.ts';

/** Units of 2^−6 to 2^−40, to which numbers are cut or rounded; what has no such digits stays. */
export function fixedPoints(): Behaviour<Setup>[] {
  return Array.from({ length: 35 }, (_, i) => 40 - i).flatMap((bits) => {
    const unit = 2 ** -bits;
    const through = (change: (steps: number) => number) => (x: number) => {
      const steps = x / unit;
      return Math.abs(steps) < 2 ** 52 ? change(steps) * unit : x;
    };
    return [
      reading(
        'fixed',
        `cut to 2^-${bits}`,
        `cuts numbers to multiples of 2^-${bits} before it rounds`,
        through(Math.trunc),
      ),
      reading(
        'fixed',
        `rounded to 2^-${bits}`,
        `rounds numbers to multiples of 2^-${bits} first: it rounds twice`,
        through((steps) => Math.sign(steps) * Math.floor(Math.abs(steps) + 0.5)),
      ),
    ];
  });
}
