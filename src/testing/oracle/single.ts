/**
 * Binary32's arithmetic on exact numbers: each operation rounded once.
 *
 * @module
 */
import type { FloatFormat } from '../../formats/index.ts';
import type { Policy } from '../../rounding/policy.ts';
import { type Exact, exactly, nan } from './exact.ts';
import * as exact from './rational.ts';
import { isZero, multiply, type Rational, rational } from './rational.ts';
import { project } from './round.ts';

/** A format of IEEE 754's kind with binary32's exponents. */
const wideFormat = (mantissaBits: number): FloatFormat =>
  ({
    kind: 'float',
    exponentBits: 8,
    mantissaBits,
    bias: 127,
    signed: true,
    infinities: 'ieee',
    nan: 'ieee',
    negativeZero: true,
    lowest: 'subnormal',
  }) as FloatFormat;
const binary32 = /* @__PURE__ */ wideFormat(23);
export const bfloat16: FloatFormat = /* @__PURE__ */ wideFormat(7);

export const largestSingle = /* @__PURE__ */ rational(false, 2n ** 24n - 1n, 104);

/** The nearest binary32 number. */
export function single(x: Exact): Exact {
  return exactly(project(binary32, policyOf('tiesToEven', 'ieee'), x).value);
}

/** At most binary32's largest number. */
export function capped(x: Exact): Rational {
  return x.kind === 'finite' ? x : largestSingle;
}

export function policyOf(rounding: Policy['rounding'], overflow: Policy['overflow']): Policy {
  return {
    rounding,
    overflow,
    subnormals: 'gradual',
    tininess: 'afterRounding',
    parity: 'significand',
    nanInput: 'error',
  } as Policy;
}

/** a · b, a + b, a − b in binary32. */
export function productOf(a: Exact, b: Exact): Exact {
  if (a.kind === 'finite' && b.kind === 'finite') return single(multiply(a, b));
  if (a.kind === 'nan' || b.kind === 'nan') return nan;
  const isNothing = (a.kind === 'finite' && isZero(a)) || (b.kind === 'finite' && isZero(b));
  return isNothing ? nan : { kind: 'infinite', negative: a.negative !== b.negative };
}

export function sumOf(a: Exact, b: Exact): Exact {
  if (a.kind === 'finite' && b.kind === 'finite') return single(exact.add(a, b));
  if (a.kind === 'nan' || b.kind === 'nan') return nan;
  if (a.kind === 'infinite' && b.kind === 'infinite') return a.negative === b.negative ? a : nan;
  return a.kind === 'infinite' ? a : b;
}

export function differenceOf(a: Exact, b: Exact): Exact {
  if (b.kind === 'nan') return nan;
  return sumOf(a, b.kind === 'finite' ? exact.negate(b) : { ...b, negative: !b.negative });
}

export function absoluteOf(a: Exact): Exact {
  if (a.kind === 'nan') return nan;
  return a.kind === 'finite' ? exact.absolute(a) : { ...a, negative: false };
}
