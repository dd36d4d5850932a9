/**
 * Which terms enter a sum written by hand, and in what order.
 *
 * @module
 */
import type { Behaviour } from './behaviour.ts';
import type { SumSetup } from './sumSetup.ts';

/** Terms in the order of some indices. */
function permuted(order: (n: number) => number[]): (terms: Float64Array) => Float64Array {
  return (terms) => Float64Array.from(order(terms.length), (i) => terms[i] as number);
}

const indices = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const everyOther = (n: number, start: 0 | 1): number[] => indices(n).filter((i) => i % 2 === start);

const ordinals = ['', 'first', 'second', 'third', 'fourth'] as const;

/** Terms by their magnitudes; of equal ones the first stays first. */
function byMagnitude(terms: Float64Array, sign: 1 | -1): Float64Array {
  return Float64Array.from([...terms].sort((p, q) => sign * (Math.abs(p) - Math.abs(q))));
}

/** Lengths at which loops end or begin anew: usual ones, and one less than the shortest row that is wrong. */
function lengths(shortest: number): number[] {
  return [...new Set([4, 8, 16, 32, 64, 128, shortest - 1])].filter((n) => n > 0 && n < Infinity);
}

const terms = (name: string, text: string, taken: SumSetup['taken']): Behaviour<SumSetup> => ({
  ...{ name, text, group: 'terms' },
  change: (setup) => ({ ...setup, taken: (some) => taken(setup.taken(some)) }),
});

/** What becomes of infinities and NaN. */
const specials = (name: string, text: string, taken: SumSetup['taken']): Behaviour<SumSetup> => ({
  ...terms(name, text, taken),
  group: 'specials',
});

/** Deviations with a length, of which there are many. */
export function lengthBehaviours(shortest: number): Behaviour<SumSetup>[] {
  return [
    ...lengths(shortest).flatMap((n) => [
      terms(`first${n}`, `adds the first ${n} terms alone`, (some) => some.subarray(0, n)),
      terms(`whole${n}`, `adds whole groups of ${n} alone: the terms after the last whole group are lost`, (some) =>
        some.subarray(0, some.length - (some.length % n)),
      ),
    ]),
    ...lengths(shortest).flatMap((n) => [
      terms(`afresh${n}`, `starts afresh after each ${n} terms: the sums before are lost`, (some) =>
        some.subarray(some.length - (((some.length - 1) % n) + 1)),
      ),
      terms(`from${n}`, `loses the first ${n} terms of a longer row`, (some) =>
        some.length > n ? some.subarray(n) : some,
      ),
    ]),
    ...[2, 3, 4].flatMap((n) =>
      indices(n).map((from) =>
        terms(
          `every${n} from ${from}`,
          `adds every ${ordinals[n]} term alone, from the ${ordinals[from + 1]} one on`,
          permuted((width) => indices(width).filter((i) => i % n === from)),
        ),
      ),
    ),
    ...[4, 8, 16, 32].map((n) =>
      terms(`padded${n}`, `reads the last term again up to a whole group of ${n}`, (some) =>
        Float64Array.from(
          { length: Math.ceil(some.length / n) * n },
          (_, i) => some[Math.min(i, some.length - 1)] as number,
        ),
      ),
    ),
  ];
}

/** Terms that are left out, or that come in another order; `max`: the largest number of their format. */
export function termBehaviours(max: number): Behaviour<SumSetup>[] {
  return [
    terms('withoutFirst', 'leaves out the first term', (some) => some.subarray(1)),
    terms('withoutLast', 'leaves out the last term', (some) => some.subarray(0, -1)),
    terms('firstTwice', 'adds the first term twice', (some) => Float64Array.from([some[0] as number, ...some])),
    terms('lastTwice', 'adds the last term twice', (some) => Float64Array.from([...some, some.at(-1) as number])),
    terms(
      'evensFirst',
      'adds the terms of even index first, then those of odd index',
      permuted((n) => [...everyOther(n, 0), ...everyOther(n, 1)]),
    ),
    terms(
      'oddsFirst',
      'adds the terms of odd index first, then those of even index',
      permuted((n) => [...everyOther(n, 1), ...everyOther(n, 0)]),
    ),
    terms(
      'bothEnds',
      'adds the terms from both ends by turns',
      permuted((n) => indices(n).map((i) => (i % 2 === 0 ? i / 2 : n - (i + 1) / 2))),
    ),
    terms(
      'secondHalfFirst',
      'adds the second half of the terms first',
      permuted((n) => indices(n).map((i) => (i + (n >> 1)) % n)),
    ),
    terms(
      'halvesByTurns',
      'adds terms of both halves by turns',
      permuted((n) => indices(n).map((i) => (i % 2 === 0 ? i / 2 : Math.ceil(n / 2) + (i - 1) / 2))),
    ),
    terms(
      'lastThenRest',
      'adds the last term first, then the others in order',
      permuted((n) => indices(n).map((i) => (i + n - 1) % n)),
    ),
    terms('smallestFirst', 'adds the terms of small magnitude first', (some) => byMagnitude(some, 1)),
    terms('largestFirst', 'adds the terms of large magnitude first', (some) => byMagnitude(some, -1)),
    terms('withoutNegative', 'leaves out negative terms', (some) => some.map((x) => Math.max(x, 0))),
    terms('withoutPositive', 'leaves out positive terms', (some) => some.map((x) => Math.min(x, 0))),
    terms('magnitudes', 'leaves out the signs of the terms', (some) => some.map(Math.abs)),
    specials('withoutNaN', 'passes over NaN', (some) => some.filter((x) => x === x)),
    specials('withoutInfinities', 'passes over infinities', (some) => some.filter((x) => Math.abs(x) !== Infinity)),
    specials('infinitiesClamped', 'takes the largest number for infinities', (some) =>
      some.map((x) => (Math.abs(x) === Infinity ? Math.sign(x) * max : x)),
    ),
    specials('finiteOnly', 'passes over NaN and takes the largest number for infinities', (some) =>
      some.filter((x) => x === x).map((x) => (Math.abs(x) === Infinity ? Math.sign(x) * max : x)),
    ),
    specials('withoutSpecials', 'passes over NaN and infinities', (some) => some.filter(Number.isFinite)),
    terms(
      'reversedPairs',
      'swaps neighbours',
      permuted((n) => indices(n).map((i) => ((i ^ 1) < n ? i ^ 1 : i))),
    ),
  ];
}
