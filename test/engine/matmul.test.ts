import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/index.ts';
import { binary16, type FloatFormat } from '../../src/formats/index.ts';
import { matmul } from '../../src/kernels/index.ts';
import { defineTarget, fp16, type Target } from '../../src/targets/index.ts';
import { anyStep, anyVectorTarget, expectTwins, samples } from './helpers.ts';

const engine = await createEngine();
void defineTarget;

/** A target of one matrix unit that multiplies and adds by steps. */
function unitOf(steps: { a: never; product: never; sum: never; addend: never; output: never; isFused: boolean }): Target {
  const { a, product, sum, addend, output, isFused } = steps as never as Record<string, { format: FloatFormat; policy: object }> & { isFused: boolean };
  return {
    ...fp16,
    matrix: [
      {
        name: 'unit',
        instructions: '',
        a: [a!.format],
        b: [a!.format],
        mixes: 'same',
        load: {},
        zeroOperands: 'signed',
        k: 1,
        scale: null,
        product: isFused ? null : product,
        reduction: { kind: 'tiled', size: 3, within: { kind: 'sequential', accumulator: { kind: 'float', step: sum, fused: isFused } }, across: 'chain' },
        addend,
        output,
        source: '',
        verified: 'definition',
        confidence: '',
      },
    ],
  } as never;
}

describe('matmul on the engine', () => {
  it('agrees with the specification on generic vector units and every class of data', () => {
    for (const [m, k, n] of [[1, 1, 1], [3, 7, 17], [5, 33, 40], [2, 0, 3], [0, 4, 4], [4, 5, 0]] as const) {
      const left = samples(binary16, m * k);
      const right = samples(binary16, k * n);
      left.forEach((a, which) => {
        const b = right[(which * 3 + 1) % right.length]!;
        for (const target of [fp16]) {
          expectTwins((options) => matmul(a, b, { m, n, k, target, ...options }), engine);
          expectTwins((options) => matmul(Float32Array.from(a), Float32Array.from(b), { m, n, k, target, ...options }), engine);
        }
      });
    }
  });

  it('agrees for random vector units, shapes and data', () => {
    fc.assert(
      fc.property(anyVectorTarget(), fc.nat(4), fc.nat(20), fc.nat(40), fc.nat(), fc.boolean(), (target, m, k, n, which, hasAddend) => {
        const { format } = target.vector.load;
        const all = samples(format as FloatFormat, m * k);
        const other = samples(format as FloatFormat, k * n);
        const a = all[which % all.length]!;
        const b = other[(which >> 4) % other.length]!;
        const c = hasAddend ? samples(format as FloatFormat, m * n)[which % 7]! : undefined;
        expectTwins((options) => matmul(a, b, { m, n, k, target, unit: 'vector', ...(c ? { c } : {}), ...options }), engine);
      }),
      { numRuns: 600 },
    );
  });

  it('agrees for random matrix units that multiply and add', () => {
    const units = fc.record({ a: anyStep(), product: anyStep(), sum: anyStep(), addend: anyStep(), output: anyStep(), isFused: fc.boolean() });
    fc.assert(
      fc.property(units, fc.boolean(), fc.nat(4), fc.nat(20), fc.nat(40), fc.nat(), (steps, isOne, m, k, n, which) => {
        const target = unitOf((isOne ? { ...steps, product: steps.sum, addend: steps.sum, output: steps.sum } : steps) as never);
        const { format } = steps.a;
        const a = samples(format as FloatFormat, m * k)[which % 7]!;
        const b = samples(format as FloatFormat, k * n)[(which >> 4) % 7]!;
        const c = which % 3 === 0 ? samples(format as FloatFormat, m * n)[which % 7]! : undefined;
        expectTwins((options) => matmul(a, b, { m, n, k, target, unit: 'unit', ...(c ? { c } : {}), ...options }), engine);
      }),
      { numRuns: 1500 },
    );
  });

  it('gives the same values where nothing is counted', () => {
    const [a, b] = [samples(binary16, 6 * 50)[0]!, samples(binary16, 50 * 33)[0]!];
    for (const target of [fp16]) {
      const shape = { m: 6, k: 50, n: 33, target };
      const counted = matmul(a, b, { ...shape, engine: null });
      const values = matmul(a, b, { ...shape, engine, record: 'off' });
      expect(values.output).toEqual(counted.output);
      expect(values.report.totals.inexact).toBeNaN();
      expect(values.report.ok).toBe(false);
    }
  });
});
