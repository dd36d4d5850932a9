/**
 * One query of one head: scores, softmax over tiles of keys, and the product with the values.
 *
 * @module
 */
import type { Recorder } from '../../events/recorder.ts';
import { formOne } from './formed.ts';
import { isLeftOut, isSeen, maskOf } from './mask.ts';
import { binaryEach, binaryOne, note, type Row, roundOne, sumProducts } from './operations.ts';
import type { AttentionParts, QueryLoaded } from './parts.ts';
import { Placed } from './place.ts';
import type { AttentionPlan } from './plan.ts';

/** What goes on from tile to tile. */
export interface State {
  /** The largest score so far. */
  top: number;
  /** What is subtracted from scores: that, or an older one, and the offset. */
  maximum: number;
  sum: number;
  /** Null: nothing yet. */
  output: Float64Array | null;
  hasMaximum: boolean;
}

/** The output of a query. */
export function attendRow(
  parts: AttentionParts,
  loaded: QueryLoaded,
  head: number,
  query: number,
  out: Float64Array,
  recorder: Recorder,
): void {
  const { plan, at, compute, store } = parts;
  const { keys, tile, width, isFlash } = plan;
  const row: Row = { parts, loaded, head, query, recorder, placed: new Placed(recorder), row: recorder.row };
  const state = beginState(loaded.sink);
  const isZero = isZeroRow(plan, head, query);
  if (!isZero) {
    for (let first = 0; first < keys; first += tile) {
      const end = Math.min(first + tile, keys);
      if (isFlash && isLeftOut(plan, head, query, first, end)) continue;
      attendTile(row, state, first, end);
    }
  }
  const values = state.output ?? new Float64Array(width);
  if (plan.divide === 'after' && !isZero) {
    if (plan.normalize === 'reciprocal') {
      const r = reciprocal(row, state.sum);
      binaryEach(row, 'normalize', compute, 'multiply', values, r, 0, width);
    } else binaryEach(row, 'normalize', compute, 'divide', values, state.sum, 0, width);
  }
  if (plan.logSumExp !== null) plan.logSumExp[row.row] = isZero ? -Infinity : logSumExp(row, state);
  recorder.stage = at.store;
  for (let d = 0; d < width; d++) out[d] = roundOne(row, store, values[d] as number, d, row.row * width + d);
  recorder.seeAll(out, store.binades);
}

/** Before the first tile: a sink is a maximum, and a share of 1. */
export function beginState(sink: number | undefined): State {
  const has = sink !== undefined;
  const top = has ? sink : -Infinity;
  return { top, maximum: top, sum: has ? 1 : 0, output: null, hasMaximum: has };
}

/** Whether a query sees no key, and its output is zero by `emptyRow`. */
export function isZeroRow(plan: AttentionPlan, head: number, query: number): boolean {
  return plan.emptyRow === 'zero' && plan.sinks === null && isLeftOut(plan, head, query, 0, plan.keys);
}

function attendTile(row: Row, state: State, first: number, end: number): void {
  const { parts, recorder } = row;
  const { plan, at, compute } = parts;
  const count = end - first;
  const number = Math.floor(first / plan.tile);
  const z = scoresOf(row, first, end);
  // IEEE 754-2019 §9.6 maximum: NaN if any is NaN. Before the first tile it is −∞.
  let { top } = state;
  for (let i = 0; i < count; i++) top = Math.max(top, z[i] as number);
  const { largest, reference, factor } = raiseMaximum(row, state, top, number);
  binaryEach(row, 'subtract', compute, 'subtract', z, reference, first, plan.keys);
  recorder.stage = at.exp;
  for (let i = 0; i < count; i++) {
    const key = row.row * plan.keys + first + i;
    z[i] = formOne(
      parts.exponential,
      z[i] as number,
      row.placed.inFunction(key, first + i, (first + i) * parts.exponential.count),
    );
  }
  const shares = z.slice();
  const rounded = plan.divide === 'after' ? roundShares(row, shares, first) : z;
  const summed = plan.sumOf === 'rounded' ? rounded : z;
  recorder.stage = at.sum;
  const joinsAt = plan.keys + number * 4 * plan.tile;
  const total = parts.sums.sum(summed, null, count, row.placed.inSum(row.row, null, first, count, joinsAt));
  state.sum = state.hasMaximum ? rescaledSum(row, state.sum, factor, total, number) : total;
  if (plan.divide === 'before') {
    if (plan.normalize === 'reciprocal') {
      binaryEach(row, 'share', compute, 'multiply', shares, reciprocal(row, state.sum), first, plan.keys);
    } else binaryEach(row, 'share', compute, 'divide', shares, state.sum, first, plan.keys);
    roundShares(row, shares, first);
  }
  multiplyValues(row, state, shares, factor, first, end, number);
  state.top = largest;
  state.maximum = reference;
  state.hasMaximum = true;
}

/** What a tile makes of the maximum, and what the sum and the output so far are multiplied by; null: nothing. */
export interface Raised {
  readonly largest: number;
  /** What is subtracted from the tile's scores. */
  readonly reference: number;
  readonly factor: number | null;
}

/** The maximum with the largest score of tile `number`. */
export function raiseMaximum(row: Row, state: State, top: number, number: number): Raised {
  const { recorder, parts } = row;
  const { plan, at, maximum } = parts;
  recorder.stage = at.max;
  recorder.index = row.row;
  const largest = maximum.round(top, recorder);
  note(row, maximum, 'round', null, 2 * number, top, 0, largest);
  recorder.see(largest, maximum.binades);
  let reference = largest;
  if (parts.offset !== 0) {
    reference = maximum.add(largest, parts.offset, recorder);
    note(row, maximum, 'add', null, 2 * number + 1, largest, parts.offset, reference);
  }
  const keeps = plan.threshold > 0 && state.hasMaximum && reference - state.maximum <= plan.threshold;
  if (keeps) reference = state.maximum;
  const factor = state.hasMaximum && !keeps ? rescaling(row, state.maximum, reference, number) : null;
  return { largest, reference, factor };
}

/** Scores of a tile, behind scale, cap and mask; −∞ of a key that is left out. */
function scoresOf(row: Row, first: number, end: number): Float64Array {
  const { parts, loaded, head, query, recorder, placed } = row;
  const { plan, at, scoring, scores, compute, softcap } = parts;
  const { depth, keys } = plan;
  const z = new Float64Array(end - first);
  for (let i = 0; i < z.length; i++) {
    const j = first + i;
    if (!isSeen(plan, query, j)) {
      z[i] = -Infinity;
      continue;
    }
    const y = loaded.k.subarray(j * depth, (j + 1) * depth);
    const key = row.row * keys + j;
    recorder.stage = at.score;
    let s = sumProducts(row, scoring, loaded.q, y, depth, null, key, j, 0, depth);
    recorder.stage = at.scores;
    s = roundOne(row, scores, s, j, key);
    recorder.see(s, scores.binades);
    if (parts.scale !== 1) s = binaryOne(row, 'scale', compute, 'multiply', s, parts.scale, j, key);
    if (softcap !== null) {
      recorder.stage = at.softcap;
      s = formOne(softcap, s, placed.inFunction(key, j, j * softcap.count));
    }
    if (plan.mask !== null) s = binaryOne(row, 'mask', compute, 'add', s, maskOf(plan, head, query, j), j, key);
    z[i] = s;
  }
  return z;
}

/** The running output times the factor, and what the tile adds to it. */
function multiplyValues(
  row: Row,
  state: State,
  shares: Float64Array,
  factor: number | null,
  first: number,
  end: number,
  number: number,
): void {
  const { parts, loaded, recorder } = row;
  const { plan, at, valuing, addend } = parts;
  const { keys, width, rows } = plan;
  const output = state.output ?? new Float64Array(width);
  const joinsAt = keys + number * 4 * plan.tile;
  for (let d = 0; d < width; d++) {
    const key = (number * rows + row.row) * width + d;
    let start: number | null = null;
    if (state.output !== null) {
      recorder.stage = at.rescaleOutput;
      recorder.index = key;
      const a = output[d] as number;
      start = factor === null ? addend.round(a, recorder) : addend.multiply(factor, a, recorder);
      if (factor === null) note(row, addend, 'round', d, number, a, 0, start);
      else note(row, addend, 'multiply', d, number, factor, a, start);
      recorder.see(start, addend.binades);
      if (valuing.plan.positiveZeros) start += 0;
    }
    const column = loaded.v.subarray(d * keys + first, d * keys + end);
    output[d] = sumProducts(row, valuing, shares, column, end - first, start, key, d, first, joinsAt);
  }
  state.output = output;
}

/** e to what the maximum has lost on the new one: steps of a tile's number. */
function rescaling(row: Row, before: number, now: number, number: number): number {
  const { parts, recorder, placed } = row;
  const { compute, exponential, at } = parts;
  const each = 1 + exponential.count;
  recorder.stage = at.rescale;
  recorder.index = row.row;
  const difference = compute.subtract(before, now, recorder);
  note(row, compute, 'subtract', null, number * each, before, now, difference);
  return formOne(exponential, difference, placed.inFunction(row.row, null, number * each + 1));
}

/** The running sum times the factor, and the tile's. */
export function rescaledSum(row: Row, before: number, factor: number | null, total: number, number: number): number {
  const { parts, recorder } = row;
  const { sum, at } = parts;
  recorder.stage = at.rescaleSum;
  recorder.index = row.row;
  let scaled = before;
  if (factor !== null) {
    scaled = sum.multiply(factor, before, recorder);
    note(row, sum, 'multiply', null, 2 * number, factor, before, scaled);
  }
  const next = sum.add(scaled, total, recorder);
  note(row, sum, 'add', null, 2 * number + 1, scaled, total, next);
  recorder.see(next, sum.binades);
  return next;
}

export function reciprocal(row: Row, total: number): number {
  const { parts, recorder } = row;
  const { sum, at } = parts;
  recorder.stage = at.reciprocal;
  recorder.index = row.row;
  const r = sum.divide(1, total, recorder);
  note(row, sum, 'divide', null, 0, 1, total, r);
  recorder.see(r, sum.binades);
  return r;
}

/** maximum + ln(sum): of base 2 in units of ln 2 until the last step. */
export function logSumExp(row: Row, { maximum, sum: total }: State): number {
  const { parts, recorder, placed } = row;
  const { sum, at, logarithm, plan, ln2 } = parts;
  recorder.stage = at.logSumExp;
  const log = formOne(logarithm, total, placed.inFunction(row.row, null, 0));
  recorder.index = row.row;
  recorder.step = 1;
  const added = sum.add(maximum, log, recorder);
  note(row, sum, 'add', null, 1, maximum, log, added);
  if (plan.exponential.function === 'exp') return added;
  recorder.step = 2;
  const r = sum.multiply(added, ln2, recorder);
  note(row, sum, 'multiply', null, 2, added, ln2, r);
  return r;
}

/** Shares as the second product reads them, in place; gives them as they were stored before. */
function roundShares(row: Row, shares: Float64Array, first: number): Float64Array {
  const { parts, recorder } = row;
  const { at, plan, valuing, probabilities: to, loadShare: load } = parts;
  const base = row.row * plan.keys + first;
  recorder.stage = at.probabilities;
  for (let i = 0; i < shares.length; i++) shares[i] = roundOne(row, to, shares[i] as number, first + i, base + i);
  recorder.seeAll(shares, to.binades);
  const stored = shares.slice();
  recorder.stage = at.loadProbabilities;
  for (let i = 0; i < shares.length; i++) {
    const r = roundOne(row, load, shares[i] as number, first + i, base + i);
    shares[i] = valuing.plan.positiveZeros ? r + 0 : r;
  }
  recorder.seeAll(shares, load.binades);
  return stored;
}
