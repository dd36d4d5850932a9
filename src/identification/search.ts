/**
 * Which hypotheses explain what was answered: many screened on few rows, the best made better one parameter at a time.
 *
 * @module
 */
import { alignmentsLike, alignmentsNear, axesOf } from './axes.ts';
import type { Order } from './orders.ts';
import { type Axis, arithmeticOf, keyOf, type Point } from './point.ts';
import type { Question } from './question.ts';
import { isSame, type Row } from './row.ts';
import { type Answer, simulator } from './simulate.ts';

/** Rows asked so far, and their answers. */
export interface Asked {
  readonly rows: Row[];
  readonly answers: number[];
}

/** The numbers of all rows asked. */
export function numbersOf({ rows }: Asked): number[] {
  return Array.from(rows.keys());
}

/** A hypothesis with what it answered so far: no row is computed twice. */
export class Candidate {
  readonly point: Point;
  private readonly answer: Answer;
  private readonly cached: (number | null | undefined)[] = [];
  private name: string | null = null;

  constructor(question: Question, point: Point) {
    this.point = point;
    this.answer = simulator(question, arithmeticOf(question, point));
  }

  /** Equal for points that compute the same. */
  get key(): string {
    this.name ??= keyOf(this.point);
    return this.name;
  }

  /** What it says to row number i. */
  at(rows: readonly Row[], i: number): number | null {
    let found = this.cached[i];
    if (found === undefined) {
      found = this.answer(rows[i] as Row);
      this.cached[i] = found;
    }
    return found;
  }

  /** What it says to a row that nobody asked. */
  to(row: Row): number | null {
    return this.answer(row);
  }
}

/** A candidate and how many of some rows it does not explain. */
export interface Scored {
  readonly candidate: Candidate;
  readonly wrong: number;
}

/** The points that a search keeps side by side. */
const BEAM = 6;
/** Candidates that are kept with their answers. */
const MADE = 2048;
/** Rows that are tried first, since they refuted most candidates before. */
const HOT = 48;
/** Mismatching rows that a change must mend to be looked at further. */
const SAMPLE = 24;

/** A search on one question. */
export class Search {
  private readonly question: Question;
  private readonly asked: Asked;
  private readonly zeroSigns: boolean;
  private readonly made = new Map<string, Candidate>();
  private hot: number[] = [];
  /** How many candidates each row refuted. */
  private readonly refuted: number[] = [];

  constructor(question: Question, asked: Asked, zeroSigns: boolean) {
    this.question = question;
    this.asked = asked;
    this.zeroSigns = zeroSigns;
  }

  /** A candidate, made once. */
  candidate(point: Point): Candidate | null {
    return this.made.get(keyOf(point)) ?? this.fresh(point);
  }

  /** A candidate that is not looked for among those made before. */
  private fresh(point: Point): Candidate | null {
    try {
      return new Candidate(this.question, point);
    } catch {
      // A width that a format or an accumulator cannot have is no hypothesis.
      return null;
    }
  }

  private keep(candidate: Candidate): void {
    if (this.made.size > MADE) this.made.clear();
    this.made.set(candidate.key, candidate);
  }

  /** Whether a candidate explains row i. */
  private holds(candidate: Candidate, i: number): boolean {
    const said = candidate.at(this.asked.rows, i);
    return said !== null && isSame(said, this.asked.answers[i] as number, this.zeroSigns);
  }

  /** How many of some rows a candidate does not explain; counting ends beyond `most`. */
  wrong(candidate: Candidate, rows: readonly number[], most = Infinity): number {
    let count = 0;
    for (const i of rows) {
      if (this.holds(candidate, i)) continue;
      this.refuted[i] = this.refutations(i) + 1;
      if (++count > most) break;
    }
    return count;
  }

  /** Those of some rows that refuted most candidates. */
  hardest(rows: readonly number[], most: number): number[] {
    return [...rows].sort((i, j) => this.refutations(j) - this.refutations(i)).slice(0, most);
  }

  private refutations(i: number): number {
    return this.refuted[i] ?? 0;
  }

  /** Whether a candidate explains every row; those that do are kept with their answers. */
  explainsAll(candidate: Candidate): boolean {
    for (const i of this.hot) {
      if (!this.holds(candidate, i)) return false;
    }
    for (let i = 0; i < this.asked.rows.length; i++) {
      if (this.holds(candidate, i)) continue;
      this.hot = [i, ...this.hot.filter((one) => one !== i)].slice(0, HOT);
      return false;
    }
    this.keep(candidate);
    return true;
  }

  /** The rows that a candidate does not explain. */
  unexplained(candidate: Candidate, rows: readonly number[]): number[] {
    return rows.filter((i) => !this.holds(candidate, i));
  }

  /**
   * The best of many points on some rows: a few rows first, then more for those that do well, until few are left.
   */
  screen(points: Iterable<Point>, rows: readonly number[], keep: number): Scored[] {
    const first = rows.slice(0, 6);
    let level: Scored[] = [];
    let best = first.length;
    for (const point of points) {
      const candidate = this.fresh(point);
      if (candidate === null) continue;
      const wrong = this.wrong(candidate, first, Math.min(best + 1, first.length - 1));
      if (wrong > best + 1) continue;
      if (wrong < best) {
        best = wrong;
        level = level.filter((one) => one.wrong <= best + 1);
      }
      level.push({ candidate, wrong });
    }
    for (const [count, most] of [
      [20, 600],
      [60, 120],
      [rows.length, keep],
    ] as const) {
      const some = rows.slice(0, count);
      level = best0(level, most * 4).map(({ candidate }) => ({ candidate, wrong: this.wrong(candidate, some) }));
      level = best0(level, most);
    }
    for (const { candidate } of level) this.keep(candidate);
    return level;
  }

  /** Every neighbour of a point: one parameter changed. */
  *neighbours(point: Point, orders: readonly Order[]): Generator<{ axis: Axis; point: Point }> {
    for (const [axis, values] of Object.entries(axesOf(this.question, point, orders))) {
      for (const value of values as readonly unknown[]) {
        if (value === point[axis as Axis]) continue;
        yield { axis: axis as Axis, point: { ...point, [axis]: value } };
      }
    }
    for (const one of alignmentsLike(point)) yield { axis: 'family', point: one };
  }

  /** Points made better one parameter at a time, and two at a time where that no longer helps and `inPairs` says so. */
  descend(starts: readonly Candidate[], rows: readonly number[], orders: readonly Order[], inPairs = true): Scored[] {
    let beam = best0(
      starts.map((candidate) => ({ candidate, wrong: this.wrong(candidate, rows) })),
      BEAM,
    );
    const seen = new Set<string>();
    for (let round = 0; round < 40; round++) {
      const [top] = beam;
      if (top === undefined || top.wrong === 0) break;
      const before = top.wrong;
      let next = [...beam];
      // The best first: the others are looked at where it leads nowhere.
      for (const { candidate, wrong } of beam) {
        if (seen.has(candidate.key)) continue;
        seen.add(candidate.key);
        const found = this.better(candidate, wrong, rows, this.singles(candidate.point, orders));
        next = [...next, ...found];
        if ((found[0]?.wrong ?? before) < before) break;
      }
      beam = best0(unique(next), BEAM);
      if ((beam[0] as Scored).wrong < before) continue;
      if (!inPairs) break;
      let pairs: Scored[] = [];
      for (const { candidate, wrong } of beam.slice(0, 2)) {
        if (seen.has(`pairs ${candidate.key}`)) continue;
        seen.add(`pairs ${candidate.key}`);
        pairs = this.better(candidate, wrong, rows, this.doubles(candidate.point, orders));
        if (pairs.length > 0) break;
      }
      beam = best0(unique([...beam, ...pairs]), BEAM);
      if ((beam[0] as Scored).wrong === before && beam.every(({ candidate }) => seen.has(candidate.key))) break;
    }
    return beam;
  }

  private *singles(point: Point, orders: readonly Order[]): Generator<Point> {
    for (const { point: one } of this.neighbours(point, orders)) yield one;
  }

  /** Two parameters changed, of those that have few values, or by small steps. */
  private *doubles(point: Point, orders: readonly Order[]): Generator<Point> {
    yield* alignmentsNear(point);
    const axes = Object.entries(axesOf(this.question, point, orders)) as [Axis, readonly unknown[]][];
    const few = (axis: Axis, values: readonly unknown[]): readonly unknown[] => {
      if (values.length <= 8) return values;
      const at = values.indexOf(point[axis]);
      return [values[0], ...values.slice(Math.max(0, at - 2), at + 3)];
    };
    for (const [i, [first, values]] of axes.entries()) {
      for (const one of few(first, values)) {
        if (one === point[first]) continue;
        const changed = { ...point, [first]: one };
        const others = Object.entries(axesOf(this.question, changed, orders)) as [Axis, readonly unknown[]][];
        for (const [second, more] of others) {
          const known = axes.findIndex(([axis]) => axis === second);
          if (known >= 0 && known <= i) continue;
          for (const two of known < 0 ? more : few(second, more)) {
            if (two !== changed[second]) yield { ...changed, [second]: two };
          }
        }
      }
    }
  }

  /** Those of some points that explain more rows than a candidate does. */
  private better(from: Candidate, wrong: number, rows: readonly number[], points: Iterable<Point>): Scored[] {
    const open = this.unexplained(from, rows);
    const sample = open.filter((_, n) => n % Math.ceil(open.length / SAMPLE) === 0);
    const openSet = new Set(open);
    // Rows that refuted most before come first: a candidate that breaks what was explained is soon left.
    const explained = rows.filter((i) => !openSet.has(i));
    const others = this.hardest(explained, explained.length);
    let found: Scored[] = [];
    for (const point of points) {
      const candidate = this.candidate(point);
      if (candidate === null) continue;
      const still = this.wrong(candidate, sample);
      if (still >= sample.length) continue;
      const left = this.wrong(candidate, open);
      const more = left + this.wrong(candidate, others, wrong - left);
      if (more >= wrong) continue;
      this.keep(candidate);
      found = best0([...found, { candidate, wrong: more }], BEAM);
    }
    return found;
  }
}

/** The best few, those that came first where they are equal. */
function best0(scored: readonly Scored[], most: number): Scored[] {
  return [...scored].sort((p, q) => p.wrong - q.wrong).slice(0, most);
}

function unique(scored: readonly Scored[]): Scored[] {
  const seen = new Set<string>();
  return scored.filter(({ candidate }) => !seen.has(candidate.key) && seen.add(candidate.key));
}
