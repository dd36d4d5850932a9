/**
 * e^x and p · 2^n, correctly rounded: the two operations that softmax needs beyond a unit's.
 *
 * @module
 */
import { type Binades, binadesOf } from '../formats/binades.ts';
import type { Format } from '../formats/format.ts';
import { type Dyadic, dyadic } from '../rounding/dyadic.ts';
import { FLUSH, INEXACT, UNDERFLOW } from '../rounding/flags.ts';
import type { FullRounder } from '../rounding/full.ts';
import { idealFormat } from '../rounding/ideal.ts';
import { flushThreshold } from '../rounding/keptRounder.ts';
import { ORIGIN, type Position } from '../rounding/philox.ts';
import type { Policy } from '../rounding/policy.ts';
import { exponentOf, Rounder } from '../rounding/rounder.ts';
import { exponentialInterval, type Interval, naturalLogarithmOf2 } from './exponentialInterval.ts';

/**
 * Beyond these arguments e^x leaves every format: |emax| ≤ 400 and emin − mantissaBits ≥ −400 (formats/float.ts). Even
 * 2^−33 of the smallest subnormal number, which 32 random bits may round up, is above e^−301.
 */
const LARGEST = 301;
/** The same for binary64, and a power of two that leaves it as well. */
const FULL_LARGEST = 800;
const FULL_HUGE = 2000;
/** Powers of two that every format rounds as it would anything larger, or smaller. */
const HUGE = 2 ** 600;
const TINY = 2 ** -600;
/** Flags of a rounding that moved the value; one that flushes may raise underflow alone (`flushFlags`). */
const MOVED = INEXACT | UNDERFLOW;
/** Relative error of `approximateExponential`, four times what its proof gives. */
const ERROR = 2 ** -48;
/** ln 2 in two parts; the first has 32 bits, so that its product with k is exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
/** 1/13! … 1/0! */
const INVERSE_FACTORIALS = /* @__PURE__ */ inverseFactorials(13);

function inverseFactorials(n: number): readonly number[] {
  const found: number[] = [];
  let factorial = 1;
  for (let i = 0; i <= n; i++) {
    if (i > 0) factorial *= i;
    found.unshift(1 / factorial);
  }
  return found;
}

/**
 * e^a to within a relative error of 2^−50, for |a| ≤ 301, from IEEE operations alone (`Math.exp` promises nothing).
 *
 * r = a − k·ln 2: k·LN2_HIGH and its difference from a are exact (multiples of 2^−54 below 2^−1); k·LN2_LOW is below
 * 2^−23, so r is off by less than 2^−54.9, the rounding of the last subtraction. Horner's scheme on |r| < 0.36 loses at
 * most 2.7 · 2^−53, what is left out of the series is below 2^−57, and e^r > 0.69. The power of two is exact.
 */
export function approximateExponential(a: number): number {
  const k = Math.round(a * Math.LOG2E);
  const r = a - k * LN2_HIGH - k * LN2_LOW;
  let sum = 0;
  for (let i = 0; i < INVERSE_FACTORIALS.length; i++) sum = sum * r + (INVERSE_FACTORIALS[i] as number);
  return sum * 2 ** k;
}

/** An integer · 2^exponent as a binary64 number and the rest, to odd (see rounding/pair.ts). */
function pairOfInteger(integer: bigint, exponent: number): { x: number; residual: number } {
  const head = Number(integer);
  const rest = integer - BigInt(head);
  const magnitude = rest < 0n ? -rest : rest;
  const cut = BigInt(Math.max(0, magnitude.toString(2).length - 53));
  const kept = magnitude >> cut;
  const odd = kept << cut === magnitude ? kept : kept | 1n;
  // Two factors, since 2^exponent alone may be subnormal.
  const half = 2 ** Math.trunc(exponent / 2);
  const other = 2 ** (exponent - Math.trunc(exponent / 2));
  const residual = Number(odd << cut) * half * other;
  return { x: head * half * other, residual: rest < 0n ? -residual : residual };
}

/**
 * The exponential of one format and policy. e^x is irrational for every rational x but 0, so an interval around it that
 * is narrow enough rounds as one number, with the same flags, and the loop that narrows it ends (Ziv 1991): what is
 * returned is proved, not likely.
 *
 * A class only so that its constants sit in fields; it holds no state but `flags` and digits of ln 2.
 */
export class Exponential {
  /** Flags of the last operation. */
  flags = 0;
  private readonly format: Format;
  /** How far the format's exponents reach. */
  readonly binades: Binades;
  private readonly rounder: Rounder;
  private readonly flushBelow: number;
  /** Whether a residual's value matters, not only its sign. */
  private readonly weighs: boolean;
  private readonly logarithms = new Map<number, bigint>();

  constructor(format: Format, policy: Policy) {
    this.format = format;
    this.binades = binadesOf(format);
    this.rounder = new Rounder(format, policy);
    this.flushBelow = flushThreshold(format, policy);
    this.weighs = policy.rounding === 'stochastic' || format.kind === 'integer';
  }

  /** e^x. Integer formats must saturate: what a register keeps of a number of any size is not computed here. */
  exp(x: number, position: Position = ORIGIN): number {
    const flushed = x !== 0 && x < this.flushBelow && x > -this.flushBelow;
    const r = this.roundExp(flushed ? 0 : x, position);
    this.flags = this.rounder.flags | (flushed ? FLUSH : 0);
    return r;
  }

  private roundExp(a: number, position: Position): number {
    const { rounder } = this;
    if (this.format === idealFormat) return rounder.round(Math.exp(a), 0, position);
    if (a !== a || a === Infinity) return rounder.round(a, 0, position);
    if (a === 0) return rounder.round(1, 0, position);
    if (a === -Infinity) return rounder.round(0, 0, position);
    if (rounder.full !== null && Math.abs(a) > 2 ** -60) return this.roundFull(rounder.full, a, position);
    if (a > LARGEST) return rounder.round(HUGE, 0, position);
    if (a < -LARGEST) return rounder.round(TINY, 0, position);
    const m = Math.abs(a);
    // 1 + a, and less than half a unit of the 53rd, or of the 130th, place more.
    if (m < (this.weighs ? 2 ** -130 : 2 ** -60)) return rounder.round(1, a, position);
    if (!this.weighs) {
      const y = approximateExponential(a);
      const low = rounder.round(y * (1 - ERROR), -1, position);
      const { flags } = rounder;
      const high = rounder.round(y * (1 + ERROR), 1, position);
      if (Object.is(low, high) && flags === rounder.flags) return high;
    }
    for (let bits = 320; ; bits *= 2) {
      const proved = this.roundInterval(exponentialInterval(a, bits, this.logarithm(bits)), position);
      if (proved !== null) return proved;
    }
  }

  /** e^x in binary64, whose range is wider and whose ties no binary64 number marks. */
  private roundFull(full: FullRounder, a: number, position: Position): number {
    const finish = (value: Dyadic): number => {
      const r = full.roundDyadic(value, position);
      this.rounder.flags = full.flags;
      return r;
    };
    if (Math.abs(a) > FULL_LARGEST) return finish({ n: 1n, exponent: a > 0 ? FULL_HUGE : -FULL_HUGE });
    for (let bits = 320; ; bits *= 2) {
      const { low, high, exponent } = exponentialInterval(a, bits, this.logarithm(bits));
      const first = finish({ n: low, exponent });
      const { flags } = full;
      const second = finish({ n: high, exponent });
      if (Object.is(first, second) && flags === full.flags && (flags & MOVED) !== 0) return first;
    }
  }

  /** What both ends round to, or null where they differ. */
  private roundInterval({ low, high, exponent }: Interval, position: Position): number | null {
    const { rounder } = this;
    const below = pairOfInteger(low, exponent);
    const first = rounder.round(below.x, below.residual, position);
    const { flags } = rounder;
    const above = pairOfInteger(high, exponent);
    const second = rounder.round(above.x, above.residual, position);
    return Object.is(first, second) && flags === rounder.flags && (flags & MOVED) !== 0 ? first : null;
  }

  private logarithm(bits: number): bigint {
    let found = this.logarithms.get(bits);
    if (found === undefined) {
      found = naturalLogarithmOf2(bits);
      this.logarithms.set(bits, found);
    }
    return found;
  }

  /** p · 2^n for an integer n of any size (IEEE 754-2019 §5.3.3, scaleB). */
  scaleByPowerOfTwo(p: number, n: number, position: Position = ORIGIN): number {
    const flushed = p !== 0 && p < this.flushBelow && p > -this.flushBelow;
    const a = flushed ? (p < 0 ? -0 : 0) : p;
    const { full } = this.rounder;
    if (full !== null && a !== 0 && a - a === 0) {
      const value = dyadic(a);
      // Beyond twice its range binary64 has nothing left to tell apart.
      const r = full.roundDyadic(
        { n: value.n, exponent: value.exponent + Math.max(-5000, Math.min(5000, n)) },
        position,
      );
      this.flags = full.flags | (flushed ? FLUSH : 0);
      return r;
    }
    this.flags = 0;
    const r = this.rounder.round(scaled(a, n), 0, position);
    this.flags = this.rounder.flags | (flushed ? FLUSH : 0);
    return r;
  }
}

/** p · 2^n, or a number that every format rounds as p · 2^n. */
function scaled(p: number, n: number): number {
  if (p === 0 || p - p !== 0) return p;
  const exponent = exponentOf(Math.abs(p)) + n;
  if (exponent > 600) return p < 0 ? -HUGE : HUGE;
  if (exponent < -600) return p < 0 ? -TINY : TINY;
  const half = Math.trunc(n / 2);
  return p * 2 ** half * 2 ** (n - half);
}
