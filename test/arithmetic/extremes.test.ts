/**
 * Operands that no format has: the ends of binary64, where exact decimals take over from residuals; and whatever else the
 * sweeps do not draw, such as defaults, the format without rounding, and the exact results of every operation.
 */
import { describe, expect, it } from 'vitest';
import { Exponential } from '../../src/arithmetic/exponential.ts';
import { createUnit, exactResult } from '../../src/arithmetic/index.ts';
import {
  isSafe,
  productResidual,
  quotientResidual,
  rootResidual,
  sumResidual,
  toOdd,
} from '../../src/arithmetic/residual.ts';
import { Unit } from '../../src/arithmetic/unit.ts';
import {
  bfloat16,
  binary16,
  binary32,
  defineFloat,
  defineInteger,
  defineP3109,
  e4m3fn,
  e5m2,
  e8m0fnu,
  type Format,
  formatName,
  int8,
} from '../../src/formats/index.ts';
import { idealFormat, idealRounding } from '../../src/rounding/ideal.ts';
import { type PartialPolicy, resolvePolicy, roundTo } from '../../src/rounding/index.ts';
import { deterministicModes } from '../../src/testing/arbitraries/index.ts';
import { nextNumber } from '../../src/testing/index.ts';
import { oracleExponential } from '../../src/testing/oracle/exponential.ts';
import { oracleRoundToIntegral, oracleToInteger } from '../../src/testing/oracle/integral.ts';
import { oracleOperation } from '../../src/testing/oracle/operations.ts';
import { oracleRandomBits } from '../../src/testing/oracle/philox.ts';

import { outcome } from '../testing/helpers.ts';

const wide = defineFloat({ exponentBits: 8, mantissaBits: 44 });
const unsigned = defineP3109({ bits: 8, precision: 4, signed: false });

/** Beside the bounds of what residuals take, 2^±450, and at the ends of binary64. */
const far = [
  0,
  -0,
  Infinity,
  -Infinity,
  Number.NaN,
  5e-324,
  -3e-310,
  2 ** -600 * 1.1,
  -(2 ** -450),
  2 ** -451,
  2 ** -40 * 1.7,
  1,
  -1.5,
  1 + 2 ** -52,
  -3,
  2 ** 15 * 1.9999,
  2 ** 450,
  -(2 ** 451),
  2 ** 600 * 1.3,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
];
const near = [
  0,
  -0,
  Infinity,
  Number.NaN,
  5e-324,
  -(2 ** -600),
  2 ** -24,
  1.5,
  -(2 ** 15),
  2 ** 600,
  -Number.MAX_VALUE,
];

const binary = ['add', 'subtract', 'multiply', 'divide'] as const;
const unary = ['squareRoot', 'reciprocalSquareRoot'] as const;

describe.each<[string, Format, PartialPolicy]>([
  ['binary16', binary16, {}],
  ['e4m3fn', e4m3fn, { overflow: 'saturateFinite', subnormals: 'flushBoth' }],
  ['44 bits', wide, { subnormals: 'flushInputs' }],
  ['unsigned', unsigned, {}],
  ['int8', int8, { nanInput: 'zero' }],
])('%s at the ends of binary64', (_, format, policy) => {
  const judged = (
    name: string,
    operands: readonly number[],
    run: (unit: Unit) => number,
    modes = deterministicModes,
  ) => {
    for (const rounding of modes) {
      const at = roundTo(format, { nanInput: 'max', ...policy, rounding });
      const unit = new Unit(format, at.policy);
      const value = run(unit);
      const wanted = oracleOperation(name as 'add', at, operands);
      expect([name, operands, rounding, value, unit.flags]).toEqual([
        name,
        operands,
        rounding,
        wanted.value,
        wanted.flags,
      ]);
    }
  };

  it.each(binary)('%s', (operation) => {
    far.forEach((a, i) => {
      far.forEach((b, j) => {
        const two = deterministicModes.filter((_mode, k) => (i + j + k) % 3 === 0);
        judged(operation, [a, b], (unit) => unit[operation](a, b), two);
      });
    });
  });

  it.each(unary)('%s', (operation) => {
    for (const a of far) judged(operation, [a], (unit) => unit[operation](a));
  });

  it('conversion', () => {
    for (const a of far) judged('convert', [a], (unit) => unit.round(a));
  });

  it('fused multiply-add', () => {
    near.forEach((a, i) => {
      near.forEach((b, j) => {
        near.forEach((c, k) => {
          const one = [deterministicModes[(i + j + k) % 6]!];
          judged('fusedMultiplyAdd', [a, b, c], (unit) => unit.fusedMultiplyAdd(a, b, c), one);
        });
        // What is left of exact cancellation far away.
        const c = -(a * b);
        judged('fusedMultiplyAdd', [a, b, c], (unit) => unit.fusedMultiplyAdd(a, b, c), [deterministicModes[j % 6]!]);
      });
    });
  });

  it('integral values and integers', () => {
    for (const rounding of deterministicModes) {
      const at = roundTo(format, { nanInput: 'max', ...policy, rounding });
      const unit = new Unit(format, at.policy);
      for (const a of [...far, 0.5, 1.5, 2.5, -0.5, -0.25, 126.5, -127.5, 2 ** 52 + 1, 2 ** 51 + 0.5]) {
        for (const exactly of [false, true]) {
          const wanted = oracleRoundToIntegral(at, a, exactly);
          expect([a, unit.roundToIntegral(a, exactly), unit.flags]).toEqual([a, wanted.value, wanted.flags]);
          if (at.policy.subnormals !== 'gradual' && Math.abs(a) < 1) continue;
          const integer = oracleToInteger({ bits: 16, signed: true }, rounding, a, 'clamp', exactly);
          const found = unit.toInteger(a, { bits: 16, signed: true, profile: 'arm' }, exactly);
          expect([a, found, unit.flags]).toEqual([a, Number(integer.value), integer.flags]);
        }
      }
    }
  });

  it('stochastically', () => {
    far.forEach((a, i) => {
      far.forEach((b, j) => {
        const bits = 1 + ((i * 21 + j) % 32);
        const variant = (['A', 'B', 'C'] as const)[(i + j) % 3]!;
        const at = roundTo(format, { nanInput: 'max', ...policy, stochastic: { bits, variant, seed: 11 } });
        const unit = new Unit(format, at.policy);
        const position = { index: i, step: j, stage: 1 };
        const random = oracleRandomBits(11n, position, bits);
        for (const operation of binary) {
          const wanted = outcome(() => oracleOperation(operation, at, [a, b], { bits, variant, random }));
          const value = outcome(() => unit[operation](a, b, position));
          expect([operation, a, b, wanted === 'refused' ? value : { value, flags: unit.flags }]).toEqual([
            operation,
            a,
            b,
            wanted,
          ]);
        }
      });
    });
  });
});

describe('what is lost in a fused multiply-add', () => {
  it('is the addend or the product, when the result is one of them', () => {
    const unit = createUnit({ format: binary16 });
    expect([unit.fusedMultiplyAdd(2 ** -600, 2 ** -600, 1), unit.flags]).toEqual([1, 129]);
    expect([unit.fusedMultiplyAdd(1, 1, 2 ** -1000), unit.flags]).toEqual([1, 129]);
    expect([unit.fusedMultiplyAdd(1 + 2 ** -40, 1 + 2 ** -40, 2 ** -1000), unit.flags]).toEqual([1, 1]);
    expect([unit.fusedMultiplyAdd(2 ** 600, 2 ** 600, -Infinity), unit.flags]).toEqual([-Infinity, 0]);
    expect([unit.fusedMultiplyAdd(2 ** -600, 2 ** -600, -0), unit.flags]).toEqual([0, 3]);
    expect([unit.fusedMultiplyAdd(2 ** 600, 2 ** 600, -1), unit.flags]).toEqual([Infinity, 5]);
    const down = createUnit({ format: binary16, policy: { rounding: 'towardNegative' } });
    expect([down.fusedMultiplyAdd(2 ** 500, 2 ** -500, -1), down.flags]).toEqual([-0, 0]);
    expect([unit.fusedMultiplyAdd(2 ** 500, 2 ** -500, -1), unit.flags]).toEqual([0, 0]);
  });
});

describe('the format without rounding', () => {
  const unit = new Unit(idealFormat, idealRounding.policy);
  it('hands binary64 results on, and flags them all', () => {
    expect([unit.reciprocalSquareRoot(2), unit.flags]).toEqual([1 / Math.sqrt(2), 1]);
    expect([unit.reciprocalSquareRoot(3), unit.flags]).toEqual([1 / Math.sqrt(3), 1]);
    expect([unit.add(0.1, 0.2), unit.flags & 1]).toEqual([0.1 + 0.2, 1]);
    expect(new Exponential(idealFormat, idealRounding.policy).exp(0.1)).toBe(Math.exp(0.1));
    expect(new Exponential(idealFormat, idealRounding.policy).exp(-12.3)).toBe(Math.exp(-12.3));
  });
});

describe('defaults', () => {
  it('raise no inexact for integral values and integers', () => {
    const { codes } = createUnit({ format: binary16 });
    const half = 0x3e00;
    expect([codes.roundToIntegral(half), codes.flags]).toEqual([0x4000, 0]);
    expect([codes.roundToIntegral(half, true), codes.flags]).toEqual([0x4000, 1]);
    expect([codes.toInteger(half), codes.flags]).toEqual([2, 0]);
    expect([codes.toInteger(half, undefined, true), codes.flags]).toEqual([2, 1]);
    expect([codes.toInteger(0x7e00), codes.flags]).toEqual([-(2 ** 31), 16]);
    expect([codes.fromInteger(3), codes.flags]).toEqual([0x4200, 0]);
    expect([codes.compare(0x7e00, 0), codes.flags]).toEqual([null, 0]);
    const unit = createUnit({ format: binary16 });
    expect([unit.roundToIntegral(1.5), unit.flags]).toEqual([2, 0]);
    expect([unit.toInteger(1.5), unit.flags]).toEqual([2, 0]);
    expect([unit.toInteger(-0.25), unit.flags]).toEqual([0, 0]);
  });

  it('write the NaN of an integer too large as any other', () => {
    const { codes } = createUnit({ format: e4m3fn });
    expect([codes.fromInteger(1000), codes.flags]).toEqual([0x7f, 5]);
    expect([codes.fromInteger(-1000), codes.flags]).toEqual([0x7f, 5]);
  });

  it('take the sign of a NaN that overflow makes at the same place', () => {
    const policy = { stochastic: { bits: 4, seed: 5 }, overflow: 'nan' } as const;
    const { codes } = createUnit({ format: e4m3fn, policy });
    for (let index = 0; index < 40; index++) {
      const position = { index, step: 0, stage: 0 };
      expect(codes.convert(0xdf20, binary16, position) & 0x80).toBe(0x80);
      const found = codes.fusedMultiplyAdd(0x7e, 0x38, 0x58, position);
      expect(found === 0x7e || found === 0x7f).toBe(true);
    }
  });
});

describe('e^x', () => {
  const xs = [
    300,
    -300,
    300.5,
    -300.5,
    299.75,
    -299.75,
    88.72283905206835,
    11.089866488461016,
    -17.328679513998633,
    2 ** -60,
    -(2 ** -60),
    2 ** -61 * 1.9,
    2 ** -130,
    -(2 ** -131),
    2 ** -24,
    2 ** -25,
    -(2 ** -26),
    Math.LN2,
    5e-324,
    1,
    -1,
    12,
  ];
  it.each<[string, Format, PartialPolicy]>([
    ['binary32', binary32, {}],
    ['44 bits', wide, {}],
    ['bfloat16, flushing', bfloat16, { subnormals: 'flushBoth' }],
    ['e4m3fn', e4m3fn, { overflow: 'saturate' }],
    ['e8m0fnu', e8m0fnu, {}],
    ['fixed point', defineInteger({ bits: 53, fractionBits: 40 }), {}],
  ])('far out, near zero and beside powers of two: %s', (_, format, policy) => {
    for (const rounding of deterministicModes) {
      const at = roundTo(format, { ...policy, rounding });
      const unit = new Exponential(format, at.policy);
      for (const x of xs) {
        const wanted = oracleExponential(at, x);
        expect([rounding, x, unit.exp(x), unit.flags]).toEqual([rounding, x, wanted.value, wanted.flags]);
      }
    }
  });

  it('tells tiny results from others where two numbers side by side round to one', () => {
    const format = defineFloat({ exponentBits: 2, mantissaBits: 5, bias: 1 });
    for (const tininess of ['afterRounding', 'beforeRounding'] as const) {
      for (const rounding of deterministicModes) {
        const at = roundTo(format, { tininess, rounding });
        const unit = new Exponential(format, at.policy);
        for (const edge of [1 - 2 ** -7, 1 - 2 ** -6, 1 + 2 ** -6, 1 - 2 ** -8]) {
          const x = Math.log(edge);
          for (const near of [x * (1 - 2 ** -52), x, x * (1 + 2 ** -52), x * (1 - 2 ** -44), x * (1 + 2 ** -44)]) {
            const wanted = oracleExponential(at, near);
            expect([rounding, near, unit.exp(near), unit.flags]).toEqual([rounding, near, wanted.value, wanted.flags]);
          }
        }
      }
    }
  });

  it('reads subnormals as zero up to the smallest normal number, not beyond', () => {
    const tiny = new Exponential(e5m2, resolvePolicy(e5m2, { subnormals: 'flushInputs', rounding: 'towardPositive' }));
    expect([tiny.exp(e5m2.minNormal), tiny.flags]).toEqual([1.25, 1]);
    expect([tiny.exp(e5m2.minNormal / 2), tiny.flags]).toEqual([1, 256]);
    expect([tiny.exp(-e5m2.minNormal), tiny.flags]).toEqual([1, 1]);
    expect([tiny.exp(-e5m2.minNormal / 2), tiny.flags]).toEqual([1, 256]);
    expect([tiny.exp(0), tiny.flags]).toEqual([1, 0]);
  });
});

describe('p · 2^n', () => {
  it('reads p as the policy does, and n of any size', () => {
    const unit = new Exponential(e5m2, resolvePolicy(e5m2, { subnormals: 'flushInputs' }));
    const smallest = e5m2.minNormal;
    expect([unit.scaleByPowerOfTwo(smallest, 14), unit.flags]).toEqual([1, 0]);
    expect([unit.scaleByPowerOfTwo(-smallest, 14), unit.flags]).toEqual([-1, 0]);
    expect([unit.scaleByPowerOfTwo(smallest / 2, 14), unit.flags]).toEqual([0, 256]);
    expect([unit.scaleByPowerOfTwo(-smallest / 2, 14), unit.flags]).toEqual([-0, 256]);
    expect([unit.scaleByPowerOfTwo(0, 5000), unit.flags]).toEqual([0, 0]);
    expect([unit.scaleByPowerOfTwo(-0, 5000), unit.flags]).toEqual([-0, 0]);
    expect(unit.scaleByPowerOfTwo(Number.NaN, 3)).toBeNaN();
    expect([unit.scaleByPowerOfTwo(-Infinity, -9999), unit.flags]).toEqual([-Infinity, 0]);
    expect([unit.scaleByPowerOfTwo(-1, 5000), unit.flags]).toEqual([-Infinity, 5]);
    expect([unit.scaleByPowerOfTwo(1, 5000), unit.flags]).toEqual([Infinity, 5]);
    expect([unit.scaleByPowerOfTwo(1, -5000), unit.flags]).toEqual([0, 3]);
    const up = new Exponential(e5m2, resolvePolicy(e5m2, { rounding: 'towardPositive' }));
    expect([up.scaleByPowerOfTwo(1, -5000), up.flags]).toEqual([e5m2.minSubnormal, 3]);
    expect([up.scaleByPowerOfTwo(-1, -5000), up.flags]).toEqual([-0, 3]);
    expect([up.scaleByPowerOfTwo(2 ** 1000, -999), up.flags]).toEqual([2, 0]);
    expect([up.scaleByPowerOfTwo(2 ** -1000, 999), up.flags]).toEqual([0.5, 0]);
  });
});

describe('exact results', () => {
  it('of every operation of an event', () => {
    expect(exactResult('round', [-0.1])).toBe('-0.1000000000000000055511151231257827021181583404541015625');
    expect(exactResult('alignedSum', [2.5])).toBeNull();
    expect(exactResult('exactSum', [2.5])).toBeNull();
    expect(exactResult('add', [Number.NaN, 1])).toBeNull();
    expect(exactResult('fusedMultiplyAdd', [1, 1, -Infinity])).toBeNull();
    expect(exactResult('divide', [3, 3])).toBe('1');
    expect(exactResult('exponential', [751])).toBeNull();
    expect(exactResult('exponential', [-751])).toBeNull();
    expect(exactResult('exponential', [750])).toMatch(/^5258494541454804166807735549286840060359[0]{286}…$/);
    expect(exactResult('exponential', [-1])).toBe('0.3678794411714423215955237701614608674458…');
    expect(exactResult('exponential', [2 ** -200])).toMatch(/^1…$/);
    expect(exactResult('exponential', [2 ** -100])).toBe('1.000000000000000000000000000000788860905…');
    expect(exactResult('exponential', [400])).toMatch(/^5221469689764143950588763006649649029523[0]{134}…$/);
    expect(exactResult('scaleByPowerOfTwo', [3, 0])).toBe('3');
    expect(exactResult('scaleByPowerOfTwo', [3, 1101])).toBeNull();
    expect(exactResult('scaleByPowerOfTwo', [3, -1101])).toBeNull();
    expect(exactResult('scaleByPowerOfTwo', [3, 1100])).toBe((3n * 2n ** 1100n).toString());
    expect(exactResult('scaleByPowerOfTwo', [1, -2])).toBe('0.25');
  });
});

describe('residuals', () => {
  it('are trusted from 2^−450 to 2^450, and for zeros', () => {
    const [least, largest] = [2 ** -450, 2 ** 450];
    expect([0, -0, 1, -least, least, largest, -largest].map(isSafe)).toEqual(new Array(7).fill(true));
    const beyond = [least * (1 - 2 ** -53), -largest * (1 + 2 ** -52), 5e-324, Infinity, -Infinity, Number.NaN];
    expect(beyond.map(isSafe)).toEqual(new Array(6).fill(false));
  });

  it('are kept by the last bit, odd', () => {
    const [ulp, tiny] = [2 ** -52, 2 ** -60];
    for (const sign of [1, -1]) {
      for (const x of [1, 1.5, 1 + 2 * ulp, 2 ** 20, 1 + 2 ** -20, 3 * 2 ** -30].map((y) => sign * y)) {
        const away = toOdd(x, sign * tiny * x * sign);
        const back = toOdd(x, -sign * tiny * x * sign);
        expect(away).toBe(nextNumber(x, sign));
        expect(back).toBe(nextNumber(x, -sign));
      }
      const odd = sign * (1 + ulp);
      expect([toOdd(odd, tiny), toOdd(odd, -tiny)]).toEqual([odd, odd]);
    }
  });

  it('are exact, or of the right sign', () => {
    const [a, b] = [1 + 2 ** -30, 1 + 2 ** -31];
    expect(productResidual(a, b, a * b)).toBe(2 ** -61);
    expect(productResidual(a, -b, -(a * b))).toBe(-(2 ** -61));
    expect(productResidual(3, 5, 15)).toBe(0);
    expect(sumResidual(1, 2 ** -60, 1)).toBe(2 ** -60);
    for (const [x, y] of [
      [1, 3],
      [2, 3],
      [-1, 3],
      [1, -3],
      [-2, -3],
    ] as const) {
      const exact = BigInt(x) * 2n ** 80n - BigInt(Math.round((x / y) * 2 ** 55)) * 2n ** 25n * BigInt(y);
      const sign = Number(exact > 0n) - Number(exact < 0n);
      expect(Math.sign(quotientResidual(x, y, x / y))).toBe(y < 0 ? -sign : sign);
    }
    expect(Math.sign(rootResidual(2, Math.SQRT2))).toBe(-1);
    expect(Math.sign(rootResidual(3, Math.sqrt(3)))).toBe(1);
    expect(rootResidual(9, 3)).toBe(0);
  });
});

describe('units', () => {
  it('say what they are', () => {
    const unit = createUnit({ format: binary16, policy: { rounding: 'toOdd' }, nanCode: 0x7f01 });
    expect([formatName(unit.format), unit.policy.rounding, unit.nanCode, unit.flags]).toEqual([
      'binary16',
      'toOdd',
      0x7f01,
      0,
    ]);
    expect(unit.codes).toBe(unit.codes);
    expect(unit.codes.multiply(0, 0x7c00)).toBe(0x7f01);
  });
});
