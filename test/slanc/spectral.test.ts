import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/index.ts';
import { frobeniusNorm, spectralNorm } from '../../src/slanc/index.ts';
import type { Tensor } from '../../src/tensors/index.ts';
import { generator } from '../random.ts';
import {
  arbitraryTensor,
  failure,
  frobenius,
  jacobi,
  matrix,
  multiply,
  timesDiagonal,
  transpose,
  vector,
} from './helpers.ts';

const seeded = (seed: string, rows: number, columns: number): Tensor => {
  const next = generator(seed);
  return { data: Float64Array.from({ length: rows * columns }, () => next() - 0.5), shape: [rows, columns] };
};
/** Orthonormal vectors, by reflections of the unit ones. */
const orthogonal = (seed: string, size: number): number[][] => {
  const next = generator(seed);
  const mirrors = [0, 1, 2].map(() => {
    const w = Array.from({ length: size }, () => next() - 0.5);
    return { w, half: w.reduce((sum, x) => sum + x * x, 0) / 2 };
  });
  return Array.from({ length: size }, (_, k) => {
    let x = Array.from({ length: size }, (_one, i): number => (i === k ? 1 : 0));
    for (const { w, half } of mirrors) {
      const part = w.reduce((sum, y, i) => sum + y * x[i], 0) / half;
      x = x.map((y, i) => y - part * w[i]);
    }
    return x;
  });
};

const shapes = fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 }));
const scaledMatrices = shapes.chain(([m, n]) => fc.tuple(arbitraryTensor(m, n), arbitraryTensor(n)));

describe('spectralNorm', () => {
  it('has a singular value by Jacobi rotations within its bound, and stops next to the largest', () => {
    fc.assert(
      fc.property(scaledMatrices, ([m, gamma]) => {
        const scaled = timesDiagonal(m, gamma);
        const { values } = jacobi(multiply(transpose(scaled), scaled));
        const singular = values.map((square) => Math.sqrt(Math.max(square, 0)));
        const { value, residual } = spectralNorm(m, { gamma, tolerance: 1e-6, maxIterations: 3_000_000 });
        const nearest = Math.min(...singular.map((sigma) => Math.abs(sigma - value)));
        expect(nearest).toBeLessThanOrEqual(residual / value + 1e-12 * value);
        // Singular values closer together than the tolerance count as one.
        expect(Math.abs(value / singular[0] - 1)).toBeLessThanOrEqual(1e-5);
        expect(value).toBeLessThanOrEqual(singular[0] * (1 + 1e-12));
      }),
      { numRuns: 500 },
    );
  });

  it('is not taken in by matrices of small integers', () => {
    // A start from multiples of the golden ratio is orthogonal to the top singular vector of this one.
    const m = matrix([1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1], [-4, 1, 4, 1]);
    const largest = Math.sqrt(jacobi(multiply(transpose(m), m)).values[0]);
    expect(spectralNorm(m).value).toBeCloseTo(largest, 7);
  });

  it('reports the residual of its own vector: it shrinks with the tolerance', () => {
    const m = seeded('residuals', 60, 40);
    const loose = spectralNorm(m, { tolerance: 1e-2 });
    const tight = spectralNorm(m, { tolerance: 1e-12 });
    expect(loose.residual).toBeLessThanOrEqual(1e-2 * loose.value ** 2);
    expect(tight.residual).toBeLessThan(loose.residual);
    expect(tight.iterations).toBeGreaterThan(loose.iterations);
    expect(spectralNorm(m)).toEqual(spectralNorm(m));
  });

  it('is the largest singular value, tall or wide, however near the others lie, on the engine and in loops alike', async () => {
    const engine = await createEngine();
    const [u, v] = [orthogonal('left', 90), orthogonal('right', 70)];
    const spectra: (readonly [string, (i: number) => number])[] = [
      ['falling', (i) => 0.9 ** i],
      ['three that nearly coincide', (i) => (i < 3 ? 1 - i * 1e-9 : 0.5)],
      ['three that coincide', (i) => (i < 3 ? 2 : 1)],
      ['nine that nearly coincide', (i) => (i < 9 ? 1 - i * 1e-6 : 0.3)],
      ['flat', (i) => 1 - i / 1000],
    ];
    for (const [name, value] of spectra) {
      const data = new Float64Array(90 * 70);
      for (let k = 0; k < 70; k++) {
        for (let i = 0; i < 90; i++) for (let j = 0; j < 70; j++) data[i * 70 + j] += value(k) * u[k][i] * v[k][j];
      }
      const tall = { data, shape: [90, 70] };
      for (const m of [tall, transpose(tall)]) {
        const found = spectralNorm(m, { engine });
        expect(Math.abs(found.value - value(0)), name).toBeLessThan(1e-8);
        expect(found.residual, name).toBeLessThanOrEqual(1e-8 * found.value ** 2);
        expect(found.iterations, name).toBeLessThan(120);
        expect(spectralNorm(m), name).toEqual(found);
      }
    }
  });

  it('knows simple matrices', () => {
    expect(spectralNorm(matrix([0, 0], [0, 0]))).toEqual({ value: 0, residual: 0, iterations: 1 });
    expect(spectralNorm(matrix([1, 0], [0, 1])).value).toBeCloseTo(1, 15);
    expect(spectralNorm(matrix([3, 4])).value).toBeCloseTo(5, 7);
    expect(spectralNorm({ data: new Float32Array([0, 7]), shape: [2, 1] }).value).toBe(7);
  });

  it('fails rather than return a value that has not converged', () => {
    const m = seeded('slow', 200, 200);
    expect(failure(() => spectralNorm(m, { tolerance: 1e-12, maxIterations: 3 }))).toBe('range options.maxIterations');
  });

  it('refuses bad input', () => {
    const m = matrix([1, 2], [3, 4]);
    expect(failure(() => spectralNorm(matrix([1, NaN])))).toBe('value matrix.data[1]');
    expect(failure(() => spectralNorm(matrix([1, Infinity])))).toBe('value matrix.data[1]');
    expect(failure(() => spectralNorm(matrix([1e-200, 0])))).toBe('range matrix');
    expect(failure(() => spectralNorm(vector(1, 2)))).toBe('shape matrix');
    expect(failure(() => spectralNorm({ data: new Float64Array(0), shape: [0, 4] }))).toBe('shape matrix');
    expect(failure(() => spectralNorm({ data: new Float64Array(5), shape: [2, 2] }))).toBe('shape matrix');
    expect(failure(() => spectralNorm([1, 2] as never))).toBe('type matrix');
    expect(failure(() => spectralNorm(m, { gamma: vector(1, 2, 3) }))).toBe('shape options.gamma');
    expect(failure(() => spectralNorm(m, { tolerance: NaN }))).toBe('range options.tolerance');
    expect(failure(() => spectralNorm(m, { tolerance: 0 }))).toBe('range options.tolerance');
    expect(failure(() => spectralNorm(m, { maxIterations: 0 }))).toBe('range options.maxIterations');
    expect(failure(() => spectralNorm(m, { iterations: 5 } as never))).toBe('name options.iterations');
  });
});

describe('frobeniusNorm', () => {
  it('is the root of the sum of squares, with and without Γ', () => {
    fc.assert(
      fc.property(scaledMatrices, ([m, gamma]) => {
        expect(frobeniusNorm(m)).toBeCloseTo(frobenius(m), 10);
        expect(frobeniusNorm(m, { gamma })).toBeCloseTo(frobenius(timesDiagonal(m, gamma)), 10);
      }),
    );
  });

  it('refuses bad input', () => {
    expect(failure(() => frobeniusNorm(matrix([NaN])))).toBe('value matrix.data[0]');
    expect(failure(() => frobeniusNorm(matrix([1]), { gamma: vector(1, 2) }))).toBe('shape options.gamma');
    expect(failure(() => frobeniusNorm(matrix([1]), { gama: vector(1) } as never))).toBe('name options.gama');
  });
});
