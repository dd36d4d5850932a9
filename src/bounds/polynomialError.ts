/**
 * How far an exponential by a polynomial for 2^f may be from e^x, its roundings and the polynomial's own error included.
 *
 * @module
 */
import { ValueUnit } from '../arithmetic/valueUnit.ts';
import type { Rounding } from '../rounding/roundTo.ts';
import type { Base2Polynomial } from '../specification/softmax/method.ts';
import { ErrorOperations } from './errorOperations.ts';
import { type Estimate, estimate, lostOf, mostOf, UNKNOWN } from './estimate.ts';
import { up } from './outward.ts';

/** Where the polynomial is looked at: between two points its error is theirs, and h²/8 of its second derivative more. */
const POINTS = 4096;

/** e^d of an estimate that is never above 0. */
export function polynomialError(exp: Required<Base2Polynomial>, compute: Rounding): (d: Estimate) => Estimate {
  const rounding = exp.rounding ?? compute;
  const unit = new ValueUnit(rounding.format, rounding.policy);
  const operations = new ErrorOperations(rounding);
  const last = new ErrorOperations(compute);
  const constant = (x: number): number => unit.round(x);
  const log2e = estimate(Math.LOG2E, up(Math.abs(constant(exp.log2e) - Math.LOG2E) + 2 ** -52));
  const coefficients = exp.coefficients.map(constant);
  // f = t − n, rounded: a little beyond its ends.
  const [low, high] = exp.reduction === 'floor' ? [0, 1] : [-0.5, 0.5];
  const offF = operations.lossOf(1);
  const reach = up(Math.max(-low, high) + offF);
  const own = approximation(coefficients, low - offF, high + offF);
  const rounded = hornerError(operations, coefficients, reach, exp.fused);
  // 2^f for an f that is off, its slope below 2; what reading t or p may lose, and an n that is read as zero.
  const unread = operations.unread(estimate(0, 1));
  const shape = up(own + rounded);
  const unscaled = last.unread(shape < 0.25 ? estimate(1.25, 0.75) : estimate(0, 4));
  const perPower = unread < 1 ? up(up(shape + unscaled) + up(2 * up(offF + unread))) : Number.POSITIVE_INFINITY;
  return (d) => {
    const t = operations.multiply(d, log2e);
    if (!(t.error < Number.POSITIVE_INFINITY && perPower < Number.POSITIVE_INFINITY)) return UNKNOWN;
    const value = Math.exp(Math.min(0, d.value));
    const most = Math.min(1022, up(t.value + t.error));
    // 2^n ≤ 2^(t + ½); where t is raised to the lowest, both results are below that power.
    const raised = exp.lowest !== null && t.value - t.error < exp.lowest ? Math.max(most, exp.lowest) : null;
    const power = up(2 ** Math.max(most, raised ?? most) * (1 + 2 ** -50));
    const moved = up(power * t.error);
    const error = up(
      up(up(1.5 * up(power * perPower)) + moved) + up((raised === null ? 0 : power) + 8 * lostOf(value)),
    );
    return last.result(value, error);
  };
}

/** The largest |p(f) − 2^f| between two ends. */
function approximation(coefficients: readonly number[], low: number, high: number): number {
  const h = (high - low) / POINTS;
  let most = 0;
  for (let i = 0; i <= POINTS; i++) {
    const f = low + i * h;
    const p = coefficients.reduceRight((sum, c) => sum * f + c, 0);
    most = Math.max(most, Math.abs(p - 2 ** f));
  }
  const end = Math.max(Math.abs(low), Math.abs(high));
  const bend = coefficients.reduce(
    (sum, c, k) => sum + k * Math.max(0, k - 1) * Math.abs(c) * end ** Math.max(0, k - 2),
    2,
  );
  return up(up(most + (h * h * bend) / 8) * (1 + 2 ** -40));
}

/** What Horner's scheme rounds away for an |f| of at most `reach`. */
function hornerError(
  operations: ErrorOperations,
  coefficients: readonly number[],
  reach: number,
  isFused: boolean,
): number {
  const f = estimate(0, reach);
  let p = estimate(0, 0);
  let size = Math.abs(coefficients.at(-1) as number);
  let error = 0;
  for (let k = coefficients.length - 2; k >= 0; k--) {
    const c = Math.abs(coefficients[k] as number);
    const product = up(size * reach);
    // Operands that are read as zero are lost: of small factors, small products.
    const unread = up(up(operations.unread(estimate(0, size)) * reach) + up(operations.unread(f) * size));
    const scaled = up(up(error * reach) + up(unread + (isFused ? 0 : operations.lossOf(product))));
    size = up(up(product + c) + scaled);
    if (operations.result(0, size).error === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
    error = up(scaled + up(operations.lossOf(size) + operations.unread(estimate(0, c))));
    p = estimate(0, size);
  }
  return mostOf(p) < Number.POSITIVE_INFINITY ? error : Number.POSITIVE_INFINITY;
}
