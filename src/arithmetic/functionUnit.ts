/**
 * Elementary functions of one format and policy, correctly rounded.
 *
 * @module
 */
import { BittrueError } from '../errors/error.ts';
import { type Binades, binadesOf } from '../formats/binades.ts';
import type { Format } from '../formats/format.ts';
import { bitLength, type Dyadic, decimalOf, dyadic, magnitude } from '../rounding/dyadic.ts';
import { pairOfDyadic } from '../rounding/dyadicPair.ts';
import { DIVIDE_BY_ZERO, FLUSH, INEXACT, INVALID, UNDERFLOW } from '../rounding/flags.ts';
import { idealFormat } from '../rounding/ideal.ts';
import { flushThreshold } from '../rounding/keptRounder.ts';
import { ORIGIN, type Position } from '../rounding/philox.ts';
import type { Policy } from '../rounding/policy.ts';
import { Rounder } from '../rounding/rounder.ts';
import { firstDigits } from './digits.ts';
import type { Interval } from './exponentialInterval.ts';
import { type Edge, type Elementary, elementary, type Transcendental, type Wanted } from './functions.ts';
import { Intervals } from './intervals.ts';

/** Twice what the approximations promise. */
const ERROR = 2 ** -40;
/** Flags of a rounding that moved the value; one that flushes may raise underflow alone (`flushFlags`). */
const MOVED = INEXACT | UNDERFLOW;
/** Powers of two that every format but binary64 rounds as it would anything larger, or smaller. */
const HUGE = 2 ** 600;
const TINY = 2 ** -600;
/** The same for binary64. */
const FULL_FAR = 3000;
/** The first precision of intervals, and the last: no argument is known that needs a tenth of it. */
const BITS = 160;
const MOST_BITS = 10_240;

/** Beyond 2^±this no digits are shown. */
const SHOWN = 1100;

const kept: Map<number, Intervals> = /* @__PURE__ */ new Map();

/** Intervals of a precision, with their constants, made once. */
function intervals(bits: number): Intervals {
  let found = kept.get(bits);
  if (found === undefined) {
    found = new Intervals(bits);
    kept.set(bits, found);
  }
  return found;
}

/**
 * The functions, as a unit of a format and a policy computes them: the real value, rounded once. An interval around it that
 * both ends round alike proves what it rounds to (Ziv 1991); where the real value is a number of the format or lies between
 * two, the function's edges say so.
 *
 * A class only so that its constants sit in fields; it holds no state but `flags`, those of the last operation. For inner
 * loops: nothing is checked.
 */
export class FunctionUnit {
  /** Flags of the last operation. */
  flags = 0;
  readonly binades: Binades;
  private readonly format: Format;
  private readonly rounder: Rounder;
  private readonly flushBelow: number;
  private readonly wanted: Wanted;

  constructor(format: Format, policy: Policy) {
    this.format = format;
    this.binades = binadesOf(format);
    this.rounder = new Rounder(format, policy);
    this.flushBelow = flushThreshold(format, policy);
    const weighs = policy.rounding === 'stochastic' || format.kind === 'integer';
    this.wanted = this.rounder.full !== null ? 'binary64' : weighs ? 'value' : 'sign';
  }

  /** f(x). Integer formats must saturate: what a register keeps of a number of any size is not computed here. */
  evaluate(name: Transcendental, x: number, cap: number, position: Position = ORIGIN): number {
    const flushed = x !== 0 && x < this.flushBelow && x > -this.flushBelow;
    const a = flushed ? (x < 0 ? -0 : 0) : x;
    const r = this.roundValue(elementary[name], a, cap, position);
    if (flushed) this.flags |= FLUSH;
    return r;
  }

  private roundValue(f: Elementary, a: number, cap: number, position: Position): number {
    const { rounder, wanted } = this;
    if (a !== a) return this.rounded(a, 0, position);
    const edge = f.edge(a, cap, wanted);
    if (edge !== null) return this.roundEdge(edge, position);
    if (wanted === 'sign') {
      const y = f.approximate(a, cap);
      if (this.format === idealFormat) {
        return this.rounded(y === y ? y : middle(f.interval(a, intervals(BITS), cap)), 0, position);
      }
      // A NaN rounds alike, too, but it is no approximation.
      if (Math.abs(y) > TINY && Math.abs(y) < HUGE) {
        const low = rounder.round(y * (1 - ERROR), y < 0 ? 1 : -1, position);
        const { flags } = rounder;
        const high = rounder.round(y * (1 + ERROR), y < 0 ? -1 : 1, position);
        if (Object.is(low, high) && flags === rounder.flags) {
          this.flags = flags;
          return high;
        }
      }
    }
    for (let bits = BITS; bits <= MOST_BITS; bits *= 2) {
      const { low, high, exponent } = f.interval(a, intervals(bits), cap);
      if (low <= 0n && high >= 0n) continue;
      const first = this.roundDyadic({ n: low, exponent }, position);
      const { flags } = this;
      const second = this.roundDyadic({ n: high, exponent }, position);
      if (Object.is(first, second) && flags === this.flags && (flags & MOVED) !== 0) return first;
    }
    throw new BittrueError('unsupported', 'x', a, `an argument whose value ${MOST_BITS} bits settle`);
  }

  private roundEdge({ value, power = 0, toward, raises }: Edge, position: Position): number {
    const beside = toward ?? 0;
    let r: number;
    if (beside === 0 && power === 0) r = this.rounded(value, 0, position);
    else r = this.roundBeside(value, power, beside, position);
    if (raises !== undefined) this.flags |= raises === 'invalid' ? INVALID : DIVIDE_BY_ZERO;
    return r;
  }

  /** value · 2^power, or a number just beside it. */
  private roundBeside(value: number, power: number, beside: number, position: Position): number {
    const { full } = this.rounder;
    const far = full === null ? 600 : FULL_FAR;
    if (value === 0) return this.roundDyadic({ n: BigInt(beside), exponent: -far }, position);
    if (value - value !== 0) return this.roundDyadic({ n: value > 0 ? 1n : -1n, exponent: far }, position);
    const { n, exponent } = dyadic(value);
    const size = bitLength(magnitude(n)) + exponent + power;
    // Beyond the range of every format but binary64 the size alone counts.
    if (size > far) return this.roundDyadic({ n: n < 0n ? -1n : 1n, exponent: far }, position);
    if (size < -far) return this.roundDyadic({ n: n < 0n ? -1n : 1n, exponent: -far }, position);
    return this.roundDyadic({ n: (n << 400n) + BigInt(beside), exponent: exponent + power - 400 }, position);
  }

  private roundDyadic(value: Dyadic, position: Position): number {
    const { full } = this.rounder;
    if (full !== null) {
      const r = full.roundDyadic(value, position);
      this.flags = full.flags;
      return r;
    }
    const { x, residual } = pairOfDyadic(value);
    return this.rounded(x, residual, position);
  }

  private rounded(x: number, residual: number, position: Position): number {
    const r = this.rounder.round(x, residual, position);
    this.flags = this.rounder.flags;
    return r;
  }
}

/** The middle of an interval, nearly. */
function middle({ low, high, exponent }: Interval): number {
  return pairOfDyadic({ n: low + high, exponent: exponent - 1 }).x;
}

/** f(x) in decimal digits, 40 of them where they do not end; null where it is no finite number, or has hundreds of zeros. */
export function functionDigits(name: Transcendental, x: number, cap: number): string | null {
  if (x - x !== 0) return null;
  const f = elementary[name];
  const edge = f.edge(x, cap, 'binary64');
  if (edge !== null) return edgeDigits(edge);
  for (let bits = 320; bits <= MOST_BITS; bits *= 2) {
    const { low, high, exponent } = f.interval(x, intervals(bits), cap);
    const length = bitLength(magnitude(low));
    if (low === 0n || bitLength(high - low) > length - 160) continue;
    return Math.abs(length + exponent) > SHOWN ? null : signed({ n: low, exponent }, firstDigits);
  }
  return null;
}

function edgeDigits({ value, power = 0, toward }: Edge): string | null {
  if (value - value !== 0) return null;
  const { n, exponent } = dyadic(value);
  const shifted = exponent + power;
  if (n === 0n) return toward === undefined ? '0' : null;
  if (Math.abs(bitLength(magnitude(n)) + shifted) > SHOWN) return null;
  if (toward === undefined) return decimalOf({ n, exponent: shifted });
  return signed({ n: (n << 400n) + BigInt(toward), exponent: shifted - 400 }, firstDigits);
}

function signed({ n, exponent }: Dyadic, digits: (x: Dyadic) => string): string {
  return `${n < 0n ? '-' : ''}${digits({ n: magnitude(n), exponent })}`;
}
