/**
 * How far a sum may be from the real one, along the order of additions: a running error analysis (Wilkinson), which knows
 * the terms but rounds none of them.
 *
 * @module
 */
import { eminOf } from '../accumulators/alignedOperands.ts';
import { NONE, ZERO_EXPONENT } from '../accumulators/alignedTerms.ts';
import type { Chain, OperandFormats, Terms } from '../accumulators/chain.ts';
import type { Accumulator, AlignedAccumulator } from '../accumulators/reduction.ts';
import { accumulatorRounding } from '../accumulators/walk.ts';
import type { Format } from '../formats/format.ts';
import { flushThreshold } from '../rounding/keptRounder.ts';
import { exponentOf } from '../rounding/rounder.ts';
import { Edges } from './edges.ts';
import { type Estimate, mostOf, roundingError } from './estimate.ts';
import { down, plusDown, plusUp, type Roundoff, roundoff, up } from './outward.ts';
import { type Limit, limitOf, registerLimit } from './ranges.ts';

/** The zero that chains start from. */
const NOTHING: Estimate = /* @__PURE__ */ Object.freeze({ value: 0, error: 0, exponent: NONE });

/** The estimates of one sum, by row; row 0 is the zero that chains start from. */
export class Estimates {
  private readonly rows: Estimate[] = [NOTHING];

  enter(estimate: Estimate): number {
    return this.rows.push(estimate) - 1;
  }

  at(row: number): Estimate {
    return this.rows[row] as Estimate;
  }

  clear(): void {
    this.rows.length = 1;
  }
}

/** Errors of one accumulator. */
export class ErrorChain implements Chain {
  private readonly estimates: Estimates;
  private readonly accumulator: Accumulator;
  private readonly off: Roundoff;
  private readonly format: Format | null;
  private readonly limit: Limit;
  /** Null: registers, which round nothing. */
  private readonly edges: Edges | null;
  /** What an addition may lose of operands that it reads as zero. */
  private readonly flushed: number;
  private readonly operands: OperandFormats;

  constructor(estimates: Estimates, accumulator: Accumulator, operands: OperandFormats) {
    const rounding = accumulatorRounding(accumulator);
    this.estimates = estimates;
    this.accumulator = accumulator;
    this.operands = operands;
    this.off = roundoff(rounding);
    this.edges = rounding === null ? null : new Edges(rounding);
    this.flushed = rounding === null ? 0 : 2 * flushThreshold(rounding.format, rounding.policy);
    this.format = rounding?.format ?? null;
    this.limit = accumulator.kind === 'integer' ? registerLimit(accumulator.bits) : limitOf(this.format as Format);
  }

  chain(start: number, terms: Terms, from: number, stride: number, count: number): number {
    const parts: Estimate[] = [];
    for (let k = 0; k < count; k++) parts.push(this.estimates.at(terms.a[from + k * stride] as number));
    return this.estimates.enter(this.sum(this.estimates.at(start), parts));
  }

  join(p: number, q: number): number {
    return this.estimates.enter(this.sum(this.estimates.at(p), [this.estimates.at(q)], true));
  }

  private sum(start: Estimate, parts: readonly Estimate[], isJoin = false): Estimate {
    switch (this.accumulator.kind) {
      case 'kahan':
      case 'neumaier':
        return isJoin ? this.stepwise(start, parts) : this.compensated(start, parts);
      case 'float':
      case 'fixed':
        return this.stepwise(start, parts);
      case 'aligned':
      case 'exact':
      case 'integer':
        return this.whole(start, parts, isJoin);
    }
  }

  private stepwise(start: Estimate, parts: readonly Estimate[]): Estimate {
    let { value, error } = start;
    for (const part of parts) {
      const next = value + part.value;
      const exact = up(up(error + part.error) + slack(value, part.value, next));
      value = next;
      error =
        this.edges !== null && !isRounded(this.edges, value, up(exact + this.flushed))
          ? Number.POSITIVE_INFINITY
          : up(exact + this.rounded(up(Math.abs(value) + exact)));
    }
    return { value, error, exponent: NONE };
  }

  /** Sums that are rounded once: registers not at all. */
  private whole(start: Estimate, parts: readonly Estimate[], isJoin: boolean): Estimate {
    const { accumulator } = this;
    const factor = accumulator.kind === 'exact' ? 2 ** (accumulator.productExponent ?? 0) : 1;
    let { value, error } = start;
    let isHeld = true;
    for (const part of parts) {
      const term = part.value * factor;
      const next = value + term;
      error = up(up(error + part.error * factor) + slack(value, term, next));
      value = next;
      if (accumulator.kind === 'integer') isHeld &&= this.holds(value, error);
    }
    if (accumulator.kind === 'integer') {
      if (!isHeld) error = Number.POSITIVE_INFINITY;
      return { value, error, exponent: NONE };
    }
    if (accumulator.kind === 'aligned') {
      if (parts.some((part) => !isBelowLimit(accumulator, part))) error = Number.POSITIVE_INFINITY;
      error = up(
        error + cutError(accumulator, isJoin ? { a: accumulator.output.format } : this.operands, start, parts),
      );
    }
    const isFree = this.edges !== null && isRounded(this.edges, value, error);
    error = isFree ? up(error + this.rounded(up(Math.abs(value) + error))) : Number.POSITIVE_INFINITY;
    return { value, error, exponent: NONE };
  }

  /** The sum and its compensation together, as `CompensatedChain` follows them. */
  private compensated(start: Estimate, parts: readonly Estimate[]): Estimate {
    const isKahan = this.accumulator.kind === 'kahan';
    let { value, error: total } = start;
    let lost = 0;
    let most = 0;
    for (const part of parts) {
      const size = up(Math.abs(part.value) + part.error);
      const sum = up(up(Math.abs(value) + total) + lost);
      const next = value + part.value;
      total = up(up(total + part.error) + slack(value, part.value, next));
      value = next;
      if (isKahan) {
        const e1 = this.rounded(up(size + lost));
        const y = up(up(size + lost) + e1);
        const e2 = this.rounded(up(sum + y));
        const e3 = this.rounded(up(y + e2));
        const e4 = this.rounded(up(e2 + e3));
        total = up(total + up(e1 + up(e3 + e4)));
        lost = up(e2 + up(e3 + e4));
        most = Math.max(most, up(sum + up(y + up(e2 + e3))));
      } else {
        const e2 = this.rounded(up(sum + size));
        const e3 = this.rounded(up(Math.min(sum, size) + e2));
        const e4 = this.rounded(up(e2 + e3));
        const rest = up(e2 + up(e3 + e4));
        const e5 = this.rounded(up(lost + rest));
        total = up(total + up(e3 + up(e4 + e5)));
        lost = up(lost + up(rest + e5));
        most = Math.max(most, up(up(sum + size) + up(e2 + lost)));
      }
    }
    const whole = up(Math.abs(value) + total);
    let error = isKahan ? up(total + lost) : up(total + this.rounded(whole));
    if (!(this.holds(0, up(most + error)) && this.holds(value, error))) error = Number.POSITIVE_INFINITY;
    return { value, error, exponent: NONE };
  }

  /** Whether the register holds whatever lies within the error. */
  private holds(value: number, error: number): boolean {
    return isWithin(this.limit, this.format, value, error);
  }

  private rounded(magnitude: number): number {
    return roundingError(this.off, magnitude);
  }
}

/**
 * What aligning cuts off: less than a unit of every term, and of every sum that is cut again. `operands` are the formats of the
 * parts: of a join, that of results.
 */
export function cutError(
  accumulator: AlignedAccumulator,
  operands: OperandFormats,
  start: Estimate,
  parts: readonly Estimate[],
): number {
  const { fractionBits, addend = 'together', leastExponent, group = 1, zeroRule, lanes = 1, output } = accumulator;
  const emin = eminOf(operands.a, NONE);
  const exponentOfPart = (part: Estimate): number => {
    if (part.exponent !== NONE) return part.exponent;
    const most = mostOf(part);
    return most > 0 ? Math.max(exponentOf(Math.min(most, Number.MAX_VALUE)), emin) : NONE;
  };
  let e = group > 1 ? 0 : NONE;
  for (const part of parts) e = Math.max(e, exponentOfPart(part));
  if (zeroRule === 'mmasim1') e = Math.max(e, ZERO_EXPONENT);
  const most = mostOf(start);
  const own =
    most > 0 && most < Number.POSITIVE_INFINITY
      ? Math.max(exponentOf(most), eminOf(output.format, NONE))
      : ZERO_EXPONENT;
  if (addend === 'together') {
    const unit = 2 ** (Math.max(e, most > 0 ? own : NONE, leastExponent ?? NONE) - fractionBits);
    return up((parts.length + 1) * unit);
  }
  const m = Math.max(e, own);
  const late = 2 ** (m - addend.sumBits) + 2 ** (m - addend.addendBits) * 2;
  let total = up((parts.length + 2 * lanes) * 2 ** (e - fractionBits) + late);
  const { settle = null } = addend;
  if (settle !== null) {
    let all = most;
    for (const part of parts) all = up(all + mostOf(part));
    const largest = Math.min(up(all + total), Number.MAX_VALUE);
    if (largest > 0) total = up(total + 2 ** (Math.max(exponentOf(largest), eminOf(output.format, NONE)) - settle));
  }
  return total;
}

/** Whether a product of at most this magnitude counts as finite. */
function isBelowLimit({ productOverflow, output: { format } }: AlignedAccumulator, part: Estimate): boolean {
  if (productOverflow !== 'infinity') return true;
  return mostOf(part) < 2 ** ((format.kind === 'float' ? format.emax : format.bits) + 1);
}

/** What binary64 loses of the real sum itself. */
function slack(p: number, q: number, sum: number): number {
  return p === 0 || q === 0 ? 0 : Math.abs(sum) * 2 ** -53;
}

/** Whether every number within an error of a value is rounded without an event that makes a run fail: rounding is monotone. */
function isRounded(edges: Edges, value: number, error: number): boolean {
  const [low, high] = [plusDown(value, -error), plusUp(value, error)];
  if (!Number.isFinite(high - low)) return false;
  edges.fails = false;
  edges.result(low, high);
  return !edges.fails;
}

/** Whether every number within an error of a value is one between a format's ends, and none of them a zero that it has not. */
function isWithin({ min, max }: Limit, format: Format | null, value: number, error: number): boolean {
  if (!(up(value + error) <= max && down(value - error) >= min))
    return value === 0 && error === 0 && min <= 0 && !isZeroless(format);
  return !isZeroless(format) || Math.abs(value) > error;
}

function isZeroless(format: Format | null): boolean {
  return format?.kind === 'float' && format.lowest === 'normal';
}
