import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactResult } from '../../src/arithmetic/exact.ts';
import { elementary, type Transcendental, transcendentals } from '../../src/arithmetic/functions.ts';
import { FunctionUnit, functionDigits } from '../../src/arithmetic/functionUnit.ts';
import { Intervals } from '../../src/arithmetic/intervals.ts';
import { binary16, binary32, binary64, e4m3fn, e5m2 } from '../../src/formats/index.ts';
import { pairOfDyadic } from '../../src/rounding/dyadicPair.ts';
import { decode, type Rounding, roundTo } from '../../src/rounding/index.ts';
import { reals } from '../../src/testing/arbitraries/index.ts';
import { oracleEvaluate } from '../../src/testing/oracle/functions.ts';
import { outcome, seeded } from '../testing/helpers.ts';

const CAP = 50;

function agrees(at: Rounding, x: number, names: readonly Transcendental[] = transcendentals): void {
  const unit = new FunctionUnit(at.format, at.policy);
  for (const name of names) {
    const wanted = outcome(() => oracleEvaluate(name, at, x, CAP));
    const found = outcome(() => ({ value: unit.evaluate(name, x, CAP), flags: unit.flags }));
    expect(found, `${name}(${x})`).toEqual(wanted);
  }
}

const modes = ['tiesToEven', 'towardZero', 'towardPositive', 'towardNegative', 'toOdd', 'tiesToAway'] as const;

const mode = fc.constantFrom(...modes);
const name = fc.constantFrom(...transcendentals);

describe('every function', () => {
  it.each([
    ['e4m3fn', e4m3fn],
    ['e5m2', e5m2],
  ] as const)('of every 17th code of %s, in every mode', (_, format) => {
    for (let code = 0; code < format.codes; code += 17) {
      agrees(roundTo(format, { rounding: modes[code % 6] as 'toOdd' }), decode(format, code));
    }
  });

  it('in binary64, whose last place no approximation of binary64 decides', () => {
    const x = fc.oneof(fc.double({ min: -50, max: 50, noNaN: true }), fc.double());
    fc.assert(
      fc.property(x, mode, name, (at, rounding, one) => agrees(roundTo(binary64, { rounding }), at, [one])),
      seeded(2400),
    );
  });

  it('in binary32, near 0 and far from it', () => {
    const x = fc.oneof(fc.double({ min: -120, max: 120, noNaN: true }), reals(binary32));
    fc.assert(
      fc.property(x, mode, name, (at, rounding, one) => agrees(roundTo(binary32, { rounding }), at, [one])),
      seeded(2400),
    );
  });

  it('is approximated within 2^-41, which is what the quick way rests on', () => {
    const at = fc.oneof(
      fc.double({ min: -30, max: 30, noNaN: true }),
      fc.double({ min: -500, max: 500, noNaN: true }),
      fc.double({ noNaN: true }),
      fc.integer({ min: -400, max: 400 }).map((n) => n / 16),
    );
    fc.assert(
      fc.property(at, fc.constantFrom(...transcendentals), (x, name) => {
        const f = elementary[name];
        if (f.edge(x, CAP, 'sign') !== null) return;
        const y = f.approximate(x, CAP);
        if (Number.isNaN(y) || Math.abs(y) < 2 ** -900) return;
        const { low, exponent } = f.interval(x, precise, CAP);
        const real = pairOfDyadic({ n: low, exponent }).x;
        expect(Math.abs(y / real - 1), `${name}(${x})`).toBeLessThan(2 ** -42);
      }),
      seeded(2000),
    );
  });

  it('tells its digits', () => {
    expect(exactResult('tanh', [1])).toBe('0.7615941559557648881194582826047935904128…');
    expect(exactResult('softcap', [5000, 50])).toMatch(/^50…$/);
    expect(exactResult('gelu', [-1])).toBe('-0.1586552539314570514147674543679620775221…');
    expect(exactResult('log2', [8])).toBe('3');
    expect(exactResult('log', [0])).toBeNull();
    expect(exactResult('exp2', [-0.5])).toBe('0.7071067811865475244008443621048490392848…');
    expect(functionDigits('exp', Number.NaN, 1)).toBeNull();
    expect(exactResult('scaleByPowerOfTwo', [3, 0.5])).toBeNull();
  });

  it('reads subnormals as zero where the policy does', () => {
    const { format, policy } = roundTo(binary16, { subnormals: 'flushBoth' });
    const unit = new FunctionUnit(format, policy);
    expect(unit.evaluate('sigmoid', 2 ** -20, 1)).toBe(0.5);
    expect(unit.flags).toBe(256);
    expect(unit.evaluate('silu', -(2 ** -14), 1)).toBe(-0);
    expect(unit.flags).toBe(3);
  });
});

const precise = new Intervals(1600);
