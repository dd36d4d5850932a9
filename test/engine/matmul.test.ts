import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/index.ts';
import { bfloat16, binary16, binary32, e4m3fn, e5m2, type FloatFormat, tf32 } from '../../src/formats/index.ts';
import { matmul } from '../../src/kernels/index.ts';
import { type Rounding, roundTo } from '../../src/rounding/index.ts';
import { fp16, type Target } from '../../src/targets/index.ts';
import { generator } from '../random.ts';
import { seeded, shareOf } from '../testing/helpers.ts';
import { anyStep, anyVectorTarget, distinctUnits, expectTwins, genericTargets, samples } from './helpers.ts';

const engine = await createEngine();

/** A target of one matrix unit that multiplies and adds by steps. */
function unitOf(steps: {
  a: never;
  product: never;
  sum: never;
  addend: never;
  output: never;
  isFused: boolean;
}): Target {
  const { a, product, sum, addend, output, isFused } = steps as never as Record<
    string,
    { format: FloatFormat; policy: object }
  > & { isFused: boolean };
  return {
    ...fp16,
    matrixUnits: {
      unit: {
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
        reduction: {
          kind: 'tiled',
          size: 3,
          within: { kind: 'sequential', accumulator: { kind: 'float', rounding: sum, fused: isFused } },
          across: 'chain',
        },
        addend,
        output,
        source: '',
        verified: 'definition',
        confidence: '',
      },
    },
    defaults: { matrix: 'unit' },
  } as never;
}

describe('matmul on the engine', () => {
  it('agrees on sums of more steps than are counted together', () => {
    const random = generator(5);
    const [k, n] = [70_000, 3];
    const [a, b] = [k, k * n].map((length) => Float64Array.from({ length }, () => (random() - 0.5) / 8));
    // Nearly all sums of the last column are exact.
    for (let e = 0; e < k; e++) if (e % 100 !== 0) b![e * n + 2] = 0;
    const [own, sum] = [roundTo(binary16), roundTo(binary32)];
    const steps = { a: own, product: sum, sum, addend: sum, output: sum };
    for (const isFused of [true, false]) {
      const target = unitOf({ ...steps, isFused } as never);
      expectTwins((options) => matmul(a!, b!, { m: 1, k, n, target, unit: 'unit', ...options }), engine);
    }
    expectTwins((options) => matmul(a!, b!, { m: 1, k, n, target: fp16, ...options }), engine);
  });

  it('agrees where threads divide the columns', () => {
    const [m, k, n] = [3, 5, 531];
    const c = samples(binary16, m * n)[6]!.map((x) => x + 0);
    const right = samples(binary16, k * n);
    samples(binary16, m * k).forEach((a, which) => {
      for (const target of shareOf(genericTargets, which)) {
        const b = right[(which + 2) % right.length]!;
        const shape = { m, k, n, target };
        expectTwins((options) => matmul(a, b, { ...shape, ...options }), engine);
        expectTwins((options) => matmul(a, b, { ...shape, c, ...options }), engine);
      }
    });
  });

  it('agrees with the specification on generic vector units and every class of data', () => {
    for (const [m, k, n] of [
      [1, 1, 1],
      [3, 7, 17],
      [5, 33, 40],
      [2, 0, 3],
      [0, 4, 4],
      [4, 5, 0],
    ] as const) {
      const left = samples(binary16, m * k);
      const right = samples(binary16, k * n);
      left.forEach((a, which) => {
        const b = right[(which * 3 + 1) % right.length]!;
        for (const target of [fp16]) {
          expectTwins((options) => matmul(a, b, { m, n, k, target, ...options }), engine);
          expectTwins(
            (options) => matmul(Float32Array.from(a), Float32Array.from(b), { m, n, k, target, ...options }),
            engine,
          );
        }
      });
    }
  });

  it('agrees for random vector units, shapes and data', () => {
    fc.assert(
      fc.property(
        anyVectorTarget(),
        fc.nat(4),
        fc.nat(20),
        fc.nat(40),
        fc.nat(),
        fc.boolean(),
        (target, m, k, n, which, hasAddend) => {
          const { format } = target.vectorUnits.vector.load;
          const all = samples(format as FloatFormat, m * k);
          const other = samples(format as FloatFormat, k * n);
          const a = all[which % all.length]!;
          const b = other[(which >> 4) % other.length]!;
          const c = hasAddend ? samples(format as FloatFormat, m * n)[which % 7]! : undefined;
          expectTwins(
            (options) => matmul(a, b, { m, n, k, target, unit: 'vector', ...(c ? { c } : {}), ...options }),
            engine,
          );
        },
      ),
      seeded(600),
    );
  });

  it('agrees for random matrix units that multiply and add', () => {
    const units = fc.record({
      a: anyStep(),
      product: anyStep(),
      sum: anyStep(),
      addend: anyStep(),
      output: anyStep(),
      isFused: fc.boolean(),
    });
    fc.assert(
      fc.property(units, fc.boolean(), fc.nat(4), fc.nat(20), fc.nat(40), fc.nat(), (steps, isOne, m, k, n, which) => {
        const target = unitOf(
          (isOne ? { ...steps, product: steps.sum, addend: steps.sum, output: steps.sum } : steps) as never,
        );
        const { format } = steps.a;
        const a = samples(format as FloatFormat, m * k)[which % 7]!;
        const b = samples(format as FloatFormat, k * n)[(which >> 4) % 7]!;
        const c = which % 3 === 0 ? samples(format as FloatFormat, m * n)[which % 7]! : undefined;
        expectTwins(
          (options) => matmul(a, b, { m, n, k, target, unit: 'unit', ...(c ? { c } : {}), ...options }),
          engine,
        );
      }),
      seeded(1500),
    );
  });

  it('agrees on the formats that have ways of their own', () => {
    const random = generator(5);
    const chain = (own: Rounding, fused: boolean) => ({
      kind: 'sequential',
      accumulator: { kind: 'float', rounding: own, fused },
    });
    for (const [own, sum] of [
      [binary16, binary16],
      [bfloat16, bfloat16],
      [tf32, tf32],
      [e5m2, e5m2],
      [e4m3fn, e4m3fn],
      [binary16, binary32],
      [bfloat16, binary32],
      [tf32, binary32],
      [e4m3fn, binary16],
    ] as const) {
      const fused = own !== sum;
      const vector = {
        ...fp16.vectorUnits.vector,
        load: roundTo(own),
        compute: roundTo(own),
        accumulate: roundTo(sum),
        store: roundTo(sum),
        reduction: chain(roundTo(sum), fused),
      };
      const target = { ...fp16, vectorUnits: { vector } } as never;
      for (const size of [0, 20, 60, 63, 120]) {
        const draw = (n: number) =>
          Float32Array.from({ length: n }, () => (random() - 0.5) * 2 ** Math.floor((random() - 0.5) * size));
        const [m, k, n] = [5, 67, 35];
        const [x, y] = [draw(m * k), draw(k * n)];
        expectTwins((options) => matmul(x, y, { m, k, n, target, ...options }), engine);
      }
    }
  });

  it('agrees on the matrix units of every chip', () => {
    const random = generator(9);
    let turn = 0;
    for (const {
      target,
      unit: { name, a, scale },
    } of distinctUnits) {
      if (scale !== null) continue;
      const format = a[0]!;
      for (const size of shareOf([0, 12, 40], turn++)) {
        const draw = (n: number) =>
          Float64Array.from({ length: n }, () =>
            format.kind === 'integer'
              ? Math.round(format.min + random() * (format.max - format.min))
              : random() < 0.03 && size === 12
                ? [0, -0, Infinity, -Infinity, Number.NaN][Math.floor(random() * 5)]!
                : (random() - 0.5) * 2 ** Math.floor((random() - 0.5) * size),
          );
        const [m, k, n] = [3, 70, 19];
        const [x, y, c] = [draw(m * k), draw(k * n), draw(m * n)];
        expectTwins((options) => matmul(x, y, { m, k, n, target, unit: name, ...options }), engine);
        expectTwins((options) => matmul(x, y, { m, k, n, target, unit: name, c, ...options }), engine);
      }
    }
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
