/**
 * Numbers on which conversions go wrong: every code of a small source; else the essential ones first, then every value and
 * midpoint of a small result format with its neighbours, then draws with weight on the edges.
 *
 * @module
 */
import type { FloatFormat, Format } from '../../formats/format.ts';
import { encode } from '../../rounding/codes.ts';
import { nextNumber } from '../binary64.ts';
import { sourceSpecials } from '../conformance/castOperands.ts';
import { type Bits, binary64Bits, formatOf, type Operand, operandOf } from '../conformance/operand.ts';
import type { Next } from '../conformance/sample.ts';
import type { VectorSource } from '../conformance/task.ts';
import { quantumAt } from '../diagnosis/grid.ts';
import { numberAt, ordinalsOf } from '../ordinals.ts';

/** Sources of at most this many bits are tried in full. */
export const EXHAUSTIVE_BITS = 16;
/** Results of at most this many bits have all their values and midpoints tried. */
const SWEEP_BITS = 10;
/** Ordinals past the largest value whose surroundings are tried. */
const BEYOND = 3;

/** The source's number at x, toward zero, and some numbers further from zero. */
export function bitsBeside(source: VectorSource, x: number, away: number): Bits {
  if (source === 'binary64') return binary64Bits(nextNumber(x, (x < 0 || Object.is(x, -0) ? -1 : 1) * away));
  if (source.kind === 'integer') {
    const unit = 2 ** -source.fractionBits;
    const moved = Math.trunc(x / unit) * unit + (x < 0 ? -away : away) * unit;
    return encode(source, Math.max(source.min, Math.min(source.max, moved)));
  }
  const code = encode(source, source.signed ? x : Math.abs(x), { rounding: 'towardZero', overflow: 'saturate' });
  const magnitudes = source.signed ? source.codes / 2 : source.codes;
  const magnitude = (code % magnitudes) + away;
  return magnitude < 0 || magnitude >= magnitudes ? code : code + away;
}

/** The source's own special numbers. */
function specials(source: VectorSource): Bits[] {
  if (source === 'binary64' || source.kind === 'float') return sourceSpecials(source);
  const { codes } = source;
  return [0, 1, 2, codes / 2 - 1, codes / 2, codes - 1];
}

/** Every operand of a source. */
export function* everyOperand(source: VectorSource): Generator<readonly [Operand]> {
  for (let code = 0; code < formatOf(source).codes; code++) yield [operandOf(source, code)];
}

/** The numbers that no test of a conversion should lack, the most telling first. */
export function essentials(format: Format, source: VectorSource): Bits[] {
  const { max } = format;
  const isFloat = format.kind === 'float';
  const unit = quantumAt(format, 0);
  // A binade of normal numbers near one: c, c + q, …
  const c = isFloat ? 2 ** Math.min(Math.max(0, format.emin + 1), Math.max(format.emin, format.emax - 2)) : unit;
  const q = quantumAt(format, c);
  const top = quantumAt(format, max);
  const power = isFloat ? 2 ** format.emax : 2 ** (format.bits - 1) * unit;
  const normal = isFloat ? format.minNormal : unit;
  const found: Bits[] = [];
  const add = (xs: readonly number[], aways: readonly number[]): void => {
    for (const x of xs) for (const away of aways) found.push(bitsBeside(source, x, away));
  };
  const both = (...xs: number[]): number[] => xs.flatMap((x) => (format.signed ? [x, -x] : [x]));
  add(both(0), [0]);
  // Ties with an even and with an odd number below, and what lies just beside them.
  add(both(c + q / 2, c + 1.5 * q), [0, 1, -1]);
  // NaNs with payloads and infinities; the source's other special numbers come last.
  const [odd, other] = [true, false].map((isOdd) =>
    specials(source).filter((bits) => Number.isFinite(operandOf(source, bits).x) !== isOdd),
  ) as [Bits[], Bits[]];
  for (const bits of odd) found.push(bits);
  add(both(c, 2 * c, c + q, c + q / 4, c + 0.75 * q), [0]);
  // Bits further down decide: the sticky bit.
  add(both(c + q / 2 + q / 8, c + q / 2 + q / 16, c + q / 2 + q / 32, c + q / 4 + q / 8), [0]);
  // What rounds up to a power of two, from an odd and an even exponent.
  add(both(2 * c - q / 4, 4 * c - q / 2, 2 * c - q / 2), [0]);
  add(both(max, max + top / 2), [0, 1, -1]);
  add(both(max + top / 4, max + 0.75 * top, 2 * max, max - top, power, max + top), [0]);
  if (isFloat && format.minSubnormal !== null) {
    const s = format.minSubnormal;
    add(both(s / 2, 1.5 * s, 2.5 * s), [0, 1, -1]);
    add(both(s, 0.75 * s, 3 * s, s / 4, normal - s / 4, normal - s / 2, normal - s, 1.25 * s), [0]);
  } else add(both(normal / 2, normal / 4, 0.75 * normal), [0, 1]);
  add(
    both(normal, 2 * normal, c / 2, power / 2, 2 * power, 4 * power, power - top / 8, max - top / 2, max - top / 4),
    [0, 1],
  );
  for (const bits of other) found.push(bits);
  add(both(max * 2 ** 20, 3 * c, 3 * c + q / 2, 2.5 * unit, 3.5 * unit), [0]);
  return found;
}

/** Every value and midpoint of a small result format with the source's numbers on both sides of each. */
function* sweep(format: Format, source: VectorSource): Generator<Bits> {
  const { low, high } = ordinalsOf(format);
  for (let ordinal = low - BEYOND; ordinal <= high + BEYOND; ordinal++) {
    if (low === 0 && ordinal < 0) continue;
    const value = numberAt(format, ordinal);
    const middle = value + (numberAt(format, ordinal + 1) - value) / 2;
    for (const x of [value, middle]) for (const away of [-1, 0, 1]) yield bitsBeside(source, x, away);
  }
}

/** The cases of a conversion, without end: the essential ones, the sweep where it is short, draws. */
export function* conversionCases(format: Format, source: VectorSource, next: Next): Generator<readonly [Operand]> {
  const seen = new Set<Bits>();
  for (const bits of essentials(format, source)) {
    if (seen.has(bits)) continue;
    seen.add(bits);
    yield [operandOf(source, bits)];
  }
  if (format.bits <= SWEEP_BITS) for (const bits of sweep(format, source)) yield [operandOf(source, bits)];
  for (;;) yield [operandOf(source, draw(format, source, next))];
}

/** A random operand: special, any code, beside a value or between two, or of any magnitude. */
function draw(format: Format, source: VectorSource, next: Next): Bits {
  const kind = next(8);
  const sign = next(2) === 0 ? 1 : -1;
  if (kind === 0) {
    const some = specials(source);
    return some[next(some.length)] as Bits;
  }
  if (kind === 1) {
    return source === 'binary64'
      ? (BigInt(next(2 ** 32)) << 32n) | BigInt(next(2 ** 32))
      : next(formatOf(source).codes);
  }
  if (kind === 2) return bitsBeside(source, sign * anyMagnitude(format, next), 0);
  const low = numberAt(format, anyOrdinal(format, next));
  const step = quantumAt(format, low);
  return bitsBeside(source, sign * (low + (step * next(8)) / 8), next(3) - 1);
}

function anyOrdinal(format: Format, next: Next): number {
  const { high, minNormal } = ordinalsOf(format);
  const steps = format.kind === 'float' ? 2 ** format.mantissaBits : 1;
  switch (next(5)) {
    case 0:
      return next(Math.max(1, minNormal));
    case 1:
      return Math.max(0, high + BEYOND - next(6));
    case 2:
      // The last number before a power of two.
      return Math.max(0, (1 + next(Math.max(1, Math.floor(high / steps)))) * steps - 1);
    default:
      return next(high + BEYOND);
  }
}

/** Any magnitude over a little more than the range, with all 53 bits. */
function anyMagnitude(format: Format, next: Next): number {
  const { emin, emax, mantissaBits } =
    format.kind === 'float' ? format : integerRange(format.bits, format.fractionBits);
  const exponent = emin - mantissaBits - 3 + next(emax - emin + mantissaBits + 7);
  return (1 + next(2 ** 52) / 2 ** 52) * 2 ** exponent;
}

function integerRange(bits: number, fractionBits: number): Pick<FloatFormat, 'emin' | 'emax' | 'mantissaBits'> {
  return { emin: -fractionBits, emax: bits - fractionBits, mantissaBits: 0 };
}
