import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { takesProducts } from '../../src/accumulators/define.ts';
import { defineReduction, type Reduction } from '../../src/accumulators/index.ts';
import { Reducer } from '../../src/accumulators/reducer.ts';
import { Recorder } from '../../src/events/recorder.ts';
import { binary16, binary32, defineInteger, e4m3fn, type Format, int8 } from '../../src/formats/index.ts';
import { roundTo } from '../../src/rounding/index.ts';
import {
  alignedAccumulators,
  carefulAccumulators,
  fixedAccumulators,
  floatAccumulators,
  integerAccumulators,
  policies,
  reals,
  reductions,
  roundings,
  rows,
  values,
} from '../../src/testing/arbitraries/index.ts';
import { oracleReduce } from '../../src/testing/oracle/reduce.ts';
import type { OracleReduceEvent } from '../../src/testing/oracle/terms.ts';
import { mergeEvents } from '../kernels/helpers.ts';
import { failure, outcome, seeded } from '../testing/helpers.ts';

const kinds = [
  'inexact',
  'underflow',
  'overflow',
  'divideByZero',
  'invalid',
  'saturation',
  'wrap',
  'absorption',
  'flush',
];

interface Case {
  readonly reduction: Reduction;
  readonly a: Float64Array;
  readonly b: Float64Array | null;
  readonly addend: number | null;
}

/** The sum with its events, elements first, then by step. */
function run({ reduction, a, b, addend }: Case, operands: { a?: Format; b?: Format } = {}) {
  const recorder = new Recorder(['sum'], 1, 'all', 2 ** 32);
  recorder.row = 0;
  const value = new Reducer(reduction, operands).sum(a, b, a.length, recorder, addend);
  recorder.endRow(true);
  const events = mergeEvents(recorder.allEvents().events, kinds);
  return { value, events: events.map(({ row: _, stage: __, ...event }) => event) };
}

function wanted({ reduction, a, b, addend }: Case, operands: { a?: Format; b?: Format } = {}) {
  const { value, events } = oracleReduce(reduction, a, b, { addend, operands });
  const place = ({ index, step }: OracleReduceEvent): number => (index === null ? 2 ** 40 : 0) + step;
  const sorted = events.toSorted((p, q) => place(p) - place(q));
  return { value, events: sorted.map(({ exact: _, ...event }) => ({ ...event, operands: [...event.operands] })) };
}

function agree(given: Case): void {
  expect(outcome(() => run(given))).toEqual(outcome(() => wanted(given)));
}

/** Sums of elements, or of products where the accumulator takes them; with an addend now and then. */
function cases(
  reduction: fc.Arbitrary<Reduction>,
  elements: (length: number) => fc.Arbitrary<Float64Array>,
  addend: fc.Arbitrary<number>,
): fc.Arbitrary<Case> {
  return fc.tuple(reduction, fc.nat({ max: 23 })).chain(([chosen, length]) =>
    fc
      .record({ a: elements(length), b: elements(length), products: fc.boolean(), addend: fc.option(addend) })
      .map(({ a, b, products, addend: start }) => ({
        reduction: chosen,
        a,
        b: products && takesProducts(chosen) ? b : null,
        addend: start,
      })),
  );
}

const floats = (length: number): fc.Arbitrary<Float64Array> =>
  length === 0
    ? fc.constant(new Float64Array(0))
    : rows(binary16, { minRows: 1, maxRows: 1, minWidth: length, maxWidth: length }).map(({ x }) => x);

const whole = (length: number): fc.Arbitrary<Float64Array> =>
  fc
    .array(fc.oneof(values(int8), fc.integer({ min: -(2 ** 31), max: 2 ** 31 }), fc.maxSafeInteger()), {
      minLength: length,
      maxLength: length,
    })
    .map((x) => Float64Array.from(x));

describe('a Reducer equals the oracle, value and events', () => {
  it('with float accumulators, in any order', () => {
    const reduction = reductions(floatAccumulators(roundings({ kind: 'float', nanInputs: ['zero', 'max'] })));
    fc.assert(fc.property(cases(reduction, floats, reals(binary16)), agree), seeded(1200));
  });

  it('with binary16 throughout', () => {
    const half = policies(binary16).map((policy) => roundTo(binary16, policy));
    fc.assert(fc.property(cases(reductions(floatAccumulators(half)), floats, values(binary16)), agree), seeded(1500));
  });

  it('with integer accumulators that saturate or wrap, every step, every few, or at the end', () => {
    const any = fc.oneof(values(int8), fc.integer());
    fc.assert(fc.property(cases(reductions(integerAccumulators()), whole, any), agree), seeded(2500));
  });

  it('with integer accumulators that take terms without a value for an event', () => {
    const special = fc.constantFrom(Number.NaN, Infinity, -Infinity);
    const elements = (length: number) =>
      fc
        .array(fc.oneof(values(int8), values(int8), special), { minLength: length, maxLength: length })
        .map((x) => Float64Array.from(x));
    const reduction = reductions(integerAccumulators(['invalid', 'invalid', 'error']));
    fc.assert(fc.property(cases(reduction, elements, fc.oneof(values(int8), special)), agree), seeded(2500));
  });

  it('with fixed-point accumulators, as float ones of the same format', () => {
    const format = fc
      .record({ bits: fc.constantFrom(16, 24, 32, 8), fraction: fc.integer({ min: 0, max: 20 }) })
      .map(({ bits, fraction }) => defineInteger({ bits, signed: true, fractionBits: Math.min(fraction, bits) }));
    const steps_ = format.chain((made) =>
      policies(made, { nanInputs: ['zero', 'invalid'] }).map((policy) => roundTo(made, policy)),
    );
    const given = cases(reductions(fixedAccumulators(steps_)), floats, reals(binary16));
    fc.assert(
      fc.property(given, (chosen) => {
        // The oracle wraps numbers of any size; the rounder refuses where one needs more bits than it keeps.
        if (failure(() => run(chosen)) === 'range x') return;
        agree(chosen);
        const asFloat = JSON.parse(JSON.stringify(chosen.reduction).replaceAll('"fixed"', '"float"'));
        expect(run({ ...chosen, reduction: defineReduction(asFloat) })).toEqual(run(chosen));
      }),
      seeded(2500),
    );
  });

  it('with compensated and exact sums', () => {
    const reduction = reductions(carefulAccumulators(roundings({ kind: 'float', nanInputs: ['zero', 'max'] })));
    // The operand of an exact sum's event is a binary64 number next to it, and there are two of those.
    const places = (sum: ReturnType<typeof run> | 'refused') =>
      sum === 'refused' ? sum : { value: sum.value, events: sum.events.map(({ operands: _, ...event }) => event) };
    fc.assert(
      fc.property(cases(reduction, floats, reals(binary16)), (given) => {
        expect(places(outcome(() => run(given)))).toEqual(places(outcome(() => wanted(given))));
      }),
      seeded(2000),
    );
  });

  it('with the aligned sums of tensor cores', () => {
    const output = fc
      .constantFrom(binary16, binary32)
      .chain((format) => policies(format).map((policy) => roundTo(format, policy)));
    const elements = (length: number) =>
      fc.array(values(e4m3fn), { minLength: length, maxLength: length }).map((x) => Float64Array.from(x));
    const operands = { a: e4m3fn, b: e4m3fn };
    fc.assert(
      fc.property(cases(reductions(alignedAccumulators(output)), elements, values(binary16)), (given) => {
        expect(outcome(() => run(given, operands))).toEqual(outcome(() => wanted(given, operands)));
      }),
      seeded(1500),
    );
  });

  it('nested three deep', () => {
    const reduction = reductions(floatAccumulators(roundings({ maxBits: 16, kind: 'float', nanInputs: ['zero'] })), {
      maxDepth: 3,
      maxSize: 4,
    });
    fc.assert(fc.property(cases(reduction, floats, reals(binary16)), agree), seeded(500));
  });
});

describe('orders', () => {
  const half = { kind: 'float', rounding: roundTo(binary16) } as const;
  const sum = (reduction: Reduction, x: number[], b: number[] | null = null) =>
    run({ reduction, a: Float64Array.from(x), b: b === null ? null : Float64Array.from(b), addend: null });

  it('an empty sum is +0', () => {
    for (const kind of ['sequential', 'pairwise', 'butterfly'] as const) {
      expect(sum({ kind, accumulator: half }, [])).toEqual({ value: 0, events: [] });
    }
    const within = { kind: 'pairwise', accumulator: half } as const;
    expect(sum({ kind: 'tiled', size: 3, within, across: within }, []).value).toBe(0);
    expect(sum({ kind: 'sequential', accumulator: half }, [-0]).value).toBe(0);
  });

  it('sequential adds in index order, and numbers its steps by index', () => {
    const { value, events } = sum({ kind: 'sequential', accumulator: half }, [2048, 1, 1]);
    expect(value).toBe(2048);
    expect(events.map(({ index, step: at, flags, operands }) => [index, at, flags, operands])).toEqual([
      [1, 1, 129, [2048, 1]],
      [2, 2, 129, [2048, 1]],
    ]);
  });

  it('pairwise and butterfly differ in what they pair', () => {
    // (2048 + 1) + (−2048 + 1) loses one; (2048 − 2048) + (1 + 1) does not.
    const x = [2048, 1, -2048, 1];
    expect(sum({ kind: 'pairwise', accumulator: half }, x).value).toBe(1);
    expect(sum({ kind: 'butterfly', accumulator: half }, x).value).toBe(2);
  });

  it('numbers joins from the width on, in post-order', () => {
    const tree = { kind: 'pairwise', accumulator: half } as const;
    const { events } = sum(tree, [2048.5, 2048.5, 2048.5, 2048.5, 2048.5]);
    const joins = events.filter(({ index }) => index === null);
    expect(joins.map(({ step: at }) => at)).toEqual([]);
    const tiles = { kind: 'tiled', size: 2, within: { kind: 'sequential', accumulator: half }, across: tree } as const;
    const { events: all } = sum(tiles, [2048, 1, 2048, 1, 2048, 1]);
    expect(all.map(({ index, step: at }) => [index, at])).toEqual([
      [1, 1],
      [3, 3],
      [5, 5],
    ]);
  });

  it('chained tiles are one chain', () => {
    const within = { kind: 'sequential', accumulator: half } as const;
    const x = Array.from({ length: 23 }, (_, i) => 100 * i);
    expect(sum({ kind: 'tiled', size: 5, within, across: 'chain' }, x)).toEqual(sum(within, x));
  });

  it('an integer register clamps where it says', () => {
    const register = (when: 'everyStep' | 'atEnd' | { every: number }): Reduction => ({
      kind: 'sequential',
      accumulator: { kind: 'integer', bits: 8, overflow: 'saturate', when },
    });
    expect(sum(register('everyStep'), [100, 100, -100, 1]).value).toBe(28);
    expect(sum(register('atEnd'), [100, 100, -100, 1]).value).toBe(101);
    expect(sum(register({ every: 2 }), [100, 100, -100, 1]).value).toBe(28);
    expect(sum(register({ every: 3 }), [100, 100, -100, 1]).value).toBe(101);
    expect(sum(register('everyStep'), [100, -50], [2, 3]).value).toBe(-23);
    const across: Reduction = {
      kind: 'tiled',
      size: 1,
      within: register('everyStep'),
      across: { kind: 'sequential', accumulator: { kind: 'integer', bits: 8, overflow: 'wrap', when: 'atEnd' } },
    };
    expect(sum(across, [100, 100, 100]).events.map(({ index, step: at, flags }) => [index, at, flags])).toEqual([
      [null, 5, 64],
    ]);
  });

  it('keeps integers beyond 2^53 exact on the way', () => {
    const register: Reduction = {
      kind: 'sequential',
      accumulator: { kind: 'integer', bits: 40, overflow: 'wrap', when: 'atEnd' },
    };
    const big = [2 ** 52 + 1, 2 ** 52 + 1, 2 ** 52 + 1, 2 ** 52 + 1];
    expect(sum(register, big).value).toBe(Number(BigInt.asIntN(40, 4n * (2n ** 52n + 1n))));
    expect(sum(register, big, big).value).toBe(Number(BigInt.asIntN(40, 4n * (2n ** 52n + 1n) ** 2n)));
  });
});
