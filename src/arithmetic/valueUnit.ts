/**
 * A software floating-point unit: every operation computes its exact result, as a binary64 number and what that number
 * lost, and rounds once.
 *
 * @module
 */
import { type Binades, binadesOf } from '../formats/binades.ts';
import type { Format } from '../formats/format.ts';
import { pairOfDyadic } from '../rounding/dyadicPair.ts';
import { ABSORPTION, DIVIDE_BY_ZERO, FLUSH, INEXACT, INVALID, OVERFLOW, SATURATION, WRAP } from '../rounding/flags.ts';
import { idealFormat } from '../rounding/ideal.ts';
import { flushThreshold } from '../rounding/keptRounder.ts';
import { ORIGIN, type Position } from '../rounding/philox.ts';
import type { Policy } from '../rounding/policy.ts';
import { isBelow } from '../rounding/round.ts';
import { isPowerOfTwo, nearest, Rounder } from '../rounding/rounder.ts';
import { exactDyadic, type PairOperation } from './exactDyadic.ts';
import { isSafe, productResidual, quotientResidual, rootResidual, sumResidual, toOdd } from './residual.ts';

/** Relative distance within which `1 / Math.sqrt(w)` surely lies of 1/√w: two roundings of at most 2^−53 each. */
const ROOT_ERROR = 2 ** -51;

/** An overflowing or wrapping sum that happens to equal an addend lost nothing by absorption. */
const NOT_ABSORBED = OVERFLOW | SATURATION | WRAP;

/**
 * The unit of one format and policy. Operands are any binary64 numbers, values of the format or not; each is exact.
 * The last argument of an operation is its position, from which stochastic rounding takes its random bits.
 *
 * How an operation stays exact. A sum and its TwoSum residual are exact for any operands that do not overflow binary64.
 * A product of two numbers of at most 24 bits is a binary64 number; others have Dekker's residual. A quotient's or a
 * root's remainder is a binary64 number (Bohlender et al. 1991), so its sign is exact, and ties and directed modes need
 * no more. Stochastic rounding needs the value of what is lost: there quotients and roots go through exact decimals.
 *
 * In binary64 itself all of that holds while operands are in the middle of the range (`isSafe`): what is lost is exact,
 * or of a known sign where no tie is possible. Elsewhere results are exact binary numbers of any size.
 *
 * A class only so that its constants sit in fields; it holds no state but `flags`, those of the last operation. For inner
 * loops: nothing is checked, junk promises nothing; `createUnit` checks the format and the policy.
 */
export class ValueUnit {
  /** Flags of the last operation. */
  flags = 0;
  readonly format: Format;
  readonly policy: Policy;
  /** How far the format's exponents reach. */
  readonly binades: Binades;
  /**
   * What rounds.
   *
   * @internal
   */
  protected readonly rounder: Rounder;
  /** Operands below this magnitude are read as zero; 0 when none is. */
  protected readonly flushBelow: number;
  /** The rounder's fast path, where operands are never flushed. */
  private readonly fastAbove: number = Number.POSITIVE_INFINITY;
  private readonly fastUpTo: number = Number.POSITIVE_INFINITY;
  private readonly splitter: number = Number.NaN;
  private readonly negativeZeroSum: boolean;
  /** From this magnitude on a residual's value matters, not only its sign; exact decimals give it. */
  private readonly weighsFrom: number;
  /** Whether the format is binary64, and what is lost of a quotient or a root counts by its sign only. */
  private readonly isFull: boolean;

  constructor(format: Format, policy: Policy) {
    this.format = format;
    this.policy = policy;
    this.binades = binadesOf(format);
    this.rounder = new Rounder(format, policy);
    this.flushBelow = flushThreshold(format, policy);
    if (this.flushBelow === 0) {
      this.fastAbove = this.rounder.fastAbove;
      this.fastUpTo = this.rounder.fastUpTo;
      this.splitter = this.rounder.splitter;
    }
    this.negativeZeroSum = policy.rounding === 'towardNegative';
    // Wide registers clamp and wrap by digits that binary64 has no room for: see `Rounder`.
    const widest = format.kind === 'integer' ? 2 ** (51 - format.fractionBits) : Number.POSITIVE_INFINITY;
    this.weighsFrom = policy.rounding === 'stochastic' || this.rounder.full !== null ? 0 : widest;
    this.isFull = this.rounder.full !== null && policy.rounding !== 'stochastic';
  }

  /** x rounded to the format. */
  round(x: number, position: Position = ORIGIN): number {
    const y = this.flushBelow === 0 ? x : this.read(x);
    const r = this.rounder.round(y, 0, position);
    this.flags = this.rounder.flags | (y === x || x !== x ? 0 : FLUSH);
    return r;
  }

  /** a + b. */
  add(a: number, b: number, position: Position = ORIGIN): number {
    // For speed alone, what `addAnywhere` does in the commonest case, where binary64 holds the sum.
    const s = a + b;
    const bVirtual = s - a;
    const residual = a - (s - bVirtual) + (b - bVirtual);
    const m = Math.abs(s);
    if (m > this.fastAbove && m <= this.fastUpTo && residual === 0) {
      const r = nearest(s, this.splitter);
      let raised = 0;
      if (r !== s) raised = r === a || r === b ? INEXACT | ABSORPTION : INEXACT;
      this.flags = raised;
      return r;
    }
    // The plus says that the call gives a number, so that the compiler need not box the fast path's.
    return +this.addAnywhere(a, b, position);
  }

  /** The same for every operand: the statement of what `add` means. */
  private addAnywhere(a: number, b: number, position: Position): number {
    const flushed = this.flushBelow === 0 ? 0 : this.flushFlag(a, b, 0);
    if (flushed !== 0) {
      a = this.read(a);
      b = this.read(b);
    }
    const s = a + b;
    let r: number;
    if (s === 0 || s - s !== 0) r = this.addSpecial(a, b, s, position);
    else {
      const residual = sumResidual(a, b, s);
      // Beside the largest number TwoSum may overflow on its way (Boldo, Graillat & Muller 2017).
      r =
        residual === residual ? this.rounder.round(s, residual, position) : this.roundExactly('add', [a, b], position);
    }
    const flags = this.rounder.flags;
    this.flags = flags | flushed;
    // A lost addend: the inexact sum of two numbers other than zero equals one of them.
    if (flags !== 0 && (r === a || r === b) && a !== 0 && b !== 0 && a - a === 0 && b - b === 0) {
      if ((flags & NOT_ABSORBED) === 0) this.flags |= ABSORPTION;
    }
    if (s !== s && a === a && b === b) this.flags |= INVALID;
    return r;
  }

  /** a − b. */
  subtract(a: number, b: number, position: Position = ORIGIN): number {
    return this.add(a, -b, position);
  }

  /** a · b. */
  multiply(a: number, b: number, position: Position = ORIGIN): number {
    const flushed = this.flushBelow === 0 ? 0 : this.flushFlag(a, b, 0);
    if (flushed !== 0) {
      a = this.read(a);
      b = this.read(b);
    }
    const p = a * b;
    let r: number;
    if (Math.fround(a) === a && Math.fround(b) === b) r = this.rounder.round(p, 0, position);
    else if (isSafe(a) && isSafe(b)) r = this.rounder.round(p, productResidual(a, b, p), position);
    else if (a - a === 0 && b - b === 0 && a !== 0 && b !== 0) r = this.roundExactly('multiply', [a, b], position);
    else r = this.rounder.round(p, 0, position);
    this.flags = this.rounder.flags | flushed;
    if (p !== p && a === a && b === b) this.flags |= INVALID;
    return r;
  }

  /** a / b. */
  divide(a: number, b: number, position: Position = ORIGIN): number {
    const flushed = this.flushBelow === 0 ? 0 : this.flushFlag(a, b, 0);
    if (flushed !== 0) {
      a = this.read(a);
      b = this.read(b);
    }
    const q = a / b;
    let r: number;
    let raised = 0;
    if (b === 0 || a === 0 || a - a !== 0 || b - b !== 0) {
      r = this.rounder.round(q, 0, position);
      if (q !== q && a === a && b === b) raised = INVALID;
      else if (b === 0 && a - a === 0) raised = DIVIDE_BY_ZERO;
    } else if (Math.abs(q) < this.weighsFrom && isSafe(a) && isSafe(b)) {
      r = this.rounder.round(q, quotientResidual(a, b, q), position);
    } else if (this.isFull && isSafe(a) && isSafe(b)) r = this.roundHint(q, quotientResidual(a, b, q));
    else r = this.roundExactly('divide', [a, b], position);
    this.flags = this.rounder.flags | raised | flushed;
    return r;
  }

  /** √a. */
  squareRoot(a: number, position: Position = ORIGIN): number {
    const flushed = this.flushBelow === 0 ? 0 : this.flushFlag(a, 0, 0);
    if (flushed !== 0) a = this.read(a);
    const s = Math.sqrt(a);
    let r: number;
    if (!(a > 0 && a - a === 0)) r = this.rounder.round(s, 0, position);
    else if (s < this.weighsFrom && isSafe(a)) r = this.rounder.round(s, rootResidual(a, s), position);
    else if (this.isFull && isSafe(a)) r = this.roundHint(s, rootResidual(a, s));
    else r = this.roundExactly('squareRoot', [a], position);
    this.flags = this.rounder.flags | flushed | (s !== s && a === a ? INVALID : 0);
    return r;
  }

  /** 1 / √a, rounded once. A zero divides by zero and keeps its sign (IEEE 754-2019 §9.2.1, rSqrt). */
  reciprocalSquareRoot(a: number, position: Position = ORIGIN): number {
    const flushed = this.flushBelow === 0 ? 0 : this.flushFlag(a, 0, 0);
    if (flushed !== 0) a = this.read(a);
    let r: number;
    let raised = 0;
    if (a > 0 && a !== Infinity) {
      r = this.roundReciprocalRoot(a, position);
    } else {
      const y = a === 0 ? 1 / a : a === Infinity ? 0 : Number.NaN;
      r = this.rounder.round(y, 0, position);
      raised = a === 0 ? DIVIDE_BY_ZERO : a < 0 ? INVALID : 0;
    }
    this.flags = this.rounder.flags | raised | flushed;
    return r;
  }

  private roundReciprocalRoot(a: number, position: Position): number {
    // The reference pass wants binary64's own answer; exact decimals would take milliseconds.
    if (this.format === idealFormat) return this.rounder.round(1 / Math.sqrt(a), 0, position);
    const root = Math.sqrt(a);
    if (1 / root < this.weighsFrom) {
      // 1/√a is a binary64 number for powers of four only, and then so is every step.
      if (isPowerOfTwo(a) && isPowerOfTwo(root)) return this.rounder.round(1 / root, 0, position);
      // Two binary64 operations come within two parts in 2^52: where that whole interval rounds alike, that is the answer.
      const y = 1 / root;
      const low = this.rounder.round(y * (1 - ROOT_ERROR), -1, position);
      const { flags } = this.rounder;
      const high = this.rounder.round(y * (1 + ROOT_ERROR), 1, position);
      if (Object.is(low, high) && flags === this.rounder.flags) return high;
    }
    return this.roundExactly('reciprocalSquareRoot', [a], position);
  }

  /** a · b + c, rounded once. */
  fusedMultiplyAdd(a: number, b: number, c: number, position: Position = ORIGIN): number {
    const flushed = this.flushBelow === 0 ? 0 : this.flushFlag(a, b, c);
    if (flushed !== 0) {
      a = this.read(a);
      b = this.read(b);
      c = this.read(c);
    }
    const p = a * b;
    const s = p + c;
    if (s === 0 || p === 0 || !isSafe(a) || !isSafe(b) || !isSafe(c)) {
      return this.fusedSpecial(a, b, c, flushed, position);
    }
    const low = productResidual(a, b, p);
    let r: number;
    if (low === 0) r = this.rounder.round(s, sumResidual(p, c, s), position);
    else if (Math.abs(s) >= this.weighsFrom && !this.isFull) return this.fusedSpecial(a, b, c, flushed, position);
    else {
      // p + c + low: two exact sums leave three parts, the last far below the others, so that it only settles a tie. The
      // head is not 0: s would be −low, exactly, and a · b = −c a binary64 number, whose low is 0.
      const error = sumResidual(p, c, s);
      const tail = error + low;
      const tailError = sumResidual(error, low, tail);
      const head = s + tail;
      const headError = sumResidual(s, tail, head);
      const rest = headError === 0 || tailError === 0 ? headError + tailError : toOdd(headError, tailError);
      r = this.rounder.round(head, rest, position);
    }
    this.flags = this.rounder.flags | flushed;
    if (this.rounder.flags !== 0 && c !== 0 && (r === c || (r === p && low === 0))) {
      if ((this.flags & NOT_ABSORBED) === 0) this.flags |= ABSORPTION;
    }
    return r;
  }

  /** An exact value, given as a pair (see `Rounder`), rounded to the format. */
  roundPair(x: number, residual: number, position: Position = ORIGIN): number {
    const isFlushed = isBelow(x, residual, this.flushBelow);
    const r = isFlushed ? this.roundUnflushed(x < 0 ? -0 : 0, 0, position) : this.roundUnflushed(x, residual, position);
    if (isFlushed) this.flags |= FLUSH;
    return r;
  }

  /** An exact value, given as a pair, that is never read as zero. */
  protected roundUnflushed(x: number, residual: number, position: Position): number {
    const r = this.rounder.round(x, residual, position);
    this.flags = this.rounder.flags;
    return r;
  }

  private fusedSpecial(a: number, b: number, c: number, flushed: number, position: Position): number {
    const finite = a - a === 0 && b - b === 0 && c - c === 0;
    const p = a * b;
    let r: number;
    if (finite && a !== 0 && b !== 0) {
      r = this.roundExactly('fusedMultiplyAdd', [a, b, c], position);
      this.flags = this.rounder.flags | flushed;
      const inexact = (this.rounder.flags & INEXACT) !== 0;
      const kept = r === c || (r === p && pairOfDyadic(exactDyadic('multiply', [a, b])).residual === 0);
      if (inexact && c !== 0 && kept && (this.flags & NOT_ABSORBED) === 0) this.flags |= ABSORPTION;
      return r;
    }
    // A product of finite numbers is finite, whatever binary64 makes of it: an infinite c decides.
    const s = a - a === 0 && b - b === 0 && c - c !== 0 ? c : p + c;
    r = this.rounder.round(s === 0 && this.negativeZeroSum && (1 / p < 0 || 1 / c < 0) ? -0 : s, 0, position);
    this.flags = this.rounder.flags | flushed;
    const isSilenced = c !== c && this.policy.fusedInvalid === 'unlessNaN';
    if (s !== s && a === a && b === b && (c === c || p !== p) && !isSilenced) this.flags |= INVALID;
    return r;
  }

  /** Sums that are zero, infinite, or too large for binary64. */
  private addSpecial(a: number, b: number, s: number, position: Position): number {
    if (s === 0) {
      // IEEE 754 §6.3: opposite numbers sum to +0, but to −0 toward negative; two zeros of one sign keep it.
      const sameZeros = a === 0 && Object.is(a, b);
      return this.rounder.round(sameZeros ? a : this.negativeZeroSum ? -0 : 0, 0, position);
    }
    if (a - a === 0 && b - b === 0) return this.roundExactly('add', [a, b], position);
    return this.rounder.round(s, 0, position);
  }

  /** An operation whose operands are finite and whose result is defined, by exact decimals, or in binary64 digits. */
  private roundExactly(operation: PairOperation, operands: readonly number[], position: Position): number {
    const { rounder } = this;
    // An exact zero is the sum of two opposite numbers: it has the sign of such a sum.
    const zero = this.negativeZeroSum ? -0 : 0;
    if (rounder.full === null) {
      const { x, residual } = pairOfDyadic(exactDyadic(operation, operands));
      return rounder.round(x === 0 ? zero : x, residual, position);
    }
    const value = exactDyadic(operation, operands);
    if (value.n === 0n) return rounder.round(zero, 0, position);
    const r = rounder.full.roundDyadic(value, position);
    rounder.flags = rounder.full.flags;
    return r;
  }

  /** In binary64, a result that is never a tie, nearest to the exact one: of its residual only the sign is known. */
  private roundHint(x: number, residual: number): number {
    return this.rounder.round(x, Math.sign(residual) * Math.abs(x) * 2 ** -60);
  }

  /** An operand as the unit reads it. */
  protected read(x: number): number {
    return x < this.flushBelow && x > -this.flushBelow ? (x < 0 || Object.is(x, -0) ? -0 : 0) : x;
  }

  /** `FLUSH` where an operand is read as zero though it is none. */
  protected flushFlag(a: number, b: number, c: number): number {
    const limit = this.flushBelow;
    return (a !== 0 && a < limit && a > -limit) ||
      (b !== 0 && b < limit && b > -limit) ||
      (c !== 0 && c < limit && c > -limit)
      ? FLUSH
      : 0;
  }
}
