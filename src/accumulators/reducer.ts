/**
 * Carries out a reduction: the algebra of order and accumulator.
 *
 * Joins of partial results are numbered in post-order of the whole expression tree, so the recursion evaluates in that
 * very order: a node's operands, then the node.
 *
 * @module
 */
import type { Recorder } from '../events/recorder.ts';
import type { Chain } from './chain.ts';
import { createChain } from './create.ts';
import type { Reduction } from './reduction.ts';

/** A reduction with its accumulators made. */
type Node =
  | { readonly kind: 'sequential' | 'pairwise' | 'butterfly'; readonly chain: Chain }
  | { readonly kind: 'tiled'; readonly size: number; readonly within: Node; readonly across: Node | 'chain' }
  | { readonly kind: 'strided'; readonly lanes: number; readonly within: Node; readonly across: Node };

/** What a node reduces: the elements themselves, or the results of tiles or lanes of another source. */
type Source =
  | { readonly kind: 'elements'; readonly a: Float64Array; readonly b: Float64Array | null }
  | {
      readonly kind: 'tiles' | 'lanes';
      readonly of: Source;
      readonly within: Node;
      readonly from: number;
      readonly stride: number;
      readonly count: number;
      /** Tile size, or number of lanes. */
      readonly size: number;
    };

function build(reduction: Reduction): Node {
  switch (reduction.kind) {
    case 'tiled': {
      const { size, within, across } = reduction;
      return { kind: 'tiled', size, within: build(within), across: across === 'chain' ? across : build(across) };
    }
    case 'strided':
      return { kind: 'strided', lanes: reduction.lanes, within: build(reduction.within), across: build(reduction.across) };
    default:
      return { kind: reduction.kind, chain: createChain(reduction.accumulator) };
  }
}

/** Sums arrays by one reduction. Made once a plan; `sum` may be called for any number of rows. */
export class Reducer {
  private readonly root: Node;
  private recorder!: Recorder;
  private nextJoin = 0;

  constructor(reduction: Reduction) {
    this.root = build(reduction);
  }

  /**
   * The sum of the first `count` elements of `a`, or of the products `a[i]·b[i]`, which stay exact.
   * An empty sum is +0.
   */
  sum(a: Float64Array, b: Float64Array | null, count: number, recorder: Recorder): number {
    this.recorder = recorder;
    recorder.index = recorder.row;
    this.nextJoin = count;
    return this.reduce(this.root, { kind: 'elements', a, b }, 0, 1, count, 0);
  }

  private reduce(node: Node, source: Source, from: number, stride: number, count: number, start: number): number {
    if (count === 0) return start;
    switch (node.kind) {
      case 'sequential':
        return this.sequence(node.chain, source, from, stride, count, start);
      case 'pairwise':
      case 'butterfly':
        return this.tree(node.kind, node.chain, source, from, stride, count);
      case 'tiled': {
        const { size, within, across } = node;
        if (across === 'chain') {
          let sum = start;
          for (let done = 0; done < count; done += size) {
            sum = this.reduce(within, source, from + done * stride, stride, Math.min(size, count - done), sum);
          }
          return sum;
        }
        const tiles: Source = { kind: 'tiles', of: source, within, from, stride, count, size };
        return this.reduce(across, tiles, 0, 1, Math.ceil(count / size), 0);
      }
      case 'strided': {
        const lanes: Source = { kind: 'lanes', of: source, within: node.within, from, stride, count, size: node.lanes };
        return this.reduce(node.across, lanes, 0, 1, Math.min(node.lanes, count), 0);
      }
    }
  }

  private sequence(chain: Chain, source: Source, from: number, stride: number, count: number, start: number): number {
    if (source.kind === 'elements') return chain.chain(start, source.a, source.b, from, stride, count, this.recorder);
    let sum = start;
    for (let k = 0; k < count; k++) sum = this.enter(chain, source, from + k * stride, sum);
    return sum;
  }

  /** The partial result i of a source, added to a sum: one join. */
  private enter(chain: Chain, source: Source & { kind: 'tiles' | 'lanes' }, i: number, sum: number): number {
    const part = this.part(source, i);
    return chain.join(sum, part, this.nextJoin++, this.recorder);
  }

  private part({ kind, of, within, from, stride, count, size }: Source & { kind: 'tiles' | 'lanes' }, i: number): number {
    return kind === 'tiles'
      ? this.reduce(within, of, from + i * size * stride, stride, Math.min(size, count - i * size), 0)
      : this.reduce(within, of, from + i * stride, stride * size, Math.ceil((count - i) / size), 0);
  }

  /** Level by level from the leaves: neighbours (pairwise), or i with i + half (butterfly). */
  private tree(kind: 'pairwise' | 'butterfly', chain: Chain, source: Source, from: number, stride: number, count: number): number {
    const sizes = [count];
    while ((sizes.at(-1) as number) > 1) sizes.push(Math.ceil((sizes.at(-1) as number) / 2));
    return this.branch(kind, chain, source, from, stride, sizes, sizes.length - 1, 0);
  }

  private branch(
    kind: 'pairwise' | 'butterfly',
    chain: Chain,
    source: Source,
    from: number,
    stride: number,
    sizes: readonly number[],
    level: number,
    i: number,
  ): number {
    if (level === 0) {
      // A leaf is a chain of length one, from +0.
      const at = from + i * stride;
      return source.kind === 'elements'
        ? chain.chain(0, source.a, source.b, at, 1, 1, this.recorder)
        : this.enter(chain, source, at, 0);
    }
    const left = kind === 'pairwise' ? 2 * i : i;
    const right = kind === 'pairwise' ? 2 * i + 1 : i + (sizes[level] as number);
    const p = this.branch(kind, chain, source, from, stride, sizes, level - 1, left);
    if (right >= (sizes[level - 1] as number)) return p;
    const q = this.branch(kind, chain, source, from, stride, sizes, level - 1, right);
    return chain.join(p, q, this.nextJoin++, this.recorder);
  }
}
