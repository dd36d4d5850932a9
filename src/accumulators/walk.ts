/**
 * What a reduction is made of. Tiles and lanes nest; the leaves of that tree are chains and trees of additions, each with
 * an accumulator.
 *
 * The functions for leaves take whatever is nested as a reduction is: a twin's placed sums, a reducer's made chains.
 *
 * @module
 */
import type { Rounding } from '../rounding/roundTo.ts';
import type { Accumulator, IntegerAccumulator, Reduction } from './reduction.ts';

/** A node that is no tile and no lane. */
export type Leaf<N> = Exclude<N, { readonly within: unknown }>;

function isNested<N extends object>(node: N): node is N & { readonly within: N; readonly across: N | 'chain' } {
  return 'within' in node;
}

/** All leaves: those within, then those across. */
export function leaves<N extends object>(node: N): Leaf<N>[] {
  if (!isNested(node)) return [node as Leaf<N>];
  const { within, across } = node;
  return [...leaves<N>(within), ...(across === 'chain' ? [] : leaves<N>(across))];
}

/** The leaf that the elements enter. */
export function firstLeaf<N extends object>(node: N): Leaf<N> {
  return isNested(node) ? firstLeaf<N>(node.within) : (node as Leaf<N>);
}

/** The leaf that forms the result. */
export function lastLeaf<N extends object>(node: N): Leaf<N> {
  if (!isNested(node)) return node as Leaf<N>;
  return lastLeaf<N>(node.across === 'chain' ? node.within : node.across);
}

/** The last leaf where it is a tree; null where it is a chain, which can start from an addend or an earlier result. */
export function lastTree<N extends { readonly kind: string }>(node: N): Leaf<N> | null {
  const last = lastLeaf(node);
  return last.kind === 'sequential' ? null : last;
}

/** The same order of additions with other accumulators. */
export function mapAccumulators(reduction: Reduction, change: (accumulator: Accumulator) => Accumulator): Reduction {
  if (!('within' in reduction)) return { ...reduction, accumulator: change(reduction.accumulator) };
  const { within, across } = reduction;
  return {
    ...reduction,
    within: mapAccumulators(within, change),
    across: across === 'chain' ? across : mapAccumulators(across, change),
  };
}

/** The step that an accumulator rounds with; null for an integer register, which clamps or wraps instead. */
export function accumulatorRounding(accumulator: Exclude<Accumulator, IntegerAccumulator>): Rounding;
export function accumulatorRounding(accumulator: Accumulator): Rounding | null;
export function accumulatorRounding(accumulator: Accumulator): Rounding | null {
  if (accumulator.kind === 'integer') return null;
  return 'rounding' in accumulator ? accumulator.rounding : accumulator.output;
}
