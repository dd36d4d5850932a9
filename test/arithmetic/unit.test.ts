import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createUnit } from '../../src/arithmetic/index.ts';
import { Unit } from '../../src/arithmetic/unit.ts';
import {
  bfloat16,
  binary16,
  binary32,
  defineP3109,
  e2m1fn,
  type Format,
  int8,
  int32,
  parseFormat,
} from '../../src/formats/index.ts';
import { decode, flagNames, type Rounding, roundTo } from '../../src/rounding/index.ts';
import { formats, policies, reals, values } from '../../src/testing/arbitraries/index.ts';
import { type OracleOperation, oracleOperation, oracleOperations } from '../../src/testing/oracle/operations.ts';
import { oracleRandomBits } from '../../src/testing/oracle/philox.ts';
import { modePolicies } from '../rounding/helpers.ts';
import { failure, outcome, range, seeded } from '../testing/helpers.ts';

const names = (Object.keys(oracleOperations) as OracleOperation[]).filter((name) => name !== 'convert');

interface Case {
  readonly rounding: Rounding;
  readonly operation: OracleOperation;
  readonly operands: number[];
}

/** Operands that meet: values of the format and others, opposite and nearly opposite ones, any binary64 numbers. */
function operandsOf(format: Format, count: number): fc.Arbitrary<number[]> {
  const operand = fc.oneof(
    { weight: 4, arbitrary: values(format) },
    { weight: 4, arbitrary: reals(format) },
    { weight: 1, arbitrary: fc.constantFrom(0.1, 1e300, -1e300, 5e-324, 2 ** -600, 2 ** 500, 1 / 3) },
  );
  return fc.array(operand, { minLength: count, maxLength: count }).chain(
    (operands): fc.Arbitrary<number[]> =>
      fc.oneof(
        { weight: 5, arbitrary: fc.constant(operands) },
        // The last operand near the negative of what comes before: cancellation.
        { weight: 1, arbitrary: fc.constant<number[]>([...operands.slice(0, -1), -(operands[0] as number)]) },
        {
          weight: 1,
          arbitrary: fc.constant<number[]>([
            ...operands.slice(0, -1),
            -(operands[0] as number) * (count === 3 ? (operands[1] as number) : 1),
          ]),
        },
      ),
  );
}

function cases(of: fc.Arbitrary<Rounding>): fc.Arbitrary<Case> {
  return fc.tuple(of, fc.constantFrom(...names)).chain(([rounding, operation]) =>
    fc.record({
      rounding: fc.constant(rounding),
      operation: fc.constant(operation),
      operands: operandsOf(rounding.format, oracleOperations[operation]),
    }),
  );
}

function run(
  unit: Unit,
  operation: OracleOperation,
  [a = 0, b = 0, c = 0]: number[],
): { value: number; flags: number } {
  const value =
    operation === 'fusedMultiplyAdd'
      ? unit.fusedMultiplyAdd(a, b, c)
      : unit[operation as 'add' | 'subtract' | 'multiply' | 'divide'](a, b);
  return { value, flags: unit.flags };
}

/** Integers that wrap need every bit of their results: where a pair of binary64 numbers has fewer, they refuse. */
function isTooWide({ rounding: { format, policy }, operands }: Case, found: unknown): boolean {
  const wraps = format.kind === 'integer' && policy.overflow === 'wrap';
  return wraps && (found === 'refused' || operands.some((x) => Number.isFinite(x) && Math.abs(x) > 2 ** 50));
}

function agree(given: Case): void {
  const { rounding, operation, operands } = given;
  const unit = new Unit(rounding.format, rounding.policy);
  const found = outcome(() => run(unit, operation, operands));
  fc.pre(!isTooWide(given, found));
  expect([found, ...operands]).toEqual([outcome(() => oracleOperation(operation, rounding, operands)), ...operands]);
}

function roundingsOf(format: Format): fc.Arbitrary<Rounding> {
  return policies(format).map((policy) => roundTo(format, policy));
}

describe('every operation is exact, then rounded once', () => {
  it('in any format, under any policy, for any operands', () => {
    fc.assert(fc.property(cases(formats({ maxBits: 53 }).chain(roundingsOf)), agree), seeded(8000));
  });

  it.each(['binary16', 'bfloat16', 'binary32', 'e4m3fn', 'dlfloat16', 'int8', 'float:e8m40'])('in %s', (name) => {
    fc.assert(fc.property(cases(roundingsOf(parseFormat(name))), agree), seeded(1500));
  });

  it.each([0, 1, 2, 3].map((seed) => [seed]))('rounding at random, seed %i', (seed) => {
    const stochastic = fc
      .tuple(
        formats({ maxBits: 40 }),
        fc.integer({ min: 1, max: 32 }),
        fc.constantFrom('A' as const, 'B' as const, 'C' as const),
      )
      .map(([format, bits, variant]) => roundTo(format, { stochastic: { bits, variant, seed } }));
    const position = fc.record({ index: fc.nat({ max: 2 ** 40 }), step: fc.nat(), stage: fc.nat({ max: 20 }) });
    fc.assert(
      fc.property(cases(stochastic), position, (given, at) => {
        const { rounding, operation, operands } = given;
        const unit = new Unit(rounding.format, rounding.policy);
        const { bits, variant } = rounding.policy.stochastic as NonNullable<typeof rounding.policy.stochastic>;
        const random = oracleRandomBits(BigInt(seed), at, bits);
        const [a = 0, b = 0, c = 0] = operands;
        const found = outcome(() => {
          const value =
            operation === 'fusedMultiplyAdd'
              ? unit.fusedMultiplyAdd(a, b, c, at)
              : oracleOperations[operation] === 1
                ? unit[operation as 'squareRoot' | 'reciprocalSquareRoot'](a, at)
                : unit[operation as 'add' | 'subtract' | 'multiply' | 'divide'](a, b, at);
          return { value, flags: unit.flags };
        });
        fc.pre(!isTooWide(given, found));
        expect(found).toEqual(outcome(() => oracleOperation(operation, rounding, operands, { bits, variant, random })));
      }),
      seeded(800, seed),
    );
  });

  const small = [
    'e2m1fn',
    'e3m0',
    'e2m3fn',
    'binary4p2se',
    'binary5p1se',
    'binary5p3ue',
    'binary6p3sf',
    'int4',
    'uint4',
  ];
  it.each(small)('for all pairs of %s, in every mode', (name) => {
    const format = parseFormat(name);
    const operands = range(0, format.codes - 1).map((code) => decode(format, code));
    for (const policy of modePolicies(format)) {
      const unit = new Unit(format, policy);
      const own = { format, policy };
      for (const operation of ['add', 'multiply', 'divide'] as const) {
        for (const a of operands) {
          for (const b of operands) {
            const value = unit[operation](a, b);
            const wanted = oracleOperation(operation, own, [a, b]);
            if (Object.is(value, wanted.value) && unit.flags === wanted.flags) continue;
            expect([operation, policy, a, b, { value, flags: unit.flags }]).toEqual([operation, policy, a, b, wanted]);
          }
        }
      }
    }
  });
});

describe('facts', () => {
  const half = createUnit({ format: binary16 });

  it('add: overflow, absorption, signed zeros', () => {
    expect([half.add(65472, 96), flagNames(half.flags)]).toEqual([Infinity, ['inexact', 'overflow']]);
    expect([half.add(2048, 1), flagNames(half.flags)]).toEqual([2048, ['inexact', 'absorption']]);
    expect([half.add(1, -1), half.flags]).toEqual([0, 0]);
    const down = createUnit({ format: binary16, policy: { rounding: 'towardNegative' } });
    expect(down.add(1, -1)).toBe(-0);
    expect(down.add(0, 0)).toBe(0);
    expect([half.subtract(Infinity, Infinity), flagNames(half.flags)]).toEqual([Number.NaN, ['invalid']]);
  });

  it('divide and roots: exceptions of IEEE 754 §7', () => {
    expect([half.divide(-1, 0), flagNames(half.flags)]).toEqual([-Infinity, ['divideByZero']]);
    expect([half.divide(0, 0), flagNames(half.flags)]).toEqual([Number.NaN, ['invalid']]);
    expect([half.squareRoot(-1), flagNames(half.flags)]).toEqual([Number.NaN, ['invalid']]);
    expect([half.squareRoot(-0), half.flags]).toEqual([-0, 0]);
    expect([half.reciprocalSquareRoot(-0), flagNames(half.flags)]).toEqual([-Infinity, ['divideByZero']]);
    expect([half.reciprocalSquareRoot(4), half.flags]).toEqual([0.5, 0]);
    expect([half.reciprocalSquareRoot(Infinity), half.flags]).toEqual([0, 0]);
  });

  it('fused multiply-add rounds once where two operations round twice', () => {
    const brain = createUnit({ format: bfloat16 });
    expect(brain.fusedMultiplyAdd(1.5, 1.0078125, -(2 ** -60))).toBe(1.5078125);
    expect(brain.round(1.5 * 1.0078125 - 2 ** -60)).toBe(1.515625);
    const single = createUnit({ format: binary32 });
    const [a, b] = [1 + 2 ** -23, 1 - 2 ** -23];
    expect(single.fusedMultiplyAdd(a, b, -1)).toBe(-(2 ** -46));
    expect(single.add(single.multiply(a, b), -1)).toBe(0);
  });

  it('an integer register wraps products wider than binary64 with all their bits', () => {
    const wrapping = createUnit({ format: int32, policy: { overflow: 'wrap' } });
    const a = 2 ** 31 - 1;
    expect([wrapping.multiply(a, a), wrapping.flags]).toEqual([1, 64]);
    expect(wrapping.multiply(a, -a)).toBe(-1);
    expect(wrapping.multiply(0x12345678, 0x7654321)).toBe(Number(BigInt.asIntN(32, 0x12345678n * 0x7654321n)));
  });

  it('flushes operands with a flag', () => {
    const flushing = createUnit({ format: binary16, policy: { subnormals: 'flushBoth' } });
    expect([flushing.add(2 ** -24, 1), flagNames(flushing.flags)]).toEqual([1, ['flush']]);
    expect([flushing.multiply(2 ** -10, 2 ** -10), flagNames(flushing.flags)]).toEqual([0, ['inexact', 'underflow']]);
    expect(flushing.multiply(-(2 ** -20), 1)).toBe(-0);
  });
});

describe('createUnit', () => {
  it('refuses what is no format or no policy', () => {
    expect(failure(() => createUnit({ format: 'binary16' as never }))).toBe('type format');
    expect(failure(() => createUnit({} as never))).toBe('type format');
    expect(failure(() => createUnit({ format: int8, policy: { overflow: 'ieee' } }))).toBe('name policy.overflow');
    expect(failure(() => createUnit(undefined as never))).toBe('type options');
    expect(failure(() => createUnit({ format: binary16, mode: 'up' } as never))).toBe('name options.mode');
    expect(failure(() => createUnit({ format: e2m1fn }).divide(0, 0))).toBe('value x');
    expect(failure(() => createUnit({ format: defineP3109({ bits: 8, precision: 3 }), nanCode: 3 }))).toBe(
      'value nanCode',
    );
  });
});
