/**
 * Orders of additions that a sum may have, as data: reductions with two places for accumulators, one for the sums that the
 * elements enter and one for the sums of partial results. Generated for a length, simple ones first; no list of chips.
 *
 * @module
 */
import type { Accumulator, Reduction } from '../accumulators/reduction.ts';
import { leaves } from '../accumulators/walk.ts';
import { binary32 } from '../formats/index.ts';
import { roundTo } from '../rounding/index.ts';

/** Stands where the accumulator of the elements goes. */
export const WITHIN: Accumulator = /* @__PURE__ */ place();
/** Stands where the accumulator of partial results goes. */
export const ACROSS: Accumulator = /* @__PURE__ */ place();

function place(): Accumulator {
  return Object.freeze({ kind: 'float', rounding: roundTo(binary32), fused: true });
}

/** An order, with {@link WITHIN} and {@link ACROSS} where accumulators go. */
export type Order = Reduction;

const acrossKnown: WeakMap<Order, boolean> = /* @__PURE__ */ new WeakMap();

/** Whether an order sums partial results by an accumulator of their own. */
export function hasAcross(order: Order): boolean {
  let found = acrossKnown.get(order);
  if (found === undefined) {
    found = leaves(order).some(({ accumulator }) => accumulator === ACROSS);
    acrossKnown.set(order, found);
  }
  return found;
}

/** Whether an order has a tree somewhere, whose leaves are chains or elements. */
export function treesIn(order: Order): boolean {
  return leaves(order).some(({ kind }) => kind !== 'sequential');
}

function plain(accumulator: Accumulator): Order[] {
  return [
    { kind: 'sequential', accumulator },
    { kind: 'sequential', accumulator, order: 'descending' },
    { kind: 'pairwise', accumulator },
    { kind: 'butterfly', accumulator },
  ];
}

/** What may join the results of parts: the next part's start, or a sum of its own. */
function joins(within: Order): (Order | 'chain')[] {
  const last = leaves(within).at(-1);
  return [...(last?.kind === 'sequential' ? (['chain'] as const) : []), ...plain(ACROSS)];
}

const chained: Map<number, readonly Order[]> = /* @__PURE__ */ new Map();

/** Tiles of every size, one on top of the other. */
export function chainedTiles(k: number): readonly Order[] {
  let found = chained.get(k);
  if (found === undefined) {
    const within: Order = { kind: 'sequential', accumulator: WITHIN };
    found = Array.from({ length: k - 1 }, (_, i) => ({ kind: 'tiled', size: i + 1, within, across: 'chain' }));
    chained.set(k, found);
  }
  return found;
}

/** Sizes at which machines divide: powers of two, divisors of the length. */
export function usualSizes(k: number): number[] {
  const found: number[] = [];
  for (let n = 1; n < k; n++) if (Number.isInteger(Math.log2(n)) || k % n === 0) found.push(n);
  return found;
}

function* nested(k: number, within: readonly Order[], sizes: readonly number[]): Generator<Order> {
  for (const inner of within) {
    for (const across of joins(inner)) {
      for (const size of sizes) {
        if (size < k) yield { kind: 'tiled', size, within: inner, across };
      }
    }
  }
}

function* interleaved(k: number, within: readonly Order[], sizes: readonly number[]): Generator<Order> {
  for (const inner of within) {
    for (const across of joins(inner)) {
      for (const lanes of sizes) {
        for (const run of [1, 2, 4, 8, 16]) {
          // Lanes that take one run each are tiles.
          if (lanes > 1 && lanes * run < k) yield { kind: 'strided', lanes, run, within: inner, across };
        }
      }
    }
  }
}

/** Lanes that a vector loop fills, and what they leave, one by one on top of their sum. */
function* remainders(k: number): Generator<Order> {
  const [within] = plain(WITHIN) as [Order, ...Order[]];
  for (let lanes = 2; lanes < k; lanes *= 2) {
    if (k % lanes === 0) continue;
    for (const across of plain(ACROSS)) {
      const head: Order = { kind: 'strided', lanes, within, across };
      yield { kind: 'split', multipleOf: lanes, head, tail: within, across: 'chain' };
    }
  }
}

/** Tiles of which the first one is short: what a loop leaves comes before it. */
function* shortFirst(k: number, sizes: readonly number[]): Generator<Order> {
  const within = plain(WITHIN)[0] as Order;
  for (const size of sizes) {
    if (k % size === 0) continue;
    for (const across of joins(within)) yield { kind: 'tiled', size, short: 'first', within, across };
  }
}

/**
 * Orders in levels: chains and trees; tiles and lanes of those, of any size; tiles of tiles and lanes, of usual sizes. A
 * level is for sums that no order of the levels before explains.
 */
export function* orders(k: number): Generator<Order[]> {
  const base = plain(WITHIN);
  yield base;
  const any = Array.from({ length: k }, (_, i) => i + 1);
  const usual = usualSizes(k);
  const lanes = interleaved(k, base, k <= 64 ? any : usual);
  yield [...nested(k, base, any), ...lanes, ...remainders(k), ...shortFirst(k, usual)];
  const simple = base.filter((order) => order.kind !== 'butterfly');
  const second = [...nested(k, simple, usual), ...interleaved(k, simple, usual)];
  yield [...nested(k, second, usual)];
  yield [...deeper(k, simple, usual)];
  yield [
    ...interleaved(
      k,
      [...nested(k, simple, usual)],
      usual.filter((n) => n <= 16),
    ),
  ];
}

/** Tiles whose results are summed in lanes, in a tile of their own or not. */
function* deeper(k: number, base: readonly Order[], sizes: readonly number[]): Generator<Order> {
  for (const within of base) {
    for (const size of sizes) {
      for (const lanes of [2, 4, 8, 16]) {
        for (const join of plain(ACROSS)) {
          const across: Order = { kind: 'strided', lanes, within: plain(ACROSS)[0] as Order, across: join };
          const inner: Order = { kind: 'tiled', size, within, across };
          yield inner;
          for (const outer of sizes) {
            if (outer <= size || outer >= k) continue;
            for (const last of plain(ACROSS)) yield { kind: 'tiled', size: outer, within: inner, across: last };
          }
        }
      }
    }
  }
}
