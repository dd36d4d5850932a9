import { describe, expect, it } from 'vitest';
import {
  applyScale16,
  applyScale32,
  defineRequantization,
  doublingMultiplyHigh,
  multiplyByQuantizedMultiplier,
  multiplyByQuantizedMultiplierSingleRounding,
  multiplyByReducedMultiplier,
  quantizeMultiplier,
  type Requantized,
  reduceMultiplier,
  requantize,
  roundingDivideByPowerOfTwo,
  roundoff,
  saturatingRoundingDoublingHighMultiply,
  vnclip,
  vsmul,
  vxrm,
} from '../../../src/arithmetic/index.ts';
import { BittrueError } from '../../../src/errors/index.ts';
import {
  oracleApplyScale16,
  oracleApplyScale32,
  oracleDoubleRounding,
  oracleDoublingMultiply,
  oracleHighMultiply,
  oracleReduced16,
  oracleRoundingDivide,
  oracleRoundoff,
  oracleSingleRounding,
  oracleVnclip,
  oracleVsmul,
} from '../../../src/testing/oracle/requantize.ts';
import { bits32, generator } from '../../random.ts';
import { isScaledDown } from '../../rounding/helpers.ts';
import { share } from '../../testing/helpers.ts';
import { biased } from './random.ts';

const INEXACT = 1;
const CLAMPED = 4 | 32;
const WRAP = 64;
const big = BigInt;
/** `npm test` and mutation testing take a share of the cases: every so many. */
const SHARE = isScaledDown ? 23 : share < 1 ? 11 : 1;

/** Counts what differs, and shows the first: a million assertions would cost more than a million cases. */
class Tally {
  cases = 0;
  wrong = 0;
  first: unknown = null;
  check(operands: unknown[], got: Requantized, value: bigint, flags: number): void {
    this.cases += 1;
    if (big(got.value) === value && !Object.is(got.value, -0) && got.flags === flags) return;
    this.wrong += 1;
    this.first ??= { operands: operands.map(String), got, value: String(value), flags };
  }
  verdict(atLeast: number): void {
    expect({ wrong: this.wrong, first: this.first }).toEqual({ wrong: 0, first: null });
    expect(this.cases).toBeGreaterThanOrEqual(Math.floor(atLeast / SHARE));
  }
}

const lost = (product: bigint, shift: number): number => (product & ((1n << big(shift)) - 1n) ? INEXACT : 0);
const code = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof BittrueError) return error.code;
    throw error;
  }
  return 'none';
};

describe('every pair of 8-bit operands', () => {
  const all = Array.from({ length: 256 }, (_, i) => i - 128).filter(
    (x) => x % 4 === 0 || x % SHARE === 0 || Math.abs(x) > 125,
  );
  it('high products: gemmlowp, SQDMULH, SQRDMULH, vsmul in all modes', () => {
    const tally = new Tally();
    for (const a of all) {
      for (const b of all) {
        const p = big(a * b);
        const flags = lost(p, 7) | (a === -128 && b === -128 ? CLAMPED : 0);
        const high = saturatingRoundingDoublingHighMultiply(a, b, 8);
        tally.check([a, b], high, oracleHighMultiply(big(a), big(b), 8), flags);
        tally.check([a, b], high, oracleDoublingMultiply(big(a), big(b), 8, true), flags);
        tally.check([a, b], doublingMultiplyHigh(a, b, 8), oracleDoublingMultiply(big(a), big(b), 8, false), flags);
        for (const mode of vxrm)
          tally.check([a, b, mode], vsmul(a, b, 8, mode), oracleVsmul(big(a), big(b), 8, mode), flags);
      }
    }
    tally.verdict(7 * 65536);
  });

  it('narrowing: vnclip and vnclipu of every 16-bit number, shift and mode', () => {
    const tally = new Tally();
    for (let x = -32768; x < 32768; x += SHARE) {
      for (const shift of x % 16 === 0 ? [0, 1, 2, 7, 8, 15] : [x & 15]) {
        for (const mode of vxrm) {
          const rounded = oracleRoundoff(big(x), shift, mode);
          const inexact = lost(big(x), shift);
          const clamped = rounded < -128n || rounded > 127n ? CLAMPED : 0;
          tally.check(
            [x, shift, mode],
            vnclip(x, shift, 8, mode),
            oracleVnclip(big(x), shift, 8, mode, true),
            inexact | clamped,
          );
          tally.check([x, shift, mode], roundoff(x, shift, mode), rounded, inexact);
          const u = x + 32768;
          const unsigned = oracleRoundoff(big(u), shift, mode);
          const over = unsigned > 255n ? CLAMPED : 0;
          tally.check(
            [u, shift, mode],
            vnclip(u, shift, 8, mode, false),
            oracleVnclip(big(u), shift, 8, mode, false),
            lost(big(u), shift) | over,
          );
        }
      }
    }
    tally.verdict(700_000);
  });

  it('RoundingDivideByPOT of every 16-bit number', () => {
    const tally = new Tally();
    for (let x = -32768; x < 32768; x += SHARE) {
      for (const e of [0, 1, x & 15, 16, 31]) {
        tally.check([x, e], roundingDivideByPowerOfTwo(x, e), oracleRoundingDivide(big(x), e), lost(big(x), e));
      }
    }
    tally.verdict(300_000);
  });
});

describe('a million biased cases', () => {
  const next = generator(77);
  const shifts = (low: number, high: number): number => low + (bits32(next) % (high - low + 1));

  it('32-bit high products and vsmul', () => {
    const tally = new Tally();
    for (let n = 0; n < 200_000 / SHARE; n++) {
      const a = biased(next, 32);
      const b = biased(next, 32);
      const [x, y] = [big(a), big(b)];
      const flags = lost(x * y, 31) | (a === -(2 ** 31) && b === a ? CLAMPED : 0);
      tally.check([a, b], saturatingRoundingDoublingHighMultiply(a, b), oracleHighMultiply(x, y), flags);
      tally.check([a, b], doublingMultiplyHigh(a, b, 32), oracleDoublingMultiply(x, y, 32, false), flags);
      const mode = vxrm[n % 4] as (typeof vxrm)[number];
      tally.check([a, b, mode], vsmul(a, b, 32, mode), oracleVsmul(x, y, 32, mode), flags);
      const wide = x * 2n ** 32n + big(bits32(next));
      const shift = bits32(next) % 64;
      const rounded = oracleRoundoff(wide, shift, mode);
      const clamped = big.asIntN(32, rounded) === rounded ? 0 : CLAMPED;
      tally.check(
        [wide, shift, mode],
        vnclip(wide, shift, 32, mode),
        oracleVnclip(wide, shift, 32, mode, true),
        lost(wide, shift) | clamped,
      );
      const u = big.asUintN(64, wide);
      const unsigned = oracleRoundoff(u, shift, mode);
      const over = unsigned > 2n ** 32n - 1n ? CLAMPED : 0;
      tally.check(
        [u, shift, mode],
        vnclip(u, shift, 32, mode, false),
        oracleVnclip(u, shift, 32, mode, false),
        lost(u, shift) | over,
      );
    }
    tally.verdict(1_000_000);
  });

  it('products at the very edge of rounding, of every size', () => {
    const tally = new Tally();
    const edges = [
      2 ** 30 - 1,
      2 ** 30,
      2 ** 30 + 1,
      -(2 ** 30) - 1,
      -(2 ** 30),
      -(2 ** 30) + 1,
      2 ** 31 - 1,
      -1,
      0,
      1,
    ];
    for (let n = 0; n < 40_000 / SHARE; n++) {
      // An odd factor has an inverse modulo 2^32, so that the product's low word can be chosen.
      const b = (bits32(next) >>> (1 + (n % 20))) | 1;
      const word = edges[n % edges.length] as number;
      let inverse = b;
      for (let i = 0; i < 5; i++) inverse = Math.imul(inverse, 2 - Math.imul(b, inverse));
      const a = Math.imul(word, inverse);
      const [x, y] = [big(a), big(b)];
      expect(Math.imul(a, b)).toBe(word | 0);
      const flags = lost(x * y, 31);
      tally.check([a, b], saturatingRoundingDoublingHighMultiply(a, b), oracleHighMultiply(x, y), flags);
      tally.check([a, b], multiplyByQuantizedMultiplierSingleRounding(a, b, 0), oracleSingleRounding(x, y, 0), flags);
      tally.check([a, b], applyScale32(a, b, 32, true), oracleApplyScale32(x, y, 32, true), lost(x * y, 32));
      const mode = vxrm[n % 4] as (typeof vxrm)[number];
      tally.check([a, b, mode], vsmul(a, b, 32, mode), oracleVsmul(x, y, 32, mode), flags);
    }
    tally.verdict(160_000);
  });

  it('double and single rounding, and they differ where they should', () => {
    const tally = new Tally();
    let differ = 0;
    for (let n = 0; n < 150_000 / SHARE; n++) {
      const x = biased(next, 32);
      const m = n % 4 === 0 ? biased(next, 32) : 2 ** 30 + (bits32(next) >>> 2);
      const shift = shifts(-31, 30);
      const single = multiplyByQuantizedMultiplierSingleRounding(x, m, shift);
      const exact = (((big(x) * big(m)) >> big(30 - shift)) + 1n) >> 1n;
      const wrap = big.asIntN(32, exact) === exact ? 0 : WRAP;
      tally.check(
        [x, m, shift],
        single,
        oracleSingleRounding(big(x), big(m), shift),
        lost(big(x) * big(m), 31 - shift) | wrap,
      );
      const left = Math.max(shift, 0);
      const shifted = big(x) << big(left);
      if (big.asIntN(32, shifted) !== shifted) {
        if (n % 10 === 0) expect(code(() => multiplyByQuantizedMultiplier(x, m, shift))).toBe('range');
        continue;
      }
      const high = oracleHighMultiply(shifted, big(m));
      const saturated = shifted === -(2n ** 31n) && m === -(2 ** 31) ? CLAMPED : 0;
      const flags = lost(shifted * big(m), 31) | lost(high, Math.max(-shift, 0)) | saturated;
      const double = multiplyByQuantizedMultiplier(x, m, shift);
      tally.check([x, m, shift], double, oracleDoubleRounding(big(x), big(m), shift), flags);
      if (double.value !== single.value) differ += 1;
    }
    tally.verdict(200_000);
    expect(differ).toBeGreaterThan(Math.floor(1000 / SHARE));
  });

  it('64-bit accumulators times a reduced multiplier', () => {
    const tally = new Tally();
    for (let n = 0; n < 100_000 / SHARE; n++) {
      const m = n % 5 === 0 ? biased(next, 32) : 2 ** 30 + (bits32(next) >>> 2);
      const x = n % 2 === 0 ? big(biased(next, 32)) : (big(biased(next, 32)) << 16n) + big(bits32(next) >>> 16);
      const shift = shifts(-31, 14);
      const reduced = big(reduceMultiplier(m));
      const exact = (((x * reduced) >> big(14 - shift)) + 1n) >> 1n;
      const flags = lost(x * reduced, 15 - shift) | (big.asIntN(32, exact) === exact ? 0 : WRAP);
      const operand = n % 3 === 0 ? x : Number(x);
      tally.check(
        [x, m, shift],
        multiplyByReducedMultiplier(operand, m, shift),
        oracleReduced16(x, big(m), shift),
        flags,
      );
    }
    tally.verdict(100_000);
    expect(multiplyByReducedMultiplier(2n ** 47n, 0x7fffffff, -31)).toEqual({ value: 65534, flags: 0 });
    expect(code(() => multiplyByReducedMultiplier(2n ** 62n, 2 ** 30, 0))).toBe('range');
    expect(code(() => multiplyByReducedMultiplier(2n ** 63n, 1, 0))).toBe('range');
    expect(code(() => multiplyByReducedMultiplier(0.5, 2 ** 30, 0))).toBe('range');
  });

  it('TOSA scalings', () => {
    const tally = new Tally();
    let undefinedOnes = 0;
    for (let n = 0; n < 150_000 / SHARE; n++) {
      const m = n % 4 === 0 ? bits32(next) >>> 1 : 2 ** 30 + (bits32(next) >>> 2);
      const shift = shifts(2, 62);
      const value = biased(next, Math.min(32, shift));
      const [v, w] = [big(value), big(m)];
      const double = n % 2 === 0;
      tally.check(
        [value, m, shift, double],
        applyScale32(value, m, shift, double),
        oracleApplyScale32(v, w, shift, double),
        lost(v * w, shift),
      );
      const m16 = bits32(next) >>> 17;
      const long = biased(next, 32) * 2 ** 16 + (bits32(next) >>> 16);
      const exact = (big(long) * big(m16) + (1n << big(shift - 1))) >> big(shift);
      if (big.asIntN(32, exact) !== exact) {
        undefinedOnes += 1;
        if (undefinedOnes % 10 === 0) expect(code(() => applyScale16(long, m16, shift))).toBe('range');
      } else {
        tally.check(
          [long, m16, shift],
          applyScale16(long, m16, shift),
          oracleApplyScale16(big(long), big(m16), shift),
          lost(big(long) * big(m16), shift),
        );
      }
    }
    tally.verdict(200_000);
    expect(undefinedOnes).toBeGreaterThan(Math.floor(1000 / SHARE));
    expect(code(() => applyScale32(2, 1, 2))).toBe('range');
    expect(code(() => applyScale32(1, -1, 2))).toBe('range');
    expect(code(() => applyScale32(1, 1, 63))).toBe('range');
    expect(code(() => applyScale16(2 ** 47, 1, 2))).toBe('range');
  });
});

describe('multipliers', () => {
  it('come back as the scale they came from, within half a unit', () => {
    const next = generator(20);
    for (let n = 0; n < 20_000 / SHARE; n++) {
      const scale = (bits32(next) + 1) * 2 ** -(8 + (n % 50));
      const { multiplier, shift } = quantizeMultiplier(scale);
      if (scale < 2 ** -32.5) expect(multiplier).toBe(0);
      if (multiplier === 0) continue;
      expect(multiplier).toBeGreaterThanOrEqual(2 ** 30);
      expect(multiplier).toBeLessThan(2 ** 31);
      expect(Math.abs(multiplier * 2 ** (shift - 31) - scale)).toBeLessThanOrEqual(2 ** (shift - 32));
    }
    expect(quantizeMultiplier(0)).toEqual({ multiplier: 0, shift: 0 });
    expect(quantizeMultiplier(1 - 2 ** -40)).toEqual({ multiplier: 2 ** 30, shift: 1 });
    expect(code(() => quantizeMultiplier(-1))).toBe('range');
    expect(code(() => quantizeMultiplier(Number.NaN))).toBe('range');
  });
});

describe('a pipeline as data', () => {
  const base = { low: -128, high: 127, outputZeroPoint: 3 };
  const data = (scale: unknown) => defineRequantization({ ...base, scale });
  const m = { multiplier: 1717986918, shift: -2 };

  it('scales, adds the zero point and clamps', () => {
    for (const kind of ['doubleRounding', 'singleRounding', 'reduced16']) {
      expect(requantize(data({ kind, ...m }), 100)).toEqual({ value: 23, flags: INEXACT });
      expect(requantize(data({ kind, ...m }), 10_000)).toEqual({ value: 127, flags: INEXACT | CLAMPED });
    }
    expect(requantize(data({ kind: 'tosa32', multiplier: 1717986918, shift: 33 }), -100).value).toBe(-17);
    expect(requantize(data({ kind: 'tosa16', multiplier: 26214, shift: 17 }), 100).value).toBe(23);
    const shifted = defineRequantization({ ...base, inputZeroPoint: -28, scale: { kind: 'doubleRounding', ...m } });
    expect(requantize(shifted, 72).value).toBe(23);
    expect(
      requantize(defineRequantization({ ...base, low: 0, scale: { kind: 'doubleRounding', ...m } }), -100),
    ).toEqual({
      value: 0,
      flags: INEXACT | CLAMPED,
    });
  });

  it('takes wide accumulators where the pipeline does', () => {
    expect(requantize(data({ kind: 'reduced16', multiplier: 2 ** 30, shift: -30 }), 2n ** 36n).value).toBe(35);
    expect(code(() => requantize(data({ kind: 'doubleRounding', ...m }), 1n))).toBe('type');
    expect(code(() => requantize(data({ kind: 'doubleRounding', ...m }), 2 ** 31))).toBe('range');
  });

  it('refuses what it does not know', () => {
    expect(code(() => data({ kind: 'triple', ...m }))).toBe('name');
    expect(code(() => data({ kind: 'doubleRounding', ...m, doubleRound: true }))).toBe('name');
    expect(code(() => data({ kind: 'tosa32', multiplier: 2 ** 31, shift: 3 }))).toBe('range');
    expect(code(() => defineRequantization({ scale: { kind: 'doubleRounding', ...m }, low: 5, high: 4 }))).toBe(
      'range',
    );
  });

  it('checks the operands of every function', () => {
    const high = saturatingRoundingDoublingHighMultiply;
    expect(code(() => high(2 ** 31, 1))).toBe('range');
    expect(code(() => high(128, 1, 8))).toBe('range');
    expect(code(() => roundingDivideByPowerOfTwo(1, 32))).toBe('range');
    expect(code(() => roundingDivideByPowerOfTwo(1.5, 1))).toBe('range');
    expect(code(() => vsmul(1, 1, 8, 'up' as never))).toBe('name');
    expect(code(() => vnclip(-1, 1, 8, 'rnu', false))).toBe('range');
    expect(code(() => vnclip(-1n, 1, 32, 'rnu', false))).toBe('range');
    expect(code(() => vnclip(2 ** 15, 1, 8, 'rnu'))).toBe('range');
    expect(code(() => vnclip('1' as never, 1, 8, 'rnu'))).toBe('type');
    expect(code(() => doublingMultiplyHigh(2 ** 15, 1, 16))).toBe('range');
  });
});
