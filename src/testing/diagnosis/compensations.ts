/**
 * Sums as they are written wrongly: loops over the terms, every operation rounded.
 *
 * @module
 */

import type { RoundingMode } from '../../rounding/policy.ts';

/** The sum of two numbers, rounded. */
type Add = (p: number, q: number) => number;

/** A number rounded to the register's format in another mode. */
type RoundTo = (x: number, mode: Exclude<RoundingMode, 'stochastic'>) => number;

/** A sum written as a loop. */
export type SumLoop = (terms: Float64Array, add: Add, roundTo: RoundTo) => number;

/** Kahan's loop; what is lost is measured against `wanted`, and enters the next term with a sign. */
function kahan(sign: 1 | -1, wanted: 'corrected' | 'term'): SumLoop {
  return (terms, add) => {
    let [sum, lost] = [0, 0];
    for (const x of terms) {
      const y = add(x, sign * lost);
      const next = add(sum, y);
      lost = add(add(next, -sum), -(wanted === 'corrected' ? y : x));
      sum = next;
    }
    return sum;
  };
}

/** Neumaier's loop; what is lost is taken from the larger of both, or always from the sum, and enters at the end with a sign. */
function neumaier(sign: 1 | -1, from: 'larger' | 'sum'): SumLoop {
  return (terms, add) => {
    let [sum, lost] = [0, 0];
    for (const x of terms) {
      const next = add(sum, x);
      const isLarger = from === 'larger' && Math.abs(x) > Math.abs(sum);
      lost = add(lost, isLarger ? add(add(x, -next), sum) : add(add(sum, -next), x));
      sum = next;
    }
    return add(sum, sign * lost);
  };
}

/** Name, sentence and loop of each. */
export const wrongCompensations: readonly (readonly [string, string, SumLoop])[] = [
  [
    'kahanWrongSign',
    "compensates as Kahan's sum does with the wrong sign: what was lost is lost twice",
    kahan(1, 'corrected'),
  ],
  [
    'kahanFromTerm',
    "compensates as Kahan's sum does, but measures the loss against the term before it was corrected",
    kahan(-1, 'term'),
  ],
  ['neumaierWrongSign', "subtracts the compensation of Neumaier's sum at the end", neumaier(-1, 'larger')],
  [
    'neumaierUnbranched',
    "compensates as Neumaier's sum does without asking which of both is larger",
    neumaier(1, 'sum'),
  ],
];

/** Sums of two formed in binary64, and rounded once more in a mode that is not to the nearest. */
function twice(mode: Exclude<RoundingMode, 'stochastic'>): SumLoop {
  return (terms, _, roundTo) => terms.reduce((sum, x) => roundTo(sum + x, mode), 0);
}

/** Name, sentence and loop of each. */
export const twiceRounded: readonly (readonly [string, string, SumLoop])[] = [
  ['binary64Truncated', 'forms every sum in binary64 and truncates it', twice('towardZero')],
  ['binary64Down', 'forms every sum in binary64 and rounds it down', twice('towardNegative')],
  ['binary64Up', 'forms every sum in binary64 and rounds it up', twice('towardPositive')],
  ['binary64Away', 'forms every sum in binary64 and rounds its ties away from zero', twice('tiesToAway')],
  ['binary64First', 'forms every sum in binary64 first: it is rounded twice', twice('tiesToEven')],
];

/** Neighbours, or halves, added until one sum is left; of an odd number the last one is lost. */
function losing(pair: 'neighbours' | 'halves'): SumLoop {
  return (terms, add) => {
    let some: readonly number[] = Array.from(terms);
    while (some.length > 1) {
      const now = some;
      const half = now.length >> 1;
      some = Array.from({ length: half }, (_, i) =>
        pair === 'halves'
          ? add(now[i] as number, now[i + half] as number)
          : add(now[2 * i] as number, now[2 * i + 1] as number),
      );
    }
    return some[0] ?? 0;
  };
}

/** Name, sentence and loop of each. */
export const wrongTrees: readonly (readonly [string, string, SumLoop])[] = [
  [
    'halvesLosing',
    'adds the halves of a row until one term is left, and loses the last term of an odd number',
    losing('halves'),
  ],
  [
    'neighboursLosing',
    'adds neighbours until one term is left, and loses the last term of an odd number',
    losing('neighbours'),
  ],
];
