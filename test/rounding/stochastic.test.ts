import { describe, expect, it } from 'vitest';
import { createUnit, Unit } from '../../src/arithmetic/unit.ts';
import {
  bfloat16,
  binary16,
  binary32,
  defineFloat,
  defineP3109,
  dlfloat16,
  e4m3fn,
  e5m2,
  e8m0fnu,
  type FloatFormat,
  formatName,
  int8,
} from '../../src/formats/index.ts';
import { layerNorm } from '../../src/kernels/index.ts';
import { type PartialPolicy, type Position, resolvePolicy, roundTo } from '../../src/rounding/index.ts';
import { randomBits } from '../../src/rounding/philox.ts';
import { goesUpStochastically, scaleFraction, stochasticVariants } from '../../src/rounding/stochastic.ts';
import { defineTarget } from '../../src/targets/index.ts';
import { oracleRoundToIntegral } from '../../src/testing/oracle/integral.ts';
import { type OracleOperation, oracleOperation } from '../../src/testing/oracle/operations.ts';
import { oracleRandomBits } from '../../src/testing/oracle/philox.ts';
import { Operands } from '../arithmetic/sweeps/biased.ts';
import { generator } from '../random.ts';
import { isScaledDown } from './helpers.ts';

const gap = defineFloat({
  exponentBits: 4,
  mantissaBits: 3,
  infinities: 'none',
  nan: 'topCode',
  lowest: 'normalButZero',
});
const formats: FloatFormat[] = [
  binary32,
  binary16,
  bfloat16,
  dlfloat16,
  gap,
  e4m3fn,
  e5m2,
  e8m0fnu,
  defineP3109({ bits: 8, precision: 1 }),
  defineP3109({ bits: 8, precision: 3, signed: false }),
];

/** Operands of an operation, biased; roots and quotients are slow, since they go through exact decimals. */
const operations: [operation: OracleOperation, cases: number, draw: (operands: Operands) => number[]][] = [
  ['convert', 900, (o) => [o.one()]],
  ['add', 900, (o) => o.two('sum')],
  ['subtract', 600, (o) => o.two('sum')],
  ['multiply', 900, (o) => o.two('product')],
  ['fusedMultiplyAdd', 900, (o) => o.three()],
  ['divide', 300, (o) => o.two('quotient')],
  ['squareRoot', 150, (o) => [Math.abs(o.one())]],
  ['reciprocalSquareRoot', 100, (o) => [Math.abs(o.one())]],
];

function perform(unit: Unit, operation: OracleOperation, operands: readonly number[], position: Position): number {
  const [a, b, c] = operands as [number, number, number];
  if (operation === 'fusedMultiplyAdd') return unit.fusedMultiplyAdd(a, b, c, position);
  if (operation === 'convert') return unit.round(a, position);
  if (operation === 'squareRoot' || operation === 'reciprocalSquareRoot') return unit[operation](a, position);
  return unit[operation](a, b, position);
}

describe.skipIf(isScaledDown)('against the oracle, every variant and every number of bits', () => {
  describe.each(formats.map((format): [string, FloatFormat] => [formatName(format), format]))('%s', (_, format) => {
    it.each(operations)('%s', (operation, cases, draw) => {
      const operands = new Operands(format, 3 * cases + operation.length);
      const next = generator(cases);
      for (let i = 0; i < cases; i++) {
        const variant = stochasticVariants[i % 3]!;
        const bits = 1 + (i % 32);
        const seed = i % 5 === 0 ? i : Math.floor(next() * 2 ** 53);
        const extra: PartialPolicy[] = [
          {},
          { subnormals: 'flushBoth' },
          { tininess: 'beforeRounding' },
          { overflow: 'saturate' },
        ];
        const policy = { stochastic: { bits, variant, seed }, nanInput: 'zero', ...extra[i % 7] } as const;
        const index = i % 3 === 0 ? i : Math.floor(next() * 2 ** 53);
        const position = { index, step: i, stage: i % 16 };
        const at = roundTo(format, policy);
        const unit = new Unit(format, at.policy);
        const random = oracleRandomBits(BigInt(seed), position, bits);
        const drawn = draw(operands);
        const found = perform(unit, operation, drawn, position);
        const wanted = oracleOperation(operation, at, drawn, { bits, variant, random });
        expect([policy, position, drawn, found, unit.flags]).toEqual([
          policy,
          position,
          drawn,
          wanted.value,
          wanted.flags,
        ]);
      }
    });
  });

  it('sums of binary32 whose residual alone decides', () => {
    const next = generator(32);
    let decided = 0;
    for (let i = 0; i < 4000; i++) {
      // 1 + n·2^−k with k up to 60: bits of the fraction far beyond those of the binary64 sum.
      const a = 1 + Math.floor(next() * 4) * 2 ** -23;
      const b = Math.fround((next() < 0.5 ? 1 : -1) * (1 + next()) * 2 ** -Math.floor(24 + next() * 36));
      const seed = i;
      for (const variant of stochasticVariants) {
        const at = roundTo(binary32, { stochastic: { bits: 32, variant, seed } });
        const unit = new Unit(binary32, at.policy);
        const random = oracleRandomBits(BigInt(seed), { index: 0, step: 0, stage: 0 }, 32);
        const wanted = oracleOperation('add', at, [a, b], { bits: 32, variant, random });
        expect([a, b, variant, unit.add(a, b)]).toEqual([a, b, variant, wanted.value]);
        if (Math.fround(a + b) !== wanted.value) decided += 1;
      }
    }
    expect(decided).toBeGreaterThan(300);
  });

  it('integers, and integral values', () => {
    const next = generator(8);
    for (let i = 0; i < 2000; i++) {
      const [bits, variant, seed] = [1 + (i % 32), stochasticVariants[i % 3]!, i] as const;
      const random = oracleRandomBits(BigInt(seed), { index: 0, step: 0, stage: 0 }, bits);
      const x = (next() - 0.5) * (i % 2 ? 300 : 4);
      const at = roundTo(int8, { stochastic: { bits, variant, seed } });
      const wanted = oracleOperation('convert', at, [x], { bits, variant, random });
      expect([x, new Unit(int8, at.policy).round(x)]).toEqual([x, wanted.value]);
      const half = roundTo(binary16, { stochastic: { bits, variant, seed } });
      const integral = oracleRoundToIntegral(half, x, false, { bits, variant, random });
      expect([x, new Unit(binary16, half.policy).roundToIntegral(x)]).toEqual([x, integral.value]);
    }
  });
});

describe('bits belong to positions', () => {
  const unit = createUnit({ format: bfloat16, policy: { stochastic: { bits: 8, seed: 77 } } });
  const xs = Float64Array.from({ length: 1000 }, (_, i) => Math.sin(i));
  const at = (index: number): number => unit.round(xs[index]!, { index, step: 0, stage: 4 });

  it('so that no order and no chunking of the elements changes any', () => {
    const forward = Array.from(xs, (_, i) => at(i));
    const backward = Array.from(xs, (_, i) => at(999 - i)).reverse();
    expect(backward).toEqual(forward);
    for (const size of [1, 7, 128]) {
      const chunked: number[] = [];
      for (let start = 0; start < xs.length; start += size) {
        // A chunk has a unit of its own, as a worker has.
        const own = createUnit({ format: bfloat16, policy: { stochastic: { bits: 8, seed: 77 } } });
        for (let index = start; index < Math.min(start + size, xs.length); index++) {
          chunked.push(own.round(xs[index]!, { index, step: 0, stage: 4 }));
        }
      }
      expect(chunked).toEqual(forward);
    }
    expect(Array.from(xs, (x) => unit.round(x))).not.toEqual(forward);
  });

  it('and other seeds, steps and stages draw others', () => {
    const rounded = (seed: number, stepAt: number, stage: number): string => {
      const other = createUnit({ format: bfloat16, policy: { stochastic: { bits: 8, seed } } });
      return Array.from(xs, (x, index) => other.round(x, { index, step: stepAt, stage })).join();
    };
    const all = [rounded(1, 0, 0), rounded(2, 0, 0), rounded(1, 1, 0), rounded(1, 0, 1), rounded(1 + 2 ** 32, 0, 0)];
    expect(new Set(all).size).toBe(5);
  });
});

describe('in a kernel', () => {
  const stochastic = { format: 'bfloat16', policy: { stochastic: { bits: 12, seed: 5 } } };
  const target = defineTarget({
    name: 'stochastic bfloat16',
    vectorUnits: {
      vector: {
        load: stochastic,
        compute: stochastic,
        accumulate: stochastic,
        statistics: stochastic,
        store: stochastic,
        reduction: { kind: 'sequential', accumulator: { kind: 'float', rounding: stochastic } },
      },
    },
  });
  const width = 24;
  const x = Float64Array.from({ length: 6 * width }, (_, i) => Math.sin(i * i) * 3);
  const run = (data: Float64Array, options: object = {}): number[] =>
    Array.from(layerNorm(data, { rows: data.length / width, width, target, ...options }).output as Float64Array);

  it('a row depends on the seed, its number and its data, not on the rows beside it or on what is recorded', () => {
    const whole = run(x);
    expect(run(x, { record: 'counts' })).toEqual(whole);
    expect(run(x, { record: 'all', limit: 10_000 })).toEqual(whole);
    expect(run(x.slice(0, 2 * width))).toEqual(whole.slice(0, 2 * width));
    const changed = x.slice();
    changed.fill(1.5, 0, 3 * width);
    expect(run(changed).slice(3 * width)).toEqual(whole.slice(3 * width));
  });

  it('equal rows at different places round differently', () => {
    const twice = new Float64Array(2 * width);
    twice.set(x.subarray(0, width));
    twice.set(x.subarray(0, width), width);
    const y = run(twice);
    expect(y.slice(0, width)).not.toEqual(y.slice(width));
  });
});

describe.skipIf(isScaledDown)('bias', () => {
  /** The share of the 2^N random integers that go up, for a fraction ν. */
  const share = (variant: 'A' | 'B' | 'C', bits: number, nu: number): number => {
    const scaled = scaleFraction(nu, 0, bits);
    let ups = 0;
    for (let r = 0; r < 2 ** bits; r++) if (goesUpStochastically(variant, bits, scaled, r)) ups += 1;
    return ups / 2 ** bits;
  };

  it('A never goes up more often than ν, and falls short by less than 2^−N; B and C are within half of that', () => {
    for (let bits = 1; bits <= 8; bits++) {
      const quantum = 2 ** -bits;
      let [biasA, biasB, biasC] = [0, 0, 0];
      const count = 1001;
      for (let k = 0; k < count; k++) {
        const nu = k / count;
        const [a, b, c] = stochasticVariants.map((variant) => share(variant, bits, nu) - nu) as [
          number,
          number,
          number,
        ];
        expect(a <= 0 && a > -quantum).toBe(true);
        expect(Math.abs(b)).toBeLessThanOrEqual(quantum / 2);
        expect(Math.abs(c)).toBeLessThanOrEqual(quantum / 2);
        biasA += a / count;
        biasB += b / count;
        biasC += c / count;
      }
      // Over uniform fractions A loses half a step of R on average; B and C nothing.
      expect(biasA).toBeCloseTo(-quantum / 2, 2);
      expect(Math.abs(biasB)).toBeLessThan(2e-3);
      expect(Math.abs(biasC)).toBeLessThan(2e-3);
    }
  });

  it('shows in sums of many roundings', () => {
    const count = 20_000;
    const nu = 0.3;
    const mean = (variant: 'A' | 'B' | 'C', bits: number): number => {
      const unit = new Unit(binary16, resolvePolicy(binary16, { stochastic: { bits, variant, seed: 3 } }));
      let ups = 0;
      for (let index = 0; index < count; index++)
        ups += (unit.round(2048 + 2 * nu, { index, step: 0, stage: 0 }) - 2048) / 2;
      return ups / count;
    };
    // Four standard deviations of a mean of 20,000 are 0.013.
    for (const variant of stochasticVariants) expect(Math.abs(mean(variant, 32) - nu)).toBeLessThan(0.013);
    expect(Math.abs(mean('A', 1))).toBe(0);
    expect(Math.abs(mean('B', 1) - 0.5)).toBeLessThan(0.015);
    expect(Math.abs(mean('A', 3) - 0.25)).toBeLessThan(0.013);
    expect(Math.abs(mean('C', 3) - 0.25)).toBeLessThan(0.013);
  });

  it('the bits of consecutive positions are uniform', () => {
    const bins = new Array<number>(16).fill(0);
    for (let index = 0; index < 16_000; index++) bins[randomBits(9, 4, { index, step: 0, stage: 0 })]! += 1;
    // χ² with 15 degrees of freedom is below 37.7 in 999 of 1000 cases.
    expect(bins.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0)).toBeLessThan(37.7);
  });
});

describe('scaleFraction', () => {
  it('joins a fraction and a residual of either sign exactly', () => {
    expect(scaleFraction(0.5, 0, 1)).toEqual({ whole: 2, sticky: false });
    expect(scaleFraction(0.5, 2 ** -80, 1)).toEqual({ whole: 2, sticky: true });
    expect(scaleFraction(0.5, -(2 ** -80), 1)).toEqual({ whole: 1, sticky: true });
    expect(scaleFraction(0.75, 0, 2)).toEqual({ whole: 6, sticky: false });
    expect(scaleFraction(0.3, 0, 1)).toEqual({ whole: 1, sticky: true });
    expect(scaleFraction(1, -(2 ** -60), 32)).toEqual({ whole: 2 ** 33 - 1, sticky: true });
    expect(scaleFraction(0.25, 2 ** -33, 32)).toEqual({ whole: 2 ** 31 + 1, sticky: false });
  });
});
