/**
 * Quantizers to integers, q = clamp(round(x / s) + z), and what hand-written ones do instead.
 *
 * @module
 */
import { quotientResidual } from '../../arithmetic/residual.ts';
import { createUnit, type Unit } from '../../arithmetic/unit.ts';
import { bfloat16, binary16, binary32 } from '../../formats/catalogue.ts';
import { formatName } from '../../formats/formatName.ts';
import { defineInteger } from '../../formats/integer.ts';
import { type RoundingMode, resolvePolicy } from '../../rounding/policy.ts';
import { Rounder } from '../../rounding/rounder.ts';
import type { Operand } from '../conformance/operand.ts';
import type { Behaviour } from './behaviour.ts';
import { isNegative, isPositive, only } from './places.ts';
import type { Share } from './shares.ts';

/** A quotient: a binary64 number and the sign of what it lost. */
export interface Quotient {
  readonly x: number;
  readonly residual: number;
}

/** How a quantizer computes. */
export interface QuantizerSetup {
  readonly quotient: (x: number) => Quotient;
  readonly rounding:
    | RoundingMode
    | Share
    | 'tiesUp'
    | 'tiesToZero'
    | 'awayFromZero'
    | 'halfAdded'
    | 'halfTruncated'
    | 'magic'
    | 'halvesUp'
    | 'halvesEven';
  readonly zeroPoint: number;
  /** Whether the zero point is added before rounding. */
  readonly zeroFirst: boolean;
  readonly low: number;
  readonly high: number;
  /** Limits that the rounded quotient is clamped to before the zero point is added. */
  readonly clampFirst: readonly [number, number] | null;
  readonly wraps: boolean;
  /** Codes up to the first become the lowest one, codes from the second on the highest. */
  readonly jumps: readonly [number, number];
  /** What becomes of a code at last. */
  readonly after: (code: number) => number;
  /** What NaN becomes; null: no result. */
  readonly nan: number | null;
}

/** x / scale, exactly. */
export function exactQuotient(scale: number): QuantizerSetup['quotient'] {
  return (x) => {
    const q = x / scale;
    return { x: q, residual: Number.isFinite(q) && q !== 0 ? quotientResidual(x, scale, q) : 0 };
  };
}

/** x / scale as binary32 gives it, where the scale is a number of binary32 too. */
export function singleQuotient(scale: number): QuantizerSetup['quotient'] {
  const unit = createUnit({ format: binary32 });
  const divisor = unit.round(scale);
  return (x) => ({ x: unit.divide(x, divisor), residual: 0 });
}

/** x / scale as binary64 gives it. */
export function doubleQuotient(scale: number): QuantizerSetup['quotient'] {
  return (x) => ({ x: x / scale, residual: 0 });
}

const wide = /* @__PURE__ */ defineInteger({ bits: 53 });
const rounders = /* @__PURE__ */ new Map<RoundingMode, Rounder>();

function rounderOf(mode: RoundingMode): Rounder {
  const known = rounders.get(mode);
  if (known !== undefined) return known;
  const made = new Rounder(wide, resolvePolicy(wide, { rounding: mode }));
  rounders.set(mode, made);
  return made;
}

/** The integer nearest to a quotient, by a mode; a tie is broken by a residual. */
function roundQuotient({ x, residual }: Quotient, rounding: QuantizerSetup['rounding']): number {
  // From 2^52 on every binary64 number is an integer.
  if (!(Math.abs(x) < 2 ** 52)) return x;
  if (typeof rounding === 'object') return rounding.round(x);
  switch (rounding) {
    case 'halfAdded':
      return Math.floor(x + 0.5);
    case 'halfTruncated':
      return Math.trunc(x + 0.5);
    case 'magic':
      return Math.fround(Math.fround(x) + 2 ** 23) - 2 ** 23;
    case 'halvesUp':
      return rounderOf('tiesToEven').round(Math.floor(2 * x + 0.5) / 2, 0);
    case 'halvesEven':
      return rounderOf('tiesToEven').round(rounderOf('tiesToEven').round(2 * x, residual) / 2, 0);
    case 'awayFromZero':
      return rounderOf(x > 0 ? 'towardPositive' : 'towardNegative').round(x, residual);
    case 'tiesUp':
      return rounderOf('tiesToEven').round(x, residual !== 0 || Number.isInteger(x) ? residual : 1);
    case 'tiesToZero':
      return rounderOf('tiesToEven').round(x, residual !== 0 || Number.isInteger(x) ? residual : x > 0 ? -1 : 1);
    default:
      return rounderOf(rounding).round(x, residual);
  }
}

/** The code of a number; null where there is none. */
export function quantizeWith(setup: QuantizerSetup, given: number): number | null {
  if (given !== given) return setup.nan;
  const { low, high, zeroPoint, clampFirst } = setup;
  const { x, residual } = setup.quotient(given);
  if (x !== x) return setup.nan;
  let q: number;
  if (setup.zeroFirst) {
    // The sum of a quotient and a zero point is exact enough to round but at ties, where the residual decides.
    q = roundQuotient({ x: x + zeroPoint, residual: x + zeroPoint - zeroPoint === x ? residual : 0 }, setup.rounding);
  } else {
    const rounded = roundQuotient({ x, residual }, setup.rounding);
    q = (clampFirst === null ? rounded : Math.min(Math.max(rounded, clampFirst[0]), clampFirst[1])) + zeroPoint;
  }
  if (setup.wraps) {
    const count = high - low + 1;
    // The remainder first: it is exact however large the number is. Of an infinity the low bits are zero.
    const rest = Number.isFinite(q) ? q % count : 0;
    return ((((rest - low) % count) + count) % count) + low;
  }
  const [down, up] = setup.jumps;
  return setup.after(q <= down ? low : q >= up ? high : Math.min(Math.max(q, low), high)) + 0;
}

/** A change of how a quantizer computes. */
export function change(
  group: string,
  name: string,
  text: string,
  changes: (setup: QuantizerSetup) => Partial<QuantizerSetup>,
): Behaviour<QuantizerSetup> {
  return { group, name, text, change: (setup) => ({ ...setup, ...changes(setup) }) };
}

/** Deviations in rounding, which may hold for a part of the range alone. */
export function quantizerModes(): Behaviour<QuantizerSetup>[] {
  return roundings.map(([rounding, text]) => change('rounding', rounding, text, () => ({ rounding })));
}

const roundings: [Exclude<QuantizerSetup['rounding'], Share>, string][] = [
  ['tiesToAway', 'rounds ties away from zero'],
  ['tiesUp', 'rounds ties upward, as floor(x + 0.5) and Math.round do'],
  ['tiesToEven', 'rounds ties to even'],
  ['towardZero', 'truncates: rounds toward zero'],
  ['towardNegative', 'rounds down, as floor does'],
  ['towardPositive', 'rounds up, as ceil does'],
  ['tiesToZero', 'rounds ties toward zero'],
  ['awayFromZero', 'rounds every inexact quotient away from zero'],
  ['halfAdded', 'computes floor(x + 0.5), and rounds the sum'],
  ['halfTruncated', 'adds a half and truncates: negative numbers go up'],
  ['halvesUp', 'rounds to half steps first, ties up, and then to whole ones'],
  ['halvesEven', 'rounds to half steps first, and then to whole ones'],
  ['magic', 'adds 2^23 in binary32 and takes it away, which leaves negative numbers a half'],
];

/** Codes that are off by one. */
const offsets: readonly Behaviour<QuantizerSetup>[] = [
  change('offset', 'oneMore', 'gives codes that are one too large', ({ zeroPoint }) => ({ zeroPoint: zeroPoint + 1 })),
  change('offset', 'oneLess', 'gives codes that are one too small', ({ zeroPoint }) => ({ zeroPoint: zeroPoint - 1 })),
];

/** The deviations of a quantizer with one scale and zero point. */
export function quantizerBehaviours({ scale, zeroPoint, low, high }: Limits): Behaviour<QuantizerSetup>[] {
  const modes = quantizerModes();
  const single: Unit = createUnit({ format: binary32 });
  const reciprocal = single.divide(1, scale);
  const count = high - low + 1;
  return [
    ...modes,
    ...quotients(scale, single, reciprocal),
    change('zero', 'zeroPointLost', 'forgets the zero point', () => ({ zeroPoint: 0 })),
    change('zero', 'zeroPointNegated', 'subtracts the zero point', () => ({ zeroPoint: -zeroPoint })),
    change('zero', 'zeroPointFirst', 'adds the zero point before it rounds: ties depend on it', () => ({
      zeroFirst: true,
    })),
    change(
      'zero',
      'zeroPointUnscaled',
      'adds the zero point to the number before it is divided by the scale',
      (setup) => ({
        zeroPoint: 0,
        quotient: (x) => setup.quotient(x + zeroPoint),
      }),
    ),
    change('zero', 'zeroPointTwice', 'adds the zero point twice', () => ({ zeroPoint: 2 * zeroPoint })),
    change('clamp', 'clampsFirst', 'clamps before it adds the zero point', () => ({ clampFirst: [low, high] })),
    change('clamp', 'clampsFirstOnly', 'clamps before it adds the zero point, and not after', () => ({
      clampFirst: [low, high],
      low: -Infinity,
      high: Infinity,
    })),
    change('limits', 'wraps', 'wraps: keeps the low bits of what overflows', () => ({ wraps: true })),
    change('limits', 'clampsSymmetrically', `stops at ${-high}, one above the lowest code`, () => ({ low: -high })),
    change('limits', 'noClamp', 'does not clamp', () => ({ low: -Infinity, high: Infinity })),
    change('limits', 'unsignedRange', `clamps to 0 … ${count - 1}`, () => ({ low: 0, high: count - 1 })),
    change('limits', 'signedRange', `clamps to ${-count / 2} … ${count / 2 - 1}`, () => ({
      low: -count / 2,
      high: count / 2 - 1,
    })),
    change('codes', 'codesUnsigned', `gives ${count} more for negative codes, as their bits without a sign`, () => ({
      after: (code) => (code < 0 ? code + count : code),
    })),
    change(
      'codes',
      'codesSigned',
      `gives ${count} less for codes from ${count / 2} on, as their bits with a sign`,
      () => ({
        after: (code) => (code >= count / 2 ? code - count : code),
      }),
    ),
    change('codes', 'codesFlipped', 'gives codes with the other highest bit', () => ({
      after: (code) => (low < 0 ? code + count / 2 : code - count / 2),
    })),
    change('limits', 'highShort', `stops at ${high - 1}`, () => ({ high: high - 1 })),
    change('limits', 'highLong', `stops at ${high + 1}`, () => ({ high: high + 1 })),
    change('nan', 'nanToZero', 'gives 0 for NaN', () => ({ nan: 0 })),
    change('nan', 'nanToZeroPoint', 'gives the zero point for NaN', () => ({ nan: zeroPoint })),
    change('nan', 'nanToLow', 'gives the lowest code for NaN', () => ({ nan: low })),
    change('nan', 'nanToHigh', 'gives the highest code for NaN', () => ({ nan: high })),
    ...offsets.flatMap((one) => [
      one,
      only(one, 'for negatives', 'where the number is negative', isNegative),
      only(one, 'for positives', 'where the number is positive', isPositive),
    ]),
    ...modes.map((one) => only(one, 'for negatives', 'where the number is negative', isNegative)),
  ];
}

/** One scale and what its codes may be. */
export interface Limits {
  readonly scale: number;
  readonly zeroPoint: number;
  readonly low: number;
  readonly high: number;
}

function quotients(scale: number, single: Unit, reciprocal: number): Behaviour<QuantizerSetup>[] {
  const exact = (quotient: (x: number) => number): Partial<QuantizerSetup> => ({
    quotient: (x) => ({ x: quotient(x), residual: 0 }),
  });
  return [
    change('quotient', 'quotient in binary32', 'rounds the quotient to binary32 first', () => ({
      quotient: singleQuotient(scale),
    })),
    change('quotient', 'quotient in binary64', 'rounds the quotient to binary64 first', () => ({
      quotient: doubleQuotient(scale),
    })),
    change('quotient', 'exactQuotient', 'rounds the exact quotient once', () => ({ quotient: exactQuotient(scale) })),
    change('quotient', 'reciprocal in binary32', 'multiplies by the reciprocal, both rounded to binary32', () =>
      exact((x) => single.multiply(single.round(x), reciprocal)),
    ),
    change('quotient', 'reciprocal in binary64', 'multiplies by the reciprocal, both rounded to binary64', () =>
      exact((x) => x * (1 / scale)),
    ),
    change('quotient', 'reciprocal of binary32', 'multiplies by the reciprocal rounded to binary32', () =>
      exact((x) => x * reciprocal),
    ),
    ...[binary16, bfloat16].flatMap((format) => {
      const unit = createUnit({ format });
      const [name, narrow, inverse] = [formatName(format), unit.round(scale), unit.round(1 / scale)];
      return [
        change('quotient', `scale of ${name}`, `divides by the scale rounded to ${name}`, () =>
          exact((x) => x / narrow),
        ),
        change('quotient', `reciprocal of ${name}`, `multiplies by the reciprocal rounded to ${name}`, () =>
          exact((x) => x * inverse),
        ),
        change('quotient', `quotient in ${name}`, `rounds the quotient to ${name} first`, () =>
          exact((x) => unit.round(x / scale)),
        ),
      ];
    }),
    change('quotient', 'magnitudes', 'forgets the sign of negative numbers', (setup) => ({
      quotient: (x) => setup.quotient(Math.abs(x)),
    })),
    change('quotient', 'multiplies', 'multiplies by the scale instead of dividing', () => exact((x) => x * scale)),
    change('quotient', 'scaleLost', 'forgets the scale', () => exact((x) => x)),
    change('quotient', 'scaleDoubled', 'divides by twice the scale', () => ({ quotient: exactQuotient(scale * 2) })),
    change('quotient', 'scaleHalved', 'divides by half the scale', () => ({ quotient: exactQuotient(scale / 2) })),
  ];
}

/** The code of an operand's number. */
export function quantizeOperand(setup: QuantizerSetup): (operands: readonly Operand[]) => number | null {
  return ([operand]) => quantizeWith(setup, (operand as Operand).x);
}
