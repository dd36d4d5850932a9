import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactResult } from '../../src/arithmetic/exact.ts';
import { approximateExponential, Exponential } from '../../src/arithmetic/exponential.ts';
import { exponentialInterval, naturalLogarithmOf2 } from '../../src/arithmetic/exponentialInterval.ts';
import { bfloat16, binary16, binary32, defineFloat, defineInteger, e4m3fn, e5m2 } from '../../src/formats/index.ts';
import { decode, type Rounding, resolvePolicy, roundTo } from '../../src/rounding/index.ts';
import { policies, reals, roundings } from '../../src/testing/arbitraries/index.ts';
import { oracleExponential } from '../../src/testing/oracle/exponential.ts';
import { exact } from '../../src/testing/oracle/index.ts';
import { oracleRandomBits } from '../../src/testing/oracle/philox.ts';
import { oracleProject } from '../../src/testing/oracle/round.ts';
import { outcome, seeded } from '../testing/helpers.ts';

const wide = defineFloat({ exponentBits: 8, mantissaBits: 44 });

function exp({ format, policy }: Rounding, x: number): { value: number; flags: number } {
  const unit = new Exponential(format, policy);
  const value = unit.exp(x);
  return { value, flags: unit.flags };
}

/** Kernel and model agree, or both refuse. */
function agrees(at: Rounding, x: number): void {
  const wanted = outcome(() => oracleExponential(at, x));
  expect(outcome(() => exp(at, x))).toEqual(wanted);
}

describe('e^x', () => {
  it.each([
    ['e4m3fn', e4m3fn],
    ['e5m2', e5m2],
  ] as const)('of every code of %s', (_, format) => {
    for (let code = 0; code < format.codes; code++) agrees(roundTo(format), decode(format, code));
  });

  it('of a tenth of the codes of binary16 and bfloat16, to nearest and to odd', () => {
    for (const format of [binary16, bfloat16]) {
      for (let code = 0; code < 65536; code += 41) {
        agrees(roundTo(format, code % 2 === 0 ? {} : { rounding: 'toOdd' }), decode(format, code));
      }
    }
  });

  it('to 45 bits, where one result in eight needs the interval', () => {
    for (let i = 0; i < 2000; i++) {
      const x = Math.sin(i) * (i % 2 === 0 ? 87 : 2 ** -(i % 90));
      agrees(roundTo(wide, i % 3 === 0 ? { rounding: 'towardPositive' } : {}), x);
    }
  });

  it('in any format and policy', () => {
    const cases = roundings({ maxBits: 32 })
      .filter(({ format, policy }) => format.kind === 'float' || policy.overflow === 'saturate')
      .chain((at) =>
        fc.tuple(
          fc.constant(at),
          fc.oneof(reals(at.format), fc.double(), fc.double({ min: -320, max: 320, noNaN: true })),
        ),
      );
    fc.assert(
      fc.property(cases, ([at, x]) => agrees(at, x)),
      seeded(1500),
    );
  });

  it('in fixed point', () => {
    const fixed = defineInteger({ bits: 16, fractionBits: 15 });
    for (let i = 0; i < 300; i++) agrees(roundTo(fixed, { nanInput: 'zero' }), -i / 29);
    expect(exp(roundTo(defineInteger({ bits: 9, fractionBits: 7 })), 1)).toEqual({ value: 255 / 128, flags: 37 });
  });

  it('is 1 at 0, and knows infinities, NaN and the far ends', () => {
    expect(exp(roundTo(binary16), -0)).toEqual({ value: 1, flags: 0 });
    expect(exp(roundTo(binary16), -Infinity)).toEqual({ value: 0, flags: 0 });
    expect(exp(roundTo(binary16), Infinity)).toEqual({ value: Infinity, flags: 0 });
    expect(exp(roundTo(binary16), Number.NaN)).toEqual({ value: Number.NaN, flags: 0 });
    expect(exp(roundTo(binary16), 1e300)).toEqual({ value: Infinity, flags: 5 });
    expect(exp(roundTo(binary16), -1e300)).toEqual({ value: 0, flags: 3 });
    expect(exp(roundTo(binary32, { rounding: 'towardPositive' }), -1e300)).toEqual({ value: 2 ** -149, flags: 3 });
    expect(exp(roundTo(binary32, { rounding: 'towardPositive' }), 5e-324)).toEqual({ value: 1 + 2 ** -23, flags: 1 });
    expect(exp(roundTo(binary32, { rounding: 'towardZero' }), -5e-324)).toEqual({ value: 1 - 2 ** -24, flags: 1 });
    expect(exp(roundTo(binary16, { subnormals: 'flushInputs' }), -(2 ** -20))).toEqual({ value: 1, flags: 256 });
  });

  it('rounds stochastically from the value itself', () => {
    const ln2 = naturalLogarithmOf2(640);
    for (const variant of ['A', 'B', 'C'] as const) {
      for (let i = 0; i < 60; i++) {
        const policy = resolvePolicy(bfloat16, { stochastic: { bits: 1 + (i % 12), variant, seed: 7 } });
        const x = i % 5 === 0 ? -(2 ** -(3 * i)) : -i / 7 - 2 ** -30;
        const unit = new Exponential(bfloat16, policy);
        const position = { index: i, step: 3, stage: 5 };
        const value = unit.exp(x, position);
        const { low, exponent } = exponentialInterval(x, 640, ln2);
        const bits = 1 + (i % 12);
        const random = oracleRandomBits(7n, position, bits);
        expect(value).toBe(
          oracleProject(bfloat16, policy, exact.rational(false, low, exponent), { bits, variant, random }).value,
        );
      }
    }
  });

  it('writes down 40 digits', () => {
    expect(exactResult('exponential', [1])).toBe('2.718281828459045235360287471352662497757…');
    expect(exactResult('exponential', [0])).toBe('1');
    expect(exactResult('exponential', [2 ** -300])).toBe('1…');
    expect(exactResult('exponential', [-1e6])).toBeNull();
    expect(exactResult('scaleByPowerOfTwo', [1.5, -3])).toBe('0.1875');
    expect(exactResult('scaleByPowerOfTwo', [-3, 70])).toBe((-3n * 2n ** 70n).toString());
  });
});

describe('the intervals', () => {
  const ln2 = naturalLogarithmOf2(640);
  const short = naturalLogarithmOf2(128);
  const argument = (i: number): number => Math.sin(i * i) * (i % 3 === 0 ? 300 : i % 3 === 1 ? 2 : 2 ** -(i % 60));

  it('of few bits hold those of many', () => {
    for (let i = 1; i <= 1500; i++) {
      const a = argument(i);
      const coarse = exponentialInterval(a, 128, short);
      const fine = exponentialInterval(a, 640, ln2);
      expect(coarse.exponent - fine.exponent).toBe(512);
      expect(coarse.low << 512n < fine.low && fine.high < coarse.high << 512n).toBe(true);
      expect(coarse.high - coarse.low).toBeLessThan(coarse.low >> 100n);
    }
  });

  it('hold the quick approximation, to a relative error of 2^−50', () => {
    let worst = 0;
    for (let i = 1; i <= 4000; i++) {
      const a = argument(i);
      const { low, exponent } = exponentialInterval(a, 128, short);
      const y = exact.split(exact.fromNumber(approximateExponential(a)), exponent).whole;
      worst = Math.max(worst, Math.abs(Number(y - low) / Number(low)));
    }
    expect(worst).toBeLessThan(2 ** -50);
  });
});

describe('ln 2', () => {
  it('has its digits, at every length', () => {
    const long = naturalLogarithmOf2(3000);
    for (const bits of [64, 320, 640, 1280, 2560]) {
      const difference = (long >> BigInt(3000 - bits)) - naturalLogarithmOf2(bits);
      expect(difference === 0n || difference === 1n).toBe(true);
    }
    expect(Number(long >> 2900n) / 2 ** 100).toBe(Math.LN2);
  });
});

describe('p · 2^n', () => {
  it('is one rounding of the exact product', () => {
    const cases = fc.constantFrom(binary16, bfloat16, binary32, e4m3fn).chain((format) =>
      fc.tuple(
        policies(format).map((policy) => ({ format, policy })),
        reals(format),
        fc.integer({ min: -700, max: 700 }),
      ),
    );
    fc.assert(
      fc.property(cases, ([{ format, policy }, p, n]) => {
        const unit = new Exponential(format, policy);
        const value = outcome(() => unit.scaleByPowerOfTwo(p, n));
        if (!Number.isFinite(p) || p === 0) return;
        const flushes = policy.subnormals === 'flushInputs' || policy.subnormals === 'flushBoth';
        const read = flushes && Math.abs(p) < format.minNormal ? p * 0 : p;
        const wanted = oracleProject(format, policy, exact.scaleByPowerOfTwo(exact.fromNumber(read), n));
        expect(value).toBe(wanted.value);
        expect(unit.flags).toBe(wanted.flags | (read === p ? 0 : 256));
      }),
      seeded(1500),
    );
    const unit = new Exponential(binary32, resolvePolicy(binary32));
    expect(unit.scaleByPowerOfTwo(1, 1e300)).toBe(Infinity);
    expect(unit.scaleByPowerOfTwo(-1, -1e300)).toBe(-0);
    expect(unit.flags).toBe(3);
  });
});
