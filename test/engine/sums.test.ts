import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reduction } from '../../src/accumulators/index.ts';
import { createEngine } from '../../src/engine/index.ts';
import { binary32, type FloatFormat } from '../../src/formats/index.ts';
import { dot, sum } from '../../src/kernels/index.ts';
import { sumKernel } from '../../src/kernels/sum.ts';
import { roundTo } from '../../src/rounding/index.ts';
import { fp16 } from '../../src/targets/index.ts';
import { generator } from '../random.ts';
import { runsOf, seeded, share } from '../testing/helpers.ts';
import { anyReduction, anyStep, anyVectorTarget, expectTwins, samples } from './helpers.ts';

const chain: Reduction = { kind: 'sequential', accumulator: { kind: 'float', rounding: roundTo(binary32) } };
const engine = await createEngine();

describe('sums and dot products on the engine', () => {
  it('agree with the specification for random units, orders, shapes and data', () => {
    fc.assert(
      fc.property(
        anyVectorTarget(),
        anyReduction(),
        fc.nat(20),
        fc.nat(40),
        fc.nat(),
        fc.boolean(),
        (target, reduction, rows, width, which, isSingle) => {
          const format = target.vectorUnits.vector.load.format as FloatFormat;
          const data = (k: number) => {
            const own = samples(format, rows * width)[k % 7]!;
            return isSingle ? Float32Array.from(own) : own;
          };
          const [x, y] = [data(which), data(which >> 4)];
          expectTwins((options) => sum(x, { rows, width, target, reduction, ...options }), engine);
          expectTwins((options) => dot(x, y, { rows, width, target, unit: 'vector', ...options }), engine);
        },
      ),
      seeded(1000),
    );
  });

  it('agree on a fresh engine, whose memory grows at whatever part a run takes', async () => {
    const next = generator(7);
    for (const width of share < 1 ? [100, 9000, 40_000] : [100, 3000, 9000, 20_000, 40_000, 70_000]) {
      for (const reduction of [undefined, { kind: 'strided', lanes: 3, within: chain, across: chain }] as const) {
        const x = Float64Array.from({ length: 3 * width }, () => next() - 0.5);
        const fresh = await createEngine();
        expectTwins((options) => sum(x, { rows: 3, width, target: fp16, reduction, ...options } as never), fresh);
        expectTwins((options) => dot(x, x, { rows: 3, width, target: fp16, ...options }), await createEngine());
      }
    }
  });

  it('agree for accumulators of every kind, with a target and without', () => {
    const register = fc.record({
      kind: fc.constant('integer' as const),
      bits: fc.integer({ min: 4, max: 40 }),
      overflow: fc.constantFrom('saturate' as const, 'wrap' as const),
      when: fc.constantFrom('everyStep' as const, 'atEnd' as const, { every: 3 }),
    });
    const whole = fc.record({
      fractionBits: fc.integer({ min: 5, max: 30 }),
      lost: fc.constantFrom('truncate' as const, 'floor' as const, 'odd' as const),
      zeroRule: fc.constantFrom('out' as const, 'mmasim1' as const),
      output: anyStep(),
    });
    const accumulators = fc.oneof(
      register,
      whole.map((fields) => ({ kind: 'aligned' as const, ...fields })),
      anyStep().map((output) => ({ kind: 'exact' as const, output })),
      anyStep().map((rounding) => ({ kind: 'kahan' as const, rounding })),
      anyStep().map((rounding) => ({ kind: 'neumaier' as const, rounding })),
      anyStep().map((rounding) => ({ kind: 'float' as const, rounding })),
    );
    let twins = 0;
    fc.assert(
      fc.property(
        anyVectorTarget(),
        accumulators,
        fc.integer({ min: 1, max: 9 }),
        fc.nat(20),
        fc.nat(40),
        fc.nat(),
        (target, accumulator, size, rows, width, which) => {
          const kind =
            (['pairwise', 'butterfly', 'sequential', 'sequential', 'sequential'] as const)[which % 5] ?? 'sequential';
          const isWhole = ['integer', 'aligned', 'exact'].includes(accumulator.kind);
          const leaf = kind !== 'sequential' && !isWhole && which % 11 > 5 ? ({ leaf: 'element' } as const) : {};
          const within: Reduction = { kind, accumulator, ...leaf };
          const across = kind === 'sequential' ? 'chain' : within;
          const reduction: Reduction = which % 2 ? within : { kind: 'tiled', size, within, across };
          const format = target.vectorUnits.vector.load.format as FloatFormat;
          const random = generator(which);
          const integers = Float64Array.from({ length: rows * width }, () => Math.floor((random() - 0.5) * 1000));
          const isInteger = accumulator.kind === 'integer' && which % 7 !== 0;
          const x = isInteger ? integers : samples(format, rows * width)[(which >> 4) % 7]!;
          if (which % 37 === 0 && x.length > 0) x[0] = 1.7e308;
          const shape = { rows, width, reduction, ...(which % 3 || isInteger ? {} : { target }) };
          if (sumKernel.compile?.(sumKernel.plan(shape), engine) !== null) twins++;
          expectTwins((options) => sum(x, { ...shape, ...options }), engine);
          expectTwins((options) => sum(Float32Array.from(x), { ...shape, ...options }), engine);
        },
      ),
      seeded(1500),
    );
    expect(twins).toBeGreaterThan((2 / 3) * runsOf(1500));
  }, 120_000);

  it('agree for products summed with compensation', () => {
    fc.assert(
      fc.property(
        anyVectorTarget(),
        fc.constantFrom('kahan' as const, 'neumaier' as const),
        fc.nat(12),
        fc.nat(30),
        fc.nat(),
        (any, kind, rows, width, which) => {
          const accumulator = { kind, rounding: any.vectorUnits.vector.accumulate };
          const vector = { ...any.vectorUnits.vector, reduction: { kind: 'sequential' as const, accumulator } };
          const format = any.vectorUnits.vector.load.format as FloatFormat;
          const [x, y] = [which, which >> 4].map((k) => samples(format, rows * width)[k % 7]!) as [
            Float64Array,
            Float64Array,
          ];
          const shape = { rows, width, target: { ...any, vectorUnits: { vector } }, unit: 'vector' };
          expectTwins((options) => dot(x, y, { ...shape, ...options }), engine);
        },
      ),
      seeded(500),
    );
  });
});
