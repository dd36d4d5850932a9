import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/index.ts';
import {
  bfloat16,
  binary16,
  binary32,
  defineFloat,
  e4m3fn,
  e5m2,
  type FloatFormat,
  tf32,
} from '../../src/formats/index.ts';
import { matmul } from '../../src/kernels/index.ts';
import { type Rounding, roundTo } from '../../src/rounding/index.ts';
import { fp16, type Target } from '../../src/targets/index.ts';
import { generator } from '../random.ts';
import { seeded, share } from '../testing/helpers.ts';
import { expectTwins } from './helpers.ts';

const engine = await createEngine();

/** A matrix unit that rounds products and sums, from an addend on. */
function unitOf(own: FloatFormat, product: Rounding, sum: Rounding, addend: Rounding = sum): Target {
  return {
    ...fp16,
    matrixUnits: {
      unit: {
        ...{
          name: 'unit',
          instructions: '',
          a: [own],
          b: [own],
          mixes: 'same',
          load: {},
          zeroOperands: 'signed',
          k: 1,
        },
        ...{ scale: null, product, addend, output: sum, source: '', verified: 'definition', confidence: '' },
        reduction: { kind: 'sequential', accumulator: { kind: 'float', rounding: sum, fused: false } },
      },
    },
  } as never;
}

function expectSame(target: Target, [m, k, n]: readonly number[], a: Float64Array, b: Float64Array, c?: Float64Array) {
  const shape = { m: m!, k: k!, n: n!, target, unit: 'unit', ...(c ? { c } : {}) };
  expectTwins((options) => matmul(a, b, { ...shape, ...options }), engine);
  const values = matmul(a, b, { ...shape, engine, record: 'off' }).output;
  expect(values).toEqual(matmul(a, b, { ...shape, engine: null, record: 'off' }).output);
}

const e6m9 = defineFloat({ exponentBits: 6, mantissaBits: 9 });
const e3m4 = defineFloat({ exponentBits: 3, mantissaBits: 4 });

describe('products and sums that cannot overflow', () => {
  it('are rounded to nearest even by splitting, for every fraction of 24 bits', () => {
    const { fround } = Math;
    for (let precision = 1; precision <= 11; precision++) {
      const drop = 24 - precision;
      const constant = 2 ** drop + 1;
      const half = 2 ** (drop - 1);
      let wrong = 0;
      for (let fraction = 2 ** 23; fraction < 2 ** 24; fraction++) {
        const c = fround(fraction * constant);
        const split = fround(c + fround(fraction - c));
        const low = fraction & (2 * half - 1);
        const floor = fraction - low;
        const isUp = low > half || (low === half && ((floor / half / 2) & 1) === 1);
        if (split !== floor + (isUp ? 2 * half : 0)) wrong++;
      }
      expect(wrong).toBe(0);
    }
  });

  it('are rounded as one difference of products, for all significands that a format has', () => {
    const { fround } = Math;
    for (let precision = 1; precision <= 11; precision++) {
      const power = 2 ** (24 - precision);
      const low = 2 ** (precision - 1);
      const nearest = (x: number): number => {
        const ulp = 2 ** Math.max(0, 32 - Math.clz32(x) - precision);
        const floor = Math.floor(x / ulp);
        const rest = x - floor * ulp;
        return (floor + (rest * 2 > ulp || (rest * 2 === ulp && floor % 2 === 1) ? 1 : 0)) * ulp;
      };
      let wrong = 0;
      for (let a = low; a < 2 * low; a++) {
        const c = a * (power + 1);
        if (fround(c) !== c) wrong++;
        for (let b = low; b < 2 * low; b++) {
          if (fround(fround(c * b) - fround(a * power * b)) !== nearest(a * b)) wrong++;
        }
      }
      expect(wrong).toBe(0);
    }
  });

  it('agree where factors of products are beyond binary32, and odd parts of subnormal numbers are small', () => {
    const target = unitOf(bfloat16, roundTo(bfloat16), roundTo(bfloat16));
    for (const exponent of [100, 111, 112, 118, 120, -100, -118, -120, -126, -130, -133]) {
      const a = Float64Array.from({ length: 64 }, (_, i) => (1 + (i % 7) / 8) * 2 ** exponent);
      const b = Float64Array.from({ length: 64 * 4 }, (_, i) => (1 - (i % 5) / 4) * 2 ** -Math.max(exponent, -126));
      expectSame(target, [1, 64, 4], a, b);
      expectSame(target, [4, 64, 1], b, a);
    }
  });

  it('agree where operands are wider than products, all of them normal', () => {
    const random = generator(37);
    for (const [own, product] of [
      [binary16, e4m3fn],
      [tf32, e5m2],
      [bfloat16, e6m9],
      [binary16, e3m4],
    ] as const) {
      const draw = (count: number) =>
        Float64Array.from({ length: count }, () => 1 + random() * (random() < 0.5 ? 1 : -0.4));
      expectSame(unitOf(own, roundTo(product), roundTo(e6m9)), [4, 90, 20], draw(4 * 90), draw(90 * 20));
    }
  });

  it('agree where one column has all that is large, or the start', () => {
    const target = unitOf(bfloat16, roundTo(bfloat16), roundTo(bfloat16));
    const [k, n] = [40, 4];
    const random = generator(41);
    const a = Float64Array.from({ length: 2 * k }, () => random() + 0.5);
    for (const [large, small] of [
      [60, -60],
      [100, -18],
      [10, -100],
      [90, -90],
    ] as const) {
      const b = Float64Array.from({ length: k * n }, (_, i) => (random() - 0.5) * 2 ** (i % n === 0 ? large : small));
      expectSame(target, [2, k, n], a, b);
      const c = Float64Array.from({ length: 2 * n }, (_, i) => (i % n === 1 ? 2 ** large : 2 ** small));
      expectSame(
        target,
        [2, k, n],
        a,
        b.map((x, i) => (i % n === 0 ? x * 2 ** (small - large) : x)),
        c,
      );
    }
  });

  it('agree where binary32 loses a subnormal product, or all that a sum has left', () => {
    const [k, n] = [64, 16];
    const a = new Float64Array(k).fill(1);
    const b = new Float64Array(k * n);
    for (let j = 0; j < n; j++) {
      const large = 2 ** (j % 6);
      // The sum is large when the smallest number comes, later the smallest number when a large one comes.
      const column = [large, 2 ** -24, -3 * 2 ** -24, -large, 2 ** -24, large, -large * 1.5, 2 ** -20, large / 2];
      column.forEach((x, e) => {
        b[(e * 5 + 1) * n + j] = x;
      });
    }
    expectSame(unitOf(binary16, roundTo(binary16), roundTo(binary16)), [1, k, n], a, b);
    for (let i = 0; i < b.length; i++) if (b[i] === 0) b[i] = 2 ** -14 * (i % 2 ? 1 : -1);
    expectSame(unitOf(binary16, roundTo(binary16), roundTo(binary16)), [1, k, n], a, b);
  });

  it('agree over many runs of steps, with few products that are subnormal, or many, and few that are exact, or all', () => {
    const random = generator(31);
    const [m, k, n] = [3, 700, share < 1 ? 12 : 40];
    for (const small of [0, 0.01, 0.3]) {
      for (const bits of [1, 4, 11]) {
        for (const size of [1, 2 ** -4, 16]) {
          const draw = (count: number) =>
            Float64Array.from({ length: count }, () => {
              const x = (Math.floor(random() * 2 ** bits) + 1) * (random() < 0.5 ? -1 : 1);
              return x * size * 2 ** -bits * (random() < small ? 2 ** -9 : 1);
            });
          for (const format of [binary16, bfloat16, e5m2]) {
            expectSame(unitOf(format, roundTo(format), roundTo(format)), [m, k, n], draw(m * k), draw(k * n));
          }
        }
      }
    }
  });

  it('agree with the specification for any format, size of numbers, zeros and length', () => {
    const formats = fc.oneof(
      fc.constantFrom(binary16, binary16, bfloat16, e4m3fn, e5m2, e6m9, e3m4, tf32),
      fc
        .record({
          exponentBits: fc.integer({ min: 3, max: 7 }),
          mantissaBits: fc.integer({ min: 1, max: 10 }),
          infinities: fc.constantFrom('ieee' as const, 'none' as const),
        })
        .map((fields) => defineFloat({ ...fields, nan: fields.infinities === 'ieee' ? 'ieee' : 'topCode' })),
    );
    fc.assert(
      fc.property(
        formats,
        fc.constantFrom('ieee' as const, 'saturate' as const),
        fc.constantFrom('afterRounding' as const, 'beforeRounding' as const),
        fc.constantFrom(1, 15, 16, 17, 63, 64, 65, 130, 193, 300),
        fc.constantFrom(1, 4, 16, 19, 40),
        fc.integer({ min: 0, max: 40 }),
        fc.integer({ min: -8, max: 3 }),
        fc.constantFrom(0, 0, 0.02, 0.5),
        fc.nat(),
        fc.boolean(),
        (format, overflow, tininess, k, n, spread, scale, zeros, seed, hasStart) => {
          const random = generator(seed);
          const draw = (count: number): Float64Array =>
            Float64Array.from({ length: count }, () => {
              if (random() < zeros) return random() < 0.5 ? 0 : -0;
              return (random() - 0.5) * 2 ** (scale / 2 + Math.floor((random() - 0.9) * spread));
            });
          const own = roundTo(format, { overflow, tininess });
          const m = 5;
          const c = draw(m * n).map((x) => x + 0);
          expectSame(unitOf(format, own, own), [m, k, n], draw(m * k), draw(k * n), hasStart ? c : undefined);
        },
      ),
      seeded(500),
    );
  });

  it('agree where operands, products, sums and addends have formats of their own', () => {
    const random = generator(11);
    for (const [own, product, sum, addend] of [
      [e4m3fn, e4m3fn, binary16, binary16],
      [binary16, e4m3fn, binary16, binary16],
      [tf32, e5m2, e6m9, e6m9],
      [e5m2, binary16, binary16, binary32],
      [e4m3fn, e3m4, e6m9, binary32],
      [binary16, binary16, binary16, binary32],
    ] as const) {
      for (const size of [0, 6, 20]) {
        const draw = (count: number) =>
          Float64Array.from({ length: count }, () => (random() - 0.5) * 2 ** Math.floor((random() - 0.7) * size));
        const target = unitOf(own, roundTo(product), roundTo(sum), roundTo(addend));
        const shape = [4, 100, 18];
        expectSame(target, shape, draw(400), draw(1800), draw(72));
        expectSame(target, shape, draw(400), draw(1800));
      }
    }
  });

  it('agree on sums that just do and just do not overflow, with either sign, before and at the end', () => {
    for (const [format, top] of [
      [binary16, 65504],
      [e4m3fn, 448],
      [e5m2, 57344],
    ] as const) {
      const ulp = 2 ** (format.emax - format.mantissaBits);
      for (const overflow of ['ieee', 'saturate'] as const) {
        const target = unitOf(format, roundTo(format, { overflow }), roundTo(format, { overflow }));
        for (const last of [0, ulp / 4, ulp / 2, ulp]) {
          for (const sign of [1, -1]) {
            const a = new Float64Array(70).fill(1);
            const b = new Float64Array(70 * 3);
            // Column 0 stays low, column 1 ends at the top, column 2 goes there and comes back.
            b[0] = 1;
            b[1] = sign * top;
            b[2] = sign * top;
            b[69 * 3 + 1] = sign * last;
            b[68 * 3 + 2] = sign * last;
            b[69 * 3 + 2] = -sign * top;
            expectSame(target, [1, 70, 3], a, b);
            const c = Float64Array.of(0, b[1], b[2]!);
            b[1] = 0;
            b[2] = 0;
            expectSame(target, [1, 70, 3], a, b, c);
          }
        }
      }
    }
  });

  it('agree where an addend is next to nothing beside the other, and where sums return to zero', () => {
    const random = generator(23);
    const sizes = [1, 2 ** -24, 2 ** -14, 3 * 2 ** -13, 512.5, 1000, 2 ** -11, 1.5, 2 ** -12];
    for (let round = 0; round < 40; round++) {
      const [m, k, n] = [3, 70, 16];
      const a = new Float64Array(m * k);
      const b = new Float64Array(k * n);
      for (let e = 0; e < k; e++) {
        for (let i = 0; i < m; i++) a[i * k + e] = round % 2 ? 1 : 2 ** Math.floor(random() * 3 - 1);
        for (let j = 0; j < n; j++) {
          const draw = sizes[Math.floor(random() * sizes.length)]! * (random() < 0.5 ? -1 : 1);
          // Every third product takes the one before back.
          b[e * n + j] = e % 3 === 2 ? -b[(e - 1) * n + j]! : draw;
        }
      }
      for (const format of [binary16, e6m9, bfloat16]) {
        expectSame(unitOf(format, roundTo(format), roundTo(format)), [m, k, n], a, b);
      }
    }
  });
});
