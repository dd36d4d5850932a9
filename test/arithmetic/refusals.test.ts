/**
 * What the rooms of arithmetic and rounding refuse: code, argument, what came and what is wanted, word for word.
 */
import { describe, expect, it } from 'vitest';
import {
  applyScale16,
  applyScale32,
  createUnit,
  defineRequantization,
  doublingMultiplyHigh,
  multiplyByQuantizedMultiplier,
  multiplyByQuantizedMultiplierSingleRounding,
  multiplyByReducedMultiplier,
  quantizeLinear,
  quantizeMultiplier,
  reduceMultiplier,
  requantize,
  roundingDivideByPowerOfTwo,
  roundoff,
  saturatingRoundingDoublingHighMultiply,
  vnclip,
  vsmul,
} from '../../src/arithmetic/index.ts';
import { BittrueError } from '../../src/errors/index.ts';
import { binary16, defineInteger, e2m1fn, e4m3fn, int8, mxint8, uint8 } from '../../src/formats/index.ts';
import {
  compareProfiles,
  decode,
  defineRounding,
  encode,
  explain,
  profileOutcome,
  profilePolicy,
  profiles,
  profilesFor,
  resolvePolicy,
  round,
  roundDecimal,
} from '../../src/rounding/index.ts';

type Refusal = [call: () => unknown, code: string, argument: string, received: string, expected: string];

function refuses(rows: readonly Refusal[]): void {
  for (const [call, code, argument, received, expected] of rows) {
    let found: unknown = 'no error';
    try {
      call();
    } catch (error) {
      if (!(error instanceof BittrueError)) throw error;
      found = [error.code, error.argument, error.received, error.expected];
    }
    expect(found).toEqual([code, argument, received, expected]);
  }
}

const INT32 = 'an integer in -2147483648…2147483647';
const decimal = 'a decimal number, such as -1.5e-7';

describe('rounding refuses', () => {
  it('codes, numbers and texts', () =>
    refuses([
      [() => decode(binary16, 65536), 'range', 'code', '65536', 'an integer in 0…65535'],
      [() => decode(binary16, -1), 'range', 'code', '-1', 'an integer in 0…65535'],
      [() => decode(int8, 0.5), 'range', 'code', '0.5', 'an integer in 0…255'],
      [() => encode(binary16, '1' as never), 'type', 'x', '1', 'a number'],
      [() => round(binary16, '1' as never), 'type', 'x', '1', 'a number'],
      [() => explain(binary16, true as never), 'type', 'x', 'true', 'a number'],
      [() => explain(binary16, 'one'), 'type', 'x', 'one', decimal],
      [() => roundDecimal(binary16, 1 as never), 'type', 'text', '1', decimal],
      [() => roundDecimal(binary16, '1.2.3'), 'type', 'text', '1.2.3', decimal],
      [() => roundDecimal(binary16, ' 1'), 'type', 'text', ' 1', decimal],
      [() => roundDecimal(binary16, '1 '), 'type', 'text', '1 ', decimal],
      [() => roundDecimal(binary16, 'xInfinity'), 'type', 'text', 'xInfinity', decimal],
      [() => roundDecimal(binary16, 'NaNs'), 'type', 'text', 'NaNs', decimal],
      [() => roundDecimal(binary16, '.'), 'type', 'text', '.', decimal],
      [
        () => createUnit({ format: int8, policy: { overflow: 'wrap' } }).multiply(1e20 + 2 ** 15, 1e20 + 2 ** 16),
        'range',
        'x',
        String((1e20 + 2 ** 15) * (1e20 + 2 ** 16)),
        'a number below 2^104 quanta, or of fewer bits: wrapping needs all of them',
      ],
      [() => round(e2m1fn, Number.NaN), 'value', 'x', 'NaN', 'no NaN: e2m1fn has none; see policy.nanInput'],
      [() => round(int8, Number.NaN), 'value', 'x', 'NaN', 'no NaN: int8 has none; see policy.nanInput'],
    ]));

  it('policies', () => {
    const policy = (options: object) => () => resolvePolicy(binary16, options as never);
    const keys = 'rounding, overflow, subnormals, tininess, nanInput, parity, fusedInvalid, flushFlags, stochastic';
    refuses([
      [policy({ mode: 1 }), 'name', 'policy.mode', 'mode', `one of ${keys}`],
      [() => resolvePolicy(binary16, 'up' as never), 'type', 'policy', 'up', `an object with ${keys}`],
      [
        policy({ rounding: 'up' }),
        'name',
        'policy.rounding',
        'up',
        'one of tiesToEven, tiesToAway, towardZero, towardPositive, towardNegative, toOdd, stochastic',
      ],
      [
        policy({ subnormals: 'flush' }),
        'name',
        'policy.subnormals',
        'flush',
        'one of gradual, flushOutputs, flushInputs, flushBoth',
      ],
      [policy({ tininess: 'never' }), 'name', 'policy.tininess', 'never', 'one of afterRounding, beforeRounding'],
      [policy({ nanInput: 'min' }), 'name', 'policy.nanInput', 'min', 'one of error, zero, max, invalid'],
      [policy({ parity: 'odd' }), 'name', 'policy.parity', 'odd', 'one of significand, code'],
      [
        policy({ overflow: 'wrap' }),
        'name',
        'policy.overflow',
        'wrap',
        'one of ieee, infinity, saturate, saturateFinite, nan',
      ],
      [() => resolvePolicy(int8, { overflow: 'ieee' }), 'name', 'policy.overflow', 'ieee', 'one of saturate, wrap'],
      [policy({ stochastic: 3 }), 'type', 'policy.stochastic', '3', 'an object with bits, variant, seed'],
      [
        policy({ stochastic: { seed: 0.5 } }),
        'range',
        'policy.stochastic.seed',
        '0.5',
        'an integer in 0…9007199254740991',
      ],
    ]);
  });

  it('roundings', () => {
    const fields =
      'kind, exponentBits, mantissaBits, bias, signed, infinities, nan, negativeZero, lowest, precision, bits, emin, emax, ' +
      'max, minNormal, minSubnormal, codes, kind, bits, signed, fractionBits, min, max, codes';
    refuses([
      [() => defineRounding(3), 'type', 'rounding', '3', 'a rounding such as { "format": "binary16" }'],
      [() => defineRounding({ form: 1 }, 'load'), 'name', 'load.form', 'form', 'one of format, policy'],
      [
        () => defineRounding({ format: { kind: 'fixed' } }),
        'name',
        'rounding.format.kind',
        'fixed',
        'float or integer',
      ],
      [() => defineRounding({ format: 7 }), 'type', 'rounding.format', '7', `an object with ${fields}`],
      [() => defineRounding({ format: { size: 7 } }), 'name', 'rounding.format.size', 'size', `one of ${fields}`],
      [
        () => defineRounding({ format: 'binary16', policy: { parity: 'x' } }, 'sum'),
        'name',
        'sum.policy.parity',
        'x',
        'one of significand, code',
      ],
      [
        () => defineRounding({ format: { kind: 'integer', bits: 99 } }, 'sum'),
        'range',
        'sum.format.bits',
        '99',
        'an integer in 2…53',
      ],
    ]);
    expect(() => defineRounding({ format: 'binary17x' }, 'sum')).toThrow(/^sum\.format: /);
    expect(defineRounding({ format: { kind: 'integer', bits: 9, fractionBits: 3 } }).format).toEqual(
      defineInteger({ bits: 9, fractionBits: 3 }),
    );
    expect(defineRounding({ format: { ...e4m3fn } }).format).toEqual(e4m3fn);
    expect(defineRounding({ format: { ...binary16 }, policy: { rounding: 'toOdd' } }).policy.rounding).toBe('toOdd');
  });

  it('profiles', () =>
    refuses([
      [() => profilePolicy('ocq', e4m3fn), 'name', 'profile', 'ocq', `one of ${Object.keys(profiles).join(', ')}`],
      [
        () => profilePolicy('x86Avx512Bf16', e4m3fn),
        'unsupported',
        'profile',
        'x86Avx512Bf16 for e4m3fn',
        profilesFor(e4m3fn).join(', '),
      ],
      [() => profilePolicy('ocp', int8), 'unsupported', 'profile', 'ocp for int8', profilesFor(int8).join(', ')],
      [() => profileOutcome('ocp', e4m3fn, '1' as never), 'type', 'x', '1', 'a number'],
      [
        () => profileOutcome('ocp', e2m1fn, Number.NaN),
        'value',
        'x',
        'NaN',
        'no NaN: e2m1fn has none; see policy.nanInput',
      ],
      [
        () => compareProfiles(int8, 'ocp', 'ieee'),
        'unsupported',
        'profile',
        'ocp for int8',
        profilesFor(int8).join(', '),
      ],
    ]));
});

describe('arithmetic refuses', () => {
  it('units', () =>
    refuses([
      [
        () => createUnit({ format: binary16, rounding: 'toOdd' } as never),
        'name',
        'options.rounding',
        'rounding',
        'one of format, policy, nanCode',
      ],
      [
        () => createUnit({ format: binary16, nanCode: 0x7c00 }),
        'value',
        'nanCode',
        '31744',
        'the code of a NaN of binary16',
      ],
      [
        () => createUnit({ format: int8 }).codes,
        'unsupported',
        'unit.codes',
        'int8',
        'a float format: integers have no such codes',
      ],
    ]));

  it('operands of fixed-point instructions', () => {
    const mode = 'one of rnu, rne, rdn, rod';
    const lane8 = 'an integer in -128…127';
    const safe = 'an integer in -9007199254740991…9007199254740991';
    const wide = (bits: number) => `an integer of ${bits} bits, as a bigint or a safe integer`;
    refuses([
      [() => doublingMultiplyHigh(128, 0, 8), 'range', 'a', '128', lane8],
      [() => doublingMultiplyHigh(0, -129, 8), 'range', 'b', '-129', lane8],
      [() => saturatingRoundingDoublingHighMultiply(-129, 0, 8), 'range', 'a', '-129', lane8],
      [() => saturatingRoundingDoublingHighMultiply(0, 128, 8), 'range', 'b', '128', lane8],
      [() => vsmul(128, 0, 8, 'rnu'), 'range', 'a', '128', lane8],
      [() => vsmul(0, -129, 8, 'rnu'), 'range', 'b', '-129', lane8],
      [() => vsmul(0, 0, 8, 'up' as never), 'name', 'mode', 'up', mode],
      [() => roundoff(2 ** 53, 0, 'rnu'), 'range', 'value', '9007199254740992', safe],
      [() => roundoff(1, 53, 'rnu'), 'range', 'shift', '53', 'an integer in 0…52'],
      [() => roundoff(1, -1, 'rnu'), 'range', 'shift', '-1', 'an integer in 0…52'],
      [() => roundoff(1, 0, 'up' as never), 'name', 'mode', 'up', mode],
      [() => vnclip(1, 16, 8, 'rnu'), 'range', 'shift', '16', 'an integer in 0…15'],
      [() => vnclip(1, -1, 8, 'rnu'), 'range', 'shift', '-1', 'an integer in 0…15'],
      [() => vnclip(1, 0, 8, 'up' as never), 'name', 'mode', 'up', mode],
      [() => vnclip(2 ** 15, 0, 8, 'rnu'), 'range', 'value', '32768', 'an integer in -32768…32767'],
      [() => vnclip(-(2 ** 15) - 1, 0, 8, 'rnu'), 'range', 'value', '-32769', 'an integer in -32768…32767'],
      [() => vnclip(-1, 0, 8, 'rnu', false), 'range', 'value', '-1', 'an integer in 0…65535'],
      [() => vnclip(2 ** 16, 0, 8, 'rnu', false), 'range', 'value', '65536', 'an integer in 0…65535'],
      [() => vnclip(2n ** 63n, 0, 32, 'rnu'), 'range', 'value', '9223372036854775808', wide(64)],
      [() => vnclip(2 ** 60, 0, 32, 'rnu'), 'range', 'value', '1152921504606847000', wide(64)],
      [() => vnclip('1' as never, 0, 32, 'rnu'), 'type', 'value', '1', wide(64)],
      [() => vnclip(2n ** 64n, 0, 32, 'rnu', false), 'range', 'value', '18446744073709551616', wide(65)],
      [() => vnclip(-1n, 0, 32, 'rnu', false), 'range', 'value', '-1', 'an integer in 0…9007199254740991'],
    ]);
    expect(vnclip(2n ** 63n - 1n, 63, 32, 'rdn')).toEqual({ value: 0, flags: 1 });
    expect(vnclip(0n, 0, 32, 'rnu', false)).toEqual({ value: 0, flags: 0 });
  });

  it('operands of requantisation', () => {
    const shift = (low: number, high: number) => `an integer in ${low}…${high}`;
    refuses([
      [() => roundingDivideByPowerOfTwo(2 ** 31, 0), 'range', 'x', '2147483648', INT32],
      [() => roundingDivideByPowerOfTwo(0, 32), 'range', 'exponent', '32', shift(0, 31)],
      [() => roundingDivideByPowerOfTwo(0, -1), 'range', 'exponent', '-1', shift(0, 31)],
      [() => multiplyByQuantizedMultiplier(2 ** 31, 1, 0), 'range', 'x', '2147483648', INT32],
      [() => multiplyByQuantizedMultiplier(1, 2 ** 31, 0), 'range', 'multiplier', '2147483648', INT32],
      [() => multiplyByQuantizedMultiplier(1, 1, 31), 'range', 'shift', '31', shift(-31, 30)],
      [() => multiplyByQuantizedMultiplier(1, 1, -32), 'range', 'shift', '-32', shift(-31, 30)],
      [
        () => multiplyByQuantizedMultiplier(2 ** 30, 1, 1),
        'range',
        'x',
        '1073741824',
        'an integer whose product with 2^1 is an int32',
      ],
      [
        () => multiplyByQuantizedMultiplier(-(2 ** 30) - 1, 1, 1),
        'range',
        'x',
        '-1073741825',
        'an integer whose product with 2^1 is an int32',
      ],
      [() => multiplyByQuantizedMultiplierSingleRounding(2 ** 31, 1, 0), 'range', 'x', '2147483648', INT32],
      [() => multiplyByQuantizedMultiplierSingleRounding(1, 2 ** 31, 0), 'range', 'multiplier', '2147483648', INT32],
      [() => multiplyByQuantizedMultiplierSingleRounding(1, 1, 31), 'range', 'shift', '31', shift(-31, 30)],
      [() => multiplyByQuantizedMultiplierSingleRounding(1, 1, -32), 'range', 'shift', '-32', shift(-31, 30)],
      [() => reduceMultiplier(2 ** 31), 'range', 'multiplier', '2147483648', INT32],
      [() => multiplyByReducedMultiplier(1, 1, 15), 'range', 'shift', '15', shift(-31, 14)],
      [() => multiplyByReducedMultiplier(1, 1, -32), 'range', 'shift', '-32', shift(-31, 14)],
      [
        () => multiplyByReducedMultiplier(0.5, 1, 0),
        'range',
        'x',
        '0.5',
        'an integer of 64 bits, as a bigint or a safe integer',
      ],
      [
        () => multiplyByReducedMultiplier(2n ** 62n, 2 ** 30, 0),
        'range',
        'x',
        '4611686018427387904',
        'an integer whose product with the reduced multiplier is an int64',
      ],
      [() => quantizeMultiplier(-1), 'range', 'scale', '-1', 'a number in [0, 2^30)'],
      [() => quantizeMultiplier(2 ** 30), 'range', 'scale', '1073741824', 'a number in [0, 2^30)'],
      [() => quantizeMultiplier(Infinity), 'range', 'scale', 'Infinity', 'a finite number'],
      [() => applyScale32(2 ** 31, 1, 62), 'range', 'value', '2147483648', INT32],
      [() => applyScale32(1, -1, 2), 'range', 'multiplier', '-1', 'an integer in 0…2147483647'],
      [() => applyScale32(1, 1, 63), 'range', 'shift', '63', shift(2, 62)],
      [() => applyScale32(1, 1, 1), 'range', 'shift', '1', shift(2, 62)],
      [() => applyScale32(1, 1, 2, 1 as never), 'type', 'doubleRound', '1', 'true or false'],
      [() => applyScale32(2, 1, 2), 'range', 'value', '2', 'an integer in −2^1…2^1 − 1, for this shift'],
      [() => applyScale32(-3, 1, 2), 'range', 'value', '-3', 'an integer in −2^1…2^1 − 1, for this shift'],
      [() => applyScale16(2 ** 47, 1, 2), 'range', 'value', '140737488355328', shift(-(2 ** 47), 2 ** 47 - 1)],
      [() => applyScale16(-(2 ** 47) - 1, 1, 2), 'range', 'value', '-140737488355329', shift(-(2 ** 47), 2 ** 47 - 1)],
      [() => applyScale16(1, 2 ** 15, 2), 'range', 'multiplier', '32768', 'an integer in 0…32767'],
      [() => applyScale16(1, -1, 2), 'range', 'multiplier', '-1', 'an integer in 0…32767'],
      [() => applyScale16(1, 1, 63), 'range', 'shift', '63', shift(2, 62)],
      [() => applyScale16(1, 1, 1), 'range', 'shift', '1', shift(2, 62)],
      [() => applyScale16(2 ** 33, 1, 2), 'range', 'value', '8589934592', 'an integer whose scaled value is an int32'],
      [
        () => applyScale16(-(2 ** 33) - 4, 1, 2),
        'range',
        'value',
        '-8589934596',
        'an integer whose scaled value is an int32',
      ],
    ]);
    expect(quantizeMultiplier(2 ** 30 - 1)).toEqual({ multiplier: 2 ** 31 - 2, shift: 30 });
    expect(applyScale32(1, 1, 2)).toEqual({ value: 0, flags: 1 });
    expect(applyScale32(-2, 1, 2)).toEqual({ value: 0, flags: 1 });
    expect(applyScale16(-(2 ** 33), 1, 2)).toEqual({ value: -(2 ** 31), flags: 0 });
    expect(multiplyByQuantizedMultiplier(-(2 ** 30), 2 ** 30, 1)).toEqual({ value: -(2 ** 30), flags: 0 });
  });

  it('quantisations to integers', () => {
    const integer = 'an integer format of at most 32 bits, without fraction';
    const options = { scale: 1, output: int8 };
    refuses([
      [
        () => quantizeLinear(1, { ...options, output: binary16 as never }),
        'unsupported',
        'options.output',
        '{ kind, exponentBits, mantissaBits, bias, signed, … }',
        integer,
      ],
      [
        () => quantizeLinear(1, { ...options, output: mxint8 }),
        'unsupported',
        'options.output',
        '{ kind, bits, signed, fractionBits, min, … }',
        integer,
      ],
      [
        () => quantizeLinear(1, { ...options, output: defineInteger({ bits: 33 }) }),
        'unsupported',
        'options.output',
        '{ kind, bits, signed, fractionBits, min, … }',
        integer,
      ],
      [() => quantizeLinear(1, { ...options, scale: 0 }), 'range', 'options.scale', '0', 'a number greater than 0'],
      [
        () => quantizeLinear(1, { ...options, zeroPoint: 128 }),
        'range',
        'options.zeroPoint',
        '128',
        'an integer in -128…127',
      ],
      [
        () => quantizeLinear(1, { ...options, output: uint8, zeroPoint: -1 }),
        'range',
        'options.zeroPoint',
        '-1',
        'an integer in 0…255',
      ],
      [() => quantizeLinear(Number.NaN, options), 'value', 'x', 'NaN', 'a number: NaN has no integer'],
      [() => quantizeLinear('1' as never, options), 'value', 'x', '1', 'a number: NaN has no integer'],
    ]);
    expect(quantizeLinear(1, { ...options, output: defineInteger({ bits: 32 }) })).toEqual({ value: 1, flags: 0 });
  });

  it('pipelines', () => {
    const scale = { kind: 'doubleRounding', multiplier: 2 ** 30, shift: 0 };
    const base = { scale, low: -128, high: 127 };
    const make = (changed: object) => () => defineRequantization({ ...base, ...changed });
    const keys = 'scale, inputZeroPoint, outputZeroPoint, low, high';
    refuses([
      [() => defineRequantization(3), 'type', 'requantization', '3', `an object with ${keys}`],
      [make({ zero: 1 }), 'name', 'requantization.zero', 'zero', `one of ${keys}`],
      [make({ low: -(2 ** 31) - 1 }), 'range', 'requantization.low', '-2147483649', INT32],
      [make({ high: -129 }), 'range', 'requantization.high', '-129', 'an integer in -128…2147483647'],
      [make({ high: 2 ** 31 }), 'range', 'requantization.high', '2147483648', 'an integer in -128…2147483647'],
      [make({ inputZeroPoint: 0.5 }), 'range', 'requantization.inputZeroPoint', '0.5', INT32],
      [make({ outputZeroPoint: 0.5 }), 'range', 'requantization.outputZeroPoint', '0.5', INT32],
      [make({ scale: 1 }), 'type', 'requantization.scale', '1', 'an object with kind, multiplier, shift, doubleRound'],
      [
        make({ scale: { ...scale, extra: 1 } }),
        'name',
        'requantization.scale.extra',
        'extra',
        'one of kind, multiplier, shift, doubleRound',
      ],
      [
        make({ scale: { ...scale, kind: 'triple' } }),
        'name',
        'requantization.scale.kind',
        'triple',
        'one of doubleRounding, singleRounding, reduced16, tosa32, tosa16',
      ],
      [
        make({ scale: { ...scale, doubleRound: true } }),
        'name',
        'requantization.scale.doubleRound',
        'doubleRound',
        'one of kind, multiplier, shift',
      ],
      [
        make({ scale: { ...scale, multiplier: 2 ** 31 } }),
        'range',
        'requantization.scale.multiplier',
        '2147483648',
        INT32,
      ],
      [make({ scale: { ...scale, shift: 63 } }), 'range', 'requantization.scale.shift', '63', 'an integer in -31…62'],
      [make({ scale: { ...scale, shift: -32 } }), 'range', 'requantization.scale.shift', '-32', 'an integer in -31…62'],
      [
        make({ scale: { ...scale, kind: 'tosa32', doubleRound: 1 } }),
        'type',
        'requantization.scale.doubleRound',
        '1',
        'true or false',
      ],
      [
        () => requantize(defineRequantization(base), 1n),
        'type',
        'x',
        '1',
        'a number: doubleRounding takes no wider integers',
      ],
      [
        () => requantize(defineRequantization({ ...base, inputZeroPoint: -1 }), Number.MAX_SAFE_INTEGER),
        'range',
        'x',
        '9007199254740991',
        'a safe integer',
      ],
    ]);
    const tosa = { kind: 'tosa32', multiplier: 2 ** 30, shift: 32 };
    const five = (doubleRound?: boolean) =>
      requantize(defineRequantization({ ...base, scale: { ...tosa, ...(doubleRound ? { doubleRound } : {}) } }), 5)
        .value;
    expect([five(), five(true)]).toEqual([1, 2]);
    const two = ['doubleRounding', 'singleRounding'].map((kind) => {
      const made = defineRequantization({ ...base, scale: { kind, multiplier: 2 ** 30, shift: -1 } });
      return requantize(made, 5).value;
    });
    expect(two).toEqual([2, 1]);
    expect(defineRequantization(base)).toEqual({ ...base, inputZeroPoint: 0, outputZeroPoint: 0 });
    expect(defineRequantization({ ...base, scale: tosa }).scale).toEqual({ ...tosa, doubleRound: false });
    expect(Object.isFrozen(defineRequantization(base).scale)).toBe(true);
    const wide = { ...base, inputZeroPoint: 2, scale: { kind: 'reduced16', multiplier: 2 ** 30, shift: 0 } };
    expect(requantize(defineRequantization(wide), 102n).value).toBe(50);
    expect(requantize(defineRequantization(wide), 102).value).toBe(50);
  });
});
