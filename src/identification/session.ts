/**
 * An identification, row by row: a generator that gives rows to ask and takes their answers. The same answers lead to the
 * same rows, so that an interrupted one goes on from what was answered.
 *
 * @module
 */

import { draws, type Next } from './draws.ts';
import { type Facts, factsOf, type Group, inModes, lateOf, registerOrders, registersOf, startsOf } from './families.ts';
import { generators, Maker, type Generator as RowGenerator } from './making.ts';
import { normalForm } from './normalForm.ts';
import { distinct, unswamped } from './orderings.ts';
import type { Order } from './orders.ts';
import { type Axis, arithmeticOf, type Point } from './point.ts';
import type { Question } from './question.ts';
import { alternativesOf, isNear, nearestOf, type Rival, spell } from './rivals.ts';
import { isSame, type Row, rowOf, shaped } from './row.ts';
import { type Asked, type Candidate, type Scored, Search } from './search.ts';
import {
  type Manner,
  type Ordering,
  orderingsOf,
  Signature,
  type Span,
  type Swamped,
  spansOf,
  survivors,
  swampRow,
  swampsOf,
} from './swamping.ts';
import type { Alternative, Binding, Found, NotFound, Outcome, Unexplained } from './verdict.ts';
import { wordsOfSum } from './words.ts';

/** How long a search goes on. */
export interface Limits {
  /** Rows that may be asked. */
  readonly budget: number;
  /** Rows on which survivors must agree. */
  readonly agree: number;
  readonly seed: number;
  /** Whether +0 and −0 are different results. */
  readonly zeroSigns: boolean;
}

/** Rows to ask next. */
type Asking<T> = Generator<readonly Row[], T, readonly number[]>;

/** Fresh rows that a verdict rests on. */
const FRESH = 1200;
/** Orders that a hypothesis may change to. */
const ORDERS = 160;
/** Rows that are asked twice before the first hypotheses are made. */
const REPEATS = 24;
/** Rows that are told where nothing explains them. */
const TOLD = 20;
/** Orders of one manner that are held against what another manner explains. */
const FEW = 4;

/** Finds out what a unit computes. */
export function* session(question: Question, limits: Limits): Asking<Outcome> {
  return yield* new Session(question, limits).run();
}

/** What rows that were measured before lead to. */
export interface Settled {
  readonly point: Point | null;
  readonly wrong: number;
  readonly bindings: readonly Binding[];
  readonly alternatives: readonly Alternative[];
  /** Rows that tell the best hypothesis from others that explain all of these. */
  readonly next: readonly Row[];
}

/** The best hypothesis for rows that were measured before, when nothing more can be asked. */
export function settleRows(question: Question, limits: Limits, asked: Asked): Settled {
  return new Session(question, limits, asked).settled();
}

/** Thrown where a row was answered in two ways. */
class Unsteady extends Error {
  readonly rows: readonly Unexplained[];
  constructor(rows: readonly Unexplained[]) {
    super('unsteady');
    this.rows = rows;
  }
}

/** What the neighbours of a hypothesis came to. */
interface Survived {
  /** The hypothesis. */
  readonly of: string;
  readonly telling: readonly Row[];
  readonly rivals: readonly Rival[];
  readonly alternatives: readonly Alternative[];
}

/** Rows on which every rival is held against the best; the nearest ones go on to more. */
const SOME = 1500;

/** The state of one search. */
class Session {
  private readonly question: Question;
  private readonly limits: Limits;
  private readonly next: Next;
  private readonly maker: Maker;
  private readonly asked: Asked;
  private readonly search: Search;
  private orderList: readonly Order[] = [];
  /** Whether hypotheses are only looked for that explain what one explains already. */
  private isBrief = false;
  private repeats = 0;
  private questions = 0;

  constructor(question: Question, limits: Limits, asked: Asked = { rows: [], answers: [] }) {
    this.question = question;
    this.asked = asked;
    this.limits = limits;
    this.next = draws(limits.seed);
    this.maker = new Maker(question, draws(`rows ${limits.seed}`));
    this.search = new Search(question, this.asked, limits.zeroSigns);
  }

  *run(): Asking<Outcome> {
    try {
      return yield* this.steps();
    } catch (error) {
      if (!(error instanceof Unsteady)) throw error;
      const reason = 'the same row was answered in two ways: no deterministic sum of these operands';
      return { kind: 'unknown', reason, point: null, wrong: error.rows.length, rows: error.rows };
    }
  }

  settled(): Settled {
    const { question, search, asked } = this;
    const core = this.all.slice(0, 200);
    let tries: Iterable<Candidate[]>;
    if (isIntegral(question)) {
      let starts: Scored[] = [];
      for (const points of registersOf(question)) {
        starts = better(starts, search.screen(points(), core, 6));
        if (starts[0]?.wrong === 0) break;
      }
      this.orderList = registerOrders(question.k);
      tries = [starts.map(({ candidate }) => candidate)];
    } else {
      const orderings = unswamped(question);
      this.orderList = [...new Set(orderings.map(({ order }) => order))];
      const bare = core.filter((i) => asked.rows[i]?.c === 0);
      tries = this.tries(orderings, factsOf(asked.answers, 1), core, bare);
    }
    let best: Scored | undefined;
    for (const starts of tries) {
      const [one] = search.descend(starts, this.all, this.orderList);
      if (one !== undefined && one.wrong < (best?.wrong ?? Infinity)) best = one;
      if (best?.wrong === 0) break;
    }
    if (best === undefined) return { point: null, wrong: asked.rows.length, bindings: [], alternatives: [], next: [] };
    const { point } = best.candidate;
    if (best.wrong > 0) return { point, wrong: best.wrong, bindings: [], alternatives: [], next: [] };
    const { telling, rivals, alternatives } = this.rivals(best.candidate);
    const open = [...alternatives, ...alternativesOf(point, rivals)];
    return { point, wrong: 0, bindings: this.bindings(best.candidate), alternatives: open, next: telling };
  }

  private get left(): number {
    return this.limits.budget - this.questions;
  }

  /** Asks; every hundredth row once more, in another batch and place. Gives the numbers of the new rows. */
  private *ask(rows: readonly Row[], repeats = 0): Asking<number[]> {
    const { asked, next } = this;
    const given = rows.slice(0, Math.max(0, this.left)).map((row) => shaped(this.question, row));
    if (given.length === 0) return [];
    const again: number[] = [];
    const least = this.repeats + repeats;
    while (asked.rows.length > 0 && this.repeats < Math.max(least, (this.questions + given.length) / 100)) {
      again.push(next(asked.rows.length));
      this.repeats++;
    }
    const batch = [...given];
    const places = again.map((i) => {
      const at = next(batch.length + 1);
      batch.splice(at, 0, asked.rows[i] as Row);
      return i;
    });
    const answers = yield batch;
    this.questions += batch.length;
    const first = asked.rows.length;
    const repeated = new Set(places.map((i) => asked.rows[i] as Row));
    const unsteady: Unexplained[] = [];
    batch.forEach((row, n) => {
      const answer = answers[n] as number;
      if (repeated.has(row)) {
        const before = asked.answers[asked.rows.indexOf(row)] as number;
        if (!Object.is(before, answer)) unsteady.push({ row, answer, nearest: before });
      } else {
        asked.rows.push(row);
        asked.answers.push(answer);
      }
    });
    if (unsteady.length > 0) throw new Unsteady(unsteady);
    return Array.from({ length: asked.rows.length - first }, (_, i) => first + i);
  }

  private get all(): number[] {
    return Array.from(this.asked.rows.keys());
  }

  private *steps(): Asking<Outcome> {
    const { question, maker } = this;
    const isInteger = isIntegral(question);
    const tries: Iterable<Candidate[]> = isInteger ? yield* this.integers() : yield* this.floats();
    if (!isInteger) {
      const { binary } = shapes(question);
      const extra = [
        ...maker.corners(),
        ...(binary ? [] : maker.binades()),
        ...maker.rows('any', 80),
        ...maker.rows('bottom', 100),
        ...maker.rows('tails', 140),
        ...maker.rows('specials', 60),
      ];
      yield* this.ask(extra.slice(0, Math.max(300, Math.floor(this.limits.budget / 2))));
    }
    let nearest: NotFound | null = null;
    const left: Scored[][] = [];
    const open = tries[Symbol.iterator]();
    for (let starts = open.next(); starts.done !== true; starts = open.next()) {
      const beam = this.search.descend(starts.value, this.all, this.orderList, false);
      if (beam[0]?.wrong !== 0) {
        left.push(beam);
        continue;
      }
      const outcome = yield* this.settle(beam);
      if (outcome.kind === 'found') return yield* this.against(outcome, open);
      nearest = outcome;
    }
    // Two parameters at a time only where one at a time led nowhere.
    left.sort((p, q) => (p[0]?.wrong ?? 0) - (q[0]?.wrong ?? 0));
    for (const beam of left.slice(0, 2)) {
      const candidates = beam.map(({ candidate }) => candidate);
      const outcome = yield* this.settle(this.search.descend(candidates, this.all, this.orderList));
      if (outcome.kind === 'found') return outcome;
      if (nearest === null || outcome.wrong < nearest.wrong) nearest = outcome;
    }
    return nearest ?? this.unknown(null);
  }

  /** What was found, held against sums of other manners that explain every row as well. */
  private *against(first: Found, open: Iterator<Candidate[]>): Asking<Outcome> {
    const { search, limits } = this;
    let found = first;
    this.isBrief = true;
    for (let starts = open.next(); starts.done !== true; starts = open.next()) {
      let [other] = search.descend(starts.value, this.all, this.orderList, false);
      while (other?.wrong === 0) {
        const [p, q] = [search.candidate(found.point), other.candidate];
        if (p === null || normalForm(arithmeticOf(this.question, q.point)).text === this.formOf(found.point)) break;
        const telling: Row[] = [];
        let rows = 0;
        while (telling.length === 0 && rows < limits.agree) {
          const count = Math.min(2000, limits.agree - rows);
          for (const row of this.huntRows(count)) {
            if (!isSame(p.to(row) ?? NaN, q.to(row) ?? NaN, true)) telling.push(row);
          }
          rows += count;
        }

        if (telling.length === 0) {
          const words = `${wordsOfSum(this.question, q.point)} gives the same bits`;
          found = { ...found, alternatives: [...found.alternatives, { verdict: 'indistinguishable', words, rows }] };
          break;
        }
        const told = yield* this.ask(telling.slice(0, 24));
        if (told.length === 0) return { ...found, complete: false };
        if (search.unexplained(p, told).length > 0) {
          const outcome = yield* this.settle(search.descend([q, p, ...starts.value], this.all, this.orderList));
          if (outcome.kind === 'unknown') return outcome;
          found = outcome;
          break;
        }
        [other] = search.descend([q, ...starts.value], this.all, this.orderList);
      }
    }
    return found;
  }

  private formOf(point: Point): string {
    return normalForm(arithmeticOf(this.question, point)).text;
  }

  private *integers(): Asking<Iterable<Candidate[]>> {
    const { maker, search } = this;
    const { rows: known, answers } = this.asked;
    const numbers = yield* this.ask([...maker.integers(360), ...maker.corners()], REPEATS);
    // Rows that a register changed come first: they tell registers apart.
    const isPlain = (i: number): boolean => plainSum(known[i] as Row) === answers[i];
    const rows = [...numbers.filter((i) => !isPlain(i)), ...numbers.filter(isPlain)];
    let best: Scored[] = [];
    for (const points of registersOf(this.question)) {
      best = better(best, search.screen(points(), rows, 6));
      if ((best[0]?.wrong ?? Infinity) === 0) break;
    }
    const usualOrders = registerOrders(this.question.k);
    this.orderList = [...usualOrders, ...best.map(({ candidate }) => candidate.point.order)];
    return [best.map(({ candidate }) => candidate)];
  }

  private *floats(): Asking<Iterable<Candidate[]>> {
    const { question, maker } = this;
    const orderings = yield* this.swamp();
    const one = rowOf(question, [{ at: 0, a: 1, b: 1 }]);
    const [unit] = yield* this.ask([one]);
    const core = yield* this.ask(maker.core(180), REPEATS);
    const product = unit === undefined ? 1 : (this.asked.answers[unit] as number);
    const facts = factsOf(
      core.map((i) => this.asked.answers[i] as number),
      product,
    );
    if (this.orderList.length === 0) this.orderList = [...new Set(orderings.map(({ order }) => order))];
    const isLate = orderings.some(({ manner }) => manner === 'late' || manner === 'lanes');
    const bare = isLate ? yield* this.ask(maker.close(80)) : [];
    return this.tries(orderings, facts, core, bare);
  }

  /**
   * The best first hypotheses on some rows, those of one manner together: at once where they explain nearly all of them, the
   * others thereafter, the best manner first. `bare`: rows that one block sums, without an addend.
   */
  private *tries(
    orderings: readonly Ordering[],
    facts: Facts,
    core: readonly number[],
    bare: readonly number[],
  ): Generator<Candidate[]> {
    const best = new Map<Manner, Scored[]>();
    const tried = new Map<Manner, number>();
    const made = (scored: readonly Scored[]): Candidate[] => scored.map(({ candidate }) => candidate);
    for (const group of startsOf(this.question, orderings, facts)) {
      if (this.isBrief && (group.tier === 1 || group.isLate || (tried.get(group.manner) ?? 0) >= FEW)) continue;
      tried.set(group.manner, (tried.get(group.manner) ?? 0) + 1);
      const before = best.get(group.manner) ?? [];
      const now = better(before, this.screened(group, core, bare));
      best.set(group.manner, now);
      const wrong = (scored: readonly Scored[]): number => scored[0]?.wrong ?? Infinity;
      if (wrong(now) > core.length / 50 || wrong(now) >= wrong(before)) continue;
      yield made(now);
    }
    const rest = [...best.values()].filter((scored) => (scored[0]?.wrong ?? 0) > core.length / 50);
    for (const scored of rest.sort((p, q) => (p[0] as Scored).wrong - (q[0] as Scored).wrong)) yield made(scored);
  }

  /** The best hypotheses of one group. */
  private screened({ isLate, points }: Group, core: readonly number[], bare: readonly number[]): Scored[] {
    const { search } = this;
    const rows = isLate ? bare : core;
    const firsts = rows.length === 0 ? [] : search.screen(points(), rows, 4);
    const inAll = firsts.flatMap(({ candidate }) => inModes(candidate.point));
    if (!isLate) return search.screen(inAll, core, 8);
    // What a late addend keeps is looked for once the rest is known.
    const [first, second] = search.screen(inAll, bare, 2);
    return [first, second].reduce(
      (best: Scored[], one) =>
        one === undefined ? best : better(best, search.screen(lateOf(one.candidate.point), core, 8)),
      [],
    );
  }

  /** Orders that explain which small terms survive large ones. */
  private *swamp(): Asking<Ordering[]> {
    const { question, next } = this;
    const { k } = question;
    let swamped: Swamped[] = [];
    let chosen: Span | null = null;
    let bestShare = 0;
    for (const span of k < 2 ? [] : spansOf(question)) {
      const found = yield* this.swampWith(swampsOf(question, 12, next), span);
      const share = found.length / 12;
      // A span that nothing bridges shows some loss, and results that are whole weights.
      const tells = found.filter(({ weight }) => weight !== 3).length;
      if (tells > 0 && share > bestShare + 0.2) {
        [chosen, bestShare] = [span, share];
        swamped = found;
      }
      if (bestShare > 0.75) break;
    }
    if (chosen === null) {
      return unswamped(question);
    }
    swamped = [...swamped, ...(yield* this.swampWith(swampsOf(question, Math.min(260, 24 + 4 * k), next), chosen))];
    let orderings = orderingsOf(k, swamped, 600);
    for (let round = 0; round < 6 && orderings.length > 1; round++) {
      const signatures = orderings.map(({ order, manner, mode }) => new Signature(order, manner, k, mode));
      const telling = swampsOf(question, 200, next)
        .map((swamp) => ({ swamp, kinds: new Set(signatures.map((one) => one.of(swamp))).size }))
        .filter(({ kinds }) => kinds > 1)
        .sort((p, q) => q.kinds - p.kinds);
      if (telling.length === 0) break;
      const found = yield* this.swampWith(
        telling.slice(0, 16).map(({ swamp }) => swamp),
        chosen,
      );
      const kept = orderings.filter((_, n) => found.every(({ swamp, weight }) => signatures[n]?.of(swamp) === weight));
      if (kept.length === 0) {
        swamped = [...swamped, ...found];
        orderings = orderingsOf(k, swamped, 600);
      } else orderings = kept;
    }
    // Terms that lie too near for wide sums: what they show is not the order alone.
    if (orderings.length === 0) return unswamped(question);
    this.orderList = [...new Set(orderings.map(({ order }) => order))].slice(0, ORDERS);
    return distinct(orderings, k, swampsOf(question, 60, next));
  }

  private *swampWith(swamps: readonly (readonly [number, number, number, number])[], span: Span): Asking<Swamped[]> {
    const rows = swamps.flatMap((swamp) => {
      const row = swampRow(this.question, swamp, span);
      return row === null ? [] : [{ swamp, row }];
    });
    const numbers = yield* this.ask(rows.map(({ row }) => row));
    return numbers.flatMap((i, n) => {
      const weight = survivors(sumOf(this.question, this.asked.answers[i] as number), span);
      return weight === null ? [] : [{ swamp: (rows[n] as { swamp: Swamped['swamp'] }).swamp, weight }];
    });
  }

  /** The best hypothesis made right on all rows, held against its neighbours, and against fresh rows, until nothing changes. */
  private *settle(starts: readonly Scored[]): Asking<Outcome> {
    const { search } = this;
    let beam = [...starts];
    let fresh = 0;
    let survived: Survived | null = null;
    for (;;) {
      const [best] = beam;
      if (best === undefined || best.wrong > 0) return this.unknown(best ?? null);
      const { candidate } = best;
      if (survived?.of !== candidate.key) {
        survived = this.rivals(candidate);

        const told = yield* this.ask(survived.telling);
        if (told.length > 0) {
          if (search.unexplained(candidate, told).length > 0) fresh = 0;
          survived = { ...survived, of: '' };
          const all = [...beam, ...starts].map((one) => one.candidate);
          beam = search.descend(all, this.all, this.orderList);

          continue;
        }
      }
      const found = yield* this.ask(this.freshRows(Math.min(300, FRESH - fresh)));
      if (search.unexplained(candidate, found).length > 0) {
        fresh = 0;
        beam = search.descend([candidate, ...beam.map((one) => one.candidate)], this.all, this.orderList);
        continue;
      }
      fresh += found.length;
      if (fresh < FRESH && found.length > 0) continue;
      const complete = survived.telling.length === 0 && fresh >= FRESH;
      const { alternatives, rivals } = survived;
      const left = rivals.filter((rival) => search.explainsAll(rival.candidate));
      return {
        ...{ kind: 'found', point: candidate.point, bindings: this.bindings(candidate), fresh, complete },
        alternatives: [...alternatives, ...alternativesOf(candidate.point, left)],
      };
    }
  }

  /** Fresh rows, every other one of the kind on which hypotheses differ most. */
  private huntRows(count: number): Row[] {
    const rows = this.freshRows(count);
    const { question, maker } = this;
    if (isIntegral(question)) return rows;
    return rows.map((row, i) => (i % 2 === 0 ? row : shaped(question, maker.row('tails'))));
  }

  private freshRows(count: number): Row[] {
    const { maker } = this;
    if (isIntegral(this.question)) {
      return [...maker.integers(Math.ceil(count / 2)), ...maker.rows('any', Math.floor(count / 2))];
    }
    return Array.from({ length: Math.max(0, count) }, (_, i) =>
      shaped(this.question, maker.row(generators[i % generators.length] as RowGenerator)),
    );
  }

  /** Neighbours of a hypothesis that explain every row: rows that would tell them from it, and those that none tells. */
  private rivals(best: Candidate): Survived {
    const { search, limits } = this;
    const form = this.formOf(best.point);
    const same: Rival[] = [];
    const rivals: Rival[] = [];
    for (const { axis, point } of search.neighbours(best.point, this.orderList)) {
      const candidate = search.candidate(point);
      if (candidate === null || !search.explainsAll(candidate)) continue;
      const isEqual = this.formOf(point) === form;
      (isEqual ? same : rivals).push({ candidate, axis, rows: 0 });
    }
    const telling: Row[] = [];
    const compare = (count: number, open: readonly Rival[]): Rival[] => {
      let left = open;
      for (const row of left.length === 0 ? [] : this.huntRows(count)) {
        const own = best.to(row);
        const before = left.length;
        left = left.filter(({ candidate }) => {
          const other = candidate.to(row);
          return other !== null && own !== null && isSame(own, other, limits.zeroSigns);
        });
        if (left.length < before && telling.length < 48) telling.push(row);
      }
      return left.map((rival) => ({ ...rival, rows: rival.rows + count }));
    };
    const some = compare(Math.min(SOME, limits.agree), rivals);

    // Of values in a row, the nearest ones go on: what tells them apart tells the others, too.
    let near = nearestOf(some, best.point);
    const far = some.filter((rival) => !near.includes(rival));
    while (near.length > 0 && telling.length === 0 && (near[0] as Rival).rows < limits.agree) {
      near = compare(Math.min(2000, limits.agree - (near[0] as Rival).rows), near);
    }
    return { of: best.key, telling, rivals: [...near, ...far], alternatives: alternativesOf(best.point, same) };
  }

  /** How many of the rows asked each parameter rests on. */
  private bindings(best: Candidate): Binding[] {
    const { search } = this;
    const all = this.all;
    const nearest = new Map<Axis, { point: Point; wrong: number }>();
    for (const { axis, point } of search.neighbours(best.point, this.orderList.slice(0, 24))) {
      if (!isNear(best.point[axis], point[axis])) continue;
      const most = nearest.get(axis)?.wrong ?? Infinity;
      const candidate = most === 0 ? null : search.candidate(point);
      if (candidate === null) continue;
      const wrong = search.wrong(candidate, all, most);
      if (wrong < most) nearest.set(axis, { point, wrong });
    }
    return [...nearest].map(([axis, { point, wrong }]) => ({
      parameter: axis,
      value: String(spell(best.point, axis)),
      nearest: String(spell(point, axis)),
      rows: wrong,
    }));
  }

  private unknown(best: Scored | null): NotFound {
    const { search, asked } = this;
    if (best === null) {
      return {
        kind: 'unknown',
        reason: 'no hypothesis takes these operands',
        point: null,
        wrong: asked.rows.length,
        rows: [],
      };
    }
    const open = search.unexplained(best.candidate, this.all);
    const rows = open.slice(0, TOLD).map((i) => ({
      row: asked.rows[i] as Row,
      answer: asked.answers[i] as number,
      nearest: best.candidate.at(asked.rows, i),
    }));
    const reason = `no hypothesis explains all ${asked.rows.length} rows; the nearest one leaves ${open.length}`;
    return { kind: 'unknown', reason, point: best.candidate.point, wrong: open.length, rows };
  }
}

function better(p: readonly Scored[], q: readonly Scored[]): Scored[] {
  return [...p, ...q].sort((x, y) => x.wrong - y.wrong).slice(0, 10);
}

/** The sum that an answer is the mean of, nearly. */
function sumOf({ lone, k }: Question, answer: number): number {
  return lone === null || lone.finish === 'none' ? answer : answer * k;
}

function plainSum({ a, b, c }: Row): number {
  return a.reduce((sum, x, i) => sum + x * (b[i] as number), c);
}

/** Whether nothing but integers enters and leaves. */
function isIntegral({ a, b, output }: Question): boolean {
  return [a, b, output].every(({ kind }) => kind === 'integer');
}

/** Whether binary64 results make every binade too many. */
function shapes({ output }: Question): { binary: boolean } {
  return { binary: output.bits > 53 };
}
