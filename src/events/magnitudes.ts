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
  for (let at = 0; at < numbers.length; at += SPAN) {
    numbers[at + LEAST] = Number.POSITIVE_INFINITY;
    numbers[at + MOST] = Number.NEGATIVE_INFINITY;
  }
  return numbers;
}

/** A few results of a stage: the places of counts that are not zero, and these. */
export interface Some {
  readonly stage: number;
  readonly places: readonly number[];
  readonly counts: readonly number[];
  readonly binades: Binades;
}

/** Counts results by stage. For inner loops: nothing is checked, junk promises nothing. */
export class MagnitudeCounter {
  private readonly counts: Float64Array;
  /** What a stage's last result was one of: most have the next one, too. */
  private readonly last: (Binades | null)[];

  constructor(stages: number, counts: Float64Array = magnitudeRoom(stages)) {
    this.counts = counts;
    this.last = new Array(stages).fill(null);
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

  /** Results of a stage that were counted elsewhere, in the order of its counts. */
  enterCounts(stage: number, counts: Float64Array): void {
    for (let at = 0; at < COUNTS; at++) this.add(stage, at, counts[at]);
  }

  /** What another counter has counted of all its stages, so many times over; its first stage is number `first` here. */
  enterSome(some: readonly Some[], first: number, times: number): void {
    for (const { stage, places, counts, binades } of some) {
      this.reach(first + stage, binades);
      for (let i = 0; i < places.length; i++)
        this.add(first + stage, places[i] as number, times * (counts[i] as number));
    }
  }

  /** What was counted since the last time, stage by stage, and forgets it. */
  take(): Some[] {
    const found: Some[] = [];
    for (let stage = 0; stage < this.last.length; stage++) {
      const own = this.counts.subarray(stage * SPAN, (stage + 1) * SPAN);
      const [least, most] = [own[LEAST] as number, own[MOST] as number];
      if (least > most) continue;
      const [places, counts]: [number[], number[]] = [[], []];
      for (let at = 0; at < COUNTS; at++) {
        if (own[at] === 0) continue;
        places.push(at);
        counts.push(own[at] as number);
        own[at] = 0;
      }
      found.push({ stage, places, counts, binades: { least, most } });
      [own[LEAST], own[MOST]] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    }
    this.last.fill(null);
    return found;
  }

  /** What another counter of the same stages has counted, by its numbers. */
  enterAllOf(counts: Float64Array): void {
    for (let stage = 0; stage < this.last.length; stage++) {
      const own = counts.subarray(stage * SPAN, (stage + 1) * SPAN);
      this.enterCounts(stage, own);
      this.reach(stage, { least: own[LEAST] as number, most: own[MOST] as number });
    }
  }

  /** Says that a stage has results of a format that reaches so far. */
  reach(stage: number, binades: Binades): void {
    this.last[stage] = binades;
    const { counts } = this;
    const at = stage * SPAN;
    counts[at + LEAST] = Math.min(counts[at + LEAST] as number, binades.least);
    counts[at + MOST] = Math.max(counts[at + MOST] as number, binades.most);
  }

  private add(stage: number, at: number, times = 1): void {
    const i = stage * SPAN + at;
    this.counts[i] = (this.counts[i] as number) + times;
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
        const [least, most] = [own[LEAST] as number, own[MOST] as number];
        const found: Magnitudes = {
          zero: own[ZERO] as number,
          subnormal: own[SUBNORMAL] as number,
          nonFinite: own[NON_FINITE] as number,
          least: first < 0 ? null : first - BIAS,
          counts: first < 0 ? [] : Array.from(normal.subarray(first, end)),
          range: least > most ? null : { least, most },
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
