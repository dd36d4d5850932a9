/**
 * The order of additions, by swamping: a large term, its opposite, and two small ones, of weights 1 and 2. What is added
 * while the large one is there is lost; so the result says which of the two entered the sum apart from it.
 *
 * After FPRev (P. Xie et al., USENIX ATC 2025, arXiv 2411.00442), which counts ones in place of the two small terms. Sums
 * of many terms at once (fused blocks) lose all that they take together with the large one.
 *
 * @module
 */
import { Reducer } from '../accumulators/reducer.ts';
import type { Accumulator, Reduction } from '../accumulators/reduction.ts';
import { firstLeaf, leaves, mapLeaves } from '../accumulators/walk.ts';
import { Recorder } from '../events/recorder.ts';
import { binary32 } from '../formats/index.ts';
import { roundTo } from '../rounding/index.ts';
import type { Next } from './draws.ts';
import { exponentsOf, factors } from './numbers.ts';
import { productRange } from './operands.ts';
import { hasAcross, type Order, orders, WITHIN } from './orders.ts';
import type { Question } from './question.ts';
import { type Place, type Row, rowOf } from './row.ts';
import { isValue } from './values.ts';

/** The addend's place. */
const ADDEND = -1;

/** Places of the large term, its opposite, and the terms of weights 1 and 2; −1 is the addend. */
export type Swamp = readonly [large: number, opposite: number, one: number, two: number];

/** How far apart large and small terms are: exponents. */
export interface Span {
  readonly large: number;
  readonly small: number;
}

/** Spans to try, the widest that nothing can bridge first. */
export function spansOf(question: Question): Span[] {
  const { low, deep, high } = productRange(question);
  const { output } = question;
  const bounds = output.kind === 'float' ? { top: output.emax - 2, normal: output.emin } : { top: high, normal: 0 };
  const top = Math.min(high - 1, bounds.top);
  const bottoms = [Math.max(low, bounds.normal), Math.max(deep, exponentsOf(output).low)];
  const wide = bottoms.map((small) => ({ large: top, small: Math.max(small, top - 120) }));
  const mid = Math.max(bottoms[0] as number, Math.min(0, top - 20));
  const narrow = [44, 30, 20].map((d) => ({ large: Math.min(top, mid + d), small: mid }));
  return [...wide, ...narrow].filter(({ large, small }) => large - small >= 6);
}

/** Four different places. */
export function swampsOf(question: Question, count: number, next: Next): Swamp[] {
  const { k, addend } = question;
  const from = addend === null ? 0 : ADDEND;
  const places = k - from;
  if (places < 3) return [];
  const found: Swamp[] = [];
  const third = (used: readonly number[]): number => {
    for (;;) {
      const at = from + next(places);
      if (!used.includes(at) || (places === 3 && used.length === 3)) return at;
    }
  };
  const push = (i: number, j: number): void => {
    const p = third([i, j]);
    const q = third([i, j, p]);
    found.push([i, j, p, q]);
  };
  for (let j = 1; j < k && found.length < count / 2; j += Math.max(1, Math.floor((2 * k) / count))) push(0, j);
  while (found.length < count) {
    const i = from + next(places);
    push(i, third([i]));
  }
  return found;
}

/** A swamp as a row; null where the formats have no such numbers. */
export function swampRow(
  question: Question,
  [large, opposite, one, two]: Swamp,
  { large: top, small }: Span,
): Row | null {
  const { a, b, addend } = question;
  const places: Place[] = [];
  let c = 0;
  const put = (at: number, exponent: number, sign: number): boolean => {
    const value = sign * 2 ** exponent;
    if (at === ADDEND) {
      c = value;
      return addend !== null && isValue(addend, value);
    }
    const pair = factors(a, b, exponent);
    if (pair === null || !isValue(a, sign * pair[0])) return false;
    places.push({ at, a: sign * pair[0], b: pair[1] });
    return true;
  };
  const fits =
    put(large, top, 1) && put(opposite, top, -1) && put(one, small, 1) && (two === one || put(two, small + 1, 1));
  return fits ? rowOf(question, places, c) : null;
}

/** What is left of a large term that was rounded away from itself: something joined it, and was lost. */
const REST = 4;
/** The weight of both small terms. */
export const ALL = 3;
/** Weights from which on a result is such a rest. */
const LARGE = 32;

/** Which small terms survived: the sum of their weights, or a rest; null where the result says nothing of the kind. */
export function survivors(answer: number, { small }: Span): number | null {
  return classOf(answer / 2 ** small);
}

function classOf(weight: number): number | null {
  if (weight - weight !== 0) return null;
  if (Math.abs(weight) >= LARGE) return REST;
  // A mean is rounded once more than the sum it comes from.
  const whole = Math.round(weight);
  return whole >= 0 && whole <= ALL && Math.abs(weight - whole) <= 2 ** -6 ? whole : null;
}

/** What sums of elements do with large and small terms. */
export const manners = ['rounded', 'fused', 'late', 'lanes', 'exact', 'kahan', 'neumaier'] as const;
export type Manner = (typeof manners)[number];

const single = /* @__PURE__ */ roundTo(binary32);

/** Whether sums are formed of all their elements at once. */
function areFused(manner: Manner): boolean {
  return manner === 'fused' || manner === 'late' || manner === 'lanes' || manner === 'exact';
}

/**
 * Accumulators that stand for a manner: what they lose does not depend on their widths, for the terms are far apart, and
 * whether a rest is left is not asked of them.
 */
function standIn(manner: Manner): Accumulator {
  const late = { sumBits: 24, addendBits: 24, lost: 'truncate', far: 'cut', settle: null } as const;
  const fused = { kind: 'aligned', fractionBits: 24, lost: 'truncate', output: single } as const;
  switch (manner) {
    case 'rounded':
      return { kind: 'float', rounding: single };
    case 'fused':
      return fused;
    case 'late':
      return { ...fused, addend: late };
    case 'lanes':
      return { ...fused, addend: late, lanes: 2 };
    case 'exact':
      return { kind: 'exact', output: single };
    default:
      return { kind: manner, rounding: single };
  }
}

function filled(order: Order, within: Accumulator): Reduction {
  return mapLeaves(order, (leaf) => {
    const isTree = leaf.kind !== 'sequential';
    const accumulator = leaf.accumulator === WITHIN ? within : ({ kind: 'float', rounding: single } as const);
    return { ...leaf, accumulator, ...(isTree && accumulator.kind === 'float' ? { leaf: 'element' as const } : {}) };
  });
}

const recorder = /* @__PURE__ */ new Recorder(['sum'], 1, 'off', 0);

/** What an order of a manner makes of a swamp. */
export class Signature {
  private readonly reducer: Reducer;
  private readonly terms: Float64Array;
  private readonly ones: Float64Array;

  constructor(ordering: Ordering, k: number) {
    const { order, manner } = ordering;
    this.reducer = new Reducer(filled(order, standIn(manner)));
    this.terms = new Float64Array(k);
    this.ones = areFused(manner) ? new Float64Array(k).fill(1) : new Float64Array(0);
  }

  of([large, opposite, one, two]: Swamp): number | null {
    const { terms, ones } = this;
    let c = 0;
    const put = (at: number, value: number): void => {
      if (at === ADDEND) c = value;
      else terms[at] = value;
    };
    put(large, 2 ** 60);
    put(opposite, -(2 ** 60));
    put(one, 1);
    if (two !== one) put(two, 2);
    const sum = this.reducer.sum(terms, ones.length > 0 ? ones : null, terms.length, recorder, c);
    for (const at of [large, opposite, one, two]) if (at !== ADDEND) terms[at] = 0;
    return classOf(sum);
  }

  /** Whether it explains what survived; a rest says only that something was lost. */
  explains({ swamp, weight }: Swamped): boolean {
    const own = this.of(swamp);
    return weight === REST ? own !== ALL : own === weight;
  }
}

/** An order and what its sums of elements do. */
export interface Ordering {
  readonly order: Order;
  readonly manner: Manner;
}

/** A swamp and what survived it. */
export interface Swamped {
  readonly swamp: Swamp;
  readonly weight: number;
}

/** Orders that may be asked about, each with what it does. */
function* candidates(level: readonly Order[]): Generator<Ordering> {
  for (const order of level) {
    for (const manner of manners) {
      // A fused or exact sum of a tree is a sum of single elements: a rounded one with another name.
      if (!isSensible({ order, manner })) continue;
      // A fused sum has no order of its own.
      if (
        areFused(manner) &&
        leaves(order).some(({ accumulator, order: own }) => accumulator === WITHIN && own === 'descending')
      )
        continue;
      if ((manner === 'late' || manner === 'lanes') && hasAcross(order)) continue;
      yield { order, manner };
    }
  }
}

/** Whether an order has sums of elements of a manner. */
export function isSensible({ order, manner }: Ordering): boolean {
  return manner === 'rounded' || firstLeaf(order).kind === 'sequential';
}

/** The orderings that explain what survived, from the first level on that has any. */
export function orderingsOf(k: number, swamped: readonly Swamped[], most: number): Ordering[] {
  // What refuted an ordering is tried first on the next one.
  const hot = [...swamped];
  for (const level of orders(k)) {
    const found: Ordering[] = [];
    for (const ordering of candidates(level)) {
      if (!explains(ordering, k, hot)) continue;
      found.push(ordering);
      if (found.length >= most) break;
    }
    if (found.length > 0) return found;
  }
  return [];
}

function explains(ordering: Ordering, k: number, swamped: Swamped[]): boolean {
  const signature = new Signature(ordering, k);
  const at = swamped.findIndex((one) => !signature.explains(one));
  const [first] = at > 0 ? swamped.splice(at, 1) : [];
  if (first !== undefined) swamped.unshift(first);
  return at < 0;
}
