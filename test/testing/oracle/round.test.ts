import { describe, expect, it } from 'vitest';
import * as formats from '../../../src/formats/index.ts';
import { defineFloat, defineP3109, type FloatFormat, type Format } from '../../../src/formats/index.ts';
import { type Policy, resolvePolicy } from '../../../src/rounding/index.ts';
import { oracleValues } from '../../../src/testing/oracle/codes.ts';
import { exact } from '../../../src/testing/oracle/index.ts';
import { oracleProject, oracleRound } from '../../../src/testing/oracle/round.ts';
import { catalogueFloats, oddFormats } from './formats.ts';

const { binary16, e2m1fn, e4m3fn, e4m3fnuz, e5m2, e8m0fnu, e3m0, dlfloat16 } = formats;
const nan = Number.NaN;
const X = 1; // inexact
const U = 2; // underflow
const O = 4; // overflow
const V = 16; // invalid
const S = 32; // saturation
const W = 64; // wrap
const F = 256; // flush

const modes = ['tiesToEven', 'tiesToAway', 'towardZero', 'towardPositive', 'towardNegative', 'toOdd'] as const;

type Row = [x: number, policy: Partial<Policy>, value: number, flags: number];
function check(format: Format, rows: Row[]): void {
  for (const [x, policy, value, flags] of rows) {
    const made = oracleRound(format, resolvePolicy(format, policy), x);
    expect([x, policy, made.value, made.flags]).toEqual([x, policy, value, flags]);
  }
}

describe('binary16', () => {
  it('rounds at the overflow threshold', () => {
    check(binary16, [
      [65504, {}, 65504, 0],
      [65519.99999999999, {}, 65504, X],
      [65520, {}, Infinity, O | X],
      [-65520, {}, -Infinity, O | X],
      [65520, { rounding: 'tiesToAway' }, Infinity, O | X],
      [1e9, { rounding: 'towardZero' }, 65504, O | X],
      [65519, { rounding: 'towardZero' }, 65504, X],
      [65536, { rounding: 'towardNegative' }, 65504, O | X],
      [-65536, { rounding: 'towardNegative' }, -Infinity, O | X],
      [-65505, { rounding: 'towardNegative' }, -Infinity, O | X],
      [-65536, { rounding: 'towardPositive' }, -65504, O | X],
      [65505, { rounding: 'towardPositive' }, Infinity, O | X],
      [65536, { rounding: 'toOdd' }, 65504, O | X],
      [65536, { rounding: 'towardZero', overflow: 'infinity' }, Infinity, O | X],
      [65536, { overflow: 'saturate' }, 65504, O | X | S],
      [-65536, { overflow: 'saturateFinite' }, -65504, O | X | S],
      [65536, { overflow: 'nan' }, nan, O | X],
    ]);
  });

  it('reads infinities and NaN', () => {
    check(binary16, [
      [Infinity, {}, Infinity, 0],
      [-Infinity, { overflow: 'nan' }, -Infinity, 0],
      [-Infinity, { overflow: 'saturate' }, -65504, S],
      [-Infinity, { overflow: 'saturateFinite' }, -Infinity, 0],
      [nan, { overflow: 'saturate' }, nan, 0],
    ]);
  });

  it('breaks ties', () => {
    check(binary16, [
      [2049, {}, 2048, X],
      [2051, {}, 2052, X],
      [2049, { rounding: 'tiesToAway' }, 2050, X],
      [-2049, { rounding: 'tiesToAway' }, -2050, X],
      [2049, { rounding: 'toOdd' }, 2050, X],
      [2050.5, { rounding: 'toOdd' }, 2050, X],
      [2048.0001, {}, 2048, X],
      [2049.0000000001, {}, 2050, X],
      [-0, {}, -0, 0],
      [0.1, {}, 0.0999755859375, X],
    ]);
  });

  it('underflows by the tininess rule', () => {
    const justBelow = 2 ** -14 * (1 - 2 ** -12); // rounds to 2^-14 with 11 bits, and to 2^-14 on the subnormal grid
    const lower = 2 ** -14 * (1 - 2 ** -11); // stays 2^-14(1 − 2^-11) with 11 bits, 2^-14 on the subnormal grid
    check(binary16, [
      [2 ** -24, {}, 2 ** -24, 0],
      [2 ** -25, {}, 0, X | U],
      [-(2 ** -25), {}, -0, X | U],
      [2 ** -25 * 1.0001, {}, 2 ** -24, X | U],
      [5e-324, { rounding: 'towardPositive' }, 2 ** -24, X | U],
      [-5e-324, { rounding: 'towardPositive' }, -0, X | U],
      [5e-324, { rounding: 'toOdd' }, 2 ** -24, X | U],
      [5e-324, { rounding: 'tiesToAway' }, 0, X | U],
      [2 ** -25, { rounding: 'tiesToAway' }, 2 ** -24, X | U],
      [justBelow, {}, 2 ** -14, X],
      [justBelow, { tininess: 'beforeRounding' }, 2 ** -14, X | U],
      [lower, {}, 2 ** -14, X | U],
      [lower, { rounding: 'towardZero' }, 2 ** -14 - 2 ** -24, X | U],
    ]);
  });

  it('flushes', () => {
    const sub = -(2 ** -20);
    const justBelow = 2 ** -14 * (1 - 2 ** -12);
    check(binary16, [
      [sub, { subnormals: 'flushOutputs' }, -0, X | U],
      [sub, { subnormals: 'flushOutputs', rounding: 'towardNegative' }, -0, X | U],
      [sub, { subnormals: 'flushInputs' }, -0, F],
      [sub, { subnormals: 'flushBoth' }, -0, F],
      [justBelow, { subnormals: 'flushOutputs' }, 2 ** -14, X],
      [justBelow, { subnormals: 'flushOutputs', tininess: 'beforeRounding' }, 0, X | U],
      [justBelow, { subnormals: 'flushInputs' }, 0, F],
      [2 ** -14, { subnormals: 'flushBoth', tininess: 'beforeRounding' }, 2 ** -14, 0],
      [0, { subnormals: 'flushBoth' }, 0, 0],
    ]);
    // A result is no operand: it is not flushed as an input.
    const policy = resolvePolicy(binary16, { subnormals: 'flushInputs' });
    expect(oracleProject(binary16, policy, exact.fromNumber(sub))).toEqual({ value: sub, flags: 0 });
  });

  it('rounds decimal strings once', () => {
    const policy = resolvePolicy(binary16);
    const above = exact.fromDecimal('1.00048828125000000000000001');
    expect(oracleRound(binary16, policy, above)).toEqual({ value: 1 + 2 ** -10, flags: X });
    expect(oracleRound(binary16, policy, 1.00048828125)).toEqual({ value: 1, flags: X });
  });
});

describe('the small floats', () => {
  it('follow the tables of accelerators.md §9.2', () => {
    check(e4m3fn, [
      [464, {}, 448, X],
      [464.0000001, {}, nan, O | X],
      [464.0000001, { overflow: 'saturate' }, 448, O | X | S],
      [465, { overflow: 'ieee' }, nan, O | X],
      [465, { overflow: 'infinity' }, nan, O | X],
      [465, { overflow: 'ieee', rounding: 'towardZero' }, 448, X],
      [500, { overflow: 'ieee', rounding: 'towardZero' }, 448, O | X],
      [Infinity, {}, nan, V],
      [Infinity, { overflow: 'saturate' }, 448, S],
      [Infinity, { overflow: 'saturateFinite' }, nan, V],
      [-449, { rounding: 'towardPositive' }, -448, X],
    ]);
    check(e4m3fnuz, [
      [247.999, {}, 240, X],
      [248, {}, nan, O | X],
      [-0, {}, 0, 0],
      [-(2 ** -12), {}, 0, X | U],
      [-(2 ** -12), { subnormals: 'flushOutputs' }, 0, X | U],
      [-Infinity, { overflow: 'saturate' }, -240, S],
    ]);
    check(e5m2, [
      [61439, {}, 57344, X],
      [61440, {}, Infinity, O | X],
      [61440, { overflow: 'saturate' }, 57344, O | X | S],
      [-Infinity, { overflow: 'saturate' }, -57344, S],
      [-Infinity, { overflow: 'saturateFinite' }, -Infinity, 0],
    ]);
    check(e2m1fn, [
      [0.25, {}, 0, X | U],
      [0.75, {}, 1, X | U],
      [1.25, {}, 1, X],
      [1.75, {}, 2, X],
      [2.5, {}, 2, X],
      [3.5, {}, 4, X],
      [5, {}, 4, X],
      [6.9, {}, 6, X],
      [7, {}, 6, O | X | S],
      [Infinity, {}, 6, S],
      [-Infinity, { overflow: 'nan' }, -6, S],
      [-100, { overflow: 'nan' }, -6, O | X | S],
      [nan, { nanInput: 'zero' }, 0, 0],
      [nan, { nanInput: 'max' }, 6, 0],
    ]);
    expect(() => oracleRound(e2m1fn, resolvePolicy(e2m1fn), nan)).toThrow('NaN');
  });

  it('judge tininess before the subnormal grid: 0.75 in E2M1 is tiny', () => {
    // 0.75 has two bits, so it is exact with unbounded exponent and below minNormal = 1: tiny, and inexact on the grid.
    const made = oracleRound(e2m1fn, resolvePolicy(e2m1fn), 0.75);
    expect(made).toEqual({ value: 1, flags: X | U });
  });
});

describe('formats without zero', () => {
  it('E8M0', () => {
    const min = 2 ** -127;
    check(e8m0fnu, [
      [1.5, {}, 2, X],
      [1.4999, {}, 1, X],
      [3, {}, 4, X],
      [1.5, { parity: 'code' }, 2, X], // code 127 is odd
      [3, { parity: 'code' }, 2, X], // code 128 is even
      [6, { parity: 'code' }, 8, X],
      [3, { rounding: 'toOdd' }, 2, X], // the significand 1 is odd
      [3, { rounding: 'toOdd', parity: 'code' }, 4, X],
      [1.5, { rounding: 'toOdd', parity: 'code' }, 1, X],
      [0, {}, nan, V],
      [-0, { overflow: 'saturate' }, min, S],
      [0, { overflow: 'saturateFinite' }, min, S],
      [-1, {}, nan, V],
      [-1, { overflow: 'saturate' }, min, S],
      [-Infinity, { overflow: 'saturateFinite' }, nan, V],
      [min * 0.75, {}, min, X | U],
      [min * 0.75, { rounding: 'towardZero', tininess: 'beforeRounding' }, min, X | U],
      [5e-324, { subnormals: 'flushBoth' }, min, X | U],
      [min, {}, min, 0],
      [2 ** 127 * 1.4, {}, 2 ** 127, X],
      [2 ** 127 * 1.5, {}, nan, O | X],
      [2 ** 127 * 1.5, { overflow: 'saturate' }, 2 ** 127, O | X | S],
      [Infinity, {}, nan, V],
      [Infinity, { overflow: 'saturate' }, 2 ** 127, S],
      [nan, {}, nan, 0],
    ]);
  });

  it('without NaN either', () => {
    const format = defineFloat({ exponentBits: 3, mantissaBits: 2, bias: 3, infinities: 'none', lowest: 'normal' });
    check(format, [
      [0, {}, 0.125, S],
      [-0.01, {}, -0.125, X | U],
      [nan, { nanInput: 'zero' }, 0.125, 0],
      [0.125, {}, 0.125, 0],
      [28, {}, 28, 0],
    ]);
  });
});

describe('ordinary numbers but zero', () => {
  it('DLFloat16 has nothing between 0 and 2^-31(1 + 2^-9)', () => {
    const min = 2 ** -31 * (1 + 2 ** -9);
    check(dlfloat16, [
      [2 ** -31, {}, min, X | U],
      [min / 2, {}, 0, X | U],
      [-min / 2, {}, -0, X | U],
      [min / 2, { rounding: 'tiesToAway' }, min, X | U],
      [(min / 2) * 1.001, {}, min, X | U],
      [2 ** -31, { rounding: 'towardZero' }, 0, X | U],
      [2 ** -31, { rounding: 'toOdd' }, min, X | U],
      [min * (1 - 2 ** -12), {}, min, X], // rounds to min with ten bits: not tiny
      [2 ** -31, { subnormals: 'flushOutputs' }, 0, X | U],
      [-(2 ** -31), { subnormals: 'flushInputs' }, -0, F],
      [8573157376 * 1.01, {}, nan, O | X],
    ]);
  });

  it('with no fraction bits has its smallest number at field 1', () => {
    check(e3m0, [
      [0.125, {}, 0, X | U],
      [0.126, {}, 0.25, X | U],
      [0.125, { rounding: 'tiesToAway' }, 0.25, X | U],
      [0.374, {}, 0.25, X],
      [0.375, {}, 0.5, X],
      [0.375, { parity: 'code' }, 0.5, X], // code 1 is odd
      [0.75, { parity: 'code' }, 0.5, X], // code 2 is even
      [0.01, { rounding: 'toOdd' }, 0.25, X | U],
      [24, {}, 16, O | X | S],
      [24, { parity: 'code' }, 16, O | X | S], // code 7 is odd: up, out of range
      [0.15, { subnormals: 'flushOutputs' }, 0, X | U],
    ]);
  });
});

describe('unsigned formats', () => {
  it('refuse or clamp negative numbers, judged before rounding', () => {
    const extended = defineP3109({ bits: 8, precision: 3, signed: false });
    check(extended, [
      [-1e-300, {}, nan, V],
      [-0, {}, 0, 0],
      [-5, { overflow: 'saturate' }, 0, S],
      [-5, { overflow: 'saturateFinite' }, 0, S],
      [-Infinity, { overflow: 'saturate' }, 0, S],
      [-Infinity, { overflow: 'saturateFinite' }, nan, V],
      [-Infinity, {}, nan, V],
      [-1e-300, { subnormals: 'flushInputs' }, 0, F],
      [Infinity, {}, Infinity, 0],
    ]);
    const bare = defineFloat({ exponentBits: 3, mantissaBits: 2, signed: false, infinities: 'none' });
    check(bare, [
      [-1, { overflow: 'nan' }, 0, S],
      [-Infinity, { overflow: 'saturateFinite' }, 0, S],
      [Infinity, { overflow: 'nan' }, 28, S],
    ]);
  });
});

describe('integer formats', () => {
  it('round, then clamp or wrap', () => {
    const { int8, uint8, mxint8 } = formats;
    check(int8, [
      [2.5, {}, 2, X],
      [3.5, {}, 4, X],
      [-2.5, {}, -2, X],
      [-0.4, {}, 0, X],
      [-0, {}, 0, 0],
      [2.5, { rounding: 'tiesToAway' }, 3, X],
      [2.5, { rounding: 'toOdd' }, 3, X],
      [127.4, {}, 127, X],
      [127.5, {}, 127, O | X | S],
      [128, {}, 127, O | X | S],
      [-128.5, {}, -128, X],
      [-1e300, {}, -128, O | X | S],
      [Infinity, {}, 127, S],
      [-Infinity, {}, -128, S],
      [128, { overflow: 'wrap' }, -128, W],
      [127.5, { overflow: 'wrap' }, -128, W | X],
      [-129, { overflow: 'wrap' }, 127, W],
      [-Infinity, { overflow: 'wrap' }, 0, V],
      [nan, { nanInput: 'zero' }, 0, 0],
      [nan, { nanInput: 'max' }, 127, 0],
      [5e-324, { subnormals: 'flushBoth' }, 0, X],
    ]);
    check(uint8, [
      [-0.4, {}, 0, X],
      [-1, {}, 0, O | X | S],
      [-1, { overflow: 'wrap' }, 255, W],
      [300, { overflow: 'wrap' }, 44, W],
    ]);
    check(mxint8, [
      [1 / 128, {}, 0, X],
      [3 / 128, {}, 2 / 64, X],
      [1.99, {}, 127 / 64, X],
      [2, {}, 127 / 64, O | X | S],
      [-2, {}, -2, 0],
    ]);
    expect(() => oracleRound(int8, resolvePolicy(int8), nan)).toThrow('NaN');
  });
});

/**
 * A second way to the value: look the neighbours up in the sorted list of all values. For formats of few bits all
 * midpoints are binary64 numbers, so plain comparisons decide.
 */
function neighbourRounding(
  format: FloatFormat,
  sorted: readonly number[],
  mode: string,
  x: number,
  isCode: boolean,
): number {
  const size = Math.abs(x);
  let i = 0;
  while (i + 1 < sorted.length && (sorted[i + 1] as number) <= size) i += 1;
  const low = sorted[i] as number;
  if (low === size) return x;
  const high = sorted[i + 1] as number;
  const middle = low + (high - low) / 2;
  // Codes ascend by one; at one bit of precision every significand but zero's is 1.
  const isOdd = format.mantissaBits === 0 && !isCode ? low !== 0 : i % 2 === 1;
  const up = {
    tiesToEven: size > middle || (size === middle && isOdd),
    tiesToAway: size >= middle,
    towardZero: false,
    towardPositive: x > 0,
    towardNegative: x < 0,
    toOdd: !isOdd,
  }[mode];
  return (up ? high : low) * Math.sign(x);
}

describe('every neighbourhood of every small format', () => {
  it.each([...catalogueFloats, ...oddFormats].filter(([, f]) => f.bits <= 8 && f.lowest !== 'normal'))(
    '%s',
    (_, format) => {
      const finite = oracleValues(format).filter((v) => Number.isFinite(v) && v >= 0);
      const sorted = [...new Set(finite.map((v) => (v === 0 ? 0 : v)))].sort((a, b) => a - b);
      const max = sorted.at(-1) as number;
      const ulp = 2 ** (Math.floor(Math.log2(max) + 1e-9) - format.mantissaBits);
      const beyond = [...sorted, max + ulp];
      const ulps = (v: number): number[] => [v, v * (1 - 2 ** -50), v * (1 + 2 ** -50)];
      const points = beyond.flatMap((v, i) => [
        ...ulps(v),
        ...(i > 0 ? ulps((v + (beyond[i - 1] as number)) / 2) : []),
      ]);
      const misses: unknown[] = [];
      for (const rounding of modes) {
        for (const parity of ['significand', 'code'] as const) {
          const policy = resolvePolicy(format, { rounding, parity, overflow: 'saturate' });
          for (const x of format.signed ? points.flatMap((p) => [p, -p]) : points) {
            if (Math.abs(x) > max + ulp) continue;
            const wanted = neighbourRounding(format, beyond, rounding, x, parity === 'code');
            const { value, flags } = oracleRound(format, policy, x);
            const overflows = Math.abs(wanted) > max;
            const expected = overflows ? max * Math.sign(wanted) : wanted;
            const isInexact = overflows || wanted !== x;
            if (value !== expected || Boolean(flags & O) !== overflows || Boolean(flags & X) !== isInexact) {
              misses.push({ rounding, parity, x, wanted, value, flags });
            }
          }
        }
      }
      expect(misses.slice(0, 5)).toEqual([]);
      expect(points.length).toBeGreaterThan(10);
    },
  );
});
