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
import { twiceRounded, wrongCompensations, wrongTrees } from './compensations.ts';
import { type Answer, promising, type ValueUnder } from './families.ts';
import { storedParts, sumFormatBehaviours } from './sumFormats.ts';
import type { SumSetup } from './sumSetup.ts';
import { lengthBehaviours, termBehaviours } from './sumTerms.ts';

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

/** Trees of a few terms, added one after the other. */
function trees(size: number): Change {
  return (reduction) => {
    const { accumulator } = firstLeaf(reduction);
    const chain = { kind: 'sequential', accumulator } as const;
    return { kind: 'tiled', size, within: { kind: 'pairwise', accumulator }, across: chain };
  };
}

/** Orders of whole groups, after which what is left is added one by one. */
function withRest(order: (name: string, text: string, change: Change) => Behaviour<SumSetup>): Behaviour<SumSetup>[] {
  const rest =
    (multipleOf: number, change: Change): Change =>
    (reduction) => ({
      ...{ kind: 'split', multipleOf, head: change(reduction) },
      ...{ tail: { kind: 'sequential', accumulator: firstLeaf(reduction).accumulator }, across: 'chain' },
    });
  return [2, 4, 8, 16].flatMap((n) => {
    const after = `; what a whole group of ${n} leaves is added one by one`;
    return [
      order(`trees${n}, rest`, `sums ${n} at a time by neighbours, and then the sums${after}`, rest(n, trees(n))),
      order(
        `tiles${n}, rest`,
        `sums ${n} at a time, and then the sums${after}`,
        rest(n, parts({ kind: 'tiled', size: n })),
      ),
      order(
        `lanes${n}, rest`,
        `keeps ${n} interleaved sums, added one after the other${after}`,
        rest(n, parts({ kind: 'strided', lanes: n })),
      ),
      order(
        `lanes${n} paired, rest`,
        `keeps ${n} interleaved sums, added by neighbours${after}`,
        rest(n, paired(n, 'pairwise')),
      ),
      order(
        `lanes${n} halved, rest`,
        `keeps ${n} interleaved sums, added by halves${after}`,
        rest(n, paired(n, 'butterfly')),
      ),
    ];
  });
}

/** Interleaved sums joined by a tree. */
function paired(lanes: number, kind: 'pairwise' | 'butterfly'): Change {
  return (reduction) => {
    const { accumulator } = firstLeaf(reduction);
    return { kind: 'strided', lanes, within: { kind: 'sequential', accumulator }, across: { kind, accumulator } };
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

const roundingWords = { towardPositive: 'up', towardNegative: 'down', toOdd: 'to odd' } as const;

function looped(loops: typeof wrongCompensations, group = 'register'): Behaviour<SumSetup>[] {
  return loops.map(([name, text, loop]) => ({
    ...{ name, text, group },
    change: (setup) => ({ ...setup, loop }),
  }));
}

/** What deviations of sums depend on. */
export interface SumContext {
  /** The largest number of the terms' format. */
  readonly max: number;
  readonly wrong: readonly Answer[];
  readonly valueUnder: ValueUnder<SumSetup>;
}

/** Deviations of sums; those of the order exclude each other, and so do those of the register. */
export function sumBehaviours({ max, wrong, valueUnder }: SumContext): readonly Behaviour<SumSetup>[] {
  const shortest = wrong.reduce((least, { operands }) => Math.min(least, operands.length), Infinity);
  const by =
    (group: string) =>
    (name: string, text: string, change: Change): Behaviour<SumSetup> => ({
      ...{ name, text, group },
      change: (setup) => ({ ...setup, reduction: change(setup.reduction) }),
    });
  const [order, register] = [by('order'), by('register')];
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
    ...[4, 8].map((n) => order(`trees${n}`, `sums ${n} at a time by neighbours, and then the sums`, trees(n))),
    order('pairsSaturate16', 'saturates sums of two neighbours to 16 bits', (reduction) => {
      const { accumulator } = firstLeaf(reduction);
      if (accumulator.kind !== 'integer') return reduction;
      const pairs = { kind: 'integer', bits: 16, overflow: 'saturate' } as const;
      return {
        ...{ kind: 'tiled', size: 2, within: { kind: 'sequential', accumulator: pairs } },
        across: { kind: 'sequential', accumulator },
      } as const;
    }),
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
    ...looped(wrongTrees, 'order'),
    ...termBehaviours(max),
    {
      ...{ name: 'fromFirst', group: 'order' },
      text: 'starts from the first term in place of zero, whose sign it keeps',
      change: (setup) => ({ ...setup, loop: (some, add) => (some.length === 0 ? 0 : some.reduce(add)) }),
    },
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
    ...promising(
      [...lengthBehaviours(shortest), ...sumFormatBehaviours(), ...storedParts(), ...withRest(order)],
      wrong,
      valueUnder,
    ),
  ];
}
