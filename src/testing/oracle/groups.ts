/**
 * Groups of numbers as integer codes of a scale and a minimum, with the least and the largest apart or not, read out from the
 * definitions: every scale, minimum and code is a rational number that is rounded once.
 *
 * @module
 */
import type { FloatFormat } from '../../formats/index.ts';
import { checkFloat, checkNumberList, integer, maybe, options } from './checks.ts';
import { roundToUnits } from './direction.ts';
import { exactly } from './exact.ts';
import { OVERFLOW } from './flags.ts';
import * as exact from './rational.ts';
import { compare, divide, isZero, multiply, type Rational } from './rational.ts';
import { project } from './round.ts';
import { policyOf } from './single.ts';

/** What a group is sent by. */
export interface OracleGroupOptions {
  /** Of a code. */
  readonly bits: number;
  readonly scale: FloatFormat;
  /** Null: codes are symmetric, and count from 0. */
  readonly minimum: FloatFormat | null;
  /** Of the least and the largest number; null: they are coded. */
  readonly spikes: FloatFormat | null;
}

/** A group as it is sent, and what a receiver makes of it. */
export interface OracleGroup {
  readonly scale: number;
  /** 0 where there is none. */
  readonly minimum: number;
  /** 0 for spikes. */
  readonly codes: readonly number[];
  /** Places of the least and of the largest number, where they are apart. */
  readonly spikes: readonly [number, number] | null;
  /** Values as they are received. */
  readonly values: readonly number[];
  /** Numbers that were coded and lay beyond the codes; numbers whose quotient was not their code. */
  readonly clips: number;
  readonly inexact: number;
  /** Whether the minimum lay beyond its format. */
  readonly minimumOverflow: boolean;
  /** Whether the scale became 0 of a range that is not, or lay beyond its format. */
  readonly scaleUnderflow: boolean;
  readonly scaleOverflow: boolean;
}

const checkOptions = options('a group’s codes', {
  bits: integer(2, 8),
  scale: checkFloat,
  minimum: maybe(checkFloat),
  spikes: maybe(checkFloat),
});

/**
 * A group of numbers under one scale.
 *
 * @example
 * import { binary16 } from 'bittrue/formats';
 * import { oracle } from 'bittrue/testing';
 * const options = { bits: 2, scale: binary16, minimum: binary16, spikes: null };
 * oracle.group([-1, 0.2, 1.5, 2], options).codes; // [0, 1, 2, 3]
 */
export function oracleGroup(x: readonly number[], given: OracleGroupOptions): OracleGroup {
  checkNumberList('x', x);
  checkOptions('options', given);
  const { bits, scale: scaleFormat, minimum: minimumFormat, spikes: spikeFormat } = given;
  const places = x.map((_, i) => i);
  const numbers = places.filter((i) => !Number.isNaN(x[i]));
  const spikes = spikeFormat === null ? null : endsOf(x, numbers);
  const coded = places.filter((i) => spikes === null || !spikes.includes(i));
  const finite = coded.filter((i) => Number.isFinite(x[i])).map((i) => exact.fromNumber(x[i] as number));

  const isSymmetric = minimumFormat === null;
  const low = isSymmetric ? -(2 ** (bits - 1)) : 0;
  const high = low + 2 ** bits - 1;
  const rounded = (format: FloatFormat, value: Rational) => project(format, policyOf('tiesToEven', 'saturate'), value);
  const least = finite.reduce((a, b) => (compare(b, a) < 0 ? b : a), finite[0] ?? exact.zero());
  const { value: minimum, flags: lost } = isSymmetric ? { value: 0, flags: 0 } : rounded(minimumFormat, least);
  const from = exact.fromNumber(minimum);
  const above = finite.map((value) => {
    const distance = exact.add(value, exact.negate(from));
    return isSymmetric ? exact.absolute(distance) : distance;
  });
  const extent = above.reduce((a, b) => (compare(b, a) > 0 ? b : a), exact.zero());
  const hasRange = !isZero(extent);
  const steps = exact.fromBigInt(BigInt(high));
  const found = hasRange ? rounded(scaleFormat, divide(extent, steps)) : { value: 0, flags: 0 };
  const scale = exact.fromNumber(found.value);

  let clips = 0;
  let inexact = 0;
  const codes = x.map((number, i) => {
    if (!coded.includes(i)) return 0;
    if (isZero(scale)) {
      if (Number.isFinite(number) && compare(exact.fromNumber(number), from) !== 0) inexact++;
      if (Math.abs(number) === Infinity) clips++;
      return 0;
    }
    if (Math.abs(number) === Infinity) {
      clips++;
      return number < 0 ? low : high;
    }
    const value = exact.fromNumber(Number.isNaN(number) ? 0 : number);
    const quotient = divide(exact.add(value, exact.negate(from)), scale);
    const { units, isExact } = roundToUnits(quotient, 0, { rounding: 'tiesToEven' });
    const nearest = quotient.negative ? -units : units;
    const code = nearest < BigInt(low) ? low : nearest > BigInt(high) ? high : Number(nearest);
    if (Number.isNaN(number)) return code;
    if (BigInt(code) !== nearest) clips++;
    if (BigInt(code) !== nearest || !isExact) inexact++;
    return code;
  });

  const values = codes.map((code) => exact.toNumber(exact.add(from, multiply(exact.fromBigInt(BigInt(code)), scale))));
  if (spikes !== null && spikeFormat !== null) {
    const overflow = spikeFormat.infinities === 'none' ? 'saturate' : 'ieee';
    for (const i of spikes) {
      const number = x[i] as number;
      values[i] = project(
        spikeFormat,
        policyOf('tiesToEven', overflow),
        exactly(Number.isNaN(number) ? 0 : number),
      ).value;
    }
  }
  return {
    scale: found.value,
    minimum,
    codes,
    spikes,
    values,
    clips,
    inexact,
    minimumOverflow: (lost & OVERFLOW) !== 0,
    scaleUnderflow: hasRange && found.value === 0,
    scaleOverflow: (found.flags & OVERFLOW) !== 0,
  };
}

/** The first least number and the first largest of the others; one number is both, and of none the first place is. */
function endsOf(x: readonly number[], numbers: readonly number[]): readonly [number, number] {
  const [first = 0] = numbers;
  const lowest = numbers.reduce((a, b) => ((x[b] as number) < (x[a] as number) ? b : a), first);
  const others = numbers.filter((i) => i !== lowest);
  const [second = lowest] = others;
  return [lowest, others.reduce((a, b) => ((x[b] as number) > (x[a] as number) ? b : a), second)];
}
