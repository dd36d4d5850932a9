/**
 * Where an implementation gives no number: it throws, or what it gives cannot be read.
 *
 * @module
 */
import type { Operand } from '../conformance/operand.ts';
import type { Behaviour } from './behaviour.ts';
import { isNegative, type Where } from './places.ts';

/** How there is no number. */
export type Refusal = 'throws' | 'gives no number';

/** How a case is computed, or that it is refused. */
export interface Refusable<Setup> {
  readonly setup: Setup;
  readonly refusal: Refusal | null;
}

/** The refusal that a failure is. */
export function refusalOf(failure: string): Refusal {
  return failure.startsWith('throws') ? 'throws' : 'gives no number';
}

const some =
  (holds: (x: number) => boolean): Where =>
  (operands) =>
    operands.some(({ x }) => holds(x));

/** Operands that implementations refuse, the plainest first. */
const sets: readonly (readonly [string, string, Where])[] = [
  ['NaN', 'for NaN', some((x) => x !== x)],
  ['infinities', 'for infinities', some((x) => Math.abs(x) === Infinity)],
  ['non-finite', 'for infinities and NaN', some((x) => x - x !== 0)],
  ['Infinity', 'for +∞', some((x) => x === Infinity)],
  ['-Infinity', 'for −∞', some((x) => x === -Infinity)],
  ['zero', 'for zeros', some((x) => x === 0)],
  ['-0', 'for −0', some((x) => Object.is(x, -0))],
  ['negatives', 'for negative numbers', isNegative],
  ['fractions', 'for numbers that are no integers', some((x) => !Number.isInteger(x))],
  ['all', 'for every case', () => true],
];

/**
 * Behaviours, and beside them refusals of each kind that there is: of special operands, and of large or small magnitudes and long
 * rows as the refused cases suggest.
 *
 * @param refused - cases without a number
 */
export function withRefusals<Setup>(
  behaviours: readonly Behaviour<Setup>[],
  refused: readonly { readonly operands: readonly Operand[]; readonly failure: string | null }[],
): Behaviour<Refusable<Setup>>[] {
  const own = behaviours.map(
    ({ change, ...rest }): Behaviour<Refusable<Setup>> => ({
      ...rest,
      change: ({ setup, refusal }) => ({ setup: change(setup), refusal }),
    }),
  );
  const kinds = [...new Set(refused.map(({ failure }) => refusalOf(failure ?? 'throws')))];
  return [
    ...own,
    ...kinds.flatMap((refusal) => {
      const cases = refused.filter(({ failure }) => refusalOf(failure ?? 'throws') === refusal);
      return [...sets, ...suggestedSets(cases.map(({ operands }) => operands))].map(
        ([name, words, where]): Behaviour<Refusable<Setup>> => ({
          name: `${refusal} ${name}`,
          text: `${refusal} ${words}`,
          group: `refusal ${name}`,
          where,
          change: ({ setup }) => ({ setup, refusal }),
        }),
      );
    }),
  ];
}

/** From or up to the magnitudes refused; rows as long as those. */
function suggestedSets(cases: readonly (readonly Operand[])[]): [string, string, Where][] {
  const found: [string, string, Where][] = [];
  const largest = (operands: readonly Operand[]): number =>
    operands.reduce((most, { x }) => Math.max(most, Math.abs(x)), 0);
  const finite = cases.map(largest).filter((a) => a < Infinity);
  if (finite.length > 1) {
    const least = finite.reduce((a, b) => Math.min(a, b));
    const most = finite.reduce((a, b) => Math.max(a, b));
    const has =
      (holds: (a: number) => boolean): Where =>
      (operands) =>
        holds(largest(operands));
    found.push(
      [`from ${least} on`, `for magnitudes from ${least} on`, has((a) => a >= least)],
      [`finite from ${least} on`, `for finite magnitudes from ${least} on`, has((a) => a >= least && a < Infinity)],
      [`up to ${most}`, `for magnitudes up to ${most}`, has((a) => a <= most)],
    );
  }
  const shortest = cases.reduce((least, { length }) => Math.min(least, length), Infinity);
  if (shortest > 1 && shortest < Infinity) {
    found.push([
      `rows from ${shortest} on`,
      `for rows of ${shortest} terms or more`,
      ({ length }) => length >= shortest,
    ]);
  }
  return found;
}
