/**
 * Conversions between formats, and to integers of every width, against the oracle and recorded codes.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createUnit, type IntegerProfile } from '../../src/arithmetic/index.ts';
import {
  bfloat16,
  binary16,
  binary32,
  binary64,
  defineFloat,
  e4m3fn,
  e5m2,
  type FloatFormat,
  int8,
  int16,
} from '../../src/formats/index.ts';
import { encodeBinary64, flagNames, roundTo, subnormalPolicies } from '../../src/rounding/index.ts';
import { deterministicModes } from '../../src/testing/arbitraries/index.ts';
import { oracleCodeOperation } from '../../src/testing/oracle/codeOperations.ts';
import { oracleDecode } from '../../src/testing/oracle/codes.ts';
import { oracleToInteger } from '../../src/testing/oracle/integral.ts';
import { oracleRound } from '../../src/testing/oracle/round.ts';
import { failure, seeded } from '../testing/helpers.ts';

const FORMATS: readonly FloatFormat[] = [binary32, binary16, bfloat16, e5m2, e4m3fn];

describe('convert', () => {
  it('flushes operands by the range of the format that they come from', () => {
    const unit = createUnit({ format: binary16, policy: { subnormals: 'flushInputs' } });
    // 2^-15 is a normal binary32 number and a subnormal binary16 one.
    expect([unit.codes.convert(0x38000000, binary32), flagNames(unit.flags)]).toEqual([0x0200, []]);
    expect([unit.codes.convert(0x80000001, binary32), flagNames(unit.flags)]).toEqual([0x8000, ['flush']]);
    const wide = createUnit({ format: binary32, policy: { subnormals: 'flushInputs' } });
    // 2^-24 is subnormal in binary16 and normal in binary32.
    expect([wide.codes.convert(0x0001, binary16), flagNames(wide.flags)]).toEqual([0, ['flush']]);
    expect([unit.codes.fromBinary64(encodeBinary64(2 ** -15)), flagNames(unit.flags)]).toEqual([0x0200, []]);
    expect([unit.codes.fromBinary64(1n), flagNames(unit.flags)]).toEqual([0, ['flush']]);
    expect(
      oracleRound(binary16, roundTo(binary16, { subnormals: 'flushInputs' }).policy, 2 ** -15, undefined, binary64),
    ).toEqual({
      value: 2 ** -15,
      flags: 0,
    });
  });

  it('agrees with the oracle between all pairs of formats, in every mode and subnormal policy', () => {
    const drawn = fc.record({
      from: fc.constantFrom(...FORMATS),
      to: fc.constantFrom(...FORMATS),
      rounding: fc.constantFrom(...deterministicModes),
      subnormals: fc.constantFrom(...subnormalPolicies),
      share: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      isSmall: fc.boolean(),
    });
    fc.assert(
      fc.property(drawn, ({ from, to, rounding, subnormals, share, isSmall }) => {
        // Small codes are subnormal numbers and the first normal ones.
        const code = Math.floor(share * (isSmall ? 2 ** (from.mantissaBits + 3) : from.codes));
        const at = roundTo(to, { rounding, subnormals });
        const wanted = oracleCodeOperation('convert', at, [code], from);
        const unit = createUnit({ format: to, policy: at.policy });
        const found = unit.codes.convert(code, from);
        const givesNaN = Number.isNaN(oracleDecode(to, wanted.code));
        if (givesNaN) expect(oracleDecode(to, found)).toBeNaN();
        else expect(found).toBe(wanted.code);
        expect(unit.flags).toBe(wanted.flags);
      }),
      seeded(6000),
    );
  });
});

describe('fromInteger', () => {
  it('never flushes: an integer is no subnormal number', () => {
    // Normal numbers start at 8 here.
    const high = defineFloat({ exponentBits: 3, mantissaBits: 3, bias: -2 });
    const unit = createUnit({ format: high, policy: { subnormals: 'flushInputs' } });
    expect([high.minNormal, unit.fromInteger(3), unit.flags]).toEqual([8, 3, 0]);
    expect([unit.round(3), flagNames(unit.flags)]).toEqual([0, ['flush']]);
  });

  it('wraps and clamps integers of any size by all their bits', () => {
    const n = 10n ** 60n + 12345n;
    for (const format of [int8, int16]) {
      const wrapping = createUnit({ format, policy: { overflow: 'wrap' } });
      for (const one of [n, -n]) {
        expect(wrapping.fromInteger(one)).toBe(Number(BigInt.asIntN(format.bits, one)));
        expect(flagNames(wrapping.flags)).toEqual(['wrap']);
      }
      const clamping = createUnit({ format });
      expect([clamping.fromInteger(n), clamping.fromInteger(-n)]).toEqual([format.max, format.min]);
      expect(flagNames(clamping.flags)).toEqual(['inexact', 'overflow', 'saturation']);
    }
  });
});

describe('toInteger', () => {
  const OUTSIDE = { x86: 'x86', arm: 'clamp', riscv: 'riscv' } as const;

  it('gives 64-bit registers as bigint codes, and is refused as a number beyond 53 bits', () => {
    const { codes } = createUnit({ format: binary32 });
    const int64 = { bits: 64, signed: true, profile: 'x86' } as const;
    expect([codes.toBigInt(0x5f000000, int64), flagNames(codes.flags)]).toEqual([0x8000000000000000n, ['invalid']]);
    expect([codes.toBigInt(0x5effffff, int64), codes.flags]).toEqual([0x7fffff8000000000n, 0]);
    expect([codes.toBigInt(0xdf000000, int64), codes.flags]).toEqual([0x8000000000000000n, 0]);
    expect(codes.toBigInt(0xbf800000, int64)).toBe(0xffffffffffffffffn);
    expect(createUnit({ format: binary32 }).toBigInt(-1, int64)).toBe(-1n);
    for (const bits of [1, 54, 64, 65, 2.5, Number.NaN, '32']) {
      const type = { bits, signed: true, profile: 'x86' } as never;
      expect(failure(() => codes.toInteger(0x5f000000, type))).toMatch(/^(range|type) type.bits$/);
    }
    expect(() => codes.toInteger(0, int64)).toThrow(/toBigInt/);
    for (const bits of [1, 65]) {
      expect(failure(() => codes.toBigInt(0, { ...int64, bits }))).toBe('range type.bits');
    }
  });

  it('refuses unknown profiles and keys', () => {
    const unit = createUnit({ format: binary16 });
    const type = { bits: 16, signed: true, profile: 'x86' } as const;
    expect(failure(() => unit.toInteger(1, { ...type, profile: 'mips' as never }))).toBe('name type.profile');
    expect(failure(() => unit.toInteger(1, { ...type, signed: 1 as never }))).toBe('type type.signed');
    expect(failure(() => unit.toInteger(1, { ...type, width: 3 } as never))).toBe('name type.width');
  });

  it('agrees with the oracle for 2 to 64 bits, signed and unsigned, in every mode and profile', () => {
    const drawn = fc.record({
      bits: fc.integer({ min: 2, max: 64 }),
      signed: fc.boolean(),
      profile: fc.constantFrom<IntegerProfile>('x86', 'arm', 'riscv'),
      rounding: fc.constantFrom(...deterministicModes),
      exact: fc.boolean(),
      x: fc.oneof(
        fc.double(),
        fc.double({ min: -(2 ** 66), max: 2 ** 66 }),
        fc
          .tuple(fc.integer({ min: -3, max: 66 }), fc.integer({ min: -6, max: 6 }), fc.boolean())
          .map(([e, quarters, minus]) => {
            const x = 2 ** e + (e < 51 ? quarters / 4 : quarters * 2 ** (e - 52));
            return minus ? -x : x;
          }),
      ),
    });
    fc.assert(
      fc.property(drawn, ({ bits, signed, profile, rounding, exact, x }) => {
        const unit = createUnit({ format: binary64, policy: { rounding } });
        const wanted = oracleToInteger({ bits, signed }, rounding, x, OUTSIDE[profile], exact);
        expect([unit.toBigInt(x, { bits, signed, profile }, exact), unit.flags]).toEqual([wanted.value, wanted.flags]);
        if (bits > 53) return;
        const found = unit.toInteger(x, { bits, signed, profile }, exact);
        expect([found, unit.flags]).toEqual([Number(wanted.value), wanted.flags]);
      }),
      seeded(6000),
    );
  });
});
