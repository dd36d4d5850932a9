/**
 * What a reduction is made of. Tiles and lanes nest; the leaves of that tree are chains and trees of additions, each with
 * an accumulator.
 *
 * The functions for leaves take whatever is nested as a reduction is: a twin's placed sums, a reducer's made chains.
 *
 * @module
 */
import type { Rounding } from '../rounding/roundTo.ts';
import type { Accumulator, IntegerAccumulator, OrderedReduction, Reduction } from './reduction.ts';

/** A node that is no tile and no lane. */
export type Leaf<N> = Exclude<N, { readonly across: unknown }>;

/** Parts whose results are reduced across: all of one kind, or a head and a tail. */
type Nested<N> = N & { readonly across: N | 'chain' } & (
    | { readonly within: N }
    | { readonly head: N; readonly tail: N }
  );

function isNested<N extends object>(node: N): node is Nested<N> {
  return 'across' in node;
}

/** The nodes that the elements enter: the one of tiles and lanes, or a head and a tail. */
export function innerOf<N extends object>(node: Nested<N>): readonly [N, ...N[]] {
  return 'head' in node ? [node.head, node.tail] : [node.within];
}

/** The node that forms the result. */
function outer<N extends object>(node: Nested<N>): N {
  return node.across === 'chain' ? (innerOf<N>(node).at(-1) as N) : node.across;
}

/** All leaves: those within, then those across. */
export function leaves<N extends object>(node: N): Leaf<N>[] {
  if (!isNested(node)) return [node as Leaf<N>];
  const { across } = node;
  return [...innerOf<N>(node), ...(across === 'chain' ? [] : [across])].flatMap((part) => leaves<N>(part));
}

/** The leaf that the elements enter; of a head and a tail the head's. */
export function firstLeaf<N extends object>(node: N): Leaf<N> {
  return isNested(node) ? firstLeaf<N>(innerOf<N>(node)[0]) : (node as Leaf<N>);
}

/** All leaves that the elements enter. */
export function enteredLeaves<N extends object>(node: N): Leaf<N>[] {
  return isNested(node) ? innerOf<N>(node).flatMap((part) => enteredLeaves<N>(part)) : [node as Leaf<N>];
}

/** The leaf that forms the result. */
export function lastLeaf<N extends object>(node: N): Leaf<N> {
  return isNested(node) ? lastLeaf<N>(outer<N>(node)) : (node as Leaf<N>);
}

/**
 * The leaf whose accumulator joins a sum with what it should have started from, where it is formed by a tree (or begins with
 * one); null where it is a chain, which can start from an addend or an earlier result.
 */
export function lastTree<N extends { readonly kind: string }>(node: N): Leaf<N> | null {
  const last = lastLeaf(node);
  return startsAnywhere(node) ? null : last;
}

function startsAnywhere<N extends { readonly kind: string }>(node: N): boolean {
  if (!isNested(node)) return node.kind === 'sequential';
  return node.across === 'chain'
    ? innerOf<N>(node).every((part) => startsAnywhere<N>(part))
    : startsAnywhere<N>(node.across);
}

/** The same tiles and lanes with other leaves. */
export function mapLeaves(reduction: Reduction, change: (leaf: OrderedReduction) => OrderedReduction): Reduction {
  if (!('across' in reduction)) return change(reduction);
  const across = reduction.across === 'chain' ? reduction.across : mapLeaves(reduction.across, change);
  if (reduction.kind !== 'split') return { ...reduction, within: mapLeaves(reduction.within, change), across };
  const { head, tail } = reduction;
  return { ...reduction, head: mapLeaves(head, change), tail: mapLeaves(tail, change), across };
}

/** The same order of additions with other accumulators. */
export function mapAccumulators(reduction: Reduction, change: (accumulator: Accumulator) => Accumulator): Reduction {
  return mapLeaves(reduction, (leaf) => ({ ...leaf, accumulator: change(leaf.accumulator) }));
}

/** The step that an accumulator rounds with; null for an integer register, which clamps or wraps instead. */
export function accumulatorRounding(accumulator: Exclude<Accumulator, IntegerAccumulator>): Rounding;
export function accumulatorRounding(accumulator: Accumulator): Rounding | null;
export function accumulatorRounding(accumulator: Accumulator): Rounding | null {
  if (accumulator.kind === 'integer') return null;
  return 'rounding' in accumulator ? accumulator.rounding : accumulator.output;
}
