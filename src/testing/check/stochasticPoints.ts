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
  other: number;
  firstOther: number | null;
  sum: number;
  /** Pairs of answers, one after the other, that are the same. */
  agreeing: number;
}

/** Fractions of a step; every one is a share that four random bits give. */
const FRACTIONS = [1 / 2, 1 / 4, 3 / 4, 1 / 8, 7 / 8, 1 / 16, 15 / 16, 3 / 8];

/** Numbers of every kind: at every fraction between neighbours of all sizes, and numbers of the format. */
export function pointsOf(format: Format, next: Next): Point[] {
  const signs = format.signed ? [1, -1] : [1];
  const found: Point[] = [];
  for (const [group, lowers] of Object.entries(lowersOf(format, next))) {
    for (const lower of lowers) {
      for (const sign of signs) {
        const step = quantumAt(format, lower);
        for (const fraction of [0, ...FRACTIONS]) {
          const x = sign * (lower + fraction * step);
          // The upper neighbour must be a number: what comes of overflow is no matter of chance.
          if (
            lower + step > format.max ||
            !isValue(format, sign * lower + 0) ||
            !isValue(format, sign * (lower + step))
          ) {
            continue;
          }
          const odd = (lower / step) % 2 === 1;
          const subnormal = group === 'subnormal' || group === 'below the smallest';
          found.push({
            x,
            group,
            fraction,
            odd,
            subnormal,
            negative: sign < 0,
            lower: sign * lower + 0,
            step: sign * step,
          });
        }
      }
    }
  }
  return found;
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

/** An implementation's answers to one number. */
export function tallyOf(
  implementation: (x: number, random: number) => number,
  point: Point,
  each: number,
  next: Next,
): Tally {
  const tally: Tally = { point, counts: new Map(), other: 0, firstOther: null, sum: 0, agreeing: 0 };
  let before = Number.NaN;
  for (let i = 0; i < each; i++) {
    const answer: unknown = implementation(point.x, next(2 ** 32) / 2 ** 32);
    if (typeof answer !== 'number') {
      throw new BittrueError('type', 'implementation', answer, 'a function that gives a number at once');
    }
    const steps = (answer - point.lower) / point.step;
    if (Number.isSafeInteger(steps)) tally.counts.set(steps, (tally.counts.get(steps) ?? 0) + 1);
    else {
      tally.other += 1;
      tally.firstOther ??= answer;
    }
    tally.sum += answer;
    if (i % 2 === 1 && Object.is(answer, before)) tally.agreeing += 1;
    before = answer;
  }
  return tally;
}
