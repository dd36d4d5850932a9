/**
 * How far loaded numbers are from the given ones.
 *
 * @module
 */
import { ValueUnit } from '../arithmetic/valueUnit.ts';
import { FAILURES } from '../rounding/flags.ts';
import type { Rounding } from '../rounding/roundTo.ts';
import { type Estimate, estimate, lostOf, UNKNOWN } from './estimate.ts';
import { type Roundoff, roundoff, up } from './outward.ts';

/** Loads of one rounding: they are known, so a load goes where it goes, but for a stochastic one, which may go either way. */
export class ErrorLoader {
  private readonly unit: ValueUnit | null;
  private readonly off: Roundoff;

  /** Null: nothing is rounded. */
  constructor(rounding: Rounding | null) {
    this.unit = rounding === null ? null : new ValueUnit(rounding.format, { ...rounding.policy, nanInput: 'zero' });
    this.off = roundoff(rounding);
  }

  load(x: number): Estimate {
    const { unit } = this;
    if (x - x !== 0) return UNKNOWN;
    if (unit === null) return estimate(x, 0);
    const r = unit.round(x);
    return this.loaded(x, r, 0);
  }

  /** The sum of two numbers, loaded: rounded, and rounded again as every load is. */
  loadSum(x: number, y: number): Estimate {
    const { unit } = this;
    const value = x + y;
    if (value - value !== 0) return UNKNOWN;
    if (unit === null) return estimate(value, lostOf(value));
    const sum = unit.add(x, y);
    if ((unit.flags & FAILURES) !== 0) return UNKNOWN;
    return this.loaded(value, unit.round(sum), lostOf(value));
  }

  private loaded(x: number, r: number, lost: number): Estimate {
    const { unit, off } = this;
    if (unit === null || (unit.flags & FAILURES) !== 0) return UNKNOWN;
    if (unit.policy.rounding !== 'stochastic') return estimate(x, up(up(Math.abs(r - x)) + lost));
    // A sum is rounded twice, and may lose operands that are read as zero.
    const once = up(up(off.relative * Math.abs(x)) + off.absolute);
    return r === x && lost === 0 ? estimate(x, 0) : estimate(x, up(up(3 * once) + lost));
  }
}
