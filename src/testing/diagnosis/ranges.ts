/**
 * Ranges of magnitudes in which wrong answers lie: what a deviation that holds for a part of the range is tried on.
 *
 * @module
 */
import { exponentIn, isPowerOfTwo } from './grid.ts';

/** Some magnitudes, and the words for them: `below 1`, `from 256 on`. */
export interface Range {
  readonly words: string;
  readonly holds: (a: number) => boolean;
}

/** The ranges that hold some magnitudes other than zero and infinity: to the next powers of two, and just as far as they reach. */
export function rangesOf(magnitudes: readonly number[]): Range[] {
  let [least, most] = [Infinity, 0];
  for (const a of magnitudes) {
    if (!(a > 0 && a < Infinity)) continue;
    least = Math.min(least, a);
    most = Math.max(most, a);
  }
  // One magnitude is no range.
  if (!(least < most)) return [];
  const [floor, ceiling] = [2 ** exponentIn(least), 2 ** (exponentIn(most) + 1)];
  const range = (words: string, holds: Range['holds']): Range => ({ words, holds });
  return [
    range(`below ${spellShort(ceiling)}`, (a) => a < ceiling),
    range(`from ${spellShort(floor)} on`, (a) => a >= floor),
    range(`from ${spellShort(floor)} to below ${spellShort(ceiling)}`, (a) => a >= floor && a < ceiling),
    range(`up to ${spellShort(most)}`, (a) => a <= most),
    range(`from ${spellShort(least)} on`, (a) => a >= least),
    range(`from ${spellShort(least)} to ${spellShort(most)}`, (a) => a >= least && a <= most),
  ];
}

/** A number as a person reads it, six digits of it: a power of two by its exponent where that is shorter. */
export function spellShort(x: number): string {
  const [digits, power] = [String(Number(x.toPrecision(6))), `2^${exponentIn(x)}`];
  return isPowerOfTwo(x) && power.length < digits.length ? power : digits;
}
