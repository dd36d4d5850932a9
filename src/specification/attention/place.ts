/**
 * Where an operation within a row stands: a recorder that tells another one, with places moved.
 *
 * @module
 */
import type { Algebraic, Operation } from '../../arithmetic/exact.ts';
import type { Digits } from '../../events/event.ts';
import { Recorder } from '../../events/recorder.ts';
import type { Binades } from '../../formats/binades.ts';
import type { Dyadic } from '../../rounding/dyadic.ts';

/**
 * Sums and functions number their operations from 0, whichever part of a row they are given. This tells the row's recorder of
 * them, each at its own index and step. `row` is the number that keys random bits, and none of the report.
 */
export class Placed extends Recorder {
  private readonly to: Recorder;
  /** Column of every operation; null: their own, `shift` further on. */
  private column: number | null = null;
  private shift = 0;
  private stepShift = 0;
  /** Steps from here on are joins, which are numbered from `joinsAt`. */
  private joinsFrom = Infinity;
  private joinsAt = 0;

  constructor(to: Recorder) {
    super([], 0, 'off', 0);
    this.to = to;
    this.magnitudes = to.magnitudes;
  }

  /** The operations of a sum of `count` elements, of which the first is number `first`. `key` is the sum's own number. */
  inSum(key: number, column: number | null, first: number, count: number, joinsAt: number): this {
    this.stage = this.to.stage;
    this.row = key;
    this.column = column;
    this.shift = first;
    this.stepShift = first;
    this.joinsFrom = count;
    this.joinsAt = joinsAt;
    return this;
  }

  /** The operations of a function on one number, at a column; its first is step `step`. */
  inFunction(key: number, column: number | null, step: number): this {
    this.stage = this.to.stage;
    this.row = key;
    this.column = column;
    this.shift = 0;
    this.stepShift = step;
    this.joinsFrom = Infinity;
    this.isWhole = column === null;
    return this;
  }

  /** Whether operations belong to the row as a whole. */
  private isWhole = false;

  private indexOf(index: number | null): number | null {
    if (this.isWhole) return null;
    if (this.column !== null) return this.column;
    return index === null ? null : index + this.shift;
  }

  private stepOf(step: number): number {
    return step < this.joinsFrom ? step + this.stepShift : this.joinsAt + (step - this.joinsFrom);
  }

  override get wantsEvents(): boolean {
    return this.to.wantsEvents;
  }

  override see(result: number, binades: Binades): void {
    this.to.see(result, binades);
  }

  override seeAll(results: Float64Array, binades: Binades): void {
    this.to.seeAll(results, binades);
  }

  override count(flags: number, times: number): void {
    this.to.count(flags, times);
  }

  override wants(flags: number): boolean {
    return this.to.wants(flags);
  }

  override note(
    flags: number,
    operation: Algebraic,
    index: number | null,
    step: number,
    a: number,
    b: number,
    c: number,
    result: number,
  ): void {
    this.to.note(flags, operation, this.indexOf(index), this.stepOf(step), a, b, c, result);
  }

  override noteSum(
    flags: number,
    operation: Operation,
    index: number | null,
    step: number,
    operands: readonly number[],
    sum: Dyadic | null,
    result: number,
  ): void {
    this.to.noteSum(flags, operation, this.indexOf(index), this.stepOf(step), operands, sum, result);
  }

  override noteWith(
    digits: Digits,
    flags: number,
    operation: Operation,
    index: number | null,
    step: number,
    operand: number,
    result: number,
  ): void {
    this.to.noteWith(digits, flags, operation, this.indexOf(index), this.stepOf(step), operand, result);
  }
}
