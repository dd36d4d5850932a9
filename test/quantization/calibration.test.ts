import { describe, expect, it } from 'vitest';
import { createCalibration, integerQuantizerForRanges, observe } from '../../src/quantization/index.ts';
import { failure, matrix, vector } from './helpers.ts';

describe('calibration', () => {
  it('keeps the extremes of all batches', () => {
    const seen = [vector(1, -2), vector(5, 0), vector(-1)].reduce(observe, createCalibration());
    expect(seen).toMatchObject({ method: 'static', momentum: null, batches: 3, ranges: [{ min: -2, max: 5 }] });
    expect(integerQuantizerForRanges(seen.ranges, { bits: 8, symmetric: false }).zeroPoints).toEqual([73]);
  });

  it('follows a moving average, which the first batch starts', () => {
    const seen = [vector(0, 8), vector(0, 16), vector(-4, 0)].reduce(
      observe,
      createCalibration({ method: 'ema', momentum: 0.5 }),
    );
    expect(seen.ranges).toEqual([{ min: -2, max: 6 }]);
  });

  it('follows every column apart', () => {
    const seen = observe(
      createCalibration({ per: 'column' }),
      matrix([
        [1, 10],
        [-1, 20],
      ]),
    );
    expect(seen.ranges).toEqual([
      { min: -1, max: 1 },
      { min: 10, max: 20 },
    ]);
    expect(failure(() => observe(seen, matrix([[1, 2, 3]])))).toBe('shape batch');
  });

  it('changes nothing that it was given, and refuses bad options and data', () => {
    const start = createCalibration();
    observe(start, vector(1));
    expect(start).toMatchObject({ batches: 0, ranges: [] });
    expect(failure(() => createCalibration({ momentum: 0.5 }))).toBe('unsupported options.momentum');
    expect(failure(() => createCalibration({ method: 'ema', momentum: 1 }))).toBe('range options.momentum');
    expect(failure(() => observe(start, vector(Number.NaN)))).toBe('value batch[0]');
  });
});
