/**
 * The unit with the operations of IEEE 754 that no kernel uses: conversions, and comparison.
 *
 * @module
 */
import type { Format } from '../formats/format.ts';
import { defineInteger } from '../formats/integer.ts';
import { pairOfDyadic } from '../rounding/dyadicPair.ts';
import { FLUSH, INEXACT, INVALID, OVERFLOW, SATURATION, WRAP } from '../rounding/flags.ts';
import { flushThreshold } from '../rounding/keptRounder.ts';
import { ORIGIN, type Position } from '../rounding/philox.ts';
import { Rounder } from '../rounding/rounder.ts';
import { intoRegister } from '../rounding/wideInteger.ts';
import { checkIntegerType, type IntegerType, int32OfX86, integerRange, outOfRange } from './integerType.ts';
import { ValueUnit } from './valueUnit.ts';

/** Integers as a format: any larger binary64 number is an integer already, and is handed on before it gets here. */
const wholeNumbers = /* @__PURE__ */ defineInteger({ bits: 53 });

/** A unit that converts, too. */
export class ConvertingUnit extends ValueUnit {
  /** Rounds to integers of up to 53 bits, in the unit's mode; made when it is first asked for. */
  private wholeRounder: Rounder | null = null;

  /** An integer of any size, rounded to the format. It is no number of the format: subnormal or not, it is never flushed. */
  fromInteger(n: number | bigint, position: Position = ORIGIN): number {
    const { format, rounder } = this;
    if (typeof n === 'number' || Number.isSafeInteger(Number(n))) return this.roundUnflushed(Number(n), 0, position);
    if (format.kind === 'integer') {
      const wraps = this.policy.overflow === 'wrap';
      const { value, fits } = intoRegister(format, n << BigInt(format.fractionBits), wraps);
      this.flags = fits ? 0 : wraps ? WRAP : OVERFLOW | INEXACT | SATURATION;
      return value;
    }
    if (rounder.full !== null) {
      const r = rounder.full.roundDyadic({ n, exponent: 0 }, position);
      this.flags = rounder.full.flags;
      return r;
    }
    const { x, residual } = pairOfDyadic({ n, exponent: 0 });
    return this.roundUnflushed(x, residual, position);
  }

  /**
   * A number of another format, rounded to this one: an operand is read as zero where it is subnormal there.
   *
   * @internal
   */
  convert(x: number, from: Format, position: Position = ORIGIN): number {
    const limit = flushThreshold(from, this.policy);
    const isFlushed = x !== 0 && Math.abs(x) < limit;
    const r = this.roundUnflushed(isFlushed ? (x < 0 ? -0 : 0) : x, 0, position);
    if (isFlushed) this.flags |= FLUSH;
    return r;
  }

  /**
   * a rounded to an integral value of the format, in the unit's mode (IEEE 754-2019 §5.9). `exact`: raise inexact where
   * the value changes (roundToIntegralExact); else never.
   */
  roundToIntegral(a: number, exact = false, position: Position = ORIGIN): number {
    const flushed = this.flushBelow === 0 ? 0 : this.flushFlag(a, 0, 0);
    if (flushed !== 0) a = this.read(a);
    if (a - a !== 0 || a === 0) {
      const r = this.rounder.round(a, 0, position);
      this.flags = this.rounder.flags | flushed;
      return r;
    }
    const whole = this.whole(a, position);
    const inexact = whole !== a && exact ? INEXACT : 0;
    const r = this.rounder.round(whole === 0 && a < 0 ? -0 : whole, 0, position);
    this.flags = this.rounder.flags | inexact | flushed;
    return r;
  }

  /**
   * a rounded to an integer in the unit's mode. NaN and what does not fit raise `invalid` alone, and give what the
   * profile says. `exact`: raise inexact where the value changes.
   *
   * @throws {@link BittrueError} for a type outside 2–53 bits: `toBigInt` has up to 64
   */
  toInteger(a: number, type: IntegerType = int32OfX86, exact = false, position: Position = ORIGIN): number {
    checkIntegerType(type, 53);
    return Number(this.convertToInteger(a, type, exact, position));
  }

  /** The same as a bigint, for integers of up to 64 bits. */
  toBigInt(a: number, type: IntegerType = int32OfX86, exact = false, position: Position = ORIGIN): bigint {
    checkIntegerType(type, 64);
    return this.convertToInteger(a, type, exact, position);
  }

  private convertToInteger(a: number, type: IntegerType, exact: boolean, position: Position): bigint {
    const flushed = this.flushBelow === 0 ? 0 : this.flushFlag(a, 0, 0);
    if (flushed !== 0) a = this.read(a);
    const { low, high } = integerRange(type);
    if (a - a === 0) {
      const whole = this.whole(a, position);
      const integer = BigInt(whole);
      if (integer >= low && integer <= high) {
        this.flags = flushed | (exact && whole !== a ? INEXACT : 0);
        return integer;
      }
    }
    this.flags = INVALID | flushed;
    return outOfRange(type, a, low, high);
  }

  /** −1, 0 or 1 as a is below, equal to or above b; null when they are unordered. Raises nothing but `flush`. */
  compare(a: number, b: number): -1 | 0 | 1 | null {
    this.flags = this.flushBelow === 0 ? 0 : this.flushFlag(a, b, 0);
    const x = this.flags === 0 ? a : this.read(a);
    const y = this.flags === 0 ? b : this.read(b);
    return x < y ? -1 : x > y ? 1 : x === y ? 0 : null;
  }

  /** A finite number rounded to an integer. */
  private whole(a: number, position: Position): number {
    if (Math.abs(a) >= 2 ** 52) return a;
    // 2^52 − 0.5 may become 2^52, which 53 bits do not hold: it is rounded an even number lower.
    this.wholeRounder ??= new Rounder(wholeNumbers, { ...this.policy, overflow: 'saturate', subnormals: 'gradual' });
    if (a > 2 ** 52 - 1) return this.wholeRounder.round(a - 2 ** 51, 0, position) + 2 ** 51;
    return this.wholeRounder.round(a, 0, position);
  }
}
