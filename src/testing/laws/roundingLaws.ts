/**
 * What every rounding to nearest obeys.
 *
 * @module
 */
import { checkName, checkObject } from '../../errors/index.ts';
import type { Format } from '../../formats/format.ts';
import { formatName } from '../../formats/formatName.ts';
import { encodeValue, isValue } from '../../rounding/codes.ts';
import { nextNumber } from '../binary64.ts';
import { formatArgument } from '../check/checkRounding.ts';
import { conversionCases } from '../check/conversionCases.ts';
import { spell } from '../check/conversionWords.ts';
import type { Operand } from '../conformance/operand.ts';
import type { Next } from '../conformance/sample.ts';
import { cut, leastNormal, quantumAt } from '../diagnosis/grid.ts';
import type { Law } from './law.ts';
import type { Rounding } from './predicates.ts';

/** What the implementation promises beside rounding to nearest. */
export interface RoundingLawOptions {
  /** Where a tie goes; default `even`. `any`: no promise. */
  readonly ties?: 'even' | 'away' | 'any';
  /** What becomes of overflow; default `any`: a number beyond the threshold gives ±max, ±Infinity or NaN. */
  readonly overflow?: 'saturate' | 'infinity' | 'nan' | 'any';
}

type RoundingLaw = Law<Rounding, number>;

/**
 * The laws of rounding to nearest: the result is a value of the format; no value is closer; ties; one of the two neighbours;
 * monotone on adjacent pairs; idempotent; symmetric; the edge of overflow; scaling by two; zero; no NaN out of nothing.
 *
 * @throws {@link BittrueError} for a format or option that does not exist
 * @example
 * import { binary16 } from 'bittrue/formats';
 * import { round } from 'bittrue/rounding';
 * import { checkLaws, roundingLaws } from 'bittrue/testing';
 * checkLaws((x: number) => round(binary16, x), roundingLaws(binary16)).ok; // true
 * const away = (x: number) => round(binary16, x, { rounding: 'tiesToAway' });
 * checkLaws(away, roundingLaws(binary16)).broken; // ['ties']
 */
export function roundingLaws(format: Format | string, options: RoundingLawOptions = {}): Law<Rounding, number>[] {
  const to = formatArgument('format', format);
  checkObject('options', options, ['ties', 'overflow']);
  const ties = checkName('options.ties', options.ties ?? 'even', ['even', 'away', 'any']);
  const overflow = checkName('options.overflow', options.overflow ?? 'any', ['saturate', 'infinity', 'nan', 'any']);
  return [...values(to), ...(ties === 'any' ? [] : [tiesLaw(to, ties)]), ...relations(to), overflowLaw(to, overflow)];
}

/** Numbers in a row that a law may have no use for: a format may be too small for it. */
const PATIENCE = 5000;

/** Cases of a format: finite binary64 numbers where it decides. */
function numbers(format: Format, keep: (x: number) => boolean): (next: Next) => Iterable<number> {
  return function* (next) {
    let useless = 0;
    for (const [operand] of conversionCases(format, 'binary64', next)) {
      const { x } = operand as Operand;
      useless = keep(x) ? 0 : useless + 1;
      if (useless === 0) yield x;
      else if (useless === PATIENCE) return;
    }
  };
}

function complexity(x: number): number {
  return String(x).length + (x < 0 ? 1 : 0);
}

/** Finite, of a sign that the format has, not above the largest number. */
function inside(format: Format): (x: number) => boolean {
  const { max } = format;
  const low = format.kind === 'integer' ? format.min : format.signed ? -max : 0;
  return (x) => x >= low && x <= max;
}

function law(
  name: string,
  text: string,
  cases: RoundingLaw['cases'],
  broken: (round: Rounding, x: number) => string | null,
): RoundingLaw {
  return { name, text, cases, broken, complexity };
}

/** A law about a few numbers. */
function few(name: string, text: string, xs: readonly number[], broken: RoundingLaw['broken']): RoundingLaw {
  return { name, text, cases: () => xs, broken, complexity };
}

/** The two numbers of the format around one inside its range. */
function neighbours(format: Format, x: number): readonly [number, number] {
  const quantum = quantumAt(format, Math.abs(x));
  const toZero = cut(x, quantum);
  if (toZero === x) return [x, x];
  return x < 0 ? [toZero - quantum, toZero] : [toZero, toZero + quantum];
}

function values(format: Format): RoundingLaw[] {
  const name = formatName(format);
  // Formats without subnormals or zero have other gaps near zero: there the neighbours are theirs.
  const least = format.kind === 'float' && format.lowest !== 'subnormal' ? format.minNormal : 0;
  const signed = format.kind === 'float' && format.negativeZero;
  const within = inside(format);
  const graded = (x: number): boolean => within(x) && (x === 0 ? least === 0 : Math.abs(x) >= least);
  return [
    law('representable', `every result is a value of ${name}`, numbers(format, within), (round, x) => {
      const r = round(x);
      return isValue(format, r) || r === 0 ? null : `${spell(x)} gives ${spell(r)}, which ${name} does not have`;
    }),
    law('nearest', `no number of ${name} is closer than the result`, numbers(format, graded), (round, x) => {
      const r = round(x);
      const closer = neighbours(format, x).find((one) => Math.abs(x - one) < Math.abs(x - r) || r !== r);
      return closer === undefined ? null : `${spell(x)} gives ${spell(r)}; ${spell(closer)} is closer`;
    }),
    law('bracketed', `the result is one of the two numbers of ${name} around`, numbers(format, graded), (round, x) => {
      const [low, high] = neighbours(format, x);
      const r = round(x);
      return r === low || r === high ? null : `${spell(x)} gives ${spell(r)}, not ${spell(low)} or ${spell(high)}`;
    }),
    law('idempotent', 'what is rounded stays as it is', numbers(format, within), (round, x) => {
      const once = round(x);
      const twice = round(once);
      return Object.is(once, twice) ? null : `${spell(x)} gives ${spell(once)}, and that ${spell(twice)}`;
    }),
    law('noNaN', 'no finite number inside the range gives NaN', numbers(format, within), (round, x) =>
      Number.isNaN(round(x)) && (x !== 0 || least === 0) ? `${spell(x)} gives NaN` : null,
    ),
    ...(format.kind === 'integer' || format.lowest !== 'normal'
      ? [
          few('zero', `zero gives zero${signed ? ', with its sign' : ''}`, [0, -0], (round, x) => {
            const r = round(x);
            return r === 0 && (!signed || Object.is(r, x)) ? null : `${spell(x)} gives ${spell(r)}`;
          }),
        ]
      : []),
    ...(format.kind === 'float' && format.nan !== 'none'
      ? [
          few('nan', 'NaN stays NaN', [Number.NaN], (round, x) => {
            const r = round(x);
            return r !== r ? null : `NaN gives ${spell(r)}`;
          }),
        ]
      : []),
  ];
}

function tiesLaw(format: Format, ties: 'even' | 'away'): RoundingLaw {
  const within = inside(format);
  const least = format.kind === 'float' && format.lowest !== 'subnormal' ? format.minNormal : 0;
  const isTie = (x: number): boolean => {
    if (!within(x) || Math.abs(x) < least) return false;
    const [low, high] = neighbours(format, x);
    return low !== high && x - low === high - x;
  };
  const isEven = (r: number): boolean => encodeValue(format, Math.abs(r), false) % 2 === 0;
  const text = ties === 'even' ? 'halfway between two numbers, the even one results' : 'ties go away from zero';
  return law('ties', text, numbers(format, isTie), (round, x) => {
    const r = round(x);
    const [low, high] = neighbours(format, x);
    const away = Math.abs(low) > Math.abs(high) ? low : high;
    // At one bit of precision every significand but zero's is odd: of two odd ones the larger magnitude is taken.
    const oneBit = format.kind === 'float' && format.mantissaBits === 0;
    const wanted = ties === 'away' || (oneBit && low !== 0 && high !== 0) ? away : isEven(low) ? low : high;
    return r === wanted ? null : `${spell(x)} gives ${spell(r)}; right is ${spell(wanted)}`;
  });
}

function relations(format: Format): RoundingLaw[] {
  const within = inside(format);
  const { max } = format;
  const normal = leastNormal(format);
  const scaled = (x: number): boolean => Math.abs(x) >= Math.max(normal, 0) && Math.abs(x) <= max / 4 && x !== 0;
  return [
    law('monotone', 'a number gives no less than the binary64 number below it', numbers(format, within), (round, x) => {
      const below = nextNumber(x, -1);
      const [low, high] = [round(below), round(x)];
      return low <= high || low !== low || high !== high
        ? null
        : `${spell(below)} gives ${spell(low)}, but ${spell(x)} only ${spell(high)}`;
    }),
    ...(format.signed && (format.kind === 'float' || format.min === -format.max - 2 ** -format.fractionBits)
      ? [
          law(
            'symmetric',
            '−x gives minus what x gives',
            numbers(format, (x) => within(x) && within(-x)),
            (round, x) => {
              const [a, b] = [round(x), round(-x)];
              if (a === -b || (a !== a && b !== b)) return null;
              return `${spell(x)} gives ${spell(a)}, but ${spell(-x)} gives ${spell(b)}`;
            },
          ),
        ]
      : []),
    ...(format.kind === 'float'
      ? [
          law('scaling', '2·x gives twice what x gives, among normal numbers', numbers(format, scaled), (round, x) => {
            if (!format.signed && x < 0) return null;
            const [a, b] = [round(x), round(2 * x)];
            // What rounds down below the normal numbers, or up beyond a quarter of the range, is not asked.
            return Math.abs(a) < normal || b === 2 * a
              ? null
              : `${spell(x)} gives ${spell(a)}, but ${spell(2 * x)} gives ${spell(b)}`;
          }),
        ]
      : []),
  ];
}

function overflowLaw(format: Format, overflow: NonNullable<RoundingLawOptions['overflow']>): RoundingLaw {
  const { max } = format;
  const half = quantumAt(format, max) / 2;
  // A tie at the edge goes up where max is odd; what lies below the edge is max.
  const beyond = (x: number): boolean => Math.abs(x) > max && Math.abs(x) !== max + half && (format.signed || x > 0);
  const allowed = (r: number, x: number): boolean => {
    const sign = Math.sign(x);
    const saturated = format.kind === 'integer' && sign < 0 ? format.min : sign * max;
    const finite = Math.abs(x) !== Infinity;
    return (
      ((overflow === 'saturate' || overflow === 'any') && r === saturated) ||
      ((overflow === 'infinity' || overflow === 'any' || !finite) && r === sign * Infinity) ||
      ((overflow === 'nan' || overflow === 'any') && r !== r)
    );
  };
  const words = {
    saturate: '±max',
    infinity: '±Infinity',
    nan: 'NaN',
    any: '±max, ±Infinity or NaN',
  };
  return law(
    'overflow',
    `up to half a step beyond ${max} the largest number results, from there on ${words[overflow]}`,
    numbers(format, beyond),
    (round, x) => {
      const r = round(x);
      const lowest = format.kind === 'integer' ? format.min : -max;
      if (x >= lowest && x < 0) return null;
      const edge = x > 0 ? max + half : lowest - half;
      const isBelow = Math.abs(x) < Math.abs(edge);
      if (isBelow)
        return r === (x > 0 ? max : lowest) ? null : `${spell(x)} gives ${spell(r)}; right is ${x > 0 ? max : lowest}`;
      if (Math.abs(x) === Math.abs(edge)) return null;
      return allowed(r, x) ? null : `${spell(x)} gives ${spell(r)}`;
    },
  );
}
