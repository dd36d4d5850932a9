/**
 * Sums by the algebra of design B3: the expression is taken apart as it is written, left to right, so that the
 * numbers of the joins come out in post-order.
 *
 * @module
 */

import type { Accumulator, Reduction } from '../../accumulators/reduction.ts';
import { BittrueError, checkNumber } from '../../errors/index.ts';
import { chain, type Item, join, type Run } from './accumulators.ts';
import {
  checkFormat,
  checkLength,
  checkNumberList,
  checkReduction,
  integer,
  maybe,
  options as shape,
} from './checks.ts';
import { approximately, type Exact, exactly } from './exact.ts';
import { add, multiply, zero } from './rational.ts';
import type { OracleOperands, OracleReduceEvent } from './terms.ts';

/** Element i has the factor a[⌊i / block⌋] · b[⌊i / block⌋]. */
export interface OracleScales {
  readonly a: ArrayLike<number>;
  readonly b: ArrayLike<number>;
  readonly block: number;
}

/** What a sum may have besides its elements. */
export interface OracleReduceOptions {
  readonly operands?: OracleOperands;
  /** Where the sum starts; a tree takes it by one last join. */
  readonly addend?: number | null;
  readonly scales?: OracleScales | null;
}

/** What a reduction gives. */
export interface OracleSum {
  /** The sum as a binary64 number (nearest, for registers wider than that). */
  readonly value: number;
  readonly exact: Exact;
  readonly events: OracleReduceEvent[];
}

const checkOptions = shape('options of a sum', {
  operands: maybe(
    shape('formats of operands', { a: maybe(checkFormat), b: maybe(checkFormat), scale: maybe(checkFormat) }),
  ),
  addend: maybe(checkNumber),
  scales: maybe(shape('block scales', { a: checkNumberList, b: checkNumberList, block: integer(1, 2 ** 31) })),
});

/**
 * Σ a_i, or Σ a_i·b_i where the accumulator that the elements enter takes exact products (fused, or integer).
 *
 * @example
 * import { int8 } from 'bittrue/formats';
 * import { oracle } from 'bittrue/testing';
 * const register = { kind: 'integer', bits: 8, overflow: 'saturate' } as const;
 * oracle.reduce({ kind: 'sequential', accumulator: register }, [100, 100, -100], null).value; // 27
 */
export function oracleReduce(
  reduction: Reduction,
  a: ArrayLike<number>,
  b: ArrayLike<number> | null,
  options: OracleReduceOptions = {},
): OracleSum {
  checkReduction('reduction', reduction);
  checkNumberList('a', a);
  if (b !== null) checkLength('b', b, a.length);
  checkOptions('options', options);
  const { operands = {}, addend = null, scales = null } = options;
  if (scales !== null) {
    checkLength('options.scales.a', scales.a, Math.ceil(a.length / scales.block));
    checkLength('options.scales.b', scales.b, Math.ceil(a.length / scales.block));
  }
  if (b !== null && !takesExactProducts(elementAccumulator(reduction))) {
    throw new BittrueError('unsupported', 'b', b, 'null: an accumulator that is not fused takes rounded products');
  }
  const run: Run = { operands, events: [], nextJoin: a.length };
  const items: Item[] = Array.from({ length: a.length }, (_, index) => ({
    index,
    take: () => ({
      a: exactly(a[index] as number),
      b: b === null ? null : exactly(b[index] as number),
      scale: scales === null ? null : scaleOf(scales, index),
    }),
  }));
  const tree = lastTree(reduction);
  const start = addend === null || (tree !== null && items.length > 0) ? null : exactly(addend);
  const sum = evaluate(reduction, items, start, run);
  const exact = tree !== null && addend !== null && items.length > 0 ? join(tree, exactly(addend), sum, run) : sum;
  return { value: approximately(exact), exact, events: run.events };
}

/** The accumulator that the elements themselves enter. */
export function elementAccumulator(reduction: Reduction): Accumulator {
  checkReduction('reduction', reduction);
  if ('accumulator' in reduction) return reduction.accumulator;
  return elementAccumulator(reduction.kind === 'split' ? reduction.head : reduction.within);
}

/** Whether an accumulator's terms are exact products. */
export function takesExactProducts(accumulator: Accumulator): boolean {
  if (accumulator.kind === 'float' || accumulator.kind === 'fixed') return accumulator.fused === true;
  return accumulator.kind !== 'kahan' && accumulator.kind !== 'neumaier';
}

function scaleOf({ a, b, block }: OracleScales, index: number): readonly [Exact, Exact] {
  const at = Math.floor(index / block);
  return [exactly(a[at] as number), exactly(b[at] as number)];
}

/** The accumulator of the tree whose root is the whole sum, or null where the sum is a sequence of results. */
function lastTree(reduction: Reduction): Accumulator | null {
  if (reduction.kind === 'sequential') return null;
  if ('accumulator' in reduction) return reduction.accumulator;
  if (reduction.across !== 'chain') return lastTree(reduction.across);
  if (reduction.kind !== 'split') return lastTree(reduction.within);
  // A scalar remainder goes on from the head; an addend joins at the end where the head is a tree.
  return lastTree(reduction.head) === null ? lastTree(reduction.tail) : lastAccumulator(reduction.tail);
}

function lastAccumulator(reduction: Reduction): Accumulator {
  if ('accumulator' in reduction) return reduction.accumulator;
  if (reduction.across !== 'chain') return lastAccumulator(reduction.across);
  return lastAccumulator(reduction.kind === 'split' ? reduction.tail : reduction.within);
}

/** The value of `items` under `reduction`; a chain of tiles begins at `start`, which is null where nothing was given. */
function evaluate(reduction: Reduction, items: readonly Item[], start: Exact | null, run: Run): Exact {
  if (items.length === 0) return start ?? zero();
  switch (reduction.kind) {
    case 'sequential': {
      const [first, ...others] = reduction.order === 'descending' ? [...items].reverse() : items;
      if (start === null && reduction.start === 'first') {
        const taken = (first as Item).take().a;
        return others.length === 0 ? taken : chain(reduction.accumulator, others, taken, run);
      }
      return chain(reduction.accumulator, [first as Item, ...others], start ?? zero(), run);
    }
    case 'pairwise':
    case 'butterfly': {
      // A leaf is a chain of length one, or the item itself.
      const leaves = items.map(
        (item) => () =>
          reduction.leaf === 'element' ? item.take().a : chain(reduction.accumulator, [item], zero(), run),
      );
      if (reduction.lanes !== undefined) {
        let width = reduction.lanes;
        while (width < leaves.length) width += width;
        while (leaves.length < width) leaves.push(zero);
      }
      const root = reduction.kind === 'pairwise' ? pairwise : butterfly;
      return root(leaves, (left, right) => () => join(reduction.accumulator, left(), right(), run))();
    }
    case 'tiled': {
      const tiles: (readonly Item[])[] = [];
      const rest = reduction.short === 'first' ? items.length % reduction.size : 0;
      if (rest > 0) tiles.push(items.slice(0, rest));
      for (let i = rest; i < items.length; i += reduction.size) tiles.push(items.slice(i, i + reduction.size));
      return combine(reduction.within, reduction.across, tiles, start, run);
    }
    case 'split': {
      const { head, tail, across, multipleOf } = reduction;
      const cut = Math.floor(items.length / multipleOf) * multipleOf;
      const both = [
        [head, items.slice(0, cut)],
        [tail, items.slice(cut)],
      ] as const;
      const present = both.filter(([, own]) => own.length > 0);
      if (across === 'chain')
        return present.reduce((value, [part, own]) => evaluate(part, own, value, run), start) ?? zero();
      return evaluate(
        across,
        present.map(([part, own]) => partial(part, own, run)),
        start,
        run,
      );
    }
    case 'strided': {
      const { lanes, run: length = 1 } = reduction;
      const lane = Array.from({ length: lanes }, (_, l) =>
        items.filter((_, i) => Math.floor(i / length) % lanes === l),
      );
      return combine(
        reduction.within,
        reduction.across,
        lane.filter((own) => own.length > 0),
        start,
        run,
      );
    }
  }
}

/** Tiles or lanes, each reduced `within`: across, or each the start of the next. */
function combine(
  within: Reduction,
  across: Reduction | 'chain',
  groups: readonly (readonly Item[])[],
  start: Exact | null,
  run: Run,
): Exact {
  if (across !== 'chain') {
    return evaluate(
      across,
      groups.map((own) => partial(within, own, run)),
      start,
      run,
    );
  }
  if (lastTree(within) !== null) {
    throw new BittrueError('unsupported', 'reduction.across', 'chain', 'a sequential reduction within, to continue');
  }
  return groups.reduce<Exact | null>((value, own) => evaluate(within, own, value, run), start) ?? zero();
}

/** The result of an inner reduction, as an addend of the outer one. */
function partial(within: Reduction, items: readonly Item[], run: Run): Item {
  return { index: null, take: () => ({ a: evaluate(within, items, null, run), b: null, scale: null }) };
}

type Node = () => Exact;

/** Adjacent pairs, level by level; an odd last one passes up unchanged. */
function pairwise(leaves: readonly Node[], node: (left: Node, right: Node) => Node): Node {
  let level = leaves;
  while (level.length > 1) {
    const next: Node[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const [left, right] = [level[i] as Node, level[i + 1]];
      next.push(right === undefined ? left : node(left, right));
    }
    level = next;
  }
  return level[0] as Node;
}

/** v_i + v_{i+h} with h = ⌈n/2⌉, repeated. */
function butterfly(leaves: readonly Node[], node: (left: Node, right: Node) => Node): Node {
  let level = leaves;
  while (level.length > 1) {
    const h = Math.ceil(level.length / 2);
    const upper = level.slice(h);
    level = level.slice(0, h).map((left, i) => (i < upper.length ? node(left, upper[i] as Node) : left));
  }
  return level[0] as Node;
}

/** The sum in real arithmetic, for comparison. */
export function oracleExactSum(a: ArrayLike<number>, b: ArrayLike<number> | null = null): Exact {
  checkNumberList('a', a);
  if (b !== null) checkLength('b', b, a.length);
  let sum = zero();
  for (let i = 0; i < a.length; i++) {
    const x = exactly(a[i] as number);
    const y = b === null ? exactly(1) : exactly(b[i] as number);
    if (x.kind !== 'finite' || y.kind !== 'finite')
      throw new BittrueError('value', x.kind === 'finite' ? 'b' : 'a', `no finite number at ${i}`, 'finite numbers');
    sum = add(sum, multiply(x, y));
  }
  return sum;
}
