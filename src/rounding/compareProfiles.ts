/**
 * Where two profiles differ: every class of input that a conversion tells apart, tried under both.
 *
 * @module
 */
import type { FloatFormat, Format, IntegerFormat } from '../formats/format.ts';
import { flagNames } from './flags.ts';
import type { Outcome } from './outcome.ts';
import type { PartialPolicy } from './policy.ts';
import type { Profile, ResolvedProfile } from './profile.ts';
import { type CodeOutcome, convertPair, isRefused, type NaNOperand, PLAIN_NAN } from './profileOutcome.ts';
import { resolveProfile } from './profiles.ts';

/** A class of inputs, by an example. */
export interface InputClass {
  /** Such as `overflow`, `tie at overflow`, `NaN`; below zero with `negative ` before it. */
  readonly name: string;
  /** An input of the class. */
  readonly x: number;
  /** What x carries, where it is a NaN. */
  readonly nan: NaNOperand;
}

/** One class of inputs that two profiles treat differently. */
export interface ProfileDifference {
  /** The class, by name. */
  readonly input: string;
  /** An input of the class; for the NaN classes NaN. */
  readonly x: number;
  /** What each profile gives; null where it refuses. */
  readonly a: Outcome | null;
  readonly b: Outcome | null;
  readonly differs: readonly ('value' | 'code' | 'flags')[];
}

/**
 * The classes of inputs that two profiles treat differently, each with an example and both outcomes; empty where they
 * are one for this format.
 *
 * @param policy - what to change in both, such as the rounding mode
 * @throws {@link BittrueError} for an unknown name, and for a format that one of them says nothing about
 * @example
 * import { e4m3fn } from 'bittrue/formats';
 * import { compareProfiles } from 'bittrue/rounding';
 * const found = compareProfiles(e4m3fn, 'ocp', 'ocpSaturating');
 * found.map(({ input }) => input).slice(0, 2); // ['overflow below the next value', 'overflow']
 * found[1]?.a?.value; // NaN
 * found[1]?.b?.value; // 448
 */
export function compareProfiles(
  format: Format,
  a: Profile | string,
  b: Profile | string,
  policy: PartialPolicy = {},
): ProfileDifference[] {
  const [first, second] = [resolveProfile(a, format, policy), resolveProfile(b, format, policy)];
  return inputClasses(format).flatMap(({ name, x, nan }) => {
    const [p, q] = [outcome(format, first, x, nan), outcome(format, second, x, nan)];
    const differs: ('value' | 'code' | 'flags')[] = [];
    if (!Object.is(p?.value, q?.value)) differs.push('value');
    if (p?.code !== q?.code) differs.push('code');
    if (p?.flags !== q?.flags) differs.push('flags');
    return differs.length === 0 ? [] : [{ input: name, x, a: named(p), b: named(q), differs }];
  });
}

function named(found: CodeOutcome | null): Outcome | null {
  return found === null ? null : { ...found, flags: flagNames(found.flags) };
}

/** Null where the profile refuses: a NaN in a format without one. */
function outcome(format: Format, profile: ResolvedProfile, x: number, nan: NaNOperand): CodeOutcome | null {
  return Number.isNaN(x) && isRefused(format, profile) ? null : convertPair(format, profile, x, 0, nan);
}

/** Every class of inputs that a conversion tells apart, from zero to infinity and NaN. */
export function inputClasses(format: Format): InputClass[] {
  const classes = format.kind === 'float' ? magnitudes(format) : integerMagnitudes(format);
  const above = classes.map(([name, x]) => ({ name, x, nan: PLAIN_NAN }));
  const below = above.map(({ name, x }) => ({ name: `negative ${name}`, x: -x, nan: PLAIN_NAN }));
  const nans = [0.5, 0.25, 0.75].flatMap((fraction) =>
    [false, true].map((negative) => {
      const kind = fraction < 0.5 ? 'signalling NaN' : fraction > 0.5 ? 'NaN with payload' : 'NaN';
      return { name: negative ? `negative ${kind}` : kind, x: Number.NaN, nan: { negative, fraction } };
    }),
  );
  return [...above, ...below, ...nans];
}

/** The classes of magnitudes of an integer format, ascending. */
function integerMagnitudes({ bits, max, fractionBits }: IntegerFormat): [name: string, x: number][] {
  const quantum = 2 ** -fractionBits;
  return [
    ['zero', 0],
    ['inexact, below half', quantum / 4],
    ['inexact, at half above an even value', quantum / 2],
    ['inexact, above half', quantum * 0.75],
    ['smallest', quantum],
    ['inexact, at half above an odd value', quantum * 1.5],
    ['largest', max],
    ['just above the largest', max + quantum / 4],
    ['tie at overflow', max + quantum / 2],
    ['overflow', max + 2 * quantum],
    ['overflow beyond twice the range', 2 ** (bits + 1 - fractionBits) + 3 * quantum],
    ['overflow beyond 64 bits', 2 ** 70],
    ['infinity', Infinity],
  ];
}

/** The classes of magnitudes of a float format, ascending. */
function magnitudes(format: FloatFormat): [name: string, x: number][] {
  const { mantissaBits, emin, emax, max, minNormal, minSubnormal } = format;
  const smallest = minSubnormal ?? minNormal;
  const quantum = 2 ** (emin - mantissaBits);
  // An ordinary binade, around one where it is inside.
  const middle = emin <= 0 && emax > 1 ? 0 : Math.floor((emin + emax) / 2);
  const one = 2 ** middle;
  const ulp = 2 ** (middle - mantissaBits);
  const last = 2 ** (emax - mantissaBits);
  const classes: [string, number][] = [
    ['zero', 0],
    ['underflow below half of the smallest', smallest / 4],
    ['underflow at half of the smallest', smallest / 2],
    ['underflow above half of the smallest', smallest * 0.75],
    ['smallest', smallest],
    ['inexact beside the smallest, below half', smallest * 1.25],
    ['inexact beside the smallest, at half', smallest * 1.5],
    ['inexact beside the smallest, above half', smallest * 1.75],
  ];
  if (minSubnormal !== null && mantissaBits > 1) {
    classes.push(
      ['subnormal', 2 * smallest],
      ['inexact subnormal, at half above an even one', 2.5 * smallest],
      ['inexact subnormal', 2.25 * smallest],
    );
  }
  if (minSubnormal !== null) {
    // Rounded with unbounded exponent the first stays tiny, the second does not; both give the smallest normal number.
    classes.push(
      ['tiny, rounds to the smallest normal', minNormal - quantum * 0.375],
      ['tiny before rounding only', minNormal - quantum * 0.125],
    );
  }
  classes.push(
    ['smallest normal', minNormal],
    ['normal', one],
    ['inexact, below half', one + ulp / 4],
    ['inexact, at half above an even value', one + ulp / 2],
    ['inexact, above half', one + ulp * 0.75],
    ['inexact, at half above an odd value', mantissaBits === 0 ? 3 * one : one + ulp * 1.5],
    ['largest', max],
    ['just above the largest', max + last / 4],
    ['tie at overflow', max + last / 2],
    ['overflow below the next value', max + last * 0.75],
    ['overflow', max * 4],
    ['infinity', Infinity],
  );
  return classes;
}
