/**
 * Rounded operations on estimates: how far a result may be from the real one.
 *
 * The computed number, the real one and `value` all lie in [value − error, value + error], so an operation that is Lipschitz
 * there passes the error on, times its constant; binary64 adds what it loses of `value`, and the rounding what it may add.
 *
 * @module
 */
import { flushThreshold } from '../rounding/keptRounder.ts';
import type { Rounding } from '../rounding/roundTo.ts';
import { Edges } from './edges.ts';
import { type Estimate, estimate, lostOf, mostOf, roundingError, UNKNOWN } from './estimate.ts';
import { down, plusDown, plusUp, type Roundoff, roundoff, up } from './outward.ts';

/** Operations that round alike. */
export class ErrorOperations {
  private readonly off: Roundoff;
  private readonly edges: Edges | null;
  /** Operands below are read as zero. */
  private readonly flushed: number;

  /** Null: results stay exact. */
  constructor(rounding: Rounding | null) {
    this.off = roundoff(rounding);
    this.edges = rounding === null ? null : new Edges(rounding);
    this.flushed = rounding === null ? 0 : flushThreshold(rounding.format, rounding.policy);
  }

  /** The number itself, rounded. */
  round(a: Estimate): Estimate {
    return this.result(a.value, up(a.error + this.unread(a)));
  }

  add(a: Estimate, b: Estimate): Estimate {
    const value = a.value + b.value;
    const given = up(up(a.error + b.error) + up(this.unread(a) + this.unread(b)));
    return this.result(value, up(given + lostOf(value)));
  }

  subtract(a: Estimate, b: Estimate): Estimate {
    return this.add(a, { ...b, value: -b.value });
  }

  multiply(a: Estimate, b: Estimate): Estimate {
    return this.result(a.value * b.value, this.ofProduct(a, b));
  }

  /** a · b + c, rounded once. */
  multiplyAdd(a: Estimate, b: Estimate, c: Estimate): Estimate {
    const value = a.value * b.value + c.value;
    return this.result(value, up(up(this.ofProduct(a, b) + up(c.error + this.unread(c))) + lostOf(value)));
  }

  /** a/b; `least`: what neither the computed nor the real b is below, where that is more than b − its error. */
  divide(a: Estimate, b: Estimate, least = 0): Estimate {
    const low = Math.max(least, down(Math.abs(b.value) - b.error));
    if (!(low > 0 && low >= this.flushed)) return UNKNOWN;
    const value = a.value / (least > 0 ? Math.max(b.value, least) : b.value);
    // |ĉ/d̂ − c/d| ≤ (|ĉ − c| + |c/d| |d̂ − d|) / |d̂|
    const shifted = up(up(up(mostOf(a) / low) * b.error) + up(a.error + this.unread(a)));
    return this.result(value, up(up(shifted / low) + lostOf(value)));
  }

  /** √a; `least`: what neither the computed nor the real number is below. */
  squareRoot(a: Estimate, least: number): Estimate {
    const low = Math.max(least, down(a.value - a.error));
    if (!(low > 0 && low >= this.flushed && a.error < Number.POSITIVE_INFINITY)) return UNKNOWN;
    const value = Math.sqrt(Math.max(a.value, low));
    const high = mostOf(a);
    const moved = Math.min(up(up(a.error / 2) / down(Math.sqrt(low))), up(up(Math.sqrt(high)) - down(Math.sqrt(low))));
    return this.result(value, up(moved + lostOf(value)));
  }

  /** 1/√a; `least` as for `squareRoot`. */
  reciprocalSquareRoot(a: Estimate, least: number): Estimate {
    const low = Math.max(least, down(a.value - a.error));
    if (!(low > 0 && low >= this.flushed && a.error < Number.POSITIVE_INFINITY)) return UNKNOWN;
    const value = 1 / Math.sqrt(Math.max(a.value, low));
    const most = up(1 / down(Math.sqrt(low)));
    const slope = up(up(most / low) / 2);
    const moved = Math.min(up(slope * a.error), up(most - down(1 / up(Math.sqrt(mostOf(a))))));
    return this.result(value, up(moved + 4 * lostOf(value)));
  }

  /** What was computed in any way to within an error, rounded. */
  result(value: number, error: number): Estimate {
    const { edges } = this;
    if (edges === null) return estimate(value, error);
    const [low, high] = [plusDown(value, -error), plusUp(value, error)];
    if (!Number.isFinite(high - low)) return UNKNOWN;
    edges.fails = false;
    edges.result(low, high);
    if (edges.fails) return UNKNOWN;
    return estimate(value, up(error + this.lossOf(up(Math.abs(value) + error))));
  }

  /** What rounding a result of at most this magnitude may add. */
  lossOf(magnitude: number): number {
    return this.edges === null ? 0 : roundingError(this.off, magnitude);
  }

  /** What reading an operand may lose of it. */
  unread(a: Estimate): number {
    if (this.flushed === 0 || down(Math.abs(a.value) - a.error) >= this.flushed) return 0;
    return Math.min(mostOf(a), this.flushed);
  }

  /** What reading two factors may lose of their product. */
  unreadProduct(a: Estimate, b: Estimate): number {
    return this.flushed === 0 ? 0 : up(up(this.unread(a) * mostOf(b)) + up(this.unread(b) * mostOf(a)));
  }

  private ofProduct(a: Estimate, b: Estimate): number {
    const given = up(up(Math.abs(a.value) * b.error) + up(up(mostOf(b) + b.error) * a.error));
    return up(given + up(this.unreadProduct(a, b) + lostOf(a.value * b.value)));
  }
}
