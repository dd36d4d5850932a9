/**
 * One rounding at both ends of a range.
 *
 * @module
 */
import { ValueUnit } from '../arithmetic/valueUnit.ts';
import { FAILURES } from '../rounding/flags.ts';
import { Rounder } from '../rounding/rounder.ts';
import type { Rounding } from '../rounding/roundTo.ts';
import { towards } from './outward.ts';
import { hasHole } from './ranges.ts';

/** Operations that round alike, at the ends of ranges; monotone, so that every result lies between those of the ends. */
export class Edges {
  /** Whether an operation so far may raise an event that makes a run fail. */
  fails = false;
  low = 0;
  high = 0;
  private readonly below: ValueUnit;
  private readonly above: ValueUnit;
  private readonly belowResults: Rounder;
  private readonly aboveResults: Rounder;
  private readonly hole: boolean;

  constructor(rounding: Rounding) {
    const [low, high] = [towards(rounding, 'low'), towards(rounding, 'high')];
    this.below = new ValueUnit(low.format, low.policy);
    this.above = new ValueUnit(high.format, high.policy);
    this.belowResults = new Rounder(low.format, low.policy);
    this.aboveResults = new Rounder(high.format, high.policy);
    this.hole = hasHole(rounding.format);
  }

  /** Rounds operands, everything between; where an end fails it is left as it is. Small ones may be read as zero. */
  round(low: number, high: number): void {
    this.take(low, this.below.round(low), high, this.above.round(high));
  }

  /** Rounds exact results, everything between: none is read as an operand, whatever the policy makes of small ones. */
  result(low: number, high: number): void {
    const least = this.belowResults.round(low, 0);
    const most = this.aboveResults.round(high, 0);
    this.told(low, least, this.belowResults.flags, high, most, this.aboveResults.flags);
  }

  /** Products of the ends' factors, of which the second pair gives the larger product. */
  multiply(lowA: number, lowB: number, highA: number, highB: number): void {
    this.take(lowA * lowB, this.below.multiply(lowA, lowB), highA * highB, this.above.multiply(highA, highB));
  }

  /** Sums of the ends' addends. */
  add(lowA: number, lowB: number, highA: number, highB: number): void {
    this.take(lowA + lowB, this.below.add(lowA, lowB), highA + highB, this.above.add(highA, highB));
  }

  /** Quotients of the ends' operands, of which the second pair gives the larger one. */
  divide(lowA: number, lowB: number, highA: number, highB: number): void {
    this.take(lowA / lowB, this.below.divide(lowA, lowB), highA / highB, this.above.divide(highA, highB));
  }

  /** √ of everything between. */
  squareRoot(low: number, high: number): void {
    this.take(Math.sqrt(low), this.below.squareRoot(low), Math.sqrt(high), this.above.squareRoot(high));
  }

  /** 1/√ of everything between, which falls. */
  reciprocalSquareRoot(low: number, high: number): void {
    const [least, most] = [1 / Math.sqrt(high), 1 / Math.sqrt(low)];
    this.take(least, this.below.reciprocalSquareRoot(high), most, this.above.reciprocalSquareRoot(low));
  }

  private take(exactLow: number, low: number, exactHigh: number, high: number): void {
    this.told(exactLow, low, this.below.flags, exactHigh, high, this.above.flags);
  }

  private told(exactLow: number, low: number, flags: number, exactHigh: number, high: number, highFlags: number): void {
    const [lowFails, highFails] = [(flags & FAILURES) !== 0, (highFlags & FAILURES) !== 0];
    this.low = lowFails ? exactLow : low;
    this.high = highFails ? exactHigh : high;
    if (lowFails || highFails || (this.hole && exactLow < 0 && exactHigh > 0)) this.fails = true;
  }
}
