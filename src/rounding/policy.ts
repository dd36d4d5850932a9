/**
 * A policy says how an exact result becomes a value of a format: mode, overflow, subnormals, tininess.
 *
 * @module
 */
import { checkInteger, checkName, checkObject, nearest } from '../errors/index.ts';
import { checkFormat } from '../formats/check.ts';
import type { Format } from '../formats/format.ts';
import { type Stochastic, stochasticVariants } from './stochastic.ts';

/** IEEE 754-2019 §4.3 directions, rounding to odd (Boldo & Melquiond), and stochastic rounding. */
export const roundingModes = [
  'tiesToEven',
  'tiesToAway',
  'towardZero',
  'towardPositive',
  'towardNegative',
  'toOdd',
  'stochastic',
] as const;
export type RoundingMode = (typeof roundingModes)[number];

/**
 * What a result above the largest finite number becomes.
 * Floats: `ieee` (by rounding mode), `infinity` (always), `saturate` (±max, for infinite operands too),
 * `saturateFinite` (±max, but an infinite operand stays infinite), `nan`.
 * Integers: `saturate` or `wrap`.
 */
export const overflowPolicies = ['ieee', 'infinity', 'saturate', 'saturateFinite', 'nan', 'wrap'] as const;
export type OverflowPolicy = (typeof overflowPolicies)[number];

/** Whether subnormal operands are read, and subnormal results written, as signed zero. */
export const subnormalPolicies = ['gradual', 'flushOutputs', 'flushInputs', 'flushBoth'] as const;
export type SubnormalPolicy = (typeof subnormalPolicies)[number];

/** IEEE 754 §7.5: is a result judged tiny after rounding with unbounded exponent, or before? */
export const tininessRules = ['afterRounding', 'beforeRounding'] as const;
export type Tininess = (typeof tininessRules)[number];

/**
 * What a NaN becomes in a format without NaN. `invalid`: zero, or the smallest number where there is no zero, with the
 * event of that name (IEEE 754-2019 §5.8), so that a long run goes on and tells; `zero` and `max` tell nothing.
 */
export const nanInputs = ['error', 'zero', 'max', 'invalid'] as const;
export type NaNInput = (typeof nanInputs)[number];

/**
 * Whether ∞ · 0 + NaN raises `invalid` though its addend is a quiet NaN: IEEE 754-2019 §7.2 c leaves it to the machine.
 * `always`: Arm (Arm ARM, FPMulAdd), RISC-V (unprivileged ISA, F extension) and Berkeley SoftFloat. `unlessNaN`: x86
 * (Intel SDM volume 1, §14.5.2; measured with VFMADD on an AMD EPYC). It concerns fused multiply-adds alone: aligned and
 * exact sums tell of every invalid product.
 */
export const fusedInvalidRules = ['always', 'unlessNaN'] as const;
export type FusedInvalid = (typeof fusedInvalidRules)[number];

/**
 * What a result flushed to zero raises. `underflowInexact`: x86 (Intel SDM volume 1, §10.2.3.3; measured under
 * MXCSR.FTZ on an AMD EPYC). `underflow`: Arm (Arm ARM, FPRound under FPCR.FZ or FZ16 sets FPSR.UFC alone).
 */
export const flushFlagsRules = ['underflowInexact', 'underflow'] as const;
export type FlushFlags = (typeof flushFlagsRules)[number];

/**
 * What "even" and "odd" refer to at one bit of precision, where every significand is 1:
 * the significand (so a tie takes the larger magnitude, IEEE 754 §4.3.1) or the code (IEEE P3109 §4.7.4).
 * The two agree for every wider format.
 */
export const parityRules = ['significand', 'code'] as const;
export type Parity = (typeof parityRules)[number];

/** The names of a policy's fields. */
export const policyKeys = [
  'rounding',
  'overflow',
  'subnormals',
  'tininess',
  'nanInput',
  'parity',
  'fusedInvalid',
  'flushFlags',
  'stochastic',
] as const;

/** A complete policy, as plain data. */
export interface Policy {
  readonly rounding: RoundingMode;
  readonly overflow: OverflowPolicy;
  readonly subnormals: SubnormalPolicy;
  readonly tininess: Tininess;
  readonly nanInput: NaNInput;
  readonly parity: Parity;
  readonly fusedInvalid: FusedInvalid;
  readonly flushFlags: FlushFlags;
  /** Present exactly when `rounding` is `stochastic`. */
  readonly stochastic?: Stochastic;
}

/** A policy as a user writes it: what differs from a format's defaults. */
export interface PartialPolicy extends Partial<Omit<Policy, 'stochastic'>> {
  readonly stochastic?: Partial<Stochastic>;
}

/** The names that a field may have, where they depend on nothing but the kind of the format; in the order of checks. */
const rules = {
  overflow: ['ieee', 'infinity', 'saturate', 'saturateFinite', 'nan'],
  subnormals: subnormalPolicies,
  tininess: tininessRules,
  nanInput: nanInputs,
  parity: parityRules,
  fusedInvalid: fusedInvalidRules,
  flushFlags: flushFlagsRules,
} as const;
const floatNames = /* @__PURE__ */ Object.entries(rules) as [keyof typeof rules, readonly string[]][];
const integerNames = /* @__PURE__ */ Object.entries({ ...rules, overflow: ['saturate', 'wrap'] }) as typeof floatNames;

/**
 * A format's own policy: ties to even, gradual underflow, tininess after rounding, the standard's overflow, and SoftFloat's
 * flags.
 */
export function defaultPolicy(format: Format): Policy {
  return {
    rounding: 'tiesToEven',
    overflow: defaultOverflow(format),
    subnormals: 'gradual',
    tininess: 'afterRounding',
    nanInput: 'error',
    parity: 'significand',
    fusedInvalid: 'always',
    flushFlags: 'underflowInexact',
  };
}

/** The standard's overflow for a format: `ieee` with infinities, else `nan` with NaN, else `saturate`. */
function defaultOverflow(format: Format): OverflowPolicy {
  if (format.kind === 'integer') return 'saturate';
  if (format.infinities !== 'none') return 'ieee';
  return format.nan !== 'none' ? 'nan' : 'saturate';
}

/**
 * Completes a partial policy with the format's defaults: ties to even, gradual underflow, tininess after rounding, the
 * standard's overflow, and SoftFloat's flags.
 *
 * @throws {@link BittrueError} for unknown names and for policies that the format cannot follow
 * @example
 * import { e4m3fn } from 'bittrue/formats';
 * import { resolvePolicy } from 'bittrue/rounding';
 * resolvePolicy(e4m3fn).overflow; // 'nan'
 * resolvePolicy(e4m3fn, { overflow: 'saturate' }).rounding; // 'tiesToEven'
 */
export function resolvePolicy(format: Format, policy: PartialPolicy = {}): Policy {
  return Object.freeze(completePolicy(format, policy));
}

/** The same, not frozen: for one rounding, freezing would take as long as the rest. */
export function completePolicy(format: Format, policy: PartialPolicy = {}): Policy {
  checkFormat('format', format);
  checkObject('policy', policy, policyKeys);
  const rounding = policy.rounding ?? (policy.stochastic === undefined ? null : 'stochastic');
  const stochastic = rounding === 'stochastic' ? resolveStochastic(policy.stochastic ?? {}) : undefined;
  const complete: { -readonly [Key in keyof Policy]: Policy[Key] } = defaultPolicy(format);
  if (rounding !== null) complete.rounding = checkName('policy.rounding', rounding, roundingModes, meantModes);
  const named = complete as Record<keyof typeof rules, string>;
  for (const [key, names] of format.kind === 'integer' ? integerNames : floatNames) {
    const value = policy[key];
    if (value !== undefined && value !== null) named[key] = checkName(`policy.${key}`, value, names);
  }
  if (stochastic !== undefined) complete.stochastic = stochastic;
  return complete;
}

/** What other houses call the modes, in lower case: suggested, never taken. */
const roundingWords: Readonly<Record<RoundingMode, string>> = {
  tiesToEven: 'nearest nearesteven even rne rn',
  tiesToAway: 'away halfaway nearestaway rna rmm',
  towardZero: 'truncate trunc chop rtz rz',
  towardPositive: 'up ceil rup ru',
  towardNegative: 'down floor rdn rd',
  toOdd: 'odd jam sticky',
  stochastic: 'sr',
};

/** The mode that others call so, or those whose names are near. */
function meantModes(value: unknown): string[] {
  const word = typeof value === 'string' ? value.toLowerCase().replace(/[\s_-]/g, '') : '';
  const mode = roundingModes.filter((one) => roundingWords[one].split(' ').includes(word));
  return mode.length > 0 ? mode : nearest(value, roundingModes);
}

function resolveStochastic(value: Partial<Stochastic>): Stochastic {
  checkObject('policy.stochastic', value, ['bits', 'variant', 'seed']);
  return Object.freeze({
    bits: checkInteger('policy.stochastic.bits', value.bits ?? 32, 1, 32),
    variant: checkName('policy.stochastic.variant', value.variant ?? 'B', stochasticVariants),
    seed: checkInteger('policy.stochastic.seed', value.seed ?? 0, 0, Number.MAX_SAFE_INTEGER),
  });
}
