import { describe, expect, it } from 'vitest';
import {
  floatQuantizer,
  gridFormat,
  quantizeFloat,
  quantizeShifted,
  shiftedGridValues,
  shiftedQuantizer,
  shiftWeights,
} from '../../src/quantization/index.ts';
import { makeShiftedQuantizer, roundedLogRatio, type ShiftReading } from '../../src/quantization/preshift.ts';
import { generator, normal } from '../random.ts';
import { failure, filled, matrix, naiveProduct } from './helpers.ts';

describe('shiftedQuantizer', () => {
  const x = matrix([
    [8, 0.5, 0.06],
    [-3, 0.2, -0.03],
  ]);

  it('gives the example of papers.md §2.5', () => {
    const quantizer = shiftedQuantizer(x, { grid: 'e2m1' });
    expect(quantizer.shifts).toEqual([0, 3, 3]);
    expect(-Math.log2(quantizer.scale)).toBeCloseTo(0.5849625, 7);
    const expected = [8, 0.5, 0.083333, -2.66667, 0.166667, 0];
    [...quantizeShifted(quantizer, x)].forEach((y, i) => {
      expect(y + 0).toBeCloseTo(expected[i], 5);
    });
  });

  it('reads Eq. 15 both ways, which can differ by one', () => {
    // ρ̃ = 0.4 and b̃ = 1.55: round(1.15) = 1, round(1.55) − round(0.4) = 2.
    const max = gridFormat('e2m1').max;
    const y = matrix([[max * 2 ** -0.4, max * 2 ** -1.55]]);
    expect(shiftedQuantizer(y, { grid: 'e2m1', reading: 'difference' }).shifts).toEqual([0, 1]);
    expect(shiftedQuantizer(y, { grid: 'e2m1', reading: 'rounded' }).shifts).toEqual([0, 2]);
  });

  it('read as `rounded` clips no channel where ρ̃ is just above n + 1/2; read as `difference` clips some at any ρ̃', () => {
    const format = gridFormat('e4m3');
    // Real biases from 4 to 12 above the tensor's, with fractional parts all over [0, 1).
    const next = generator(5);
    const own = Array.from({ length: 40 }, (_, j) => 4 + (j % 8) + next());
    const maxima = own.map((b) => format.max * 2 ** -b);
    const clipped = (reading: ShiftReading, rho: number) => {
      const { scale, shifts } = makeShiftedQuantizer('e4m3', 2 ** -rho, maxima, reading);
      return maxima.filter((max, j) => max > format.max * scale * 2 ** -shifts[j]).length;
    };
    for (const n of [0, 1, 2, 3]) expect(clipped('rounded', n + 0.5 + 1e-9)).toBe(0);
    // Just below, by the same formula, every channel falls short of its maximum.
    expect(clipped('rounded', 2.5 - 1e-9)).toBe(40);
    for (let rho = 0; rho < 4; rho += 1 / 64) expect(clipped('difference', rho)).toBeGreaterThan(10);
  });

  it('clips shifts to 2^e − 1 and gives a channel of zeros the largest', () => {
    const wide = matrix([[1, 2 ** -20, 0]]);
    expect(shiftedQuantizer(wide, { grid: 'e2m1' }).shifts).toEqual([0, 3, 3]);
    expect(shiftedQuantizer(wide, { grid: 'e3m0' }).shifts).toEqual([0, 7, 7]);
    expect(shiftedQuantizer(wide, { grid: 'e1m2' }).shifts).toEqual([0, 1, 1]);
    const zeros = matrix([[0, 0]]);
    expect([...quantizeShifted(shiftedQuantizer(zeros, { grid: 'e2m1' }), zeros)]).toEqual([0, 0]);
  });

  it('costs little more than a real bias a channel, as on §2.5’s 32 channels: 8.08, 5.44, 4.98', () => {
    // Those are of one draw of unknown numbers; here the means of thirty.
    const next = generator(32);
    const [rows, inputs, outputs, draws] = [64, 32, 16, 30];
    const errors = [0, 0, 0];
    for (let draw = 0; draw < draws; draw++) {
      const scales = Array.from({ length: inputs }, () => 2 ** (9 * next() - 6));
      const y = filled(rows, inputs, (_, j) => normal(next) * scales[j]);
      const columns = filled(inputs, rows, (j, i) => y.data[i * inputs + j]);
      const w = filled(outputs, inputs, () => normal(next));
      const quantized = quantizeFloat(floatQuantizer(w, { grid: 'e2m1', granularity: 'channel' }), w);
      const wanted = naiveProduct(y.data as Float64Array, w.data as Float64Array, inputs);
      const perChannel = quantizeFloat(floatQuantizer(columns, { grid: 'e2m1', granularity: 'channel' }), columns);
      [
        quantizeFloat(floatQuantizer(y, { grid: 'e2m1' }), y),
        quantizeShifted(shiftedQuantizer(y, { grid: 'e2m1' }), y),
        y.data.map((_, i) => perChannel[(i % inputs) * rows + Math.floor(i / inputs)]),
      ].forEach((x, way) => {
        const found = naiveProduct(x as Float64Array, quantized, inputs);
        errors[way] += found.reduce((sum, value, i) => sum + (value - wanted[i]) ** 2, 0) / (wanted.length * draws);
      });
    }
    const [tensor, shifted, channel] = errors;
    expect(tensor).toBeGreaterThan(5);
    expect(tensor).toBeLessThan(10);
    expect(tensor / shifted).toBeGreaterThan(1.4);
    expect(tensor / shifted).toBeLessThan(1.9);
    expect(shifted / channel).toBeGreaterThan(1.02);
    expect(shifted / channel).toBeLessThan(1.15);
  });

  it('refuses other channels', () => {
    const quantizer = shiftedQuantizer(x, { grid: 'e2m1' });
    expect(failure(() => quantizeShifted(quantizer, matrix([[1, 2]])))).toBe('shape x');
    expect(failure(() => shiftWeights(quantizer, matrix([[1, 2]])))).toBe('shape w');
    expect(failure(() => shiftedQuantizer(x, { grid: 'e2m1', reading: 'floor' as never }))).toBe(
      'name options.reading',
    );
  });
});

describe('Eq. 19: (per-channel quantized X) · W = X̃ · (β ⊙ W̃)', () => {
  it.each(['e2m1', 'e3m0', 'e1m2', 'e3m2', 'e4m3'])('holds bit for bit in binary64 with %s', (grid) => {
    const next = generator(11);
    const inputs = 24;
    const spread = Array.from({ length: inputs }, () => 2 ** (9 * next() - 6));
    const x = filled(16, inputs, (_, j) => normal(next) * spread[j]);
    const w = filled(12, inputs, () => normal(next));
    for (const reading of ['difference', 'rounded'] as const) {
      const quantizer = shiftedQuantizer(x, { grid, reading });
      expect(new Set(quantizer.shifts).size).toBeGreaterThan(1);
      // α̃ is a real number: taken as a power of two, every product below is exact, and so is the order.
      const exact = { ...quantizer, scale: 2 ** Math.round(Math.log2(quantizer.scale)) };
      const weights = quantizeFloat({ ...floatQuantizer(w, { grid: 'e2m1' }), scales: [2 ** -3] }, w);
      const left = naiveProduct(quantizeShifted(exact, x), weights, inputs);
      const right = naiveProduct(
        shiftedGridValues(exact, x),
        shiftWeights(exact, { data: weights, shape: w.shape }),
        inputs,
      );
      expect(left).toEqual(right.map((value) => value * exact.scale));
      // With the real α̃ the right side is still the sum that the left one rounds: grid values on both sides.
      const gridLeft = shiftedGridValues(quantizer, x).map((value, i) => value * 2 ** -quantizer.shifts[i % inputs]);
      expect(naiveProduct(gridLeft, weights, inputs)).toEqual(
        naiveProduct(
          shiftedGridValues(quantizer, x),
          shiftWeights(quantizer, { data: weights, shape: w.shape }),
          inputs,
        ),
      );
    }
  });

  it('quantizes channel j as 2^−b · Q(2^b · x)', () => {
    const next = generator(3);
    const x = filled(8, 5, (_, j) => normal(next) * 4 ** -j);
    const quantizer = shiftedQuantizer(x, { grid: 'e2m1' });
    const plain = { kind: 'float', grid: 'e2m1', granularity: 'tensor', scales: [quantizer.scale] } as const;
    const raised = x.data.map((value, i) => value * 2 ** quantizer.shifts[i % 5]) as Float64Array;
    const expected = quantizeFloat(plain, { data: raised, shape: x.shape }).map(
      (value, i) => value * 2 ** -quantizer.shifts[i % 5],
    );
    expect(quantizeShifted(quantizer, x)).toEqual(expected);
  });
});

describe('roundedLogRatio', () => {
  it('is round(log2(a / b)), decided exactly beside √2', () => {
    // Both constants are the binary64 numbers next above their roots.
    const [high, half] = [Math.SQRT2, Math.SQRT1_2];
    expect([1, high - 2 ** -52, high, 2, half - 2 ** -53, half].map((a) => roundedLogRatio(a, 1))).toEqual([
      0, 0, 1, 1, -1, 0,
    ]);
    const next = generator(5);
    for (let i = 0; i < 2000; i++) {
      const a = (0.1 + next()) * 4 ** (next() * 20 - 10);
      const b = (0.1 + next()) * 4 ** (next() * 20 - 10);
      expect(roundedLogRatio(a, b)).toBe(Math.round(Math.log2(a / b)) + 0);
    }
  });
});
