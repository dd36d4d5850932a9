/**
 * Carries out a reduction: the algebra of order and accumulator.
 *
 * Joins of partial results are numbered in post-order of the whole expression tree, so the recursion evaluates in that
 * very order: a node's operands, then the node.
 *
 * @module
 */
import type { Recorder } from '../events/recorder.ts';
import type { BlockScales, Chain, OperandFormats, Terms } from './chain.ts';
import { createChain } from './create.ts';
import { pick } from './pick.ts';
import type { Accumulator, Reduction } from './reduction.ts';
import { lastTree } from './walk.ts';

/** Makes the working part of an accumulator. */
type MakeChain = (accumulator: Accumulator, operands: OperandFormats) => Chain;

/** A chain or a tree, with its accumulator made. */
interface Ordered {
  readonly kind: 'sequential' | 'pairwise' | 'butterfly';
  readonly chain: Chain;
  readonly descending: boolean;
  /** Whether a tree's leaves are the elements themselves. */
  readonly bare: boolean;
}

/** A reduction with its accumulators made. */
type Node =
  | Ordered
  | { readonly kind: 'tiled'; readonly size: number; readonly within: Node; readonly across: Node | 'chain' }
  | {
      readonly kind: 'strided';
      readonly lanes: number;
      readonly run: number;
      readonly within: Node;
      readonly across: Node | 'chain';
    };

/** The results of tiles or lanes of another source, or some of a source's items. */
type Parts =
  | {
      readonly kind: 'tiles' | 'lanes';
      readonly of: Source;
      readonly within: Node;
      readonly from: number;
      readonly stride: number;
      readonly count: number;
      /** Tile size, or number of lanes. */
      readonly size: number;
      readonly run: number;
    }
  | { readonly kind: 'picked'; readonly of: Parts; readonly at: Int32Array };

/** What a node reduces: the elements themselves, or parts. */
type Source = { readonly kind: 'elements'; readonly terms: Terms } | Parts;

function build(reduction: Reduction, operands: OperandFormats, make: MakeChain): Node {
  switch (reduction.kind) {
    case 'tiled':
    case 'strided': {
      const within = build(reduction.within, operands, make);
      const across = reduction.across === 'chain' ? 'chain' : build(reduction.across, operands, make);
      return reduction.kind === 'tiled'
        ? { kind: 'tiled', size: reduction.size, within, across }
        : { kind: 'strided', lanes: reduction.lanes, run: reduction.run ?? 1, within, across };
    }
    default:
      return {
        kind: reduction.kind,
        chain: make(reduction.accumulator, operands),
        descending: reduction.order === 'descending',
        bare: reduction.leaf === 'element',
      };
  }
}

/**
 * Sums arrays by one reduction. Made once a plan; `sum` may be called for any number of rows. For inner loops: nothing is
 * checked, junk promises nothing; `defineReduction` checks what it is made from.
 */
export class Reducer {
  private readonly root: Node;
  private readonly tree: Chain | null;
  private recorder!: Recorder;
  private nextJoin = 0;

  /**
   * `operands`: formats of what is summed, where an `aligned` accumulator is to know them. `make`: what stands in for the
   * accumulators where something else than their sums goes along the order of additions, such as bounds on them.
   */
  constructor(
    reduction: Reduction,
    operands: OperandFormats = {},
    make: (accumulator: Accumulator, operands: OperandFormats) => Chain = createChain,
  ) {
    this.root = build(reduction, operands, make);
    this.tree = lastTree(this.root)?.chain ?? null;
  }

  /**
   * The sum of the first `count` elements of `a`, or of the products `a[i]·b[i]`, which stay exact.
   * An empty sum is +0, or the addend.
   *
   * @param addend - where the sum starts; a tree takes it by one last join
   * @param scales - factors shared by blocks of elements, which only `aligned` accumulators take
   */
  sum(
    a: Float64Array,
    b: Float64Array | null,
    count: number,
    recorder: Recorder,
    addend: number | null = null,
    scales: BlockScales | null = null,
  ): number {
    this.recorder = recorder;
    recorder.index = recorder.row;
    this.nextJoin = count;
    const elements: Source = { kind: 'elements', terms: { a, b, places: null, joins: false, scales } };
    if (this.tree === null || addend === null || count === 0) {
      return this.reduce(this.root, elements, 0, 1, count, addend ?? 0);
    }
    const sum = this.reduce(this.root, elements, 0, 1, count, 0);
    return this.tree.join(addend, sum, this.nextJoin++, recorder);
  }

  private reduce(node: Node, source: Source, from: number, stride: number, count: number, start: number): number {
    if (count === 0) return start;
    switch (node.kind) {
      case 'sequential':
        return node.descending
          ? this.sequence(node.chain, source, from + (count - 1) * stride, -stride, count, start)
          : this.sequence(node.chain, source, from, stride, count, start);
      case 'pairwise':
      case 'butterfly':
        return this.fold(node, source, from, stride, count);
      case 'tiled': {
        const { size, within, across } = node;
        if (across === 'chain') {
          let sum = start;
          for (let done = 0; done < count; done += size) {
            sum = this.reduce(within, source, from + done * stride, stride, Math.min(size, count - done), sum);
          }
          return sum;
        }
        const tiles: Source = { kind: 'tiles', of: source, within, from, stride, count, size, run: 1 };
        return this.reduce(across, tiles, 0, 1, Math.ceil(count / size), start);
      }
      case 'strided': {
        const { lanes: size, run, within, across } = node;
        const lanes: Parts = { kind: 'lanes', of: source, within, from, stride, count, size, run };
        const used = Math.min(size, Math.ceil(count / run));
        if (across !== 'chain') return this.reduce(across, lanes, 0, 1, used, start);
        let sum = start;
        for (let lane = 0; lane < used; lane++) sum = this.part(lanes, lane, sum);
        return sum;
      }
    }
  }

  private sequence(chain: Chain, source: Source, from: number, stride: number, count: number, start: number): number {
    if (source.kind === 'elements') return chain.chain(start, source.terms, from, stride, count, this.recorder);
    // Partial results enter a chain as elements do, each numbered once it is there.
    const values = new Float64Array(count);
    const joins = new Int32Array(count);
    for (let k = 0; k < count; k++) {
      values[k] = this.part(source, from + k * stride, 0);
      joins[k] = this.nextJoin++;
    }
    return chain.chain(start, partTerms(values, joins), 0, 1, count, this.recorder);
  }

  private part(source: Parts, i: number, start: number): number {
    if (source.kind === 'picked') return this.part(source.of, source.at[i] as number, start);
    const { kind, of, within, from, stride, count, size, run } = source;
    if (kind === 'tiles') {
      return this.reduce(within, of, from + i * size * stride, stride, Math.min(size, count - i * size), start);
    }
    if (run === 1)
      return this.reduce(within, of, from + i * stride, stride * size, Math.ceil((count - i) / size), start);
    const at = pick(from, stride, count, size, run, i);
    return this.reduce(within, picked(of, at), 0, 1, at.length, start);
  }

  /** Level by level from the leaves: neighbours (pairwise), or i with i + half (butterfly). */
  private fold(node: Ordered, source: Source, from: number, stride: number, count: number): number {
    const sizes = [count];
    while ((sizes.at(-1) as number) > 1) sizes.push(Math.ceil((sizes.at(-1) as number) / 2));
    return this.branch(node, source, from, stride, sizes, sizes.length - 1, 0);
  }

  private branch(
    node: Ordered,
    source: Source,
    from: number,
    stride: number,
    sizes: readonly number[],
    level: number,
    i: number,
  ): number {
    if (level === 0) return this.leaf(node, source, from + i * stride);
    const pairwise = node.kind === 'pairwise';
    const left = pairwise ? 2 * i : i;
    const right = pairwise ? 2 * i + 1 : i + (sizes[level] as number);
    const p = this.branch(node, source, from, stride, sizes, level - 1, left);
    if (right >= (sizes[level - 1] as number)) return p;
    const q = this.branch(node, source, from, stride, sizes, level - 1, right);
    return node.chain.join(p, q, this.nextJoin++, this.recorder);
  }

  /** A chain of length one, from +0; or the element itself. */
  private leaf({ chain, bare }: Ordered, source: Source, at: number): number {
    if (source.kind === 'elements') {
      return bare ? (source.terms.a[at] as number) : chain.chain(0, source.terms, at, 1, 1, this.recorder);
    }
    const part = this.part(source, at, 0);
    if (bare) return part;
    return chain.chain(0, partTerms(Float64Array.of(part), Int32Array.of(this.nextJoin++)), 0, 1, 1, this.recorder);
  }
}

function partTerms(values: Float64Array, joins: Int32Array): Terms {
  return { a: values, b: null, places: joins, joins: true, scales: null };
}

/** Some items of a source, as a source. */
function picked(of: Source, at: Int32Array): Source {
  if (of.kind !== 'elements') return { kind: 'picked', of, at };
  const { a, b, places, scales } = of.terms;
  const own: Float64Array = new Float64Array(at.length);
  const other = b === null ? null : new Float64Array(at.length);
  const numbers = places === null ? at : new Int32Array(at.length);
  for (let k = 0; k < at.length; k++) {
    const i = at[k] as number;
    own[k] = a[i] as number;
    if (other !== null) other[k] = (b as Float64Array)[i] as number;
    if (places !== null) numbers[k] = places[i] as number;
  }
  return { kind: 'elements', terms: { a: own, b: other, places: numbers, joins: false, scales } };
}
