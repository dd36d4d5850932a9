import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/index.ts';
import { binary16 } from '../../src/formats/index.ts';
import { layerNorm, rmsNorm } from '../../src/kernels/index.ts';
import { planNorm } from '../../src/specification/norm/plan.ts';
import { bf16, defineTarget, e4m3fnFp16, fp16, fp16Fp32Accumulate, fp16Fp32Compute } from '../../src/targets/index.ts';
import { compileNorm } from '../../src/twins/norm/norm.ts';
import { runsOf, seeded, shareOf } from '../testing/helpers.ts';
import { anyStep, anyVectorTarget, expectTwins, genericTargets, samples } from './helpers.ts';

const engine = await createEngine();

describe('norms on the engine', () => {
  it('agree with the specification on generic targets and every class of data', () => {
    let turn = 0;
    for (const target of genericTargets) {
      for (const width of [1, 7, 131]) {
        for (const data of shareOf(samples(binary16, 19 * width), turn++)) {
          const gamma = data.slice(0, width).map((v) => (Number.isFinite(v) ? Math.max(-2, Math.min(2, v)) : 1));
          expectTwins(
            (options) => layerNorm(data, { rows: 19, width, target, gamma, beta: gamma, scale: 0.25, ...options }),
            engine,
          );
          expectTwins(
            (options) =>
              layerNorm(Float32Array.from(data), {
                rows: 19,
                width,
                target,
                variance: 'onePass',
                negativeVariance: width === 7 ? 'keep' : 'clamp',
                ...options,
              }),
            engine,
          );
          expectTwins((options) => rmsNorm(data, { rows: 19, width, target, gamma, ...options }), engine);
        }
      }
    }
  });

  it('agree for random units, shapes and data', () => {
    fc.assert(
      fc.property(
        anyVectorTarget(),
        fc.nat(20),
        fc.integer({ min: 1, max: 40 }),
        fc.nat(),
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        (target, rows, width, which, isSingle, hasGamma, isFused) => {
          const { format } = target.vectorUnits.vector.load;
          if (format.kind !== 'float') return;
          const all = samples(format, rows * width);
          const data = all[which % all.length]!;
          const x = isSingle ? Float32Array.from(data) : data;
          const weights = Float64Array.from({ length: width }, (_, i) => Math.cos(i) * 3);
          const affine = hasGamma && isFused ? 'fused' : 'separate';
          const extra = hasGamma ? { gamma: weights, beta: weights } : {};
          expectTwins((options) => layerNorm(x, { rows, width, target, ...extra, affine, ...options }), engine);
        },
      ),
      seeded(1500),
    );
  });

  it('agree where a residual is added first, and with a variance by updates', () => {
    const updates = fc.constantFrom('twoPass' as const, 'onePass' as const, 'welford' as const);
    let twins = 0;
    fc.assert(
      fc.property(
        anyVectorTarget(),
        updates,
        anyStep(),
        fc.nat(20),
        fc.integer({ min: 1, max: 40 }),
        fc.nat(),
        (any, variance, accumulate, rows, width, which) => {
          const reduction = {
            kind: 'sequential' as const,
            accumulator: { kind: 'float' as const, rounding: accumulate },
          };
          const target =
            variance === 'welford'
              ? { ...any, vectorUnits: { vector: { ...any.vectorUnits.vector, accumulate, reduction } } }
              : any;
          const { format } = target.vectorUnits.vector.load;
          if (format.kind !== 'float') return;
          const all = samples(format, rows * width);
          const data = all[which % all.length]!;
          const x = which % 2 ? Float32Array.from(data) : data;
          // Beyond any format's numbers, and beyond binary64's halves.
          const residual = which % 5 === 0 ? all[0]! : all[(which >> 4) % all.length]!.map((v) => v * 1.01);
          if (which % 31 === 0 && residual.length > 0) residual[0] = 1.5e308;
          const extra = which % 3 === 0 ? {} : { residual };
          const plan = planNorm('layerNorm', { rows, width, target: defineTarget(target), variance, ...extra });
          if (compileNorm(plan, engine) !== null) twins++;
          expectTwins((options) => layerNorm(x, { rows, width, target, variance, ...extra, ...options }), engine);
          if (variance === 'welford') return;
          expectTwins((options) => rmsNorm(x, { rows, width, target, ...extra, scale: 0.5, ...options }), engine);
        },
      ),
      seeded(1000),
    );
    expect(twins).toBeGreaterThan(runsOf(1000) / 2);
  }, 120_000);

  it('have a fast twin for residuals and updates on generic targets', () => {
    for (const target of [fp16, bf16, e4m3fnFp16, fp16Fp32Accumulate, fp16Fp32Compute]) {
      const shape = { rows: 3, width: 64, target, residual: new Float64Array(192) };
      expect(compileNorm(planNorm('rmsNorm', shape), engine)).not.toBeNull();
      expect(compileNorm(planNorm('layerNorm', { ...shape, variance: 'welford' }), engine)).not.toBeNull();
    }
  });
});
