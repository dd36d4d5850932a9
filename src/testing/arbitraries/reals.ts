/**
 * Arbitrary numbers where a format's rounding is decided, and arbitrary values of a format.
 *
 * @module
 */
import fc from 'fast-check';
import { checkBoolean } from '../../errors/index.ts';
import { checkFormat } from '../../formats/check.ts';
import type { Format } from '../../formats/index.ts';
import { nextNumber } from '../binary64.ts';
import { numberAt, ordinalsOf } from '../ordinals.ts';
import { checkConstraints } from './constraints.ts';
import { drawnAs } from './shrunkBy.ts';

/** Which numbers to draw. */
export interface RealsConstraints {
  /** Leave NaN out. @defaultValue false */
  readonly noNaN?: boolean;
  /** Leave ±Infinity out. @defaultValue false */
  readonly noInfinity?: boolean;
}

/** How far beyond the largest value and around each edge ordinals are drawn. */
const MARGIN = 4;

/** Ordinals with weight on the edges: around zero, the smallest normal numbers, the ends of the range. */
function ordinals(format: Format, margin: number): fc.Arbitrary<number> {
  const { low, high, minNormal } = ordinalsOf(format);
  const top = Math.min(high + margin, Number.MAX_SAFE_INTEGER - 1);
  const bottom = Math.max(low - (low === 0 && format.kind === 'float' ? 0 : margin), -Number.MAX_SAFE_INTEGER);
  const all = fc.integer({ min: bottom, max: top });
  const around = (center: number): fc.Arbitrary<number> =>
    fc.integer({ min: Math.max(bottom, center - MARGIN), max: Math.max(bottom, Math.min(top, center + MARGIN)) });
  const edges = [0, minNormal, low < 0 ? -minNormal : minNormal, high, low];
  return drawnAs(fc.oneof(all, ...edges.map(around)), all);
}

/**
 * Numbers near the edges of a format, by ordinal: its values, their midpoints, both ± 1 binary64 ulp, a little beyond
 * the largest; any binary64 number; zeros, infinities and NaN. Shrinks toward zero along the format's own values.
 *
 * @example
 * import fc from 'fast-check';
 * import { e4m3fn } from 'bittrue/formats';
 * import { round } from 'bittrue/rounding';
 * import { reals } from 'bittrue/testing/arbitraries';
 * const saturating = (x: number) => round(e4m3fn, x, { overflow: 'saturate' });
 * fc.assert(fc.property(reals(e4m3fn, { noNaN: true }), (x) => Math.abs(saturating(x)) <= 448));
 */
export function reals(format: Format, constraints: RealsConstraints = {}): fc.Arbitrary<number> {
  checkFormat('format', format);
  checkReals(constraints);
  if (format.bits > 53) return doubles(constraints);
  const { noNaN = false, noInfinity = false } = constraints;
  const edges = fc
    .tuple(ordinals(format, MARGIN), fc.constantFrom(0, 0.5), fc.constantFrom(0, 1, -1))
    .map(([ordinal, half, ulps]) => {
      const value = numberAt(format, ordinal);
      const next = half === 0 ? value : numberAt(format, ordinal + 1);
      return nextNumber(value + (next - value) * half, ulps);
    });
  const specials = [-0, ...(noInfinity ? [] : [Infinity, -Infinity]), ...(noNaN ? [] : [Number.NaN])];
  return fc.oneof(
    { withCrossShrink: true },
    { weight: 6, arbitrary: edges },
    { weight: 2, arbitrary: logUniform(format) },
    { weight: 1, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: noInfinity }) },
    { weight: 1, arbitrary: fc.constantFrom(...specials) },
  );
}

/** Values of binary64, whose ordinals no number holds: beside its edges, and anywhere. */
function doubles({ noNaN = false, noInfinity = false }: RealsConstraints): fc.Arbitrary<number> {
  const centers = fc.constantFrom(0, 1, -1, 2 ** -1022, -(2 ** -1022), Number.MAX_VALUE, -Number.MAX_VALUE);
  const edges = fc
    .tuple(centers, fc.integer({ min: -MARGIN, max: MARGIN }))
    .map(([center, steps]) => nextNumber(center, steps))
    .filter((x) => !noInfinity || Number.isFinite(x));
  return fc.oneof({ withCrossShrink: true }, fc.double({ noNaN, noDefaultInfinity: noInfinity }), edges);
}

/** Numbers of random magnitude over a little more than the format's range, with all 53 bits. */
function logUniform(format: Format): fc.Arbitrary<number> {
  const lowest = format.kind === 'integer' ? -format.fractionBits : format.emin - format.mantissaBits;
  const highest = format.kind === 'integer' ? format.bits - format.fractionBits : format.emax;
  return fc
    .record({
      exponent: fc.integer({ min: lowest - 3, max: highest + 3 }),
      fraction: fc.maxSafeNat(),
      negative: fc.boolean(),
    })
    .map(({ exponent, fraction, negative }) => (1 + fraction / 2 ** 53) * 2 ** exponent * (negative ? -1 : 1));
}

/**
 * Values of a format: its finite numbers by ordinal, and those of −0, infinities and NaN that it has.
 *
 * @example
 * import fc from 'fast-check';
 * import { e4m3fn } from 'bittrue/formats';
 * import { decode, encode } from 'bittrue/rounding';
 * import { values } from 'bittrue/testing/arbitraries';
 * fc.assert(fc.property(values(e4m3fn), (x) => Object.is(decode(e4m3fn, encode(e4m3fn, x)), x)));
 */
export function values(format: Format, constraints: RealsConstraints = {}): fc.Arbitrary<number> {
  checkFormat('format', format);
  checkReals(constraints);
  if (format.bits > 53) return doubles(constraints);
  const { noNaN = false, noInfinity = false } = constraints;
  const specials: number[] = [];
  if (format.kind === 'float') {
    if (format.negativeZero && format.lowest !== 'normal') specials.push(-0);
    if (format.infinities !== 'none' && !noInfinity) {
      specials.push(Infinity);
      if (format.signed) specials.push(-Infinity);
    }
    if (format.nan !== 'none' && !noNaN) specials.push(Number.NaN);
  }
  const finite = ordinals(format, 0).map((ordinal) => numberAt(format, ordinal) + 0);
  return specials.length === 0
    ? finite
    : fc.oneof(
        { withCrossShrink: true },
        { weight: 9, arbitrary: finite },
        { weight: 1, arbitrary: fc.constantFrom(...specials) },
      );
}

function checkReals(constraints: RealsConstraints): void {
  checkConstraints(constraints);
  const { noNaN = false, noInfinity = false } = constraints;
  checkBoolean('constraints.noNaN', noNaN);
  checkBoolean('constraints.noInfinity', noInfinity);
}
