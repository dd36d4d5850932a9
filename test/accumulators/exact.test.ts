import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Reducer } from '../../src/accumulators/reducer.ts';
import { Recorder } from '../../src/events/recorder.ts';
import { binary16, binary32, e5m2, type Format } from '../../src/formats/index.ts';
import { type PartialPolicy, roundTo } from '../../src/rounding/index.ts';
import { reals, roundings } from '../../src/testing/arbitraries/index.ts';
import { approximately } from '../../src/testing/oracle/exact.ts';
import { oracleExactSum } from '../../src/testing/oracle/reduce.ts';
import { oracleRound } from '../../src/testing/oracle/round.ts';
import { seeded } from '../testing/helpers.ts';

function exactly(format: Format, a: readonly number[], b: readonly number[] | null = null, policy: PartialPolicy = {}) {
  const recorder = new Recorder(['sum'], 1, 'all', 100);
  recorder.row = 0;
  const reducer = new Reducer({ kind: 'sequential', accumulator: { kind: 'exact', output: roundTo(format, policy) } });
  const value = reducer.sum(Float64Array.from(a), b && Float64Array.from(b), a.length, recorder);
  recorder.endRow(true);
  return { value, events: recorder.allEvents().events };
}

describe('the exact accumulator', () => {
  it('rounds once', () => {
    expect(exactly(binary16, [2048, 1, 1]).value).toBe(2050);
    expect(exactly(binary16, [65504, 65504, -65504]).value).toBe(65504);
    expect(exactly(binary32, [2 ** 100, 1, -(2 ** 100)]).value).toBe(1);
    expect(exactly(binary16, [1, 2 ** -11, 2 ** -30]).value).toBe(1 + 2 ** -10);
    expect(exactly(binary16, [1, 2 ** -11, -(2 ** -30)]).value).toBe(1);
  });

  it('takes exact products', () => {
    const p = 1 + 2 ** -10;
    expect(exactly(binary16, [p, -1], [p, 1 + 2 ** -9]).value).toBe(2 ** -20);
  });

  it('gives +0 for every sum of zero', () => {
    expect(exactly(binary16, [-0, -0]).value).toBe(0);
    expect(exactly(binary16, [1, -1], null, { rounding: 'towardNegative' }).value).toBe(0);
  });

  it('gives NaN and invalid for a NaN and for infinities of both signs', () => {
    for (const terms of [[Number.NaN], [Infinity, -Infinity], [1, Number.NaN, Infinity]]) {
      const { value, events } = exactly(binary16, terms);
      expect(value).toBeNaN();
      expect(events.map(({ kind, index, step: at }) => [kind, index, at])).toEqual([
        ['invalid', null, terms.length - 1],
      ]);
    }
    expect(exactly(binary16, [Infinity, 0], [0, 1]).value).toBeNaN();
    expect(exactly(binary16, [Infinity, 5, Infinity])).toEqual({ value: Infinity, events: [] });
  });

  it('takes numbers that no format has', () => {
    expect(exactly(binary32, [2 ** 1000, 5e-324, -(2 ** 1000)], null, { rounding: 'towardPositive' }).value).toBe(
      2 ** -149,
    );
    expect(exactly(binary32, [2 ** 600, 1], [2 ** -600, 1]).value).toBe(2);
  });

  it('is the real sum, rounded, whatever the order', () => {
    const terms = fc.array(reals(e5m2, { noNaN: true, noInfinity: true }), { minLength: 1, maxLength: 12 });
    const given = fc.tuple(terms, roundings({ kind: 'float', maxBits: 20, nanInputs: ['zero'] }), fc.integer());
    fc.assert(
      fc.property(given, ([a, { format, policy }, seed]) => {
        const forward = exactly(format, a, null, policy);
        const sum = oracleExactSum(a);
        // Operands are exact: only the result is rounded, and it is never an operand to be flushed.
        const { value } = oracleRound(format, { ...policy, subnormals: outputsOnly(policy.subnormals) }, sum);
        if (policy.rounding !== 'stochastic')
          expect(forward.value).toBe(value === 0 && approximately(sum) === 0 ? 0 : value);
        const shuffled = a.map((x, i) => [Math.imul(i + 1, seed | 1) >>> 0, x] as const).sort((p, q) => p[0] - q[0]);
        expect(
          exactly(
            format,
            shuffled.map(([, x]) => x),
            null,
            policy,
          ).value,
        ).toBe(forward.value);
      }),
      seeded(1500),
    );
  });
});

function outputsOnly(subnormals: string): 'gradual' | 'flushOutputs' {
  return subnormals === 'flushOutputs' || subnormals === 'flushBoth' ? 'flushOutputs' : 'gradual';
}
