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
/** Counts of a stage; behind them the exponents that its formats reach. */
export const COUNTS: number = EXPONENTS + 3;
const LEAST = COUNTS;
const MOST = COUNTS + 1;
const SPAN = COUNTS + 2;

/** The numbers that a counter of so many stages counts in, of no result yet; threads that take part have their own. */
export function magnitudeRoom(
  stages: number,
  room: (bytes: number) => ArrayBufferLike = (bytes) => new ArrayBuffer(bytes),
): Float64Array {
  const numbers = new Float64Array(room(stages * SPAN * 8));
  for (let at = 0; at < numbers.length; at += SPAN) clear(numbers, at);
  return numbers;
}

/** Forgets the counts of the stage whose numbers begin here. */
function clear(numbers: Float64Array, from: number): void {
  numbers.fill(0, from, from + COUNTS);
  numbers[from + LEAST] = Number.POSITIVE_INFINITY;
  numbers[from + MOST] = Number.NEGATIVE_INFINITY;
}

/** Counts results by stage. For inner loops: nothing is checked, junk promises nothing. */
export class MagnitudeCounter {
  readonly stages: number;
  private readonly counts: Float64Array;
  /** What a stage's last result was one of: most have the next one, too. */
  private readonly last: (Binades | null)[];

  constructor(stages: number, counts: Float64Array = magnitudeRoom(stages)) {
    this.stages = stages;
    this.counts = counts;
    this.last = new Array(stages).fill(null);
  }

  /** The numbers of a stage: its counts, then the exponents that its formats reach. */
  of(stage: number): Float64Array {
    return this.counts.subarray(stage * SPAN, (stage + 1) * SPAN);
  }

  /** Forgets what a stage has counted. */
  clear(stage: number): void {
    this.last[stage] = null;
    clear(this.counts, stage * SPAN);
  }

  /** A result of a stage, of a format that reaches so far. */
  enter(stage: number, x: number, binades: Binades): void {
    if (this.last[stage] !== binades) this.reach(stage, binades);
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
      this.reach(stage, binades);
      const digits = (x < 0n ? -x : x).toString(2).length;
      this.add(stage, digits - 1 + BIAS);
    }
  }

  /** All results of a stage. */
  enterAll(stage: number, x: ArrayLike<number>, binades: Binades): void {
    for (let i = 0; i < x.length; i++) this.enter(stage, x[i] as number, binades);
  }

  /** Says that a stage has results of a format that reaches so far. */
  reach(stage: number, binades: Binades): void {
    this.last[stage] = binades;
    const { counts } = this;
    const at = stage * SPAN;
    counts[at + LEAST] = Math.min(counts[at + LEAST] as number, binades.least);
    counts[at + MOST] = Math.max(counts[at + MOST] as number, binades.most);
  }

  /** Counts results of a stage at a place among its counts. */
  add(stage: number, at: number, times = 1): void {
    const i = stage * SPAN + at;
    this.counts[i] = (this.counts[i] as number) + times;
  }

  /** What was counted, by the stages' names; `without`: one whose results are not counted here. */
  told(stages: readonly string[], without: string): Record<string, Magnitudes> {
    return Object.fromEntries(
      stages.flatMap((name, s) => {
        if (name === without) return [];
        const own = this.of(s);
        const normal = own.subarray(0, EXPONENTS);
        const first = normal.findIndex((count) => count > 0);
        const end = normal.findLastIndex((count) => count > 0) + 1;
        const found: Magnitudes = {
          zero: own[ZERO] as number,
          subnormal: own[SUBNORMAL] as number,
          nonFinite: own[NON_FINITE] as number,
          least: first < 0 ? null : first - BIAS,
          counts: first < 0 ? [] : Array.from(normal.subarray(first, end)),
          range: reachOf(own),
        };
        return [[name, found]];
      }),
    );
  }
}

/** How far the formats of a stage's results reach, by its numbers; null: it has none. */
export function reachOf(numbers: Float64Array): Binades | null {
  const [least, most] = [numbers[LEAST] as number, numbers[MOST] as number];
  return least > most ? null : { least, most };
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
