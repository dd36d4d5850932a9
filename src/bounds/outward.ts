/**
 * binary64 results as bounds of exact ones, and what one rounding may add.
 *
 * @module
 */
import { sumResidual } from '../arithmetic/residual.ts';
import type { Rounding } from '../rounding/roundTo.ts';

const { MIN_VALUE } = Number;

/** No less than the exact result that x is within one ulp of. */
export function up(x: number): number {
  return x + (Math.abs(x) * 2 ** -52 + MIN_VALUE);
}

/** No more than the exact result that x is within one ulp of. */
export function down(x: number): number {
  return -up(-x);
}

/** a + b, or a little more where binary64 has to round it. */
export function plusUp(a: number, b: number): number {
  const s = a + b;
  const residual = sumResidual(a, b, s);
  return residual <= 0 ? s : up(s);
}

/** a + b, or a little less. */
export function plusDown(a: number, b: number): number {
  return -plusUp(-a, -b);
}

/** |round(x) − x| ≤ relative · |x| + absolute, while nothing overflows. */
export interface Roundoff {
  readonly relative: number;
  readonly absolute: number;
}

/** Whether a nearest number is the result. */
export function isNearest({ policy }: Rounding): boolean {
  return policy.rounding === 'tiesToEven' || policy.rounding === 'tiesToAway';
}

/** What an exact operation adds. */
const EXACT: Roundoff = /* @__PURE__ */ Object.freeze({ relative: 0, absolute: 0 });

/** What one rounding may add; null: nothing rounds. */
export function roundoff(rounding: Rounding | null): Roundoff {
  if (rounding === null) return EXACT;
  const { format, policy } = rounding;
  const share = isNearest(rounding) ? 0.5 : 1;
  if (format.kind === 'integer') return { relative: 0, absolute: share * 2 ** -format.fractionBits };
  const { subnormals } = policy;
  const isGradual = subnormals === 'gradual' && format.lowest === 'subnormal';
  return {
    relative: share * 2 ** (1 - format.precision),
    // Flushed operands are lost whole, whatever the mode; so are zeros that a format has not.
    absolute: isGradual ? share * 2 ** (format.emin - format.mantissaBits) : 3 * format.minNormal,
  };
}

/**
 * A rounding that rounds to the end that a stochastic one may reach; other steps are what they are, for they are monotone:
 * of two exact values the larger never has the smaller result.
 */
export function towards(rounding: Rounding, side: 'low' | 'high'): Rounding {
  if (rounding.policy.rounding !== 'stochastic') return rounding;
  const { stochastic: _, ...policy } = rounding.policy;
  return {
    format: rounding.format,
    policy: { ...policy, rounding: side === 'low' ? 'towardNegative' : 'towardPositive' },
  };
}
