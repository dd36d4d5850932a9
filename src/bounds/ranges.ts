/**
 * What a reduction's terms and sums may be: ranges, held in a table, whose rows go along the order of additions in place
 * of numbers (`Reducer`). So the order of a sum is stated once, and bounds follow it.
 *
 * @module
 */
import { Recorder } from '../events/recorder.ts';
import type { FloatFormat, Format } from '../formats/format.ts';
import { FAILURES } from '../rounding/flags.ts';

/** The two factors of an exact product. */
export interface Factors {
  readonly a: number;
  readonly b: number;
}

/** A term or a sum. */
export interface Range {
  /** What it may be, as it is stored or enters; sound whatever the accumulator. */
  readonly low: number;
  readonly high: number;
  /** The same without any rounding, clamp or wrap. */
  readonly idealLow: number;
  readonly idealHigh: number;
  /** Of an exact product: the operands at either end. */
  readonly factors: { readonly low: Factors; readonly high: Factors } | null;
  /** Of a register that may have wrapped: its sum is right modulo 2^wrapped only; 0: it is right. */
  readonly wrapped: number;
}

export const ZERO: Range = /* @__PURE__ */ Object.freeze({
  low: 0,
  high: 0,
  idealLow: 0,
  idealHigh: 0,
  factors: null,
  wrapped: 0,
});

/** Collects flags, and keeps no event. */
export class Flags extends Recorder {
  raised = 0;

  constructor() {
    super(['sum'], 0, 'off', 0);
  }

  override count(flags: number): void {
    this.raised |= flags;
  }

  /** Whether anything raised so far makes a run fail. */
  get fails(): boolean {
    return (this.raised & FAILURES) !== 0;
  }
}

/** The table of one sum: its ranges, whether something may fail, and how much room is left. */
export class Ranges {
  /** Whether an event that makes a run fail can happen. */
  fails = false;
  /** The largest magnitude that a register may hold, of the register with the least room; and that room. */
  bound = 0;
  headroomBits = Number.POSITIVE_INFINITY;
  private readonly rows: Range[] = [ZERO];

  /** Enters a range, and gives its row. */
  enter(range: Range): number {
    return this.rows.push(range) - 1;
  }

  at(row: number): Range {
    return this.rows[row] as Range;
  }

  /** The same where it is read out of its register: what has wrapped on the way must be right now. */
  read(row: number): Range {
    const range = this.at(row);
    const { wrapped: bits, low, high } = range;
    if (bits === 0) return range;
    const limit = registerLimit(bits);
    this.hold(low, high, limit);
    if (low < limit.min || high > limit.max) this.fails = true;
    return range;
  }

  /** Starts again, with the zero that every chain starts from as its only row. */
  clear(): void {
    this.rows.length = 1;
    this.fails = false;
    this.bound = 0;
    this.headroomBits = Number.POSITIVE_INFINITY;
  }

  /** A register of such limits may hold any number between. */
  hold(low: number, high: number, limit: Limit): void {
    const room = Math.min(
      high > 0 ? Math.log2(limit.max / high) : Infinity,
      low < 0 ? Math.log2(limit.min / low) : Infinity,
    );
    const magnitude = Math.max(-low, high, 0);
    // A register that can hold nothing below zero has no room there, whatever the number.
    const bits = low < 0 && limit.min === 0 ? -Infinity : room;
    if (bits < this.headroomBits || (bits === this.headroomBits && magnitude > this.bound)) {
      this.headroomBits = bits;
      this.bound = magnitude;
    }
  }
}

/** The least and the largest content of a register. */
export interface Limit {
  readonly min: number;
  readonly max: number;
}

/** The limits of a two's-complement register. */
export function registerLimit(bits: number): Limit {
  return { min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 };
}

/** The limits of a format. */
export function limitOf(format: Format): Limit {
  if (format.kind === 'integer') return format;
  return { min: format.signed ? -format.max : 0, max: format.max };
}

/** Whether a zero raises an event in this format, which has none. */
export function missesZero(format: Format): boolean {
  return format.kind === 'float' && format.lowest === 'normal';
}

/** Whether a zero raises an event in this format while numbers on either side of it do not. */
export function hasHole(format: Format): boolean {
  return missesZero(format) && (format as FloatFormat).signed;
}
