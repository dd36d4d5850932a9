import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Unit } from '../../src/arithmetic/unit.ts';
import {
  biases,
  floatCodes,
  floatGridValues,
  floatQuantizer,
  floatQuantizerForMax,
  gridFormat,
  gridNames,
  quantizeFloat,
  usualGrid,
} from '../../src/quantization/index.ts';
import { decode, resolvePolicy } from '../../src/rounding/index.ts';
import { generator, normal } from '../random.ts';
import { failure, filled, matrix, vector } from './helpers.ts';

/** papers.md §2.2: grids at b̃ = 0. */
const grids: Record<string, readonly number[]> = {
  e1m2: [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5],
  e2m1: [0, 1, 2, 3, 4, 6, 8, 12],
  e3m0: [0, 2, 4, 8, 16, 32, 64, 128],
  e2m2: [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 10, 12, 14],
};
const atZeroBias = (grid: string) => floatQuantizerForMax(grid, gridFormat(grid).max);
const quantized = (grid: string, x: number) => quantizeFloat(atZeroBias(grid), vector(x))[0];

describe('grids', () => {
  it.each(Object.entries(grids))('%s is the paper’s', (grid, values) => {
    const format = gridFormat(grid);
    expect(values.map((_, code) => decode(format, code))).toEqual(values);
    expect(format.codes).toBe(2 * values.length);
    expect(Object.is(atZeroBias(grid).scales[0], 1)).toBe(true);
  });

  it.each([
    ['e2m5', 15.75],
    ['e3m4', 248],
    ['e4m3', 61440],
    ['e5m2', 3758096384],
  ])('%s ends at %d with 128 magnitudes', (grid, max) => {
    expect(gridFormat(grid).max).toBe(max);
    expect(gridFormat(grid).codes).toBe(256);
  });

  it('are the search’s', () => {
    expect(gridNames(4)).toEqual(['e3m0', 'e2m1', 'e1m2']);
    expect(gridNames(6)).toEqual(['e5m0', 'e4m1', 'e3m2', 'e2m3', 'e1m4']);
    expect(gridNames(8)).toEqual(['e5m2', 'e4m3', 'e3m4', 'e2m5', 'e1m6']);
    expect([4, 6, 8].map(usualGrid)).toEqual(['e2m1', 'e3m2', 'e4m3']);
    expect(failure(() => gridFormat('e9m1'))).toBe('name grid');
    expect(failure(() => gridNames(2))).toBe('range bits');
  });
});

/** papers.md §2.2, half to even, b̃ = 0. */
const vectors: Record<string, readonly (readonly [number, number])[]> = {
  e2m1: [
    [0.5, 0],
    [0.75, 1],
    [1.5, 2],
    [2.5, 2],
    [3.5, 4],
    [5, 4],
    [5.01, 6],
    [7, 8],
    [10, 8],
    [10.1, 12],
    [13, 12],
    [-5.01, -6],
  ],
  e3m0: [
    [1, 0],
    [1.25, 2],
    [3.25, 4],
    [5, 4],
    [7, 8],
    [11, 8],
    [13, 16],
    [200, 128],
  ],
  e1m2: [
    [0.25, 0],
    [0.75, 1],
    [1.25, 1],
    [2.75, 3],
    [3.25, 3],
    [5, 3.5],
  ],
};

/** papers.md §2.2 with Q̃max = 0.9. */
const biasOf: Record<string, number> = {
  e1m2: 1.959358015503,
  e2m1: 3.736965594166,
  e3m0: 7.152003093445,
  e4m3: 16.058893689054,
  e5m2: 31.959358015503,
  e2m5: 4.129283016945,
  e3m4: 8.106199403832,
};
const at09: Record<string, readonly number[]> = {
  e2m1: [-0.45, 0.3, 0.075, 0],
  e3m0: [-0.45, 0.225, 0.1125, 0.028125],
  e1m2: [-0.5142857, 0.2571429, 0.1285714, 0],
  e4m3: [-0.48, 0.3, 0.0975, 0.03],
};

describe('quantizeFloat', () => {
  it.each(Object.entries(vectors))('rounds the vectors of %s', (grid, cases) => {
    for (const [x, y] of cases) expect([grid, x, quantized(grid, x)]).toEqual([grid, x, y]);
  });

  it.each(Object.entries(biasOf))('derives the bias of %s from Q̃max = 0.9', (grid, bias) => {
    expect(biases(floatQuantizer(vector(0.9), { grid }))[0]).toBeCloseTo(bias, 11);
  });

  it.each(Object.entries(at09))('quantizes with %s and Q̃max = 0.9', (grid, expected) => {
    const found = [...quantizeFloat(floatQuantizerForMax(grid, 0.9), vector(-0.5, 0.3, 0.1, 0.03))];
    expected.forEach((y, i) => {
      expect(found[i] + 0).toBeCloseTo(y, 7);
    });
  });

  it('rounds the exact quotient once: the unit’s division agrees, ties of α̃ among them', () => {
    const next = generator(1);
    for (const grid of ['e2m1', 'e3m0', 'e1m2', 'e4m3', 'e5m2', 'e3m4', 'e1m6', 'e4m1']) {
      const format = gridFormat(grid);
      const unit = new Unit(format, resolvePolicy(format));
      for (let trial = 0; trial < 60; trial++) {
        const quantizer = floatQuantizerForMax(grid, (0.01 + next()) * 4 ** (next() * 8 - 4));
        const scale = quantizer.scales[0];
        // Midpoints times α̃, their neighbours, and others.
        const xs: number[] = [];
        for (let i = 0; i < 20; i++) {
          const code = Math.floor(next() * (format.codes / 2 - 1));
          const middle = ((decode(format, code) + decode(format, code + 1)) / 2) * scale;
          xs.push(middle, -middle, middle * (1 + 2 ** -52), middle * (1 - 2 ** -53), normal(next) * format.max * scale);
        }
        expect([grid, scale, ...floatGridValues(quantizer, vector(...xs))]).toEqual([
          grid,
          scale,
          ...xs.map((x) => unit.divide(x, scale)),
        ]);
      }
    }
  });

  it('asks for the remainder where the quotient sits on a midpoint', () => {
    // fl(middle · α̃) / α̃ computes to the midpoint itself, while the exact quotient may lie on either side.
    const format = gridFormat('e2m1');
    const unit = new Unit(format, resolvePolicy(format));
    const wrong: unknown[] = [];
    let onMidpoint = 0;
    const next = generator(7);
    for (let trial = 0; trial < 4000; trial++) {
      const scale = 1 + Math.floor(next() * 2 ** 20) * 2 ** -52;
      for (const middle of [0.5, 1.5, 2.5, 3.5, 5, 7, 10]) {
        const x = middle * scale;
        if (x / scale === middle && unit.divide(x, scale) !== unit.round(middle)) onMidpoint++;
        const quantizer = { kind: 'float', grid: 'e2m1', granularity: 'tensor', scales: [scale] } as const;
        if (floatGridValues(quantizer, vector(x))[0] !== unit.divide(x, scale)) wrong.push([x, scale]);
      }
    }
    expect(wrong).toEqual([]);
    expect(onMidpoint).toBeGreaterThan(100);
  });

  it('has a scale a row where asked', () => {
    const w = matrix([
      [1, -12],
      [6, 0.5],
    ]);
    const quantizer = floatQuantizer(w, { grid: 'e2m1', granularity: 'channel' });
    expect(quantizer.scales).toEqual([1, 0.5]);
    expect([...quantizeFloat(quantizer, w)]).toEqual([1, -12, 6, 0.5]);
    expect([...floatCodes(quantizer, w)]).toEqual([1, 15, 7, 1]);
    expect(Object.isFrozen(quantizer) && Object.isFrozen(quantizer.scales)).toBe(true);
    expect(JSON.parse(JSON.stringify(quantizer))).toEqual(quantizer);
  });

  it('keeps zeros, and maxima far above the grid or far below', () => {
    const zeros = filled(2, 3, () => 0);
    expect([...quantizeFloat(floatQuantizer(zeros, { grid: 'e2m1', granularity: 'channel' }), zeros)]).toEqual(
      Array(6).fill(0),
    );
    for (const max of [1e100, 12, 11.999, 1e-100]) {
      const x = vector(max, -max / 2);
      const [a, b] = quantizeFloat(floatQuantizer(x, { grid: 'e2m1' }), x);
      expect(Math.abs(a / max - 1)).toBeLessThan(2 ** -51);
      expect(Math.abs(b / max + 0.5)).toBeLessThan(2 ** -51);
    }
  });

  it('refuses what it cannot hold', () => {
    const quantizer = floatQuantizerForMax('e2m1', [1, 2]);
    expect(failure(() => quantizeFloat(quantizer, vector(1, 2, 3)))).toBe('shape quantizer.scales');
    expect(failure(() => quantizeFloat(quantizer, matrix([[1], [Number.NaN]])))).toBe('value x[1]');
    expect(failure(() => floatQuantizer(vector(Number.POSITIVE_INFINITY), { grid: 'e2m1' }))).toBe('value x[0]');
    expect(failure(() => floatQuantizer(vector(1e-300), { grid: 'e2m1' }))).toBe('range x');
    expect(failure(() => floatQuantizerForMax('e2m1', 0))).toBe('range max[0]');
    expect(failure(() => floatQuantizer(vector(), { grid: 'e2m1' }))).toBe('shape x');
  });

  it('is idempotent, odd and monotone', () => {
    const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(
        fc.constantFrom('e2m1', 'e3m0', 'e1m2', 'e3m2', 'e4m3'),
        fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
        number,
        number,
        (grid, max, a, b) => {
          const quantizer = floatQuantizerForMax(grid, max);
          const [low, high, minus] = floatGridValues(
            quantizer,
            vector(Math.min(a, b), Math.max(a, b), -Math.max(a, b)),
          );
          expect(low).toBeLessThanOrEqual(high);
          expect(minus).toBe(-high);
          const once = quantizeFloat(quantizer, vector(a))[0];
          expect(quantizeFloat(quantizer, vector(once))[0]).toBe(once);
        },
      ),
    );
  });
});
