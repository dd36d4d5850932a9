/**
 * One number in one format, told in full.
 *
 * @module
 */
import { checkNumber } from '../errors/index.ts';
import type { Format } from '../formats/format.ts';
import { formatName } from '../formats/formatName.ts';
import { checkCodes } from './binary64.ts';
import { decode, encodeValue } from './codes.ts';
import { roundNumeral } from './decimal.ts';
import { decimalPair } from './decimalPair.ts';
import { exactDecimal } from './dyadic.ts';
import { flagNames } from './flags.ts';
import { parseNumeral } from './numeral.ts';
import type { Outcome } from './outcome.ts';
import type { Pair } from './pair.ts';
import {
  type OverflowPolicy,
  overflowPolicies,
  type PartialPolicy,
  type Policy,
  resolvePolicy,
  roundingModes,
} from './policy.ts';
import { convertPair, isRefused } from './profileOutcome.ts';
import { profilesFor, resolveProfile } from './profiles.ts';
import { exponentOf } from './rounder.ts';

/** A value of the format next to the result. */
export interface Neighbour {
  readonly value: number;
  readonly code: number;
}

/** Everything about one number in one format. */
export interface Explanation {
  /** Notation of the format. */
  readonly format: string;
  /** The number, all digits. */
  readonly input: string;
  /** The rounded value, its code and its flags under the policy asked for. */
  readonly result: Outcome;
  readonly policy: Policy;
  /** The code's bits, fields apart: `0 1111 110`. */
  readonly bits: string;
  readonly class: 'zero' | 'subnormal' | 'normal' | 'infinity' | 'nan' | 'integer';
  /** Distance between neighbouring values at the result; null for NaN and infinity. */
  readonly ulp: number | null;
  /** How far the result is from the number, in `ulp`: above 0 it is larger; null where either is not finite. */
  readonly distance: number | null;
  /** The next values down and up from the result; null where there is none. */
  readonly below: Neighbour | null;
  readonly above: Neighbour | null;
  /** What each deterministic rounding mode gives. */
  readonly modes: Readonly<Record<string, Outcome>>;
  /** What each overflow policy gives: `saturate` and `wrap` for integers, all but `wrap` for floats. */
  readonly overflows: Readonly<Partial<Record<OverflowPolicy, Outcome>>>;
  /** What each profile that covers the format gives, under its own policy; null where it refuses. */
  readonly profiles: Readonly<Record<string, Outcome | null>>;
}

/**
 * Explains how a number lands in a format: code, bits, neighbours, and what every mode, overflow policy and profile
 * would give.
 *
 * @param x - a number, or a decimal string, which is not rounded on the way in
 * @throws {@link BittrueError} as `round` and `roundDecimal`, and for binary64, whose codes are no numbers
 * @example
 * import { e4m3fn } from 'bittrue/formats';
 * import { explain } from 'bittrue/rounding';
 * const told = explain(e4m3fn, 4.25);
 * told.result.value; // 4
 * told.above?.value; // 4.5
 * told.modes.towardPositive?.value; // 4.5
 * told.bits; // '0 1001 000'
 * told.distance; // -0.5
 * explain(e4m3fn, 465).profiles.mlDtypes?.code; // 0x7f
 */
export function explain(format: Format, x: number | string, policy?: PartialPolicy): Explanation {
  const numeral = typeof x === 'string' ? parseNumeral('x', x) : checkNumber('x', x);
  const pair = decimalPair(numeral);
  const resolved = resolvePolicy(checkCodes('format', format), policy);
  const outcome = (changed: PartialPolicy): Outcome => {
    const own = resolvePolicy(format, { ...resolved, ...changed });
    const { value, flags } = roundNumeral(format, numeral, pair, own);
    return { value, code: encodeValue(format, value, pair.x < 0), flags: flagNames(flags) };
  };
  const result = outcome({});
  const modes = roundingModes
    .filter((mode) => mode !== 'stochastic')
    .map((rounding) => [rounding, outcome({ rounding })]);
  const allowed = overflowPolicies.filter((name) =>
    format.kind === 'integer' ? name === 'saturate' || name === 'wrap' : name !== 'wrap',
  );
  return {
    format: formatName(format),
    input: typeof x === 'string' ? x : exactDecimal(x),
    result,
    policy: resolved,
    bits: fields(format, result.code),
    class: classOf(format, result.value),
    ulp: spacing(format, result.value),
    distance: distance(format, result.value, pair),
    below: neighbour(format, result, -1),
    above: neighbour(format, result, 1),
    modes: Object.fromEntries(modes),
    overflows: Object.fromEntries(allowed.map((overflow) => [overflow, outcome({ overflow })])),
    profiles: Object.fromEntries(
      profilesFor(format).map((name) => [name, underProfile(format, name, pair.x, pair.residual)]),
    ),
  };
}

function underProfile(format: Format, name: string, x: number, residual: number): Outcome | null {
  const profile = resolveProfile(name, format);
  if (Number.isNaN(x) && isRefused(format, profile)) return null;
  const { value, code, flags } = convertPair(format, profile, x, residual);
  return { value, code, flags: flagNames(flags) };
}

function fields(format: Format, code: number): string {
  const text = code.toString(2).padStart(format.bits, '0');
  if (format.kind === 'integer') return text;
  const sign = format.signed ? 1 : 0;
  const end = sign + format.exponentBits;
  return [text.slice(0, sign), text.slice(sign, end), text.slice(end)].filter((part) => part !== '').join(' ');
}

function classOf(format: Format, value: number): Explanation['class'] {
  if (Number.isNaN(value)) return 'nan';
  if (format.kind === 'integer') return 'integer';
  if (value === 0) return 'zero';
  if (Math.abs(value) === Infinity) return 'infinity';
  return Math.abs(value) < format.minNormal ? 'subnormal' : 'normal';
}

function spacing(format: Format, value: number): number | null {
  if (!Number.isFinite(value)) return null;
  if (format.kind === 'integer') return 2 ** -format.fractionBits;
  const a = Math.abs(value);
  if (a < format.minNormal) return format.minSubnormal ?? format.minNormal;
  return 2 ** (exponentOf(a) - format.mantissaBits);
}

/** The difference is exact where the two are near, and the ulp a power of two. */
function distance(format: Format, value: number, { x, residual }: Pair): number | null {
  const ulp = spacing(format, value);
  return ulp === null || !Number.isFinite(x) ? null : (value - x - residual) / ulp;
}

/** The next value in one direction; codes ascend with the magnitude, so it is a code away. */
function neighbour(format: Format, { value, code }: Outcome, direction: 1 | -1): Neighbour | null {
  if (Number.isNaN(value)) return null;
  if (format.kind === 'integer') {
    const next = value + direction * 2 ** -format.fractionBits;
    return next < format.min || next > format.max ? null : { value: next, code: encodeValue(format, next, false) };
  }
  // Values in order, as integers: zero is 0, both zeros at once; without zero, −1 comes right before 0.
  const { signed, codes, lowest } = format;
  const magnitudes = signed ? codes / 2 : codes;
  const mirror = lowest === 'normal' ? -1 : 0;
  const ordinal = value < 0 ? mirror - (code - magnitudes) : value === 0 ? 0 : code;
  const next = ordinal + direction;
  const magnitude = next < 0 ? mirror - next : next;
  if (magnitude >= magnitudes || (next < 0 && !signed)) return null;
  const nextCode = next < 0 ? magnitude + magnitudes : magnitude;
  const decoded = decode(format, nextCode);
  return Number.isNaN(decoded) ? null : { value: decoded, code: nextCode };
}
