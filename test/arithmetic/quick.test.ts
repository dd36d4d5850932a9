/**
 * A little of everything the sweeps do, in seconds: every operation, on codes too, under every kind of policy and format.
 * It comes first in every run, and is what mutation testing asks first.
 */
import { describe, expect, it } from 'vitest';
import { createUnit, exactResult, type IntegerProfile } from '../../src/arithmetic/index.ts';
import { Unit } from '../../src/arithmetic/unit.ts';
import {
  bfloat16,
  binary16,
  binary32,
  defineFloat,
  defineP3109,
  dlfloat16,
  e2m1fn,
  e4m3fn,
  e5m2,
  e5m2fnuz,
  e8m0fnu,
  type FloatFormat,
  type Format,
  formatName,
  int4,
  int8,
  mxint8,
  tf32,
  uint4,
} from '../../src/formats/index.ts';
import { flagNames, roundTo } from '../../src/rounding/index.ts';
import { deterministicModes } from '../../src/testing/arbitraries/index.ts';
import { ordinalsOf } from '../../src/testing/index.ts';
import { oracleCodeOperation } from '../../src/testing/oracle/codeOperations.ts';
import { oracleDecode, oracleEncode, oracleIsSignalling } from '../../src/testing/oracle/codes.ts';
import { oracleCompare, oracleToInteger } from '../../src/testing/oracle/integral.ts';
import { type OracleOperation, oracleOperation, oracleOperations } from '../../src/testing/oracle/operations.ts';
import { oracleRandomBits } from '../../src/testing/oracle/philox.ts';
import { oracleProject } from '../../src/testing/oracle/round.ts';
import { generator } from '../random.ts';
import { allPolicies, cornerOrdinals, firstDifference, modePolicies } from '../rounding/helpers.ts';
import { edgesOf } from '../testing/helpers.ts';
import { Operands } from './sweeps/biased.ts';
import { pairOperations, sweepPairs, type Tally } from './sweeps/pairs.ts';
import { roundedOperations, sweepIntegers, sweepRandom } from './sweeps/random.ts';
import { randomTriples, sweepTriples } from './sweeps/triples.ts';

type Named<T extends Format = FloatFormat> = [name: string, format: T];
const named = <T extends Format>(formats: readonly T[]): Named<T>[] =>
  formats.map((format) => [formatName(format), format]);
const nothingWrong = (sweep: (tally: Tally) => void): void => {
  const tally: Tally = { cases: 0, wrong: [] };
  sweep(tally);
  expect(tally.wrong).toEqual([]);
};

const gap = defineFloat({
  exponentBits: 3,
  mantissaBits: 2,
  infinities: 'topCode',
  nan: 'topCode',
  lowest: 'normalButZero',
});
const noZero = defineFloat({ exponentBits: 3, mantissaBits: 2, infinities: 'none', lowest: 'normal' });
const noZeroNaN = defineFloat({
  exponentBits: 4,
  mantissaBits: 1,
  infinities: 'none',
  nan: 'topCode',
  lowest: 'normal',
});
const tops = defineFloat({ exponentBits: 3, mantissaBits: 2, infinities: 'topCode', nan: 'none' });
const powers = defineP3109({ bits: 5, precision: 1 });
const unsigned = defineP3109({ bits: 5, precision: 3, signed: false });
const wide = defineFloat({ exponentBits: 8, mantissaBits: 30 });
const widest = defineFloat({ exponentBits: 1, mantissaBits: 51, bias: 1, infinities: 'none' });

describe.each(named([binary16, bfloat16, tf32, binary32, e4m3fn, dlfloat16, unsigned, powers, gap, wide]))(
  '%s',
  (_, format) => {
    it.each(roundedOperations)('%s at random', (operation) => {
      nothingWrong((tally) => sweepRandom(format, operation, 160, tally));
    });

    it('integers, integral values, comparison', () => nothingWrong((tally) => sweepIntegers(format, 80, tally)));
  },
);

describe.each(named<Format>([e2m1fn, powers, unsigned, gap, noZero, noZeroNaN, tops, int4, uint4]))(
  '%s',
  (_, format) => {
    it('follows every policy at the corners', () => {
      const xs = edgesOf(format, cornerOrdinals(ordinalsOf(format)));
      for (const policy of allPolicies(format)) expect(firstDifference(format, policy, xs)).toBeNull();
    });

    it('agrees on all pairs in every mode', () => {
      const policies = modePolicies(format);
      nothingWrong((tally) => sweepPairs(format, pairOperations, policies, tally));
      nothingWrong((tally) => sweepTriples(format, randomTriples(format, 500), policies, tally));
    });
  },
);

describe.each(named<Format>([mxint8, e8m0fnu, e5m2fnuz, e5m2, widest]))('%s', (_, format) => {
  it('rounds corners in every mode', () => {
    const xs = edgesOf(format, cornerOrdinals(ordinalsOf(format)));
    for (const policy of modePolicies(format)) expect(firstDifference(format, policy, xs)).toBeNull();
  });
});

describe('rounding at random', () => {
  const formats = [binary32, bfloat16, dlfloat16, gap, unsigned, e8m0fnu];
  it.each(Object.keys(oracleOperations) as OracleOperation[])('%s', (operation) => {
    const slow = operation === 'divide' || operation.endsWith('Root') || operation.endsWith('SquareRoot');
    for (let i = 0; i < (slow ? 60 : 240); i++) {
      const format = formats[i % formats.length]!;
      const [bits, variant, seed] = [1 + ((i * 7) % 32), (['A', 'B', 'C'] as const)[i % 3]!, i * 2 ** 30];
      const position = { index: i * 2 ** 31, step: i, stage: i % 5 };
      const at = roundTo(format, { stochastic: { bits, variant, seed }, nanInput: 'zero' });
      const operands = new Operands(format, i).three().slice(0, oracleOperations[operation]);
      const [a, b, c] = operands as [number, number, number];
      const unit = new Unit(format, at.policy);
      const name = operation === 'convert' ? 'round' : operation;
      const found =
        name === 'fusedMultiplyAdd'
          ? unit.fusedMultiplyAdd(a, b, c, position)
          : name === 'round' || name === 'squareRoot' || name === 'reciprocalSquareRoot'
            ? unit[name](a, position)
            : unit[name](a, b, position);
      const random = oracleRandomBits(BigInt(seed), position, bits);
      const wanted = oracleOperation(operation, at, operands, { bits, variant, random });
      expect([formatName(format), operands, found, unit.flags]).toEqual([
        formatName(format),
        operands,
        wanted.value,
        wanted.flags,
      ]);
    }
  });
});

describe.each(named([binary16, e5m2, e4m3fn, e5m2fnuz, bfloat16]))('codes of %s', (_, format) => {
  const next = generator(format.bits);
  /** Codes at random; a third of them NaNs, infinities and zeros. */
  const code = (): number => {
    const top = format.codes / 2;
    const corners = [0, top, top - 1, format.codes - 1, oracleEncode(format, 1), top - 2 ** format.mantissaBits];
    const near = corners[Math.floor(next() * corners.length)]! + Math.floor(next() * 3) - 1;
    return next() < 0.35 ? Math.max(0, Math.min(format.codes - 1, near)) : Math.floor(next() * format.codes);
  };
  const same = (found: number, wanted: number): boolean =>
    found === wanted || (Number.isNaN(oracleDecode(format, found)) && Number.isNaN(oracleDecode(format, wanted)));

  it.each(['add', 'subtract', 'multiply', 'divide', 'squareRoot', 'reciprocalSquareRoot', 'fusedMultiplyAdd'] as const)(
    '%s as the oracle, and see signalling NaNs',
    (operation) => {
      for (const rounding of deterministicModes) {
        const unit = createUnit({ format, policy: { rounding } });
        for (let i = 0; i < 40; i++) {
          const codes = [code(), code(), code()].slice(0, oracleOperations[operation]);
          const found = (unit.codes[operation] as unknown as (...operands: number[]) => number)(...codes);
          const wanted = oracleCodeOperation(operation, roundTo(format, { rounding }), codes);
          const isSame = same(found, wanted.code) && unit.codes.flags === wanted.flags;
          expect([rounding, codes, isSame ? wanted : { code: found, flags: unit.flags }]).toEqual([
            rounding,
            codes,
            wanted,
          ]);
        }
      }
    },
  );

  it('convert, compare and turn to integers', () => {
    const unit = createUnit({ format });
    const at = roundTo(format);
    for (let i = 0; i < 200; i++) {
      const [a, b] = [code(), code()];
      const signals = [a, b].map((c) => oracleIsSignalling(format, c));
      const values = [a, b].map((c) => oracleDecode(format, c)) as [number, number];
      const order = oracleCompare(at, ...values).order;
      expect([unit.codes.compare(a, b), unit.flags]).toEqual([order, signals.includes(true) ? 16 : 0]);
      expect([unit.codes.compare(a, b, true), unit.flags]).toEqual([order, order === null ? 16 : 0]);

      const wide = i % 2 ? binary32 : e4m3fn;
      const into = createUnit({ format: wide });
      const converted = oracleCodeOperation('convert', roundTo(wide), [a], format);
      const found = into.codes.convert(a, format);
      const givesNaN = Number.isNaN(oracleDecode(wide, converted.code));
      expect(givesNaN ? Number.isNaN(oracleDecode(wide, found)) : found === converted.code).toBe(true);
      expect(into.flags).toBe(converted.flags);

      const integer = oracleToInteger({ bits: 32, signed: true }, 'tiesToEven', values[0], 'x86', i % 2 === 0);
      expect(unit.codes.toInteger(a, undefined, i % 2 === 0)).toBe(Number(integer.value));
      expect(unit.flags).toBe(integer.flags);
      expect(unit.codes.fromInteger(i - 100)).toBe(
        oracleEncode(
          format,
          oracleProject(format, at.policy, {
            kind: 'finite',
            negative: i < 100,
            numerator: BigInt(Math.abs(i - 100)),
            denominator: 1n,
            exponent: 0,
          }).value + 0,
        ),
      );
      const integral = unit.codes.roundToIntegral(a, true);
      expect(Number.isNaN(oracleDecode(format, integral))).toBe(Number.isNaN(values[0]));
      expect((unit.flags & 16) !== 0).toBe(signals[0]);
    }
  });
});

describe('codes', () => {
  const bits = (x: number): bigint => new BigUint64Array(Float64Array.of(x).buffer)[0]!;

  it('come from the 64 bits of a binary64 number', () => {
    const unit = createUnit({ format: binary16 });
    expect([unit.codes.fromBinary64(bits(-1.5)), unit.flags]).toEqual([0xbe00, 0]);
    expect([unit.codes.fromBinary64(bits(65520)), unit.flags]).toEqual([0x7c00, 5]);
    expect([unit.codes.fromBinary64(0x7ff0000000000001n), unit.flags]).toEqual([0x7e00, 16]);
    expect([unit.codes.fromBinary64(0x7ff8000000000001n), unit.flags]).toEqual([0x7e00, 0]);
    expect([unit.codes.fromBinary64(0xfff0000000000000n), unit.flags]).toEqual([0xfc00, 0]);
  });

  it('have the NaN code of the unit, and the sign of what overflowed to NaN', () => {
    const intel = createUnit({ format: binary16, nanCode: 0xfe00 });
    expect(intel.codes.divide(0, 0)).toBe(0xfe00);
    expect(intel.codes.add(0x7c01, 0)).toBe(0xfe00);
    const ocp = createUnit({ format: e4m3fn });
    const [max, minusMax, two] = [0x7e, 0xfe, 0x40];
    expect([ocp.codes.add(max, max), ocp.codes.add(minusMax, minusMax)]).toEqual([0x7f, 0xff]);
    expect([ocp.codes.subtract(max, minusMax), ocp.codes.subtract(minusMax, max)]).toEqual([0x7f, 0xff]);
    expect([ocp.codes.multiply(max, two), ocp.codes.multiply(minusMax, two)]).toEqual([0x7f, 0xff]);
    expect([ocp.codes.divide(max, 0x30), ocp.codes.divide(minusMax, 0x30)]).toEqual([0x7f, 0xff]);
    expect([ocp.codes.fusedMultiplyAdd(max, two, max), ocp.codes.fusedMultiplyAdd(max, 0xc0, minusMax)]).toEqual([
      0x7f, 0xff,
    ]);
    expect([ocp.codes.convert(0x6400, binary16), ocp.codes.convert(0xe400, binary16)]).toEqual([0x7f, 0xff]);
    expect([ocp.codes.fromBinary64(bits(1e9)), ocp.codes.fromBinary64(bits(-1e9))]).toEqual([0x7f, 0xff]);
    expect(ocp.codes.divide(0, 0)).toBe(0x7f);
    expect(() => createUnit({ format: int8 }).codes).toThrow('float');
  });
});

describe('conversions to integers', () => {
  it.each([
    ['x86', [-128, -128, -128, -128, -128], [255, 255, 255, 255, 255]],
    ['arm', [0, 127, -128, 127, -128], [0, 255, 0, 255, 0]],
    ['riscv', [127, 127, -128, 127, -128], [255, 255, 0, 255, 0]],
  ] as [IntegerProfile, number[], number[]][])(
    'of NaN and what does not fit, as %s',
    (profile, signed, unsignedOnes) => {
      const unit = createUnit({ format: binary16 });
      const inputs = [Number.NaN, Infinity, -Infinity, 300, -300];
      expect(inputs.map((x) => unit.toInteger(x, { bits: 8, signed: true, profile }))).toEqual(signed);
      expect(inputs.map((x) => unit.toInteger(x, { bits: 8, signed: false, profile }))).toEqual(unsignedOnes);
      expect(flagNames(unit.flags)).toEqual(['invalid']);
    },
  );

  it('flush operands, and round once from any integer', () => {
    const flushing = createUnit({
      format: binary16,
      policy: { subnormals: 'flushInputs', rounding: 'towardPositive' },
    });
    expect([flushing.toInteger(2 ** -20), flagNames(flushing.flags)]).toEqual([0, ['flush']]);
    expect([flushing.toInteger(2 ** -20, undefined, true), flagNames(flushing.flags)]).toEqual([0, ['flush']]);
    const single = createUnit({ format: binary32 });
    // binary64 rounds 2^60 + 2^36 + 1 to the midpoint; the integer itself lies above it.
    expect([single.fromInteger(2n ** 60n + 2n ** 36n + 1n), single.flags]).toEqual([2 ** 60 + 2 ** 37, 1]);
    expect(single.fromInteger(-(2n ** 60n) - 2n ** 36n - 1n)).toBe(-(2 ** 60) - 2 ** 37);
    expect(single.fromInteger(2n ** 60n + 2n ** 36n)).toBe(2 ** 60);
    expect([single.fromInteger(7n), single.flags]).toEqual([7, 0]);
  });
});

describe('exact results', () => {
  it('in digits', () => {
    expect(exactResult('add', [0.5, 2 ** -10])).toBe('0.5009765625');
    expect(exactResult('integerAdd', [3, -5])).toBe('-2');
    expect(exactResult('subtract', [1, 0.25])).toBe('0.75');
    expect(exactResult('multiply', [-1.5, 1.5])).toBe('-2.25');
    expect(exactResult('round', [2 ** -5])).toBe('0.03125');
    expect(exactResult('clamp', [300])).toBe('300');
    expect(exactResult('fusedMultiplyAdd', [1.5, 3, 0.25])).toBe('4.75');
    expect(exactResult('integerMultiplyAdd', [3, 4, 5])).toBe('17');
    expect(exactResult('divide', [1, 8])).toBe('0.125');
    expect(exactResult('divide', [1, 3])).toBe(`0.${'3'.repeat(40)}…`);
    expect(exactResult('divide', [1, 0])).toBeNull();
    expect(exactResult('quantize', [1, -2, 0.5])).toBe('6');
    expect(exactResult('quantize', [1, 2 ** -60, 0])).toBeNull();
    expect(exactResult('squareRoot', [2.25])).toBe('1.5');
    expect(exactResult('squareRoot', [2])).toBe('1.41421356237309504880168872420969807857…');
    expect(exactResult('squareRoot', [-1])).toBeNull();
    expect(exactResult('reciprocalSquareRoot', [4])).toBe('0.5');
    expect(exactResult('reciprocalSquareRoot', [2])).toBe('0.7071067811865475244008443621048490392848…');
    expect(exactResult('reciprocalSquareRoot', [0])).toBeNull();
    expect(exactResult('reciprocalSquareRoot', [-4])).toBeNull();
    expect(exactResult('add', [Infinity, 1])).toBeNull();
  });
});

describe('refusals', () => {
  const message = (call: () => unknown): string => {
    try {
      call();
      return 'none';
    } catch (error) {
      return (error as Error).message;
    }
  };

  it('say what is expected and what came', () => {
    expect(message(() => createUnit({ format: int8 }).codes)).toBe(
      'unit.codes: expected a float format: integers have no such codes, received int8',
    );
    expect(message(() => createUnit({ format: e4m3fn, nanCode: 3 }))).toBe(
      'nanCode: expected the code of a NaN of e4m3fn, received 3',
    );
    expect(message(() => createUnit({ format: e2m1fn }).round(Number.NaN))).toBe(
      'x: expected no NaN: e2m1fn has none; see policy.nanInput, received NaN',
    );
    expect(message(() => createUnit({ format: binary16, policies: {} } as never))).toBe(
      "options.policies: expected one of format, policy, nanCode, received 'policies'",
    );
    expect(message(() => createUnit({ format: binary16, policy: { stochastic: { bits: 33 } } }))).toBe(
      'policy.stochastic.bits: expected an integer in 1…32, received 33',
    );
    expect(message(() => createUnit({ format: binary16, policy: { stochastic: { bits: 0 } } }))).toContain('1…32');
    expect(message(() => createUnit({ format: binary16, policy: { stochastic: { variant: 'D' as never } } }))).toBe(
      "policy.stochastic.variant: expected one of A, B, C, received 'D'",
    );
    expect(message(() => createUnit({ format: binary16, policy: { stochastic: { seed: -1 } } }))).toContain(
      'policy.stochastic.seed: expected an integer in 0…9007199254740991',
    );
    expect(message(() => createUnit({ format: binary16, policy: { stochastic: { sead: 1 } as never } }))).toBe(
      "policy.stochastic.sead: expected one of bits, variant, seed, received 'sead': did you mean seed?",
    );
    expect(createUnit({ format: binary16, policy: { stochastic: {} } }).policy.stochastic).toEqual({
      bits: 32,
      variant: 'B',
      seed: 0,
    });
  });
});
