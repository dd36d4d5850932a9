import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEngine, createTensor } from '../../src/engine/index.ts';
import { bfloat16, binary16, binary32, e2m1fn, e4m3fn, e5m2, tf32 } from '../../src/formats/index.ts';
import { add, multiply } from '../../src/kernels/index.ts';
import { fp16 } from '../../src/targets/index.ts';
import { generator } from '../random.ts';
import { seeded } from '../testing/helpers.ts';
import { anyFloat, anyPolicy, anyVectorTarget, expectTwins, samples } from './helpers.ts';

const engine = await createEngine();

/** The same numbers in another order, some of them opposite to their new neighbours. */
function shuffled(data: Float64Array, seed: number): Float64Array {
  const random = generator(seed);
  return data.map((value) => (random() < 0.2 ? -value : data[Math.floor(random() * data.length)]!));
}

describe.each([
  ['add', add],
  ['multiply', multiply],
] as const)('%s on the engine', (_, kernel) => {
  it('agrees with the specification on every class of data, in the catalogue', () => {
    for (const format of [binary16, bfloat16, tf32, binary32, e4m3fn, e5m2, e2m1fn]) {
      for (const data of samples(format, 1001)) {
        const [x, y] = [Float32Array.from(data), Float32Array.from(shuffled(data, 3))];
        expectTwins((options) => kernel(x, y, { format, rows: 7, ...options }), engine);
      }
    }
  });

  it('agrees for random formats, policies, shapes and data', () => {
    fc.assert(
      fc.property(
        anyFloat(),
        anyPolicy(),
        fc.nat(5),
        fc.nat(70),
        fc.nat(),
        fc.tuple(fc.boolean(), fc.boolean()),
        (format, policy, rows, width, which, isSingle) => {
          const all = samples(format, rows * width);
          const data = [all[which % all.length]!, shuffled(all[which % all.length]!, which)];
          const [x, y] = data.map((own, i) => (isSingle[i] ? Float32Array.from(own) : own));
          expectTwins((options) => kernel(x!, y!, { format, policy, rows, width, ...options }), engine);
        },
      ),
      seeded(600),
    );
  });

  it('agrees on random targets', () => {
    fc.assert(
      fc.property(
        anyVectorTarget(),
        fc.nat(4),
        fc.nat(50),
        fc.nat(),
        fc.boolean(),
        (target, rows, width, which, one) => {
          const { format } = target.vectorUnits.vector.load;
          const all = samples(format as typeof binary16, rows * width);
          const data = all[which % all.length]!;
          const x = one ? Float32Array.from(data) : data;
          const y = shuffled(data, which);
          expectTwins((options) => kernel(x, y, { target, rows, width, ...options }), engine);
        },
      ),
      seeded(600),
    );
  });

  it('tells of long rows what the specification tells, stage before element', () => {
    // Stored sums overflow early, loads late; the first overflow is of the load all the same.
    const x = Float64Array.from({ length: 70_001 }, (_, i) => (i === 100 ? 60_000 : i === 60_000 ? 1e6 : (i % 64) / 8));
    const y = x.map((value, i) => (i === 60_000 ? 1 : value));
    for (const rows of [1, 7]) {
      const width = Math.floor(x.length / rows);
      const [a, b] = [x.subarray(0, rows * width), y.subarray(0, rows * width)];
      expectTwins((options) => kernel(a, b, { target: fp16, rows, width, ...options }), engine);
      expectTwins((options) => kernel(a, b, { format: binary16, rows, width, ...options }), engine);
    }
  });

  it('reads and writes tensors of its memory in place', () => {
    const n = 50_003;
    for (const how of [{ target: fp16 }, { format: e5m2 }]) {
      for (const type of ['binary32', 'binary64'] as const) {
        const [x, y] = [createTensor(engine, n, 'binary32'), createTensor(engine, n, 'binary32')];
        const out = createTensor(engine, n, type as 'binary32');
        for (let i = 0; i < n; i++) [x[i], y[i]] = [Math.sin(i) * 2 ** ((i % 40) - 20), Math.cos(i)];
        const fast = kernel(x, y, { ...how, engine, out });
        const slow = kernel(x, y, { ...how, engine: null });
        expect(fast.output).toBe(out);
        expect(out.every((value, i) => Object.is(value, slow.output[i]))).toBe(true);
        expect(fast.report).toEqual(slow.report);
      }
    }
  });
});
