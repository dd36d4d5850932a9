/**
 * The best hypothesis for rows that were measured before, when nothing more can be asked.
 *
 * @module
 */
import { bindingsOf } from './bindings.ts';
import { factsOf, registerOrders } from './families.ts';
import { floatFirsts, registerFirsts } from './firsts.ts';
import { ordersOf, unswamped } from './orderings.ts';
import type { Point } from './point.ts';
import { isIntegral, type Question } from './question.ts';
import { alternativesOf, rivalsOf } from './rivals.ts';
import type { Row } from './row.ts';
import { type Asked, numbersOf, type Scored } from './search.ts';
import { type Limits, toolsOf } from './tools.ts';
import type { Alternative, Binding } from './verdict.ts';

/** Rows that first hypotheses are screened on. */
const CORE = 200;

/** What rows that were measured before lead to. */
export interface Settled {
  readonly point: Point | null;
  readonly wrong: number;
  readonly bindings: readonly Binding[];
  readonly alternatives: readonly Alternative[];
  /** Rows that tell the best hypothesis from others that explain all of these. */
  readonly next: readonly Row[];
}

/** The best hypothesis for rows that were measured before. */
export function settleRows(question: Question, limits: Limits, asked: Asked): Settled {
  const tools = toolsOf(question, limits, asked);
  const { search } = tools;
  const all = numbersOf(asked);
  const core = all.slice(0, CORE);
  const isInteger = isIntegral(question);
  const orderings = isInteger ? [] : unswamped(question);
  const orders = isInteger ? registerOrders(question.k) : ordersOf(orderings);
  const bare = core.filter((i) => asked.rows[i]?.c === 0);
  const tries = isInteger
    ? [registerFirsts(tools, core)]
    : floatFirsts(tools, { orderings, facts: factsOf(asked.answers, 1), core, bare });
  let best: Scored | undefined;
  for (const starts of tries) {
    const [one] = search.descend(starts, all, orders);
    if (one !== undefined && one.wrong < (best?.wrong ?? Infinity)) best = one;
    if (best?.wrong === 0) break;
  }
  const open = { bindings: [], alternatives: [], next: [] };
  if (best === undefined) return { point: null, wrong: asked.rows.length, ...open };
  const { candidate, wrong } = best;
  const { point } = candidate;
  if (wrong > 0) return { point, wrong, ...open };
  const { telling, rivals, alternatives } = rivalsOf(tools, orders, candidate);
  return {
    ...{ point, wrong, bindings: bindingsOf(tools, orders, candidate) },
    alternatives: [...alternatives, ...alternativesOf(point, rivals)],
    next: telling,
  };
}
