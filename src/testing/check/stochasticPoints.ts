/**
 * Numbers that a stochastic rounding is asked for, and its answers, counted.
 *
 * @module
 */
import { BittrueError } from '../../errors/index.ts';
import type { FloatFormat, Format } from '../../formats/format.ts';
import { isValue } from '../../rounding/codes.ts';
import type { Next } from '../conformance/sample.ts';
import { cut, leastNormal, quantumAt } from '../diagnosis/grid.ts';
import type { Place } from '../diagnosis/stochastic.ts';

/** A number, where it lies, and what it may become. */
export interface Point extends Place {
  readonly x: number;
  readonly group: string;
  /** The neighbour nearer to zero and a step, both of the number's sign. */
  readonly lower: number;
  readonly step: number;
}

/** A point's answers by steps from its lower neighbour; what is no whole number of steps is `other`. */
export interface Tally {
  readonly point: Point;
  readonly counts: Map<number, number>;
  total: number;
  other: number;
  firstOther: number | null;
  sum: number;
  /** Pairs of answers, one after the other, that are the same. */
  agreeing: number;
  /** The answer before. */
  last: number;
}

/** Fractions of a step; every one is a share that four random bits give. */
export const FRACTIONS = [1 / 2, 1 / 4, 3 / 4, 1 / 8, 7 / 8, 1 / 16, 15 / 16, 3 / 8];

/** Numbers of every kind: at every fraction between neighbours of all sizes, and numbers of the format. */
export function pointsOf(format: Format, next: Next): Point[] {
  const signs = format.signed ? [1, -1] : [1];
  const found: Point[] = [];
  for (const [group, lowers] of Object.entries(lowersOf(format, next))) {
    for (const lower of lowers) {
      for (const sign of signs) {
        const step = quantumAt(format, lower);
        for (const fraction of [0, ...FRACTIONS]) {
          // The upper neighbour must be a number: what comes of overflow is no matter of chance.
          if (
            lower + step > format.max ||
            !isValue(format, sign * lower + 0) ||
            !isValue(format, sign * (lower + step))
          ) {
            continue;
          }
          found.push(pointOf({ lower, step, fraction, sign, group }));
        }
      }
    }
  }
  return found;
}

function pointOf({
  lower,
  step,
  fraction,
  sign,
  group,
}: Pick<Point, 'lower' | 'step' | 'fraction' | 'group'> & { readonly sign: number }): Point {
  return {
    x: sign * (lower + fraction * step),
    group,
    fraction,
    odd: (lower / step) % 2 === 1,
    subnormal: group === 'subnormal' || group === 'below the smallest',
    negative: sign < 0,
    lower: sign * lower + 0,
    step: sign * step,
  };
}

/** Lower neighbours by kind, a few of each. */
function lowersOf(format: Format, next: Next): Record<string, number[]> {
  const { max } = format;
  const top = max - quantumAt(format, max);
  if (format.kind === 'integer') {
    const unit = 2 ** -format.fractionBits;
    return { 'near zero': [0, unit, 2 * unit], inner: [unit * (3 + next(Math.max(1, max / unit - 4)))], top: [top] };
  }
  const inner = (f: FloatFormat): number[] =>
    [0, 1, 2, 3].map(() => {
      const exponent = f.emin + next(f.emax - f.emin);
      return (1 + next(2 ** f.mantissaBits) / 2 ** f.mantissaBits) * 2 ** exponent;
    });
  const least = format.minSubnormal;
  const subnormal =
    least === null || leastNormal(format) <= least
      ? []
      : [least, cut(leastNormal(format) / 2, least), leastNormal(format) - least].filter((x) => x > 0);
  return {
    normal: [1, format.minNormal, ...inner(format)].filter((x) => x >= format.minNormal && x < max),
    top: [top].filter((x) => x >= format.minNormal),
    subnormal: [...new Set(subnormal)],
    'below the smallest': least === null ? [] : [0],
  };
}

/** Where a number lies; null where its neighbours are not both numbers of the format: what it becomes is no matter of chance. */
export function pointAt(format: Format, x: number): Point | null {
  const size = Math.abs(x);
  if (!Number.isFinite(size)) return null;
  const sign = x < 0 ? -1 : 1;
  const step = quantumAt(format, size);
  const lower = cut(size, step);
  // Exact: the lower neighbour is zero or at least half the number.
  const fraction = (size - lower) / step;
  const isBetween = isValue(format, sign * lower + 0) && (fraction === 0 || isValue(format, sign * (lower + step)));
  return isBetween ? pointOf({ lower, step, fraction, sign, group: groupOf(format, lower, step) }) : null;
}

function groupOf(format: Format, lower: number, step: number): string {
  const isTop = lower + 2 * step > format.max;
  if (format.kind === 'integer') return lower <= 2 * step ? 'near zero' : isTop ? 'top' : 'inner';
  if (lower === 0) return 'below the smallest';
  return lower < format.minNormal ? 'subnormal' : isTop ? 'top' : 'normal';
}

/** A tally without answers. */
export function emptyTally(point: Point): Tally {
  return { point, counts: new Map(), total: 0, other: 0, firstOther: null, sum: 0, agreeing: 0, last: Number.NaN };
}

/** Counts one more answer. */
export function countAnswer(tally: Tally, answer: number): void {
  const { point, counts } = tally;
  const steps = (answer - point.lower) / point.step;
  if (Number.isSafeInteger(steps)) counts.set(steps, (counts.get(steps) ?? 0) + 1);
  else {
    tally.other += 1;
    tally.firstOther ??= answer;
  }
  tally.sum += answer;
  if (tally.total % 2 === 1 && Object.is(answer, tally.last)) tally.agreeing += 1;
  tally.last = answer;
  tally.total += 1;
}

/** An implementation's answers to one number. */
export function tallyOf(
  implementation: (x: number, random: number) => number,
  point: Point,
  each: number,
  next: Next,
): Tally {
  const tally = emptyTally(point);
  for (let i = 0; i < each; i++) {
    const answer: unknown = implementation(point.x, next(2 ** 32) / 2 ** 32);
    if (typeof answer !== 'number') {
      throw new BittrueError('type', 'implementation', answer, 'a function that gives a number at once');
    }
    countAnswer(tally, answer);
  }
  return tally;
}
