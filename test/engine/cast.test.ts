import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEngine, createTensor } from '../../src/engine/index.ts';
import {
  bfloat16,
  binary16,
  binary32,
  defineFloat,
  e2m1fn,
  e4m3fn,
  e5m2,
  e8m0fnu,
  tf32,
} from '../../src/formats/index.ts';
import { cast } from '../../src/kernels/index.ts';
import { seeded } from '../testing/helpers.ts';
import { anyFloat, anyPolicy, expectTwins, samples } from './helpers.ts';

const engine = await createEngine();

describe('cast on the engine', () => {
  it('agrees with the specification on every class of data, in the catalogue', () => {
    const own = defineFloat({ exponentBits: 6, mantissaBits: 9 });
    for (const format of [binary16, bfloat16, tf32, binary32, e4m3fn, e5m2, e2m1fn, e8m0fnu, own]) {
      for (const data of samples(format, 1001)) {
        for (const x of [data, Float32Array.from(data)]) {
          expectTwins((options) => cast(x, { format, rows: 7, ...options }), engine);
        }
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
        fc.boolean(),
        (format, policy, rows, width, which, isSingle) => {
          const all = samples(format, rows * width);
          const data = all[which % all.length]!;
          const x = isSingle ? Float32Array.from(data) : data;
          expectTwins((options) => cast(x, { format, policy, rows, width, ...options }), engine);
        },
      ),
      seeded(1000),
    );
  });

  it('tells of long rows what the specification tells', () => {
    const x = Float32Array.from({ length: 70_001 }, (_, i) =>
      i === 60_000 ? 1e6 : i === 50_000 ? 1e-7 : (i % 64) / 8,
    );
    expectTwins((options) => cast(x, { format: binary16, ...options }), engine);
  });

  it('agrees wherever in a long array the unusual lies', () => {
    const unusual = [1e6, -1e6, 1e39, -1e39, NaN, Infinity, -Infinity, 1e-45, -1e-7, -0, 0];
    const places = fc.array(fc.tuple(fc.nat(9000), fc.nat(unusual.length - 1)), { maxLength: 12 });
    const formats = fc.constantFrom(binary16, bfloat16, tf32, e4m3fn, e5m2, e2m1fn);
    fc.assert(
      fc.property(formats, fc.integer({ min: 1000, max: 9001 }), places, fc.nat(3), (format, n, found, mean) => {
        const x = Float32Array.from({ length: n }, (_, i) => Math.sin(i) * 2 ** (2 * mean - 4));
        for (const [place, which] of found) if (place < n) x[place] = unusual[which]!;
        expectTwins((options) => cast(x, { format, ...options }), engine);
      }),
      seeded(200),
    );
  });

  it('reads and writes tensors of its memory in place', () => {
    const x = createTensor(engine, 100_003, 'binary32');
    const out = createTensor(engine, 100_003, 'binary32');
    for (let i = 0; i < x.length; i++) x[i] = Math.sin(i) * 2 ** ((i % 40) - 20);
    const fast = cast(x, { format: e5m2, engine, out });
    const slow = cast(x, { format: e5m2, engine: null });
    expect(fast.output).toBe(out);
    expect(out.every((y, i) => Object.is(y, slow.output[i]))).toBe(true);
    expect(fast.report).toEqual(slow.report);
  });
});
