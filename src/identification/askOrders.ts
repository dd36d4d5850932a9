/**
 * Which orders of additions explain what survives large terms, asked of a unit.
 *
 * @module
 */
import type { Asker, Asking } from './asking.ts';
import type { Next } from './draws.ts';
import { distinct, ordersOf, unswamped } from './orderings.ts';
import type { Order } from './orders.ts';
import type { Question } from './question.ts';
import {
  ALL,
  type Ordering,
  orderingsOf,
  Signature,
  type Span,
  type Swamp,
  type Swamped,
  spansOf,
  survivors,
  swampRow,
  swampsOf,
} from './swamping.ts';
import type { Tools } from './tools.ts';

/** Orders that a hypothesis may change to. */
const ORDERS = 160;
/** Exponents between terms that only an exact sum holds together. */
const FAR = 100;
/** Orderings that are held against each other. */
const ORDERINGS = 600;

/** Where a search begins, and the orders that a hypothesis may change to. */
export interface Ordered {
  readonly orderings: readonly Ordering[];
  readonly orders: readonly Order[];
  /** Whether terms so far apart that no sum bridges them survive as no order says. */
  readonly isOutside: boolean;
}

/** A span, and which small terms survived beside large ones. */
interface Shown {
  readonly span: Span;
  readonly swamped: readonly Swamped[];
}

/** Orders that explain which small terms survive large ones. */
export function* askOrders(tools: Tools, asker: Asker, next: Next): Asking<Ordered> {
  const { question } = tools;
  const { k, lone } = question;
  // Squares have no opposites: nothing swamps and is taken away again.
  if (lone?.of === 'squares') return usual(question, false);
  const spans = k < 2 ? [] : spansOf(question);
  for (;;) {
    const shown = yield* bestSpan(tools, asker, next, spans);
    if (shown === null) return usual(question, false);
    const { span, swamped } = shown;
    const more = yield* askSwamps(tools, asker, swampsOf(question, Math.min(260, 24 + 4 * k), next), span);
    const orderings = yield* narrowed(tools, asker, next, { span, swamped: [...swamped, ...more] });
    if (orderings.length > 0) {
      const orders = ordersOf(orderings).slice(0, ORDERS);
      return { orders, orderings: distinct(orderings, k, swampsOf(question, 60, next)), isOutside: false };
    }
    if (span.large - span.small >= FAR) return usual(question, true);
    // Terms that lie too near: of what is lost a part survives.
  }
}

/** Orderings that explain what survived, by rows that tell them apart as far as any do. */
function* narrowed(tools: Tools, asker: Asker, next: Next, { span, swamped: first }: Shown): Asking<Ordering[]> {
  const { question } = tools;
  const { k } = question;
  let swamped = first;
  let orderings = orderingsOf(k, swamped, ORDERINGS);
  for (let round = 0; round < 6 && orderings.length > 1; round++) {
    const signatures = orderings.map((ordering) => new Signature(ordering, k));
    const telling = swampsOf(question, 200, next)
      .map((swamp) => ({ swamp, kinds: new Set(signatures.map((one) => one.of(swamp))).size }))
      .filter(({ kinds }) => kinds > 1)
      .sort((p, q) => q.kinds - p.kinds)
      .map(({ swamp }) => swamp);
    if (telling.length === 0) break;
    const found = yield* askSwamps(tools, asker, telling.slice(0, 16), span);
    const kept = orderings.filter((_, n) => found.every((one) => signatures[n]?.explains(one)));
    if (kept.length === 0) {
      swamped = [...swamped, ...found];
      orderings = orderingsOf(k, swamped, ORDERINGS);
    } else orderings = kept;
  }
  return orderings;
}

function usual(question: Question, isOutside: boolean): Ordered {
  const orderings = unswamped(question);
  return { orderings, orders: ordersOf(orderings), isOutside };
}

/** Of the spans left, the one that shows most, and what it showed; null where none shows any loss. Those tried are taken out. */
function* bestSpan(tools: Tools, asker: Asker, next: Next, spans: Span[]): Asking<Shown | null> {
  const { question } = tools;
  let best: Shown | null = null;
  let bestShare = 0;
  while (bestShare <= 0.75) {
    const span = spans.shift();
    if (span === undefined) break;
    const swamped = yield* askSwamps(tools, asker, swampsOf(question, 12, next), span);
    const share = swamped.length / 12;
    // A span that nothing bridges shows some loss, and results that are whole weights.
    const tells = swamped.some(({ weight }) => weight !== ALL);
    if (tells && share > bestShare + 0.2) [best, bestShare] = [{ span, swamped }, share];
  }
  return best;
}

function* askSwamps({ question, asked }: Tools, asker: Asker, swamps: readonly Swamp[], span: Span): Asking<Swamped[]> {
  const rows = swamps.flatMap((swamp) => {
    const row = swampRow(question, swamp, span);
    return row === null ? [] : [{ swamp, row }];
  });
  const numbers = yield* asker.ask(rows.map(({ row }) => row));
  return numbers.flatMap((i, n) => {
    const weight = survivors(sumOf(question, asked.answers[i] as number), span);
    return weight === null ? [] : [{ swamp: (rows[n] as { swamp: Swamp }).swamp, weight }];
  });
}

/** The sum that an answer is the mean of, nearly. */
function sumOf({ lone, k }: Question, answer: number): number {
  return lone === null || lone.finish === 'none' ? answer : answer * k;
}
