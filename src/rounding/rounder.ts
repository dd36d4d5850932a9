/**
 * The one round-and-pack: every rounding of the library, and every flag that rounding raises, comes from here.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import type { FloatFormat, Format, IntegerFormat } from '../formats/format.ts';
import { carriedName } from '../formats/nameOf.ts';
import { beyondLargest, goesUp, goesUpExactly } from './direction.ts';
import { addDyadic, dyadic } from './dyadic.ts';
import { INEXACT, INVALID, OVERFLOW, SATURATION, UNDERFLOW, WRAP } from './flags.ts';
import { FullRounder } from './full.ts';
import { idealFormat } from './ideal.ts';
import { ORIGIN, type Position } from './philox.ts';
import type { OverflowPolicy, Policy, RoundingMode } from './policy.ts';
import { goesUpAt, type Stochastic, scaleExactFraction, scaleFraction } from './stochastic.ts';
import { inQuanta, intoRegister } from './wideInteger.ts';

const float64 = /* @__PURE__ */ new Float64Array(1);
const words = /* @__PURE__ */ new Uint32Array(float64.buffer);
/** Index of the word of a binary64 number that holds sign and exponent. */
export const HIGH = /* @__PURE__ */ new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 1 : 0;
const LOW = 1 - HIGH;

/** ⌊log2 a⌋ of a positive normal binary64 number, from its bits; −1023 for a subnormal one. */
export function exponentOf(a: number): number {
  float64[0] = a;
  return ((words[HIGH] >>> 20) & 0x7ff) - 1023;
}

/** 2^exponent: where it is normal by bits, several times faster than `**`. */
export function powerOfTwo(exponent: number): number {
  if (exponent < -1022 || exponent > 1023) return 2 ** exponent;
  words[HIGH] = (exponent + 1023) << 20;
  words[LOW] = 0;
  return float64[0];
}

/** Whether a positive normal binary64 number is a power of two. */
export function isPowerOfTwo(a: number): boolean {
  float64[0] = a;
  return (words[HIGH] & 0xfffff) === 0 && words[LOW] === 0;
}

/**
 * x rounded to nearest, ties to even, by Veltkamp's splitting with `splitter` = 2^s + 1, s = 52 − mantissaBits.
 *
 * Let x > 0 lie in [2^e, 2^(e+1)) and count in units u = 2^(e − mantissaBits), so that 2^s·x is a whole and, at a tie,
 * even number of u (s ≥ 2). While 2^s·x + x stays below 2^(e+s+1), binary64's last place is u there: t is 2^s·x plus x
 * rounded to u, ties to even. Then |t − x − 2^s·x| ≤ u/2, so t − x rounds to 2^s·x (a tie: to the even one), and the
 * result is the rounded x. Otherwise x is within 2^(e+1−s) ≤ u/4 of 2^(e+1) (s ≥ mantissaBits + 3), and must round to
 * it: with x = 2^(e+1) − k·2^(e−52), 2^s·x lacks k units of 2^(e+s+1); t, rounded to 2u, lacks k (an odd k: k + 1) units
 * of 2^(e+s+1) + 2^(e+1); t − x, rounded to u, lacks as many of 2^(e+s+1); and their difference is 2^(e+1).
 */
export function nearest(x: number, splitter: number): number {
  const t = x * splitter;
  return t - (t - x);
}

/** The widest fraction that `nearest` rounds to: s ≥ mantissaBits + 3. */
const MAX_SPLIT_BITS = 24;

/** Veltkamp's constants by mantissaBits: a rounder may be made for one rounding, of which a power took a quarter. */
const splitters = /* @__PURE__ */ Float64Array.from({ length: MAX_SPLIT_BITS + 1 }, (_, bits) => 2 ** (52 - bits) + 1);

/**
 * Rounds exact values to one format under one policy. The exact value is given as a pair: `x`, and a `residual` of
 * which only the sign counts. `x` is the exact value itself (residual 0), or a binary64 number with no other binary64
 * number between it and the exact value, which lies on the residual's side.
 *
 * Why the pair suffices: the numbers where a rounding decision changes (the format's values, their midpoints, the
 * overflow threshold) have at most precision + 1 ≤ 53 significant bits, so they are binary64 numbers. Where x is not
 * one of them, x and the exact value lie on the same side of it; where x is one, the residual says which side.
 * binary64 alone has more bits: there the residual's value counts (`FullRounder`).
 *
 * A class only so that its constants sit in fields; it holds no state but `flags`, those of the last rounding. For inner
 * loops: nothing is checked, junk promises nothing; `round` and `roundTo` check.
 */
export class Rounder {
  /** Flags of the last call. */
  flags = 0;
  private readonly format: Format;
  private readonly mode: RoundingMode;
  private readonly overflow: OverflowPolicy;
  private readonly policy: Policy;
  /**
   * Between these (exclusive, inclusive) magnitudes `nearest` is this rounding: normal numbers, ties to even. Like
   * `splitter` these start as doubles: a field that was ever undefined or a small integer is boxed for good.
   */
  readonly fastAbove: number = Number.POSITIVE_INFINITY;
  readonly fastUpTo: number = Number.POSITIVE_INFINITY;
  private readonly stochastic: Stochastic | null;
  /**
   * The rounder of binary64, or null for every other format.
   *
   * @internal
   */
  readonly full: FullRounder | null;
  /** 2^(52 − mantissaBits) + 1: Veltkamp's constant, whose product with a number parts it at the last kept bit. */
  readonly splitter: number = Number.NaN;

  constructor(format: Format, policy: Policy) {
    this.format = format;
    this.policy = policy;
    this.mode = policy.rounding;
    this.overflow = policy.overflow;
    this.stochastic = policy.stochastic ?? null;
    this.full =
      format.kind === 'float' && format.bits === 64 && format !== idealFormat ? new FullRounder(policy) : null;
    // At one bit of precision the parity of codes is not that of significands, which the fast path goes by.
    const fast =
      format.kind === 'float' &&
      format.mantissaBits <= MAX_SPLIT_BITS &&
      policy.rounding === 'tiesToEven' &&
      format.signed &&
      (format.mantissaBits > 0 || policy.parity === 'significand');
    if (fast) {
      this.fastAbove = format.minNormal;
      this.fastUpTo = format.max;
      this.splitter = splitters[format.mantissaBits] as number;
    }
  }

  /**
   * The value of the format for the exact value that `x` and the sign of `residual` describe. Stochastic rounding takes
   * x + residual as the exact value, and its random bits from the position.
   */
  round(x: number, residual: number, position: Position = ORIGIN): number {
    const a = Math.abs(x);
    if (a > this.fastAbove && a <= this.fastUpTo) {
      const r = nearest(x, this.splitter);
      // A residual matters at a midpoint only: there, and nowhere else, x's mirror image in r is a neighbour of r.
      const mirrored = x + (x - r);
      if (residual === 0 || r === x || nearest(mirrored, this.splitter) !== mirrored) {
        this.flags = r === x && residual === 0 ? 0 : INEXACT;
        return r;
      }
    }
    // The plus says that the call gives a number, so that the compiler need not box the fast path's.
    return +this.roundAnywhere(x, residual, position);
  }

  /** The same for every mode, format and value: the statement of what `round` means. */
  private roundAnywhere(x: number, residual: number, position: Position): number {
    if (this.format === idealFormat) {
      this.flags = INEXACT;
      return x;
    }
    if (this.full !== null) {
      const r = this.full.round(x, residual, position);
      this.flags = this.full.flags;
      return r;
    }
    this.flags = 0;
    if (x !== x) return this.nan();
    if (this.format.kind === 'integer') return this.roundInteger(x, residual, position);
    const { negativeZero, signed, lowest, minNormal, max, emin, mantissaBits } = this.format;
    const negative = x < 0 || (x === 0 && 1 / x < 0);
    const a = negative ? -x : x;
    if ((negative && !signed && a > 0) || (a === 0 && lowest === 'normal')) return this.belowAll(a);
    if (a === Number.POSITIVE_INFINITY) return this.infinite(negative);
    if (a === 0) return negative && negativeZero ? -0 : 0;

    // Below a power of two the grid is finer: an exact value just under one belongs to the lower binade.
    const rest = negative ? -residual : residual;
    const outward = Math.sign(rest);
    let exponent = exponentOf(a);
    if (outward < 0 && isPowerOfTwo(a)) exponent -= 1;
    const below = a < minNormal || (a === minNormal && outward < 0);
    if (below && lowest === 'normal') {
      this.flags = UNDERFLOW | INEXACT;
      return negative ? -minNormal : minNormal;
    }

    let tiny = false;
    if (below) {
      tiny =
        this.policy.tininess === 'beforeRounding' ||
        this.onGrid(a, rest, negative, exponent, exponent - mantissaBits, position) < minNormal;
      if (tiny && (this.policy.subnormals === 'flushOutputs' || this.policy.subnormals === 'flushBoth')) {
        this.flags = this.policy.flushFlags === 'underflow' ? UNDERFLOW : UNDERFLOW | INEXACT;
        return negative && negativeZero ? -0 : 0;
      }
    }
    let r: number;
    if (lowest === 'normalButZero' && mantissaBits > 0 && below) {
      // No subnormals: the neighbours are zero and the smallest number, whatever its significand.
      r = this.reachesSmallest(a, rest, minNormal, negative, position) ? minNormal : 0;
      this.flags = INEXACT;
    } else {
      r = this.onGrid(a, rest, negative, exponent, Math.max(exponent, emin) - mantissaBits, position);
    }
    if (tiny && this.flags !== 0) this.flags = UNDERFLOW | INEXACT;
    if (r > max) return this.overflowed(negative);
    if (r === 0 && !negativeZero) return 0;
    return negative ? -r : r;
  }

  /** a + rest, rounded to a multiple of 2^last; sets inexact. Only the deterministic modes may have a mere sign as rest. */
  private onGrid(
    a: number,
    rest: number,
    negative: boolean,
    exponent: number,
    last: number,
    position: Position,
  ): number {
    // Scaling by a power of two is exact: no format reaches below 2^−451 or above 2^401, and last ≤ 1023. Only a share of
    // a quantum may underflow, and there any number above zero will do.
    const quantum = powerOfTwo(last);
    const scaled = Math.max(a / quantum, Math.min(a, Number.MIN_VALUE));
    let n = Math.floor(scaled);
    let fraction = scaled - n;
    if (fraction === 0 && rest === 0) {
      this.flags = 0;
      return a;
    }
    this.flags = INEXACT;
    if (fraction === 0 && rest < 0) {
      n -= 1;
      fraction = 1;
    }
    let up: boolean;
    if (this.stochastic !== null) {
      up = goesUpAt(this.stochastic, scaleFraction(fraction, rest / quantum, this.stochastic.bits), position);
    } else {
      const side = fraction > 0.5 ? 1 : fraction < 0.5 ? -1 : Math.sign(rest);
      up = goesUp(this.mode, side, this.isOdd(n, exponent), negative);
    }
    return (up ? n + 1 : n) * quantum;
  }

  /** Whether a + rest, between zero and the smallest number of a format without subnormals, becomes the latter. */
  private reachesSmallest(a: number, rest: number, smallest: number, negative: boolean, position: Position): boolean {
    if (this.stochastic === null) {
      const half = smallest / 2;
      return goesUp(this.mode, a > half ? 1 : a < half ? -1 : Math.sign(rest), false, negative);
    }
    // The smallest number may not be a power of two.
    const [part, whole] = [addDyadic(dyadic(a), dyadic(rest)), dyadic(smallest)];
    const apart = part.exponent - whole.exponent;
    const fraction = {
      numerator: part.n << BigInt(Math.max(apart, 0)),
      denominator: whole.n << BigInt(Math.max(-apart, 0)),
    };
    return goesUpAt(this.stochastic, scaleExactFraction(fraction, this.stochastic.bits), position);
  }

  /** Parity of the lower neighbour: of its significand, or (one bit of precision, P3109) of its code. */
  private isOdd(n: number, exponent: number): boolean {
    if (this.policy.parity === 'code' && this.format.kind === 'float' && this.format.mantissaBits === 0) {
      return n !== 0 && (exponent + this.format.bias) % 2 !== 0;
    }
    return n % 2 === 1;
  }

  private overflowed(negative: boolean): number {
    const { value, flags } = beyondLargest(this.format as FloatFormat, this.policy, negative);
    this.flags = flags;
    return value;
  }

  /** An operand, or a result of infinite operands, that is infinite: not an overflow. */
  private infinite(negative: boolean): number {
    const { max, infinities, nan } = this.format as { max: number; infinities: string; nan: string };
    if (infinities !== 'none' && this.overflow !== 'saturate') return negative ? -Infinity : Infinity;
    if (this.overflow !== 'saturate' && nan !== 'none') {
      this.flags = INVALID;
      return Number.NaN;
    }
    this.flags = SATURATION;
    return negative ? -max : max;
  }

  /** A number below zero, of magnitude a, in an unsigned format; or zero in a format without. */
  private belowAll(a: number): number {
    const { nan, lowest, minNormal } = this.format as { nan: string; lowest: string; minNormal: number };
    const saturates = this.overflow === 'saturate' || (this.overflow === 'saturateFinite' && a !== Infinity);
    if (!saturates && nan !== 'none') {
      this.flags = INVALID;
      return Number.NaN;
    }
    this.flags = SATURATION;
    return lowest === 'normal' ? minNormal : 0;
  }

  private nan(): number {
    if (this.format.kind === 'float' && this.format.nan !== 'none') return Number.NaN;
    const { nanInput } = this.policy;
    if (nanInput === 'error') {
      throw new BittrueError(
        'value',
        'x',
        Number.NaN,
        `no NaN: ${carriedName(this.format) ?? 'the format'} has none; see policy.nanInput`,
      );
    }
    if (nanInput === 'max') return this.format.max;
    if (nanInput === 'invalid') this.flags = INVALID;
    return this.format.kind === 'float' && this.format.lowest === 'normal' ? this.format.minNormal : 0;
  }

  private roundInteger(x: number, residual: number, position: Position): number {
    const { bits, min, max, fractionBits } = this.format as {
      bits: number;
      min: number;
      max: number;
      fractionBits: number;
    };
    // For speed alone: most of what enters a register is a number of its format.
    if (residual === 0 && fractionBits === 0 && x >= min && x <= max && x === Math.trunc(x)) return x + 0;
    if (x === Infinity || x === -Infinity) {
      this.flags = this.overflow === 'saturate' ? SATURATION : INVALID;
      return this.overflow === 'saturate' ? (x > 0 ? max : min) : 0;
    }
    const negative = x < 0;
    const a = negative ? -x : x;
    const rest = negative ? -residual : residual;
    // Between these the exact value's own digits count: midpoints beside the widest registers, and whatever wraps.
    const wide = rest !== 0 && a >= 2 ** (52 - fractionBits);
    if (wide && (this.overflow === 'wrap' || a < 2 ** (54 - fractionBits))) {
      return this.roundWideInteger(a, rest, negative, position);
    }
    // At 2^53 quanta and beyond every binary64 number is a whole number of quanta, and out of range.
    const whole = a >= 2 ** (53 - fractionBits);
    const r = whole ? a : this.onGrid(a, rest, negative, 0, -fractionBits, position);
    const value = negative ? 0 - r : r + 0;
    if (value >= min && value <= max) return value;
    if (this.overflow === 'saturate') {
      this.flags = OVERFLOW | INEXACT | SATURATION;
      return value > max ? max : min;
    }
    this.flags |= WRAP;
    const modulus = 2 ** (bits - fractionBits);
    const remainder = value % modulus;
    const reduced = remainder < 0 ? remainder + modulus : remainder + 0;
    return reduced > max ? reduced - modulus : reduced;
  }

  /** A result of 2^52 quanta or more that binary64 cannot hold. */
  private roundWideInteger(a: number, rest: number, negative: boolean, position: Position): number {
    const format = this.format as IntegerFormat;
    const { whole, fraction } = inQuanta(a, rest, format.fractionBits);
    let n = whole;
    if (fraction.numerator !== 0n) {
      this.flags = INEXACT;
      if (goesUpExactly(this.policy, whole, fraction, negative, position)) n += 1n;
    }
    const { value, fits } = intoRegister(format, negative ? -n : n, this.overflow === 'wrap');
    if (!fits) this.flags = this.overflow === 'wrap' ? this.flags | WRAP : OVERFLOW | INEXACT | SATURATION;
    return value;
  }
}
