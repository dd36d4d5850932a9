import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  floatQuantizer,
  integerCodes,
  integerQuantizer,
  integerQuantizerForRanges,
  quantizeFloat,
  quantizeInteger,
} from '../../src/quantization/index.ts';
import { generator, normal } from '../random.ts';
import { failure, filled, matrix, vector } from './helpers.ts';

describe('integerQuantizer', () => {
  it('is symmetric over ±(2^(b−1) − 1), for 2–16 bits', () => {
    for (let bits = 2; bits <= 16; bits++) {
      const quantizer = integerQuantizer(vector(-1, 3), { bits });
      const top = 2 ** (bits - 1) - 1;
      expect([quantizer.low, quantizer.high, quantizer.scales]).toEqual([-top, top, [3 / top]]);
      expect([...integerCodes(quantizer, vector(-3, 3, 0, 100, -100))]).toEqual([-top, top, 0, top, -top]);
    }
    for (const bits of [1, 17]) expect(failure(() => integerQuantizer(vector(1), { bits }))).toBe('range options.bits');
  });

  it('is asymmetric over 0 … 2^b − 1 and keeps 0 exact', () => {
    const quantizer = integerQuantizer(vector(-1, 3), { bits: 2, symmetric: false });
    expect(quantizer.scales[0]).toBe(4 / 3);
    expect(quantizer.zeroPoints).toEqual([1]);
    expect([...integerCodes(quantizer, vector(-1, 0, 0.7, 3, 9))]).toEqual([0, 1, 2, 3, 3]);
    expect(quantizeInteger(quantizer, vector(0))[0]).toBe(0);
    // All of one sign: the range still holds 0.
    expect(integerQuantizer(vector(5, 6), { bits: 4, symmetric: false }).zeroPoints).toEqual([0]);
    expect(integerQuantizer(vector(-5, -6), { bits: 4, symmetric: false }).zeroPoints).toEqual([15]);
  });

  it('has one scale a tensor, a row, or a group whose last one may be short', () => {
    const x = matrix([
      [1, 2, 3, 4, 5],
      [-7, 0, 0, 0, 14],
    ]);
    const scales = (options: object) => integerQuantizer(x, { bits: 4, ...options }).scales;
    expect(scales({})).toEqual([2]);
    expect(scales({ granularity: 'channel' })).toEqual([5 / 7, 2]);
    expect(scales({ granularity: 'token' })).toEqual([5 / 7, 2]);
    expect(scales({ granularity: 'group', groupSize: 2 })).toEqual([2 / 7, 4 / 7, 5 / 7, 1, 1, 2]);
    const grouped = integerQuantizer(x, { bits: 4, granularity: 'group', groupSize: 2 });
    expect([...integerCodes(grouped, x)]).toEqual([4, 7, 5, 7, 7, -7, 0, 0, 0, 7]);
    expect(failure(() => quantizeInteger(grouped, matrix([[1, 2, 3, 4, 5]])))).toBe('shape quantizer.scales');
    expect(failure(() => scales({ groupSize: 2 }))).toBe('unsupported options.groupSize');
    expect(failure(() => scales({ granularity: 'group' }))).toBe('type options.groupSize');
  });

  it('leaves out the outermost by percentile', () => {
    const x = vector(...Array.from({ length: 101 }, (_, i) => i - 50), 1000);
    const half = (percentile: number, symmetric: boolean) => {
      const { scales, high, low } = integerQuantizer(x, { bits: 8, symmetric, range: 'percentile', percentile });
      return Math.round(scales[0] * (high - (symmetric ? 0 : low)));
    };
    expect(half(100, true)).toBe(1000);
    expect(half(99, true)).toBe(50);
    expect(half(50, true)).toBe(26);
    expect(half(98, false)).toBe(50 + 49);
    expect(failure(() => half(0, true))).toBe('range options.percentile');
  });

  it('finds the clip of least squared error: none better by brute force', () => {
    const next = generator(9);
    const x = vector(...Array.from({ length: 200 }, () => normal(next) ** 3));
    for (const symmetric of [true, false]) {
      const quantizer = integerQuantizer(x, { bits: 3, symmetric, range: 'mse', candidates: 40 });
      const error = (scale: readonly number[], zero: readonly number[]) =>
        quantizeInteger({ ...quantizer, scales: scale, zeroPoints: zero }, x).reduce(
          (sum, y, i) => sum + (y - x.data[i]) ** 2,
          0,
        );
      const found = error(quantizer.scales, quantizer.zeroPoints);
      let least = Infinity;
      const min = Math.min(...x.data);
      const max = Math.max(...x.data);
      for (let i = 1; i <= 40; i++) {
        const range = symmetric ? { min: 0, max: Math.max(-min, max) } : { min, max };
        const shrunk = { min: (range.min * i) / 40, max: (range.max * i) / 40 };
        const { scales, zeroPoints } = integerQuantizerForRanges([shrunk], { bits: 3, symmetric });
        least = Math.min(least, error(scales, zeroPoints));
      }
      expect(found).toBe(least);
      const minMax = integerQuantizer(x, { bits: 3, symmetric });
      expect(found).toBeLessThan(error(minMax.scales, minMax.zeroPoints));
    }
  });

  it('keeps zeros and refuses what it cannot hold', () => {
    const zeros = filled(2, 2, () => 0);
    for (const symmetric of [true, false]) {
      const quantizer = integerQuantizer(zeros, { bits: 4, symmetric, granularity: 'channel', range: 'mse' });
      expect([...quantizeInteger(quantizer, zeros)]).toEqual([0, 0, 0, 0]);
    }
    expect(failure(() => integerQuantizer(vector(Number.NaN), { bits: 4 }))).toBe('value x[0]');
    expect(failure(() => integerQuantizer(vector(1e200), { bits: 4 }))).toBe('range x');
    expect(failure(() => integerQuantizerForRanges([{ min: 1, max: 0 }], { bits: 4 }))).toBe('range ranges[0]');
    expect(failure(() => integerQuantizer(vector(1), { bits: 4, range: 'all' as never }))).toBe('name options.range');
  });

  it('rounds the exact quotient once, ties to even (against exact fractions)', () => {
    const whole = (x: number) => BigInt(x * 2 ** 60);
    const next = generator(4);
    const found: unknown[] = [];
    const expected: unknown[] = [];
    let ties = 0;
    for (let trial = 0; trial < 400; trial++) {
      const scale = 1 + Math.floor(next() * 4096) * 2 ** -52;
      const x = (Math.floor(next() * 12) - 6 + 0.5) * scale;
      const quantizer = { ...integerQuantizerForRanges([{ min: 0, max: 1 }], { bits: 4 }), scales: [scale] };
      // floor(x / scale) and what is left, doubled, against the divisor.
      const divisor = whole(scale);
      let n = whole(x) / divisor;
      if (whole(x) < n * divisor) n -= 1n;
      const rest = 2n * (whole(x) - n * divisor);
      if (rest === divisor) ties++;
      if (rest > divisor || (rest === divisor && n % 2n !== 0n)) n += 1n;
      found.push([x, scale, integerCodes(quantizer, vector(x))[0]]);
      expected.push([x, scale, Number(n)]);
    }
    expect(found).toEqual(expected);
    expect(ties).toBeGreaterThan(50);
    expect(ties).toBeLessThan(350);
  });
});

describe('E1M2', () => {
  it('equals symmetric INT4 on all inputs', () => {
    const number = fc.oneof(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.double({ min: -1, max: 1, noNaN: true }),
      fc.integer({ min: -40, max: 40 }).map((n) => n / 4),
    );
    fc.assert(
      fc.property(fc.array(number, { minLength: 1, maxLength: 12 }), number, (values, extra) => {
        const calibration = vector(...values.map((v) => (Math.abs(v) < 1e-100 ? 0 : v)));
        const x = vector(...values, extra);
        const float = quantizeFloat(floatQuantizer(calibration, { grid: 'e1m2' }), x);
        const integer = quantizeInteger(integerQuantizer(calibration, { bits: 4 }), x);
        // Zeros are equal whatever their sign: integers have one.
        if (calibration.data.some((v) => v !== 0)) expect([...float].map((v) => v + 0)).toEqual([...integer]);
      }),
      { numRuns: 1000 },
    );
  });

  it('equals it on every midpoint and beside it', () => {
    for (let half = -16; half <= 16; half++) {
      for (const x of [half / 2, (half / 2) * (1 + 2 ** -52), (half / 2) * (1 - 2 ** -53)]) {
        const float = quantizeFloat(floatQuantizer(vector(7), { grid: 'e1m2' }), vector(x))[0];
        expect(float + 0).toBe(quantizeInteger(integerQuantizer(vector(7), { bits: 4 }), vector(x))[0]);
      }
    }
  });
});
