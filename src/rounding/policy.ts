/**
 * A policy says how an exact result becomes a value of a format: mode, overflow, subnormals, tininess.
 *
 * @module
 */
import { BittrueError, checkInteger, checkName, checkObject } from '../errors/index.ts';
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

const integerOverflows = ['saturate', 'wrap'] as const;
const floatOverflows = ['ieee', 'infinity', 'saturate', 'saturateFinite', 'nan'] as const;

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
  const own = defaultPolicy(format);
  const rounding = policy.rounding ?? (policy.stochastic === undefined ? own.rounding : 'stochastic');
  const stochastic = rounding === 'stochastic' ? resolveStochastic(policy.stochastic ?? {}) : null;
  const overflows = format.kind === 'integer' ? integerOverflows : floatOverflows;
  const complete: Policy = {
    rounding: roundingName(rounding),
    overflow: nameOr(own.overflow, 'policy.overflow', policy.overflow, overflows),
    subnormals: nameOr(own.subnormals, 'policy.subnormals', policy.subnormals, subnormalPolicies),
    tininess: nameOr(own.tininess, 'policy.tininess', policy.tininess, tininessRules),
    nanInput: nameOr(own.nanInput, 'policy.nanInput', policy.nanInput, nanInputs),
    parity: nameOr(own.parity, 'policy.parity', policy.parity, parityRules),
    fusedInvalid: nameOr(own.fusedInvalid, 'policy.fusedInvalid', policy.fusedInvalid, fusedInvalidRules),
    flushFlags: nameOr(own.flushFlags, 'policy.flushFlags', policy.flushFlags, flushFlagsRules),
  };
  return stochastic === null ? complete : { ...complete, stochastic };
}

/** What other houses call the modes, in lower case: suggested, never taken. */
const roundingWords: Readonly<Record<string, RoundingMode>> = {
  ...{ truncate: 'towardZero', trunc: 'towardZero', chop: 'towardZero', rtz: 'towardZero', rz: 'towardZero' },
  ...{ nearest: 'tiesToEven', nearesteven: 'tiesToEven', even: 'tiesToEven', rne: 'tiesToEven', rn: 'tiesToEven' },
  ...{ away: 'tiesToAway', halfaway: 'tiesToAway', nearestaway: 'tiesToAway', rna: 'tiesToAway', rmm: 'tiesToAway' },
  ...{ up: 'towardPositive', ceil: 'towardPositive', rup: 'towardPositive', ru: 'towardPositive' },
  ...{ down: 'towardNegative', floor: 'towardNegative', rdn: 'towardNegative', rd: 'towardNegative' },
  ...{ odd: 'toOdd', jam: 'toOdd', sticky: 'toOdd', sr: 'stochastic' },
};

function roundingName(value: unknown): RoundingMode {
  const key = typeof value === 'string' ? value.toLowerCase().replace(/[\s_-]/g, '') : '';
  if (Object.hasOwn(roundingWords, key)) {
    const near = [roundingWords[key] as string];
    throw new BittrueError('name', 'policy.rounding', value, `one of ${roundingModes.join(', ')}`, near);
  }
  return nameOr('tiesToEven', 'policy.rounding', value, roundingModes);
}

/** A name of a list; a default where there is none. */
function nameOr<T extends string>(fallback: T, argument: string, value: unknown, names: readonly T[]): T {
  return value === undefined || value === null || value === fallback ? fallback : checkName(argument, value, names);
}

function resolveStochastic(value: Partial<Stochastic>): Stochastic {
  checkObject('policy.stochastic', value, ['bits', 'variant', 'seed']);
  return Object.freeze({
    bits: checkInteger('policy.stochastic.bits', value.bits ?? 32, 1, 32),
    variant: checkName('policy.stochastic.variant', value.variant ?? 'B', stochasticVariants),
    seed: checkInteger('policy.stochastic.seed', value.seed ?? 0, 0, Number.MAX_SAFE_INTEGER),
  });
}
