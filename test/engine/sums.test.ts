import fc from 'fast-check';
import { describe, it } from 'vitest';
import { createEngine } from '../../src/engine/index.ts';
import type { FloatFormat } from '../../src/formats/index.ts';
import { dot, sum } from '../../src/kernels/index.ts';
import { anyReduction, anyVectorTarget, expectTwins, samples } from './helpers.ts';

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
          const format = target.vector.load.format as FloatFormat;
          const data = (k: number) => {
            const own = samples(format, rows * width)[k % 7]!;
            return isSingle ? Float32Array.from(own) : own;
          };
          const [x, y] = [data(which), data(which >> 4)];
          expectTwins((options) => sum(x, { rows, width, target, reduction, ...options }), engine);
          expectTwins((options) => dot(x, y, { rows, width, target, unit: 'vector', ...options }), engine);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
