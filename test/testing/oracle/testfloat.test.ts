/**
 * Berkeley TestFloat 3's cases: an outside judge of the judge.
 *
 * @module
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bfloat16, binary16, binary32, defineFloat, type FloatFormat } from '../../../src/formats/index.ts';
import { type RoundingMode, roundTo } from '../../../src/rounding/index.ts';
import { oracleCodeOperation } from '../../../src/testing/oracle/codeOperations.ts';
import { oracleDecode, oracleEncode, oracleIsSignalling } from '../../../src/testing/oracle/codes.ts';
import { oracleRoundToIntegral, oracleToInteger } from '../../../src/testing/oracle/integral.ts';
import { type OracleOperation, oracleOperation } from '../../../src/testing/oracle/operations.ts';
import { shareOf } from '../helpers.ts';

const folder = '../shared/vectors/testfloat';
const modes: Record<string, RoundingMode> = {
  near_even: 'tiesToEven',
  near_maxMag: 'tiesToAway',
  minMag: 'towardZero',
  max: 'towardPositive',
  min: 'towardNegative',
  odd: 'toOdd',
};

type Judge = (operands: string[], rounding: RoundingMode) => { result: number; flags: number };
const code = (hex: string): number => Number.parseInt(hex, 16);
const INVALID = 16;

function onCodes(name: OracleOperation, to: FloatFormat, from: FloatFormat = to): Judge {
  return (operands, rounding) => {
    const made = oracleCodeOperation(name, roundTo(to, { rounding }), operands.map(code), from);
    // The oracle writes one NaN; TestFloat's may be any.
    return { result: oracleDecode(to, made.code), flags: withoutAbsorption(made.flags) };
  };
}

/** TestFloat has five flags. */
function withoutAbsorption(flags: number): number {
  return flags & 31;
}

function fromBinary64(operands: string[], rounding: RoundingMode): { result: number; flags: number } {
  const bits = BigInt(`0x${operands[0]}`);
  const x = new Float64Array(BigUint64Array.of(bits).buffer)[0] as number;
  const signals = Number.isNaN(x) && (bits & (1n << 51n)) === 0n ? INVALID : 0;
  const { value, flags } = oracleOperation('convert', roundTo(binary16, { rounding }), [x]);
  return { result: value, flags: flags | signals };
}

const judges: Record<string, { judge: Judge; result: FloatFormat | 'i32' }> = {
  f16_add: { judge: onCodes('add', binary16), result: binary16 },
  f16_sub: { judge: onCodes('subtract', binary16), result: binary16 },
  f16_mul: { judge: onCodes('multiply', binary16), result: binary16 },
  f16_div: { judge: onCodes('divide', binary16), result: binary16 },
  f16_sqrt: { judge: onCodes('squareRoot', binary16), result: binary16 },
  f16_mulAdd: { judge: onCodes('fusedMultiplyAdd', binary16), result: binary16 },
  f16_to_f32: { judge: onCodes('convert', binary32, binary16), result: binary32 },
  f32_to_f16: { judge: onCodes('convert', binary16, binary32), result: binary16 },
  f32_to_bf16: { judge: onCodes('convert', bfloat16, binary32), result: bfloat16 },
  bf16_to_f32: { judge: onCodes('convert', binary32, bfloat16), result: binary32 },
  f64_to_f16: { judge: fromBinary64, result: binary16 },
  i32_to_f16: {
    judge: ([hex], rounding) => {
      const { value, flags } = oracleOperation('convert', roundTo(binary16, { rounding }), [code(hex as string) | 0]);
      return { result: value, flags };
    },
    result: binary16,
  },
  f16_to_i32: {
    judge: ([hex], rounding) => {
      const { value, flags } = oracleToInteger(
        { bits: 32, signed: true },
        rounding,
        oracleDecode(binary16, code(hex as string)),
      );
      return { result: Number(value), flags };
    },
    result: 'i32',
  },
  f16_roundToInt: {
    judge: ([hex], rounding) => {
      const signals = oracleIsSignalling(binary16, code(hex as string)) ? INVALID : 0;
      const { value, flags } = oracleRoundToIntegral(
        roundTo(binary16, { rounding }),
        oracleDecode(binary16, code(hex as string)),
      );
      return { result: value, flags: flags | signals };
    },
    result: binary16,
  },
};

describe.skipIf(!existsSync(folder))('TestFloat (skipped without ../shared/vectors/testfloat)', () => {
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.gz')) : [];

  it('has a judge for every function', () => {
    expect(new Set(files.map((file) => file.split('.')[0]))).toEqual(new Set(Object.keys(judges)));
  });

  it.each(Object.keys(judges))('%s: results and flags in every mode', (name) => {
    const { judge, result: format } = judges[name] as (typeof judges)[string];
    const misses: string[] = [];
    let cases = 0;
    for (const [suffix, rounding] of Object.entries(modes)) {
      const text = gunzipSync(readFileSync(`${folder}/${name}.${suffix}.txt.gz`)).toString();
      const lines = text.trim().split('\n');
      for (const line of lines.length > 10_000 ? shareOf(lines) : lines) {
        const fields = line.trim().split(' ');
        const flags = code(fields.pop() as string);
        const expected = code(fields.pop() as string);
        const value = format === 'i32' ? expected | 0 : oracleDecode(format, expected);
        const made = judge(fields, rounding);
        cases += 1;
        if (!Object.is(made.result, value) || made.flags !== flags) {
          misses.push(`${suffix}: ${line}: got ${made.result} (expected ${value}), flags ${made.flags}`);
        }
      }
    }
    console.log(`${name}: ${cases} cases, ${misses.length} mismatches`);
    expect(misses.slice(0, 10)).toEqual([]);
    expect(cases).toBeGreaterThan(1000);
  });
});

describe('NaN codes', () => {
  it('are quiet, and signalling ones are seen', () => {
    expect(oracleEncode(binary16, Number.NaN)).toBe(0x7e00);
    expect(oracleIsSignalling(binary16, 0x7d00)).toBe(true);
    expect(oracleIsSignalling(binary16, 0x7e00)).toBe(false);
    expect(oracleCodeOperation('add', roundTo(binary16), [0x7c01, 0x3c00])).toEqual({ code: 0x7e00, flags: INVALID });
    expect(oracleCodeOperation('add', roundTo(binary16), [0x7e01, 0x3c00])).toEqual({ code: 0x7e00, flags: 0 });
    const fn = defineFloat({ exponentBits: 4, mantissaBits: 3, infinities: 'none', nan: 'topCode' });
    expect(oracleIsSignalling(fn, 0x7f)).toBe(false);
  });
});
