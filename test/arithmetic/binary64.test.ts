import { describe, expect, it } from 'vitest';
import { createUnit } from '../../src/arithmetic/index.ts';
import { binary64 } from '../../src/formats/index.ts';
import {
  ABSORPTION,
  DIVIDE_BY_ZERO,
  INEXACT,
  INVALID,
  OVERFLOW,
  type PartialPolicy,
  roundingModes,
  roundTo,
  UNDERFLOW,
} from '../../src/rounding/index.ts';
import { type OracleOperation, oracleOperation } from '../../src/testing/oracle/operations.ts';
import { oracleRandomBits } from '../../src/testing/oracle/philox.ts';
import { isScaledDown } from '../rounding/helpers.ts';
import { Doubles } from './sweeps/binary64.ts';

const OPERATIONS = [
  ['add', 2],
  ['subtract', 2],
  ['multiply', 2],
  ['divide', 2],
  ['squareRoot', 1],
  ['reciprocalSquareRoot', 1],
  ['fusedMultiplyAdd', 3],
  ['convert', 1],
] as const satisfies readonly (readonly [OracleOperation, number])[];

/** The operations that a policy gets wrong, against the oracle, as text. */
function wrong(policy: PartialPolicy, cases: number, seed: number): string[] {
  const at = roundTo(binary64, policy);
  const unit = createUnit({ format: binary64, policy });
  const doubles = new Doubles(seed);
  const { stochastic } = at.policy;
  const found: string[] = [];
  for (let i = 0; i < cases; i++) {
    const position = { index: i, step: 0, stage: 0 };
    const random = stochastic && {
      bits: stochastic.bits,
      variant: stochastic.variant,
      random: oracleRandomBits(BigInt(stochastic.seed), position, stochastic.bits),
    };
    const three = doubles.three();
    const two = doubles.two();
    for (const [name, count] of OPERATIONS) {
      const operands = count === 3 ? three : two.slice(0, count);
      const expected = oracleOperation(name, at, operands, random);
      const [a, b, c] = operands as [number, number, number];
      const value =
        name === 'fusedMultiplyAdd'
          ? unit.fusedMultiplyAdd(a, b, c, position)
          : name === 'convert'
            ? unit.round(a, position)
            : count === 1
              ? unit[name as 'squareRoot'](a, position)
              : unit[name as 'add'](a, b, position);
      if (!Object.is(value, expected.value) || unit.flags !== expected.flags) {
        found.push(`${name}(${operands.join(', ')}): ${value} ${unit.flags}, not ${expected.value} ${expected.flags}`);
      }
    }
  }
  return found.slice(0, 5);
}

const policies: PartialPolicy[] = [
  ...roundingModes.map((rounding): PartialPolicy => ({ rounding })),
  { stochastic: { bits: 3, variant: 'A' } },
  { stochastic: { bits: 1, variant: 'C' }, tininess: 'beforeRounding' },
  { subnormals: 'flushBoth' },
  { subnormals: 'flushOutputs', rounding: 'toOdd', overflow: 'infinity' },
  { subnormals: 'flushInputs', tininess: 'beforeRounding', overflow: 'saturate' },
  { overflow: 'nan', rounding: 'towardPositive' },
  { overflow: 'saturateFinite', rounding: 'tiesToAway' },
];

describe('the unit of binary64', () => {
  it.each(policies.map((policy, i) => [JSON.stringify(policy), policy, i] as const))(
    'agrees with the oracle under %s',
    (_, policy, i) => {
      expect(wrong(policy, policy.rounding === 'tiesToEven' ? 4000 : 800, 1 + i)).toEqual([]);
    },
  );

  it('is the machine itself where that has the operation', () => {
    const unit = createUnit({ format: binary64 });
    const doubles = new Doubles(99);
    for (let i = 0; i < (isScaledDown ? 500 : 20_000); i++) {
      const [a, b] = doubles.two();
      expect([unit.add(a, b), unit.multiply(a, b), unit.divide(a, b), unit.squareRoot(a)]).toEqual([
        a + b,
        a * b,
        a / b,
        Math.sqrt(a),
      ]);
    }
  });

  it('rounds a fused multiply-add once', () => {
    const unit = createUnit({ format: binary64 });
    const epsilon = 2 ** -52;
    // 1 − 2^−104 is just below half a unit of 2^53 + 2: two roundings would take it for a tie, and go up.
    expect(unit.fusedMultiplyAdd(1 + epsilon, 1 - epsilon, 2 ** 53 + 2)).toBe(2 ** 53 + 2);
    expect(unit.flags).toBe(INEXACT | ABSORPTION);
    expect(unit.fusedMultiplyAdd(1 + epsilon, 1 - epsilon, -1)).toBe(-(2 ** -104));
    expect(unit.flags).toBe(0);
    // The product alone would overflow, or vanish.
    expect(unit.fusedMultiplyAdd(2 ** 600, 2 ** 600, -Infinity)).toBe(-Infinity);
    expect(unit.fusedMultiplyAdd(2 ** 1000, 2 ** 24, -Number.MAX_VALUE)).toBe(2 ** 971);
    expect(unit.fusedMultiplyAdd(2 ** -600, 2 ** -600, 5e-324)).toBe(5e-324);
    expect(unit.flags).toBe(INEXACT | UNDERFLOW | ABSORPTION);
  });

  it('raises what IEEE 754 raises', () => {
    const unit = createUnit({ format: binary64 });
    const cases: [() => number, number, number][] = [
      [() => unit.add(Number.MAX_VALUE, 2 ** 970), Infinity, OVERFLOW | INEXACT],
      [() => unit.add(Number.MAX_VALUE, 2 ** 969), Number.MAX_VALUE, INEXACT | ABSORPTION],
      [() => unit.multiply(2 ** -1022, 1 - 2 ** -53), 2 ** -1022, INEXACT | UNDERFLOW],
      [() => unit.multiply(2 ** -1022, 0.5), 2 ** -1023, 0],
      [() => unit.multiply(5e-324, 0.5), 0, INEXACT | UNDERFLOW],
      [() => unit.divide(1, 0), Infinity, DIVIDE_BY_ZERO],
      [() => unit.add(Infinity, -Infinity), Number.NaN, INVALID],
      [() => unit.squareRoot(-1), Number.NaN, INVALID],
      [() => unit.round(Number.NaN), Number.NaN, 0],
    ];
    for (const [run, value, flags] of cases) expect([run(), unit.flags], String(run)).toEqual([value, flags]);
  });

  it('takes integers of any size, and gives integers', () => {
    const unit = createUnit({ format: binary64 });
    expect(unit.fromInteger(2n ** 53n + 1n)).toBe(2 ** 53);
    expect(unit.fromInteger(2n ** 1024n)).toBe(Infinity);
    expect(createUnit({ format: binary64, policy: { rounding: 'towardZero' } }).fromInteger(-(2n ** 1024n) - 1n)).toBe(
      -Number.MAX_VALUE,
    );
    expect(unit.roundToIntegral(2.5)).toBe(2);
    expect(unit.toInteger(-1e300)).toBe(-(2 ** 31));
  });

  it('has no codes that are numbers', () => {
    expect(() => createUnit({ format: binary64 }).codes).toThrow('unit.codes: expected a format of at most 53 bits');
    expect(() => createUnit({ format: binary64, nanCode: 1 })).toThrow('at most 53 bits');
  });
});
