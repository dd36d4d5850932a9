import { describe, expect, it } from 'vitest';
import { defineAccumulator } from '../../src/accumulators/index.ts';
import { Reducer } from '../../src/accumulators/reducer.ts';
import { Recorder } from '../../src/events/recorder.ts';
import { binary16, binary32, type Format } from '../../src/formats/index.ts';
import { roundTo } from '../../src/rounding/index.ts';
import { failure } from '../testing/helpers.ts';

type Kind = 'float' | 'kahan' | 'neumaier';

function sum(kind: Kind, terms: readonly number[], format: Format = binary32): number {
  const reducer = new Reducer({ kind: 'sequential', accumulator: { kind, rounding: roundTo(format) } });
  return reducer.sum(Float64Array.from(terms), null, terms.length, new Recorder(['sum'], 0, 'counts', 0));
}

describe('compensated sums', () => {
  it('keep what a plain sum loses: a hundred thousand hundredths', () => {
    const x = Math.fround(0.01);
    const terms = new Array<number>(1e5).fill(x);
    const error = (kind: Kind): number => Math.abs(sum(kind, terms) - 1e5 * x);
    expect(error('float')).toBeGreaterThan(0.3);
    expect(error('kahan')).toBeLessThan(2 ** -13);
    // Its compensation is a plain sum itself, of small numbers.
    expect(error('neumaier')).toBeLessThan(2 ** -10);
  });

  it('keep ones beside a large sum: swamping', () => {
    const terms = [2 ** 24, ...new Array<number>(1000).fill(1)];
    expect(sum('float', terms)).toBe(2 ** 24);
    expect(sum('kahan', terms)).toBe(2 ** 24 + 1000);
    expect(sum('neumaier', terms)).toBe(2 ** 24 + 1000);
    expect(sum('kahan', [2048, 1, 1, 1, 1], binary16)).toBe(2052);
  });

  it('tell Kahan from Neumaier: 1 + 1e10 + 1 − 1e10 (Peters)', () => {
    const big = 2 ** 40;
    expect(sum('float', [1, big, 1, -big])).toBe(0);
    expect(sum('kahan', [1, big, 1, -big])).toBe(0);
    expect(sum('neumaier', [1, big, 1, -big])).toBe(2);
  });

  it('become NaN where the sum overflows, as their operations say', () => {
    expect(sum('float', [65504, 65504, 1], binary16)).toBe(Infinity);
    expect(sum('kahan', [65504, 65504, 1], binary16)).toBeNaN();
  });

  it('take rounded products and deterministic modes only', () => {
    const reducer = new Reducer({ kind: 'sequential', accumulator: { kind: 'kahan', rounding: roundTo(binary16) } });
    const ones = Float64Array.of(1, 1);
    const recorder = new Recorder(['sum'], 0, 'counts', 0);
    expect(failure(() => reducer.sum(ones, ones, 2, recorder))).toBe('unsupported accumulator');
    const random = { format: 'binary16', policy: { rounding: 'stochastic' } };
    expect(failure(() => defineAccumulator({ kind: 'kahan', rounding: random }))).toBe(
      'unsupported accumulator.rounding',
    );
  });
});
