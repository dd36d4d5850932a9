/**
 * One number in one format, told in full.
 *
 * @module
 */
import type { Format } from '../formats/format.ts';
import { notation } from '../formats/notation.ts';
import { decode, encodeValue } from './codes.ts';
import { decimalPair, exactDecimal } from './exact.ts';
import { type EventKind, flagNames } from './flags.ts';
import { type OverflowPolicy, overflowPolicies, type PartialPolicy, type Policy, resolvePolicy, roundingModes } from './policy.ts';
import { roundPair } from './round.ts';
import { exponentOf } from './rounder.ts';

/** What one rounding gives. */
export interface Outcome {
  readonly value: number;
  readonly code: number;
  readonly flags: readonly EventKind[];
}

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
  /** The next values down and up from the result; null where there is none. */
  readonly below: Neighbour | null;
  readonly above: Neighbour | null;
  /** What each deterministic rounding mode gives. */
  readonly modes: Readonly<Record<string, Outcome>>;
  /** What each overflow policy gives. */
  readonly overflows: Readonly<Partial<Record<OverflowPolicy, Outcome>>>;
}

/**
 * Explains how a number lands in a format: code, bits, neighbours, and what every mode and overflow policy would give.
 *
 * @param x - a number, or a decimal string, which is not rounded on the way in
 * @throws {@link BittrueError} as `round` and `roundDecimal`
 * @example
 * import { e4m3fn } from 'bittrue/formats';
 * import { explain } from 'bittrue/rounding';
 * const told = explain(e4m3fn, 4.25);
 * told.result.value; // 4
 * told.above?.value; // 4.5
 * told.modes.towardPositive?.value; // 4.5
 * told.bits; // '0 1001 000'
 */
export function explain(format: Format, x: number | string, policy?: PartialPolicy): Explanation {
  const pair = typeof x === 'string' ? decimalPair('x', x) : { x, residual: 0 };
  const resolved = resolvePolicy(format, policy);
  const outcome = (changed: PartialPolicy): Outcome => {
    const { value, flags } = roundPair(format, pair.x, pair.residual, resolvePolicy(format, { ...resolved, ...changed }));
    return { value, code: encodeValue(format, value, pair.x < 0), flags: flagNames(flags) };
  };
  const result = outcome({});
  const modes = roundingModes.filter((mode) => mode !== 'stochastic').map((rounding) => [rounding, outcome({ rounding })]);
  const allowed = overflowPolicies.filter((name) => (format.kind === 'integer') === (name === 'wrap') || name === 'saturate');
  return {
    format: notation(format),
    input: typeof x === 'string' ? x : exactDecimal(x),
    result,
    policy: resolved,
    bits: fields(format, result.code),
    class: classOf(format, result.value),
    ulp: spacing(format, result.value),
    below: neighbour(format, result, -1),
    above: neighbour(format, result, 1),
    modes: Object.fromEntries(modes),
    overflows: Object.fromEntries(allowed.map((overflow) => [overflow, outcome({ overflow })])),
  };
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

/** The next value in one direction; codes ascend with the magnitude, so it is a code away. */
function neighbour(format: Format, { value, code }: Outcome, direction: 1 | -1): Neighbour | null {
  if (Number.isNaN(value)) return null;
  if (format.kind === 'integer') {
    const next = value + direction * 2 ** -format.fractionBits;
    return next < format.min || next > format.max ? null : { value: next, code: encodeValue(format, next, false) };
  }
  const half = format.codes / 2;
  const hasZero = format.lowest !== 'normal';
  if (value === 0 || (hasZero && value === 0)) {
    if (direction < 0 && !format.signed) return null;
    // Over both zeros at once; `normalButZero` and one-bit formats have their smallest number at the first code up too.
    const first = decode(format, 1);
    return direction > 0 ? { value: first, code: 1 } : { value: -first, code: half + 1 };
  }
  const away = value > 0 === direction > 0;
  const next = away ? code + 1 : code - 1;
  if (next < 0 || next >= format.codes || (format.signed && value > 0 && next >= half)) return null;
  const decoded = decode(format, next);
  if (Number.isNaN(decoded)) return value < 0 && !away ? { value: 0, code: 0 } : null;
  return { value: decoded, code: next };
}
