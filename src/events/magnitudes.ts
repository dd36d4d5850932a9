/**
 * How large the results of every stage are: histograms of exponents, counted in the run itself where they are asked for.
 *
 * A result is what an operation of the stage leaves: what is rounded, or a register's content after a clamp or wrap. Sums have
 * one for every addition, fused sums one for every rounding.
 *
 * @module
 */
import type { Binades } from '../formats/binades.ts';
import { exponentOf } from '../rounding/rounder.ts';

/** The results of a stage by their exponents ⌊log2|x|⌋. */
export interface Magnitudes {
  /** Results that are zero; below the smallest normal number of their format; NaN or infinite. */
  readonly zero: number;
  readonly subnormal: number;
  readonly nonFinite: number;
  /** The exponent of the first count; null: no result is a normal number. */
  readonly least: number | null;
  /** How many normal results have the exponent `least`, `least + 1`, … */
  readonly counts: readonly number[];
  /** The exponents of the normal numbers of the stage's format, or of its formats together; null: there was no result. */
  readonly range: Binades | null;
}

/** Exponents that binary64 numbers have, its subnormals in one. */
const EXPONENTS = 2047;
const BIAS = 1023;
const ZERO = EXPONENTS;
const SUBNORMAL = EXPONENTS + 1;
const NON_FINITE = EXPONENTS + 2;
const SPAN = EXPONENTS + 3;

/** Counts results by stage. For inner loops: nothing is checked, junk promises nothing. */
export class MagnitudeCounter {
  private readonly counts: Float64Array;
  private readonly ranges: (Binades | null)[];
  /** What a stage's last result was one of: most have the next one, too. */
  private readonly last: (Binades | null)[];

  constructor(stages: number) {
    this.counts = new Float64Array(stages * SPAN);
    this.ranges = new Array(stages).fill(null);
    this.last = new Array(stages).fill(null);
  }

  /** A result of a stage, of a format that reaches so far. */
  enter(stage: number, x: number, binades: Binades): void {
    if (this.last[stage] !== binades) this.widen(stage, binades);
    if (x - x !== 0) this.add(stage, NON_FINITE);
    else if (x === 0) this.add(stage, ZERO);
    else {
      const exponent = exponentOf(Math.abs(x));
      this.add(stage, exponent < binades.least ? SUBNORMAL : exponent + BIAS);
    }
  }

  /** A register's content, which may be wider than a number. */
  enterInteger(stage: number, x: number | bigint, binades: Binades): void {
    if (typeof x === 'number') this.enter(stage, x, binades);
    else {
      this.widen(stage, binades);
      const digits = (x < 0n ? -x : x).toString(2).length;
      this.add(stage, digits - 1 + BIAS);
    }
  }

  /** All results of a stage. */
  enterAll(stage: number, x: ArrayLike<number>, binades: Binades): void {
    for (let i = 0; i < x.length; i++) this.enter(stage, x[i] as number, binades);
  }

  private add(stage: number, at: number): void {
    const i = stage * SPAN + at;
    this.counts[i] = (this.counts[i] as number) + 1;
  }

  private widen(stage: number, binades: Binades): void {
    this.last[stage] = binades;
    this.ranges[stage] = together(this.ranges[stage] ?? null, binades);
  }

  /** What was counted, by the stages' names; `without`: one whose results are not counted here. */
  told(stages: readonly string[], without: string): Record<string, Magnitudes> {
    return Object.fromEntries(
      stages.flatMap((name, s) => {
        if (name === without) return [];
        const own = this.counts.subarray(s * SPAN, (s + 1) * SPAN);
        const normal = own.subarray(0, EXPONENTS);
        const first = normal.findIndex((count) => count > 0);
        const end = normal.findLastIndex((count) => count > 0) + 1;
        const found: Magnitudes = {
          zero: own[ZERO] as number,
          subnormal: own[SUBNORMAL] as number,
          nonFinite: own[NON_FINITE] as number,
          least: first < 0 ? null : first - BIAS,
          counts: first < 0 ? [] : Array.from(normal.subarray(first, end)),
          range: this.ranges[s] ?? null,
        };
        return [[name, found]];
      }),
    );
  }
}

/** The magnitudes of several runs as those of one. */
export function mergeMagnitudes(all: readonly Magnitudes[]): Magnitudes {
  const sum = (number: (one: Magnitudes) => number): number => all.reduce((n, one) => n + number(one), 0);
  const counted = all.reduce<Binades | null>(
    (known, { least, counts }) =>
      least === null ? known : together(known, { least, most: least + counts.length - 1 }),
    null,
  );
  const countOf = (exponent: number): number =>
    sum(({ least, counts }) => (least === null ? 0 : (counts[exponent - least] ?? 0)));
  return {
    zero: sum(({ zero }) => zero),
    subnormal: sum(({ subnormal }) => subnormal),
    nonFinite: sum(({ nonFinite }) => nonFinite),
    least: counted === null ? null : counted.least,
    counts:
      counted === null
        ? []
        : Array.from({ length: counted.most - counted.least + 1 }, (_, i) => countOf(counted.least + i)),
    range: all.reduce<Binades | null>((known, { range }) => (range === null ? known : together(known, range)), null),
  };
}

/** From the least to the most of two. */
function together(known: Binades | null, more: Binades): Binades {
  if (known === null) return { least: more.least, most: more.most };
  return { least: Math.min(known.least, more.least), most: Math.max(known.most, more.most) };
}
