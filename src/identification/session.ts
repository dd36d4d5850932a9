/**
 * An identification, row by row: a generator that gives rows to ask and takes their answers. The same answers lead to the
 * same rows, so that an interrupted one goes on from what was answered.
 *
 * @module
 */
import { Asker, type Asking, Unsteady } from './asking.ts';
import { askOrders } from './askOrders.ts';
import { bindingsOf } from './bindings.ts';
import { draws, type Next } from './draws.ts';
import { binades, corners } from './ends.ts';
import { factsOf, registerOrders } from './families.ts';
import { candidatesOf, floatFirsts, registerFirsts } from './firsts.ts';
import { freshRows } from './fresh.ts';
import { integerRows } from './integerRows.ts';
import type { Order } from './orders.ts';
import { isIntegral, type Question } from './question.ts';
import { alternativesOf, CHUNK, formOf, rivalsOf, type Survived, tellApart } from './rivals.ts';
import { type Row, rowOf } from './row.ts';
import { type Candidate, numbersOf, type Scored } from './search.ts';
import { type Limits, type Tools, toolsOf } from './tools.ts';
import type { Alternative, Found, NotFound, Outcome } from './verdict.ts';
import { wordsOfSum } from './words.ts';

/** Fresh rows that a verdict rests on. */
const FRESH = 1200;
/** Rows that are asked twice before the first hypotheses are made. */
const REPEATS = 24;
/** Rows on which sums of other manners are held against what was found, before they are on all. */
const HARD = 240;
/** Rows that are told where nothing explains them. */
const TOLD = 20;

/** Finds out what a unit computes. */
export function* session(question: Question, limits: Limits): Asking<Outcome> {
  try {
    return yield* new Session(question, limits).run();
  } catch (error) {
    if (!(error instanceof Unsteady)) throw error;
    const reason = 'the same row was answered in two ways: no deterministic sum of these operands';
    return { kind: 'unknown', reason, point: null, wrong: error.rows.length, rows: error.rows };
  }
}

/** Where a search begins, the likelier first, and the orders that a hypothesis may change to. */
interface Beginning {
  readonly tries: Iterable<Candidate[]>;
  readonly orders: readonly Order[];
  /** Whether no order of the algebra explains what survives large terms. */
  readonly isOutside: boolean;
}

/** What was found, and others that nothing tells from it. */
type Held = [Outcome, readonly Candidate[]];

/** The state of one search. */
class Session {
  private readonly tools: Tools;
  private readonly next: Next;
  private readonly asker: Asker;
  private orders: readonly Order[] = [];
  /** Whether hypotheses are only looked for that explain what one explains already. */
  private isBrief = false;

  constructor(question: Question, limits: Limits) {
    this.tools = toolsOf(question, limits, { rows: [], answers: [] });
    this.next = draws(limits.seed);
    this.asker = new Asker(this.tools, this.next);
  }

  private get all(): number[] {
    return numbersOf(this.tools.asked);
  }

  *run(): Asking<Outcome> {
    const { search, question } = this.tools;
    const { tries, orders, isOutside } = isIntegral(question) ? yield* this.integers() : yield* this.floats();
    this.orders = orders;
    if (isOutside) return this.outside(tries);
    let nearest: NotFound | null = null;
    const left: Scored[][] = [];
    const open = tries[Symbol.iterator]();
    for (let starts = open.next(); starts.done !== true; starts = open.next()) {
      const beam = search.descend(starts.value, this.all, orders, false);
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
      const outcome = yield* this.settle(search.descend(candidatesOf(beam), this.all, orders));
      if (outcome.kind === 'found') return outcome;
      if (nearest === null || outcome.wrong < nearest.wrong) nearest = outcome;
    }
    return nearest ?? notFound(this.tools, null);
  }

  /** What comes nearest to a sum whose order is none of the algebra. */
  private outside(tries: Iterable<Candidate[]>): NotFound {
    const { search } = this.tools;
    const [starts = []] = tries;
    const [best] = search.descend(starts, this.all, this.orders, false);
    const { reason, ...rest } = notFound(this.tools, best ?? null);
    return { ...rest, reason: `no order of the algebra explains which small terms survive large ones: ${reason}` };
  }

  private *integers(): Asking<Beginning> {
    const { asker, tools } = this;
    const { question, asked, draw } = tools;
    const numbers = yield* asker.ask([...integerRows(question, 360, draw), ...corners(question, draw)], REPEATS);
    // Rows that a register changed come first: they tell registers apart.
    const isPlain = (i: number): boolean => plainSum(asked.rows[i] as Row) === asked.answers[i];
    const rows = [...numbers.filter((i) => !isPlain(i)), ...numbers.filter(isPlain)];
    const starts = registerFirsts(tools, rows);
    const orders = [...registerOrders(question.k), ...starts.map(({ point }) => point.order)];
    return { tries: [starts], orders, isOutside: false };
  }

  private *floats(): Asking<Beginning> {
    const { asker, tools } = this;
    const { question, asked, maker } = tools;
    const { orderings, orders, isOutside } = yield* askOrders(tools, asker, this.next);
    const [unit] = yield* asker.ask([rowOf(question, [{ at: 0, a: 1, b: 1 }])]);
    const core = yield* asker.ask(maker.core(180), REPEATS);
    const product = unit === undefined ? 1 : (asked.answers[unit] as number);
    const facts = factsOf(
      core.map((i) => asked.answers[i] as number),
      product,
    );
    const isLate = orderings.some(({ manner }) => manner === 'late' || manner === 'lanes');
    const bare = isLate ? yield* asker.ask(maker.close(80)) : [];
    yield* this.askEnds();
    return { tries: floatFirsts(tools, { orderings, facts, core, bare }, () => this.isBrief), orders, isOutside };
  }

  /** Rows around the ends of ranges: what starts on the core is made right on them. */
  private *askEnds(): Asking<number[]> {
    const { question, limits, draw, maker } = this.tools;
    // Results of binary64 have too many binades.
    const hasFewBinades = question.output.bits <= 53;
    const rows = [
      ...corners(question, draw),
      ...(hasFewBinades ? binades(question, draw) : []),
      ...maker.rows('any', 80),
      ...maker.rows('bottom', 100),
      ...maker.rows('tails', 140),
      ...maker.rows('specials', 60),
    ];
    return yield* this.asker.ask(rows.slice(0, Math.max(300, Math.floor(limits.budget / 2))));
  }

  /** What was found, held against sums of other manners that explain every row as well. */
  private *against(first: Found, open: Iterator<Candidate[]>): Asking<Outcome> {
    const { search, limits, question } = this.tools;
    this.isBrief = true;
    let [outcome, others]: Held = [first, []];
    let left: readonly Candidate[] = [];
    for (let starts = open.next(); starts.done !== true && outcome.kind === 'found'; starts = open.next()) {
      // What cannot explain the rows that refute most cannot explain all.
      const [near] = search.descend(starts.value, search.hardest(this.all, HARD), this.orders, false);
      if (near?.wrong !== 0) continue;
      others = this.explaining([near.candidate, ...starts.value]);
      [outcome, others] = yield* this.held(outcome, others, CHUNK);
      left = [...left, ...others];
    }
    // Rows are drawn and simulated once for all that few rows do not tell apart.
    if (outcome.kind === 'found') [outcome, others] = yield* this.held(outcome, left, limits.agree);
    if (outcome.kind === 'unknown') return outcome;
    const alternatives = others.map(({ point }): Alternative => {
      const words = `${wordsOfSum(question, point)} gives the same bits`;
      return { verdict: 'indistinguishable', words, rows: limits.agree };
    });
    return { ...outcome, alternatives: [...outcome.alternatives, ...alternatives] };
  }

  /** What was found, and those of others that so many rows do not tell from it; rows that do are asked. */
  private *held(first: Found, all: readonly Candidate[], rows: number): Asking<Held> {
    const { tools, asker, orders } = this;
    const { search, question } = tools;
    let found = first;
    let others = all;
    for (;;) {
      const own = search.candidate(found.point) as Candidate;
      const forms = new Set([formOf(question, own.point)]);
      others = others.filter(
        (other) => search.explainsAll(other) && forms.size < forms.add(formOf(question, other.point)).size,
      );
      const telling = tellApart(tools, own, others, rows);
      const told = yield* asker.ask(telling.slice(0, 24));
      if (told.length === 0) return [telling.length === 0 ? found : { ...found, complete: false }, others];
      if (search.unexplained(own, told).length > 0) {
        const outcome = yield* this.settle(search.descend([...others, own], this.all, orders));
        if (outcome.kind === 'unknown') return [outcome, []];
        found = outcome;
      }
      others = others.flatMap((other) => this.explaining([other]));
    }
  }

  /** The best that some candidates become, where it explains every row. */
  private explaining(starts: readonly Candidate[]): Candidate[] {
    const [best] = this.tools.search.descend(starts, this.all, this.orders, false);
    return best?.wrong === 0 ? [best.candidate] : [];
  }

  /** The best hypothesis made right on all rows, held against its neighbours, and against fresh rows, until nothing changes. */
  private *settle(starts: readonly Scored[]): Asking<Outcome> {
    const { asker, tools, orders } = this;
    const { search } = tools;
    let beam = [...starts];
    let fresh = 0;
    let survived: Survived | null = null;
    for (;;) {
      const [best] = beam;
      if (best === undefined || best.wrong > 0) return notFound(tools, best ?? null);
      const { candidate } = best;
      if (survived?.of !== candidate.key) {
        survived = rivalsOf(tools, orders, candidate);
        const told = yield* asker.ask(survived.telling);
        if (told.length > 0) {
          if (search.unexplained(candidate, told).length > 0) fresh = 0;
          survived = null;
          beam = search.descend(candidatesOf([...beam, ...starts]), this.all, orders);
          continue;
        }
      }
      const found = yield* asker.ask(freshRows(tools, Math.min(300, FRESH - fresh)));
      if (search.unexplained(candidate, found).length > 0) {
        fresh = 0;
        beam = search.descend([candidate, ...candidatesOf(beam)], this.all, orders);
        continue;
      }
      fresh += found.length;
      if (fresh < FRESH && found.length > 0) continue;
      const complete = survived.telling.length === 0 && fresh >= FRESH;
      const left = survived.rivals.filter((rival) => search.explainsAll(rival.candidate));
      return {
        ...{ kind: 'found', point: candidate.point, bindings: bindingsOf(tools, orders, candidate), fresh, complete },
        alternatives: [...survived.alternatives, ...alternativesOf(candidate.point, left)],
      };
    }
  }
}

/** Nothing explains every row: what the nearest hypothesis leaves. */
function notFound({ search, asked }: Tools, best: Scored | null): NotFound {
  if (best === null) {
    const reason = 'no hypothesis takes these operands';
    return { kind: 'unknown', reason, point: null, wrong: asked.rows.length, rows: [] };
  }
  const { candidate } = best;
  const open = search.unexplained(candidate, numbersOf(asked));
  const rows = open.slice(0, TOLD).map((i) => ({
    row: asked.rows[i] as Row,
    answer: asked.answers[i] as number,
    nearest: candidate.at(asked.rows, i),
  }));
  const isSign = open.every((i) => candidate.at(asked.rows, i) === asked.answers[i]);
  const what = isSign ? ', all by the sign of a zero: `zeroSigns: false` does not count it' : '';
  const reason = `no hypothesis explains all ${asked.rows.length} rows; the nearest one leaves ${open.length}${what}`;
  return { kind: 'unknown', reason, point: candidate.point, wrong: open.length, rows };
}

function plainSum({ a, b, c }: Row): number {
  return a.reduce((sum, x, i) => sum + x * (b[i] as number), c);
}
