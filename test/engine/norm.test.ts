import fc from 'fast-check';
import { describe, it } from 'vitest';
import { createEngine } from '../../src/engine/index.ts';
import { binary16 } from '../../src/formats/index.ts';
import { layerNorm, rmsNorm } from '../../src/kernels/index.ts';
import {
  bf16,
  e4m3fnFp16,
  e4m3fnFp32,
  e5m2Fp16,
  fp16,
  fp16Fp32Accumulate,
  fp16Fp32Compute,
  fp16Tile64,
  fp32,
} from '../../src/targets/index.ts';
import { anyVectorTarget, expectTwins, samples } from './helpers.ts';

const engine = await createEngine();

describe('norms on the engine', () => {
  it('agree with the specification on generic targets and every class of data', () => {
    for (const target of [
      fp16,
      bf16,
      fp32,
      e4m3fnFp16,
      e4m3fnFp32,
      e5m2Fp16,
      fp16Fp32Accumulate,
      fp16Fp32Compute,
      fp16Tile64,
    ]) {
      for (const width of [1, 7, 131]) {
        for (const data of samples(binary16, 19 * width)) {
          const gamma = data.slice(0, width).map((v) => (Number.isFinite(v) ? Math.max(-2, Math.min(2, v)) : 1));
          expectTwins(
            (options) => layerNorm(data, { rows: 19, width, target, gamma, beta: gamma, scale: 0.25, ...options }),
            engine,
          );
          expectTwins(
            (options) =>
              layerNorm(Float32Array.from(data), { rows: 19, width, target, variance: 'onePass', ...options }),
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
          const { format } = target.vector.load;
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
      { numRuns: 1500 },
    );
  });
});
