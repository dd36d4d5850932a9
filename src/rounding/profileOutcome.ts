/**
 * What a profile makes of one operand: value, code and flags.
 *
 * @module
 */
import { BittrueError, checkBoolean, checkNumber, checkObject } from '../errors/index.ts';
import { int32 } from '../formats/catalogue.ts';
import type { FloatFormat, Format, IntegerFormat } from '../formats/format.ts';
import { defineInteger } from '../formats/integer.ts';
import { checkCodes } from './binary64.ts';
import { encodeValue } from './codes.ts';
import { flagNames, INEXACT, INVALID, SATURATION, UNDERFLOW } from './flags.ts';
import type { Outcome } from './outcome.ts';
import type { PartialPolicy, Policy } from './policy.ts';
import type { NaNRule, Profile, ResolvedProfile } from './profile.ts';
import { resolveProfile } from './profiles.ts';
import { roundPair } from './round.ts';
import { Rounder } from './rounder.ts';

/** What a NaN operand carries. */
export interface NaNOperand {
  readonly negative: boolean;
  /** Its fraction field as a number in (0, 1); below a half it signals (IEEE 754-2019 §6.2.1). */
  readonly fraction: number;
}

/** The NaN that carries nothing. */
export const PLAIN_NAN: NaNOperand = /* @__PURE__ */ Object.freeze({ negative: false, fraction: 0.5 });

/** A conversion as hardware sees it. */
export interface CodeOutcome {
  readonly value: number;
  readonly code: number;
  /** Sum of flag bits. */
  readonly flags: number;
}

/**
 * Converts one number under a profile, code-level rules included.
 *
 * @param options - `policy`: what differs from the profile's; `nan`: sign and fraction of x where it is a NaN
 * @throws {@link BittrueError} as `profilePolicy`, and for a NaN where the profile has no answer
 * @example
 * import { e2m1fn, e4m3fn } from 'bittrue/formats';
 * import { profileOutcome } from 'bittrue/rounding';
 * profileOutcome('mlDtypes', e4m3fn, -465).code; // 0xff
 * profileOutcome('mlDtypes', e2m1fn, NaN).value; // -0
 * profileOutcome('cudaSatfinite', e2m1fn, NaN).value; // 6
 */
export function profileOutcome(
  profile: Profile | string,
  format: Format,
  x: number,
  options: { readonly policy?: PartialPolicy; readonly nan?: NaNOperand } = {},
): Outcome {
  checkObject('options', options, ['policy', 'nan']);
  const { policy = {}, nan = PLAIN_NAN } = options;
  checkObject('options.nan', nan, ['negative', 'fraction']);
  checkBoolean('options.nan.negative', nan.negative);
  if (Number.isNaN(x) && !(nan.fraction > 0 && nan.fraction < 1)) {
    throw new BittrueError('range', 'options.nan.fraction', nan.fraction, 'a number between 0 and 1');
  }
  const { value, code, flags } = convertPair(
    format,
    resolveProfile(profile, format, policy),
    checkNumber('x', x),
    0,
    nan,
  );
  return { value, code, flags: flagNames(flags) };
}

/** The same for an exact value of the format `from`, given as a pair (see `Rounder`), with the profile resolved. */
export function convertPair(
  format: Format,
  { policy, rules }: Pick<ResolvedProfile, 'policy' | 'rules'>,
  x: number,
  residual: number,
  nan: NaNOperand = PLAIN_NAN,
  from: Format = format,
): CodeOutcome {
  checkCodes('format', format);
  if (format.kind === 'integer' && rules.integer === 'lowBits32') return lowBits(format, policy, x, residual);
  if (x !== x) return convertNaN(format, { policy, rules }, nan);
  if (format.kind === 'float') {
    if (x < 0 && !format.signed && rules.negative !== 'policy') {
      if (rules.negative === 'magnitude') {
        const { value, code, flags } = convertPair(format, { policy, rules }, -x, -residual, nan, from);
        return { value, code, flags: flags | INVALID };
      }
      return belowZero(format, { policy, rules }, x, residual);
    }
    if (format.lowest === 'normal') {
      if (x === 0 && rules.zero === 'smallest') return made(format, rules.nan, format.minNormal, SATURATION, false);
      if (x > 0 && x < 2 * format.minNormal && rules.tiny === 'fraction') {
        const up = new Rounder(oneBit, { ...policy, overflow: 'saturate' }).round(x / (2 * format.minNormal), residual);
        const value = up === 0 ? format.minNormal : 2 * format.minNormal;
        const inexact = value === x && residual === 0 ? 0 : INEXACT;
        return made(format, rules.nan, value, inexact | (x < format.minNormal ? UNDERFLOW : 0), false);
      }
    }
  }
  const { value, flags } = roundPair(format, x, residual, policy, from);
  return made(format, rules.nan, value, flags, x < 0);
}

const oneBit = /* @__PURE__ */ defineInteger({ bits: 2, signed: false });

/** A number below zero in an unsigned format, rounded before the rule looks at it (P3109 v4.0 §4.7: Project). */
function belowZero(
  format: FloatFormat,
  { policy, rules }: Pick<ResolvedProfile, 'policy' | 'rules'>,
  x: number,
  residual: number,
): CodeOutcome {
  const rounder = new Rounder({ ...format, signed: true, negativeZero: false }, policy);
  const isZero = rounder.round(x, residual) === 0;
  if (isZero) return made(format, rules.nan, 0, rounder.flags, false);
  const clamps = rules.negative === 'clamp' || (rules.negative === 'clampFinite' && x !== -Infinity);
  if (!clamps && format.nan !== 'none') return made(format, rules.nan, Number.NaN, INVALID, true);
  return made(format, rules.nan, format.lowest === 'normal' ? format.minNormal : 0, SATURATION, true);
}

/** The low bits of the int32 that x86 converts to. */
function lowBits(format: IntegerFormat, policy: Policy, x: number, residual: number): CodeOutcome {
  const wide = roundPair(int32, x, residual, { ...policy, overflow: 'saturate' });
  const fits = (wide.flags & ~INEXACT) === 0;
  const { value, flags } = roundPair(format, fits ? wide.value : int32.min, 0, { ...policy, overflow: 'wrap' });
  return { value, code: encodeValue(format, value, false), flags: fits ? flags | wide.flags : INVALID };
}

function made(format: Format, rule: NaNRule, value: number, flags: number, negative: boolean): CodeOutcome {
  const hasNoValue = Number.isNaN(value) && format.kind === 'float';
  const code = hasNoValue ? nanCode(format, rule, { negative, fraction: 0.5 }) : encodeValue(format, value, false);
  return { value, code, flags };
}

function convertNaN(
  format: Format,
  { policy, rules }: Pick<ResolvedProfile, 'policy' | 'rules'>,
  nan: NaNOperand,
): CodeOutcome {
  const signals = nan.fraction < 0.5 ? INVALID : 0;
  if (format.kind === 'float' && format.nan !== 'none') {
    return { value: Number.NaN, code: nanCode(format, rules.nan, nan), flags: signals };
  }
  if (rules.nan.missing === 'oppositeZero' && format.kind === 'float') {
    const value = !nan.negative && format.negativeZero ? -0 : 0;
    return { value, code: encodeValue(format, value, false), flags: signals };
  }
  const { value, flags } = roundPair(format, Number.NaN, 0, policy);
  return { value, code: encodeValue(format, value, false), flags: flags | signals };
}

/** Whether a profile refuses NaNs: the format has none, and nothing says what to put there. */
export function isRefused(format: Format, { policy, rules }: Pick<ResolvedProfile, 'policy' | 'rules'>): boolean {
  const hasNaN = format.kind === 'float' && format.nan !== 'none';
  return !hasNaN && policy.nanInput === 'error' && rules.nan.missing === 'policy';
}

/** The code of a NaN in a format that has one. */
export function nanCode(format: FloatFormat, rule: NaNRule, { negative, fraction }: NaNOperand): number {
  const { exponentBits, mantissaBits, signed, nan } = format;
  const magnitudes = 2 ** (exponentBits + mantissaBits);
  if (nan === 'negativeZero') return magnitudes;
  const sign = signed && negative && rule.sign === 'kept' ? magnitudes : 0;
  if (nan === 'topCode' || rule.code === 'allOnes') return sign + magnitudes - 1;
  const steps = 2 ** mantissaBits;
  const quiet = steps / 2;
  const payload = rule.code === 'payload' ? Math.floor(fraction * steps) : quiet;
  return sign + magnitudes - steps + (payload >= quiet ? payload : payload + quiet);
}
