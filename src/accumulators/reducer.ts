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
import { treeLevels } from './treeLevels.ts';
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
  /** Whether a chain without a start begins with its first element. */
  readonly takesFirst: boolean;
  /** To a multiple of which, by a power of two, a butterfly is padded; 0: not at all. */
  readonly lanes: number;
}

/** A reduction with its accumulators made. */
type Node =
  | Ordered
  | {
      readonly kind: 'tiled';
      readonly size: number;
      readonly isShortFirst: boolean;
      readonly within: Node;
      readonly across: Node | 'chain';
    }
  | {
      readonly kind: 'split';
      readonly multipleOf: number;
      readonly head: Node;
      readonly tail: Node;
      readonly across: Node | 'chain';
    }
  | {
      readonly kind: 'strided';
      readonly lanes: number;
      readonly run: number;
      readonly within: Node;
      readonly across: Node | 'chain';
      readonly gathered: LaneElements;
    };

/** The results of tiles or lanes of another source, or some of a source's items. */
type Parts =
  | {
      readonly kind: 'tiles';
      readonly of: Source;
      readonly within: Node;
      readonly from: number;
      readonly stride: number;
      readonly count: number;
      readonly size: number;
      /** Elements of the first tile. */
      readonly lead: number;
    }
  | {
      readonly kind: 'lanes';
      readonly of: Source;
      readonly node: Extract<Node, { kind: 'strided' }>;
      readonly from: number;
      readonly stride: number;
      readonly count: number;
    }
  | {
      readonly kind: 'split';
      readonly of: Source;
      readonly head: Node;
      readonly tail: Node;
      readonly from: number;
      readonly stride: number;
      readonly count: number;
      /** Elements of the head. */
      readonly cut: number;
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
        ? { kind: 'tiled', size: reduction.size, isShortFirst: reduction.short === 'first', within, across }
        : {
            kind: 'strided',
            lanes: reduction.lanes,
            run: reduction.run ?? 1,
            within,
            across,
            gathered: new LaneElements(),
          };
    }
    case 'split': {
      const { kind, multipleOf, across } = reduction;
      const [head, tail] = [build(reduction.head, operands, make), build(reduction.tail, operands, make)];
      return { kind, multipleOf, head, tail, across: across === 'chain' ? across : build(across, operands, make) };
    }
    default:
      return {
        kind: reduction.kind,
        chain: make(reduction.accumulator, operands),
        descending: reduction.order === 'descending',
        bare: reduction.leaf === 'element',
        takesFirst: reduction.start === 'first',
        lanes: reduction.lanes ?? 0,
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
      return this.reduce(this.root, elements, 0, 1, count, addend);
    }
    const sum = this.reduce(this.root, elements, 0, 1, count, null);
    return this.tree.join(addend, sum, this.nextJoin++, recorder);
  }

  /** `start`: what the sum starts from, null where nothing is given. */
  private reduce(
    node: Node,
    source: Source,
    from: number,
    stride: number,
    count: number,
    start: number | null,
  ): number {
    if (count === 0) return start ?? 0;
    switch (node.kind) {
      case 'sequential':
        return node.descending
          ? this.sequence(node, source, from + (count - 1) * stride, -stride, count, start)
          : this.sequence(node, source, from, stride, count, start);
      case 'pairwise':
      case 'butterfly':
        return this.fold(node, source, from, stride, count);
      case 'tiled': {
        const { size, isShortFirst, within, across } = node;
        const lead = isShortFirst ? ((count - 1) % size) + 1 : Math.min(size, count);
        if (across === 'chain') {
          let sum = this.reduce(within, source, from, stride, lead, start);
          for (let done = lead; done < count; done += size) {
            sum = this.reduce(within, source, from + done * stride, stride, Math.min(size, count - done), sum);
          }
          return sum;
        }
        const tiles: Source = { kind: 'tiles', of: source, within, from, stride, count, size, lead };
        return this.reduce(across, tiles, 0, 1, Math.ceil(count / size), start);
      }
      case 'split': {
        const { multipleOf, head, tail, across } = node;
        const cut = count - (count % multipleOf);
        if (across === 'chain') {
          const sum = cut === 0 ? start : this.reduce(head, source, from, stride, cut, start);
          return this.reduce(tail, source, from + cut * stride, stride, count - cut, sum);
        }
        const both: Source = { kind: 'split', of: source, head, tail, from, stride, count, cut };
        return this.reduce(across, both, 0, 1, cut === 0 || cut === count ? 1 : 2, start);
      }
      case 'strided': {
        const { across } = node;
        const lanes: Parts = { kind: 'lanes', of: source, node, from, stride, count };
        const used = Math.min(node.lanes, Math.ceil(count / node.run));
        if (across !== 'chain') return this.reduce(across, lanes, 0, 1, used, start);
        let sum = start;
        for (let lane = 0; lane < used; lane++) sum = this.part(lanes, lane, sum);
        return sum ?? 0;
      }
    }
  }

  private sequence(
    { chain, takesFirst }: Ordered,
    source: Source,
    from: number,
    stride: number,
    count: number,
    start: number | null,
  ): number {
    const taken = start === null && takesFirst ? 1 : 0;
    const more = count - taken;
    if (source.kind === 'elements') {
      const first = taken === 1 ? (source.terms.a[from] as number) : (start ?? 0);
      if (more === 0) return first;
      return chain.chain(first, source.terms, from + taken * stride, stride, more, this.recorder);
    }
    // Partial results enter a chain as elements do, each numbered once it is there; one that is taken over does not enter.
    const first = taken === 1 ? this.part(source, from, null) : (start ?? 0);
    if (more === 0) return first;
    const values = new Float64Array(more);
    const joins = new Int32Array(more);
    for (let k = 0; k < more; k++) {
      values[k] = this.part(source, from + (k + taken) * stride, null);
      joins[k] = this.nextJoin++;
    }
    return chain.chain(first, partTerms(values, joins), 0, 1, more, this.recorder);
  }

  private part(source: Parts, i: number, start: number | null): number {
    if (source.kind === 'picked') return this.part(source.of, source.at[i] as number, start);
    if (source.kind === 'split') {
      const { of, head, tail, from, stride, count, cut } = source;
      if (i === 0 && cut > 0) return this.reduce(head, of, from, stride, cut, start);
      return this.reduce(tail, of, from + cut * stride, stride, count - cut, start);
    }
    const { of, from, stride, count } = source;
    if (source.kind === 'tiles') {
      const { within, size, lead } = source;
      if (i === 0) return this.reduce(within, of, from, stride, lead, start);
      const done = lead + (i - 1) * size;
      return this.reduce(within, of, from + done * stride, stride, Math.min(size, count - done), start);
    }
    const { lanes, run, within, gathered } = source.node;
    if (run === 1) {
      return this.reduce(within, of, from + i * stride, stride * lanes, Math.ceil((count - i) / lanes), start);
    }
    const at = pick(from, stride, count, lanes, run, i);
    const items: Source =
      of.kind === 'elements' ? { kind: 'elements', terms: gathered.of(of.terms, at) } : { kind: 'picked', of, at };
    return this.reduce(within, items, 0, 1, at.length, start);
  }

  /** Level by level from the leaves: neighbours (pairwise), or i with i + half (butterfly). */
  private fold(node: Ordered, source: Source, from: number, stride: number, count: number): number {
    const sizes = treeLevels(count, node.lanes);
    return this.branch(node, source, from, stride, count, sizes, sizes.length - 1, 0);
  }

  private branch(
    node: Ordered,
    source: Source,
    from: number,
    stride: number,
    count: number,
    sizes: readonly number[],
    level: number,
    i: number,
  ): number {
    if (level === 0) return i < count ? this.leaf(node, source, from + i * stride) : 0;
    const pairwise = node.kind === 'pairwise';
    const left = pairwise ? 2 * i : i;
    const right = pairwise ? 2 * i + 1 : i + (sizes[level] as number);
    const p = this.branch(node, source, from, stride, count, sizes, level - 1, left);
    if (right >= (sizes[level - 1] as number)) return p;
    const q = this.branch(node, source, from, stride, count, sizes, level - 1, right);
    return node.chain.join(p, q, this.nextJoin++, this.recorder);
  }

  /** A chain of length one, from +0; or the element itself. */
  private leaf({ chain, bare }: Ordered, source: Source, at: number): number {
    if (source.kind === 'elements') {
      return bare ? (source.terms.a[at] as number) : chain.chain(0, source.terms, at, 1, 1, this.recorder);
    }
    const part = this.part(source, at, null);
    if (bare) return part;
    return chain.chain(0, partTerms(Float64Array.of(part), Int32Array.of(this.nextJoin++)), 0, 1, 1, this.recorder);
  }
}

function partTerms(values: Float64Array, joins: Int32Array): Terms {
  return { a: values, b: null, places: joins, joins: true, scales: null };
}

/** Elements of a lane, one after the other, in memory that a node's lanes share: one is reduced before the next is gathered. */
class LaneElements {
  private a = new Float64Array(0);
  private b = new Float64Array(0);
  private places = new Int32Array(0);

  of({ a, b, places, joins, scales }: Terms, at: Int32Array): Terms {
    if (this.a.length < at.length) {
      this.a = new Float64Array(at.length);
      this.b = new Float64Array(at.length);
      this.places = new Int32Array(at.length);
    }
    for (let k = 0; k < at.length; k++) {
      const i = at[k] as number;
      this.a[k] = a[i] as number;
      if (b !== null) this.b[k] = b[i] as number;
      this.places[k] = places === null ? i : (places[i] as number);
    }
    return { a: this.a, b: b === null ? null : this.b, places: this.places, joins, scales };
  }
}
