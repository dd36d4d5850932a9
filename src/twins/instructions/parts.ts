/**
 * The parts that a reduction is of: tiles, lanes, a head and a tail, by the numbers of their items.
 *
 * @module
 */
import { pick } from '../../accumulators/pick.ts';
import type { Reduction } from '../../accumulators/reduction.ts';

/** Some of the items, and how they are reduced. */
export interface Part {
  readonly within: Reduction;
  readonly at: Int32Array;
}

/** Numbers from `from` on, below `to`. */
export function range(from: number, to: number): Int32Array {
  return Int32Array.from({ length: to - from }, (_, i) => from + i);
}

/** Where tiles end. */
function tileEnds(n: number, { size, short }: Extract<Reduction, { kind: 'tiled' }>): number[] {
  const first = short === 'first' && n % size > 0 ? n % size : size;
  const ends: number[] = [];
  for (let end = first; end < n + size; end += size) ends.push(Math.min(end, n));
  return ends;
}

/** The parts of n items: tiles, lanes, or head and tail. */
export function partsOf(node: Extract<Reduction, { across: unknown }>, n: number): Part[] {
  switch (node.kind) {
    case 'tiled': {
      const ends = tileEnds(n, node);
      return ends.map((end, i) => ({ within: node.within, at: range(ends[i - 1] ?? 0, end) }));
    }
    case 'strided': {
      const { lanes, run = 1, within } = node;
      const used = Math.min(lanes, Math.ceil(n / run));
      return Array.from({ length: used }, (_, lane) => ({ within, at: pick(0, 1, n, lanes, run, lane) }));
    }
    case 'split': {
      const cut = n - (n % node.multipleOf);
      const both = [
        { within: node.head, at: range(0, cut) },
        { within: node.tail, at: range(cut, n) },
      ];
      return both.filter(({ at: { length } }) => length > 0);
    }
  }
}
