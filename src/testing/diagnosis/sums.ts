/**
 * What hand-written sums do instead of what they should: other orders, other registers.
 *
 * @module
 */

import type { Accumulator, Reduction } from '../../accumulators/index.ts';
import { accumulatorRounding, firstLeaf, lastLeaf, mapAccumulators } from '../../accumulators/walk.ts';
import { binary32, binary64 } from '../../formats/index.ts';
import { type PartialPolicy, type Rounding, roundTo } from '../../rounding/index.ts';
import type { Behaviour } from './behaviour.ts';
import { type SumLoop, twiceRounded, wrongCompensations } from './compensations.ts';

/** How a sum is formed. */
export interface SumSetup {
  readonly reduction: Reduction;
  /** The result as it is written; null: as the sum gives it. */
  readonly output: Rounding | null;
  /** The terms that enter, of those that there are. */
  readonly taken: (terms: Float64Array) => Float64Array;
  /** The loop in place of the reduction; null: the reduction. */
  readonly loop: SumLoop | null;
}

type Change = (reduction: Reduction) => Reduction;

/** One chain or tree in place of whatever order there is. */
function ordered(kind: 'sequential' | 'pairwise' | 'butterfly', order?: 'descending'): Change {
  return (reduction) => ({
    kind,
    accumulator: firstLeaf(reduction).accumulator,
    ...(order === undefined ? {} : { order }),
  });
}

/** Parts summed by themselves, then their sums. */
function parts(
  shape: { readonly kind: 'strided'; readonly lanes: number } | { readonly kind: 'tiled'; readonly size: number },
): Change {
  return (reduction) => {
    const chain = { kind: 'sequential', accumulator: firstLeaf(reduction).accumulator } as const;
    return { ...shape, within: chain, across: chain };
  };
}

/** The rounding of an accumulator under another policy; others stay. */
function under(policy: PartialPolicy): (accumulator: Accumulator) => Accumulator {
  return (accumulator) => {
    if (!('rounding' in accumulator) || accumulator.rounding.format.kind !== 'float') return accumulator;
    const { format, policy: own } = accumulator.rounding;
    return { ...accumulator, rounding: roundTo(format, { ...own, ...policy }) };
  };
}

function registers(change: (accumulator: Accumulator) => Accumulator): Change {
  return (reduction) => mapAccumulators(reduction, change);
}

/** A register of another format; its sum is rounded at the end to the one that formed the result. */
function wider(rounding: Rounding): (setup: SumSetup) => SumSetup {
  return (setup) => {
    const { reduction, output } = setup;
    const end = output ?? accumulatorRounding(lastLeaf(reduction).accumulator);
    return { ...setup, reduction: mapAccumulators(reduction, () => ({ kind: 'float', rounding })), output: end };
  };
}

function compensated(kind: 'kahan' | 'neumaier'): Change {
  return registers((accumulator) =>
    'rounding' in accumulator ? { kind, rounding: accumulator.rounding } : accumulator,
  );
}

/** A compensated register as one that only adds. */
function plain(accumulator: Accumulator): Accumulator {
  const { kind } = accumulator;
  return kind === 'kahan' || kind === 'neumaier' ? { kind: 'float', rounding: accumulator.rounding } : accumulator;
}

function exactly(setup: SumSetup): SumSetup {
  const old = lastLeaf(setup.reduction).accumulator;
  if (!('rounding' in old)) return setup;
  const output = setup.output ?? old.rounding;
  return { ...setup, output, reduction: { kind: 'sequential', accumulator: { kind: 'exact', output } } };
}

/** The result alone rounded under another policy. */
function ended(policy: PartialPolicy): (setup: SumSetup) => SumSetup {
  return (setup) => {
    const { accumulator } = lastLeaf(setup.reduction);
    const own = setup.output ?? accumulatorRounding(accumulator);
    if (own === null || own.format.kind !== 'float') return setup;
    const output = roundTo(own.format, { ...own.policy, ...policy });
    const reduction = mapAccumulators(setup.reduction, (one) => (one.kind === 'exact' ? { ...one, output } : one));
    return { ...setup, output, reduction };
  };
}

/** Terms in the order of some indices. */
function permuted(order: (n: number) => number[]): (terms: Float64Array) => Float64Array {
  return (terms) => Float64Array.from(order(terms.length), (i) => terms[i] as number);
}

const indices = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const everyOther = (n: number, start: 0 | 1): number[] => indices(n).filter((i) => i % 2 === start);

const roundingWords = { towardPositive: 'up', towardNegative: 'down', toOdd: 'to odd' } as const;

/** Terms by their magnitudes; of equal ones the first stays first. */
function byMagnitude(terms: Float64Array, sign: 1 | -1): Float64Array {
  return Float64Array.from([...terms].sort((p, q) => sign * (Math.abs(p) - Math.abs(q))));
}

function looped(loops: typeof wrongCompensations): Behaviour<SumSetup>[] {
  return loops.map(([name, text, loop]) => ({
    ...{ name, text, group: 'register' },
    change: (setup) => ({ ...setup, loop }),
  }));
}

/** Deviations of sums; those of the order exclude each other, and so do those of the register. */
export function sumBehaviours(): readonly Behaviour<SumSetup>[] {
  const by =
    (group: string) =>
    (name: string, text: string, change: Change): Behaviour<SumSetup> => ({
      ...{ name, text, group },
      change: (setup) => ({ ...setup, reduction: change(setup.reduction) }),
    });
  const [order, register] = [by('order'), by('register')];
  const terms = (name: string, text: string, taken: SumSetup['taken']): Behaviour<SumSetup> => ({
    ...{ name, text, group: 'terms' },
    change: (setup) => ({ ...setup, taken }),
  });
  return [
    order('inOrder', 'adds the terms one after the other', ordered('sequential')),
    order('lastFirst', 'adds the terms from the last to the first', ordered('sequential', 'descending')),
    order('neighbours', 'adds neighbours, then neighbours of the sums', ordered('pairwise')),
    order('halves', 'adds each term to the one half the length away, and so on', ordered('butterfly')),
    ...[2, 3, 4, 8, 16].map((n) =>
      order(`lanes${n}`, `keeps ${n} interleaved sums, added at the end`, parts({ kind: 'strided', lanes: n })),
    ),
    ...[2, 3, 4, 8, 16, 32].map((n) =>
      order(`tiles${n}`, `sums ${n} at a time, and then the sums`, parts({ kind: 'tiled', size: n })),
    ),
    { name: 'inBinary32', text: 'sums in binary32', group: 'register', change: wider(roundTo(binary32)) },
    { name: 'inBinary64', text: 'sums in binary64', group: 'register', change: wider(roundTo(binary64)) },
    { name: 'exact', text: 'rounds the exact sum once', group: 'register', change: exactly },
    register('kahan', "compensates as Kahan's sum does", compensated('kahan')),
    register('neumaier', "compensates as Neumaier's sum does", compensated('neumaier')),
    register('uncompensated', 'compensates nothing', registers(plain)),
    ...looped(wrongCompensations),
    register('truncates', 'truncates every sum', registers(under({ rounding: 'towardZero' }))),
    register('tiesToAway', 'rounds ties of every sum away from zero', registers(under({ rounding: 'tiesToAway' }))),
    { name: 'endTruncated', text: 'truncates the result', group: 'output', change: ended({ rounding: 'towardZero' }) },
    {
      name: 'endSaturated',
      text: 'saturates the result alone',
      group: 'output',
      change: ended({ overflow: 'saturate' }),
    },
    {
      name: 'endFlushed',
      text: 'flushes a subnormal result to zero',
      group: 'output',
      change: ended({ subnormals: 'flushOutputs' }),
    },
    {
      name: 'endTiesToAway',
      text: 'rounds a tie of the result away from zero',
      group: 'output',
      change: ended({ rounding: 'tiesToAway' }),
    },
    register('saturates', 'saturates every sum', registers(under({ overflow: 'saturate' }))),
    register('flushes', 'flushes subnormal terms and sums to zero', registers(under({ subnormals: 'flushBoth' }))),
    register('flushesSums', 'flushes subnormal sums to zero', registers(under({ subnormals: 'flushOutputs' }))),
    register('flushesTerms', 'reads subnormal terms and sums as zero', registers(under({ subnormals: 'flushInputs' }))),
    ...(['towardPositive', 'towardNegative', 'toOdd'] as const).map((rounding) =>
      register(rounding, `rounds every sum ${roundingWords[rounding]}`, registers(under({ rounding }))),
    ),
    ...looped(twiceRounded),
    terms('withoutFirst', 'leaves out the first term', (some) => some.subarray(1)),
    terms('withoutLast', 'leaves out the last term', (some) => some.subarray(0, -1)),
    terms('firstTwice', 'adds the first term twice', (some) => Float64Array.from([some[0] as number, ...some])),
    terms('lastTwice', 'adds the last term twice', (some) => Float64Array.from([...some, some.at(-1) as number])),
    ...[4, 8, 16, 32, 64, 128].flatMap((n) => [
      terms(`first${n}`, `adds the first ${n} terms alone`, (some) => some.subarray(0, n)),
      terms(`whole${n}`, `adds whole groups of ${n} alone: the terms after the last whole group are lost`, (some) =>
        some.subarray(0, some.length - (some.length % n)),
      ),
    ]),
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
    ...[4, 8, 16, 32, 64, 128].flatMap((n) => [
      terms(`afresh${n}`, `starts afresh after each ${n} terms: the sums before are lost`, (some) =>
        some.subarray(some.length - (((some.length - 1) % n) + 1)),
      ),
      terms(`from${n}`, `loses the first ${n} terms of a longer row`, (some) =>
        some.length > n ? some.subarray(n) : some,
      ),
    ]),
    terms('smallestFirst', 'adds the terms of small magnitude first', (some) => byMagnitude(some, 1)),
    terms('largestFirst', 'adds the terms of large magnitude first', (some) => byMagnitude(some, -1)),
    terms('withoutNegative', 'leaves out negative terms', (some) => some.map((x) => Math.max(x, 0))),
    terms('withoutPositive', 'leaves out positive terms', (some) => some.map((x) => Math.min(x, 0))),
    {
      ...{ name: 'fromFirst', group: 'order' },
      text: 'starts from the first term in place of zero, whose sign it keeps',
      change: (setup) => ({ ...setup, loop: (some, add) => (some.length === 0 ? 0 : some.reduce(add)) }),
    },
    terms('magnitudes', 'leaves out the signs of the terms', (some) => some.map(Math.abs)),
    register(
      'wraps',
      'wraps where it should saturate',
      registers((one) => (one.kind === 'integer' ? { ...one, overflow: 'wrap' } : one)),
    ),
    register(
      'saturatesOnTheWay',
      'saturates every partial sum',
      registers((one) => (one.kind === 'integer' ? { ...one, overflow: 'saturate', when: 'everyStep' } : one)),
    ),
    register(
      'saturatesAtTheEnd',
      'saturates the final sum alone',
      registers((one) => (one.kind === 'integer' ? { ...one, overflow: 'saturate', when: 'atEnd' } : one)),
    ),
  ];
}
