/**
 * An exact number becomes a value of a format under a policy, with flags: design B2, read out step by step.
 *
 * @module
 */
import { BittrueError } from '../../errors/index.ts';
import type { FloatFormat, Format } from '../../formats/format.ts';
import type { Policy } from '../../rounding/policy.ts';
import { checkExact, checkFormat, checkPolicy, checkReal, checkStochastic } from './checks.ts';
import { type Direction, roundToUnits, type Stochastic } from './direction.ts';
import { type Exact, exactly } from './exact.ts';
import { FLUSH, INEXACT, INVALID, OVERFLOW, SATURATION, UNDERFLOW } from './flags.ts';
import { projectInteger } from './integer.ts';
import { type Limits, limitsOf } from './limits.ts';
import {
  compareMagnitudes,
  divide,
  floorLog2,
  isZero,
  multiply,
  powerOfTwo,
  type Rational,
  rational,
  toNumber,
  zero,
} from './rational.ts';

/** A value of a format and what happened on the way. */
export interface Rounded {
  readonly value: number;
  readonly flags: number;
}

/**
 * Rounds one operand of the format `source`, which is read as the policy reads operands (subnormals may be flushed).
 *
 * @example
 * import { binary16 } from 'bittrue/formats';
 * import { resolvePolicy } from 'bittrue/rounding';
 * import { oracle } from 'bittrue/testing';
 * oracle.round(binary16, resolvePolicy(binary16), 65520); // { value: Infinity, flags: 5 }
 */
export function oracleRound(
  format: Format,
  policy: Policy,
  x: number | Exact,
  stochastic?: Stochastic,
  source: Format = format,
): Rounded {
  checkGoal(format, policy, stochastic);
  checkReal('x', x);
  checkFormat('source', source);
  const read = readOperand(source, policy, exactly(x));
  const { value, flags } = project(format, policy, read.operand, stochastic);
  return { value, flags: flags | read.flags };
}

/** An operand as a step with this format and policy reads it. */
export function readOperand(format: Format, policy: Policy, x: Exact): { operand: Exact; flags: number } {
  const flushes = policy.subnormals === 'flushInputs' || policy.subnormals === 'flushBoth';
  if (!flushes || format.kind === 'integer' || format.lowest === 'normal') return { operand: x, flags: 0 };
  if (x.kind !== 'finite' || isZero(x)) return { operand: x, flags: 0 };
  if (compareMagnitudes(x, limitsOf(format).minNormal) >= 0) return { operand: x, flags: 0 };
  return { operand: zero(x.negative), flags: FLUSH };
}

/** Rounds a result: an exact number, an infinity or a NaN that an operation made. */
export function oracleProject(format: Format, policy: Policy, x: Exact, stochastic?: Stochastic): Rounded {
  checkGoal(format, policy, stochastic);
  checkExact('x', x);
  return project(format, policy, x, stochastic);
}

function checkGoal(format: Format, policy: Policy, stochastic: Stochastic | undefined): void {
  checkFormat('format', format);
  checkPolicy('policy', policy);
  if (stochastic !== undefined) checkStochastic('stochastic', stochastic);
}

/** The same, on arguments that were checked. */
export function project(format: Format, policy: Policy, x: Exact, stochastic?: Stochastic): Rounded {
  const direction = { rounding: policy.rounding, stochastic };
  if (format.kind === 'integer') return projectInteger(format, policy, direction, x);
  const limits = limitsOf(format);
  if (x.kind === 'nan') return projectNaN(limits, policy);
  if (!format.signed && x.negative && !(x.kind === 'finite' && isZero(x))) {
    return projectNegative(limits, policy, x);
  }
  if (x.kind === 'infinite') return projectInfinity(limits, policy, x.negative);
  if (isZero(x)) return projectZero(format, limits, policy, x.negative);
  return projectFinite(format, limits, policy, direction, x);
}

function projectNaN(limits: Limits, policy: Policy): Rounded {
  if (limits.hasNaN) return { value: Number.NaN, flags: 0 };
  if (policy.nanInput === 'error') throw new BittrueError('value', 'x', Number.NaN, 'a number: the format has no NaN');
  if (policy.nanInput === 'max') return { value: toNumber(limits.max), flags: 0 };
  return { value: zeroOrSmallest(limits), flags: policy.nanInput === 'invalid' ? INVALID : 0 };
}

/** A negative number, however small, where there are none. */
function projectNegative(limits: Limits, policy: Policy, x: Exact): Rounded {
  const isClamped = policy.overflow === 'saturate' || (policy.overflow === 'saturateFinite' && x.kind === 'finite');
  if (isClamped || !limits.hasNaN) return { value: zeroOrSmallest(limits), flags: SATURATION };
  return { value: Number.NaN, flags: INVALID };
}

/** An infinite operand or result: not an overflow. */
function projectInfinity(limits: Limits, policy: Policy, negative: boolean): Rounded {
  if (policy.overflow === 'saturate') return largest(limits, negative, SATURATION);
  if (limits.hasInfinity) return { value: negative ? -Infinity : Infinity, flags: 0 };
  if (limits.hasNaN) return { value: Number.NaN, flags: INVALID };
  return largest(limits, negative, SATURATION);
}

function projectZero(format: FloatFormat, limits: Limits, policy: Policy, negative: boolean): Rounded {
  if (limits.hasZero) return { value: signedZero(format, negative), flags: 0 };
  const isClamped = policy.overflow === 'saturate' || policy.overflow === 'saturateFinite';
  if (isClamped || !limits.hasNaN) return { value: toNumber(limits.smallest), flags: SATURATION };
  return { value: Number.NaN, flags: INVALID };
}

function projectFinite(
  format: FloatFormat,
  limits: Limits,
  policy: Policy,
  direction: Direction,
  x: Rational,
): Rounded {
  const { mantissaBits: m, bias } = format;
  const exponent = floorLog2(x);
  const codeOfOne = policy.parity === 'code' && m === 0 ? exponent + bias : undefined;
  // The significand to full precision, as if the exponent had no bounds.
  const unbounded = roundToUnits(x, exponent - m, direction, codeOfOne);
  if (compareMagnitudes(x, limits.minNormal) >= 0) {
    const rounded = rational(x.negative, unbounded.units, exponent - m);
    if (compareMagnitudes(rounded, limits.max) > 0) return projectOverflow(limits, policy, x.negative);
    return { value: toValue(unbounded.units, exponent - m, x.negative), flags: unbounded.isExact ? 0 : INEXACT };
  }

  if (!limits.hasZero) {
    const smallest = toNumber(limits.smallest);
    return { value: x.negative ? -smallest : smallest, flags: UNDERFLOW | INEXACT };
  }
  const isTiny =
    policy.tininess === 'beforeRounding' ||
    compareMagnitudes(rational(false, unbounded.units, exponent - m), limits.minNormal) < 0;
  if (isTiny && (policy.subnormals === 'flushOutputs' || policy.subnormals === 'flushBoth')) {
    const told = policy.flushFlags === 'underflowInexact' ? INEXACT : 0;
    return { value: signedZero(format, x.negative), flags: UNDERFLOW | told };
  }
  const { units, isExact, unit } = roundBelowNormal(format, limits, direction, x);
  const flags = isExact ? 0 : isTiny ? INEXACT | UNDERFLOW : INEXACT;
  if (units === 0n) return { value: signedZero(format, x.negative), flags };
  const rounded = multiply(rational(x.negative, units), unit);
  // Only a format whose numbers are all subnormal gets here.
  if (compareMagnitudes(rounded, limits.max) > 0) return projectOverflow(limits, policy, x.negative);
  return { value: toNumber(rounded), flags };
}

/** The grid between zero and the smallest normal number: subnormals, or nothing at all. */
function roundBelowNormal(
  format: FloatFormat,
  limits: Limits,
  direction: Direction,
  x: Rational,
): { units: bigint; isExact: boolean; unit: Rational } {
  const { mantissaBits: m, lowest } = format;
  if (lowest === 'normalButZero' && m > 0) {
    // The neighbours are 0 (even) and minNormal (odd: its fraction is 1).
    const share = divide(x, limits.minNormal);
    return { ...roundToUnits({ ...share, negative: x.negative }, 0, direction), unit: limits.minNormal };
  }
  const quantum = limits.emin - m;
  return { ...roundToUnits(x, quantum, direction), unit: rational(false, 1n, quantum) };
}

/** A result beyond the largest finite number, after rounding with unbounded exponent. */
function projectOverflow(limits: Limits, policy: Policy, negative: boolean): Rounded {
  const flags = OVERFLOW | INEXACT;
  const infinite = (): Rounded => {
    if (limits.hasInfinity) return { value: negative ? -Infinity : Infinity, flags };
    if (limits.hasNaN) return { value: Number.NaN, flags };
    return largest(limits, negative, flags | SATURATION);
  };
  switch (policy.overflow) {
    case 'ieee':
      return staysFinite(policy, negative) ? largest(limits, negative, flags) : infinite();
    case 'infinity':
      return infinite();
    case 'nan':
      return limits.hasNaN ? { value: Number.NaN, flags } : largest(limits, negative, flags | SATURATION);
    case 'saturate':
    case 'saturateFinite':
      return largest(limits, negative, flags | SATURATION);
    case 'wrap':
      throw new BittrueError('unsupported', 'policy.overflow', 'wrap', 'a policy of floats, which do not wrap');
  }
}

/** IEEE 754 §7.4: the modes that do not pass the largest number in this direction. */
function staysFinite(policy: Policy, negative: boolean): boolean {
  const { rounding } = policy;
  if (rounding === 'towardZero' || rounding === 'toOdd') return true;
  return negative ? rounding === 'towardPositive' : rounding === 'towardNegative';
}

function largest(limits: Limits, negative: boolean, flags: number): Rounded {
  const max = toNumber(limits.max);
  return { value: negative ? -max : max, flags };
}

function signedZero(format: FloatFormat, negative: boolean): number {
  return negative && format.negativeZero ? -0 : 0;
}

function zeroOrSmallest(limits: Limits): number {
  return limits.hasZero ? 0 : toNumber(limits.smallest);
}

/** ±units · 2^quantum of a value that a format has, so that no step rounds. */
function toValue(units: bigint, quantum: number, negative: boolean): number {
  const magnitude =
    quantum < -1074 || quantum > 1023 ? toNumber(rational(false, units, quantum)) : Number(units) * powerOfTwo(quantum);
  return negative ? -magnitude : magnitude;
}
