/**
 * A reduction of so many elements as a straight line of instructions for `assembly/program/program.ts`.
 *
 * @module
 */
import type {
  Accumulator,
  FixedAccumulator,
  IntegerAccumulator,
  OrderedReduction,
  Reduction,
} from '../../accumulators/reduction.ts';
import { treeLevels } from '../../accumulators/treeLevels.ts';
import { lastTree, leaves } from '../../accumulators/walk.ts';
import { arenaLayout, instruction, layoutBytes, offsetsOf, operation } from '../../engine/layouts.ts';
import { hasFused } from '../../engine/roundingBlock.ts';
import { type Part, partsOf, range } from './parts.ts';

/** Bytes of a value: eight numbers. */
const COLUMN = 64;
/** Places in the arena. */
const arena = /* @__PURE__ */ offsetsOf(arenaLayout);
/** Words of an instruction, before its operands, and which of them is what. */
const HEAD = /* @__PURE__ */ layoutBytes(instruction) / 4;
const at = /* @__PURE__ */ offsetsOf(instruction);
/** Operations on values, not on elements. */
const ofValues: readonly number[] = [operation.ofValues, operation.integerValues, operation.compensated];

/** An accumulator that there are instructions for. */
export type Operation = Exclude<Accumulator, FixedAccumulator>;

/** Instructions, and what they need. */
export interface Program {
  readonly words: Uint32Array;
  /** Accumulators, by the numbers that instructions name them by. */
  readonly table: readonly Operation[];
  /** Those that add up values, not elements. */
  readonly ofValues: ReadonlySet<Operation>;
  /** Whether nothing reads elements but aligned sums, of neighbours each. */
  readonly areAlignedRuns: boolean;
  /** Bytes of the arena, and where rounded products lie in it. */
  readonly arena: number;
  readonly products: number;
}

/** How elements enter. */
export interface Elements {
  readonly count: number;
  /** Numbers, or rounded products; else X and Y, whose exact products the first sums take. */
  readonly areRounded: boolean;
  /** Whether numbers are X as well, and Y ones: then sums that round only once take them. */
  readonly areBoth?: boolean;
  /** Whether a sum that ends in a tree takes an addend by one last join. */
  readonly hasAddend: boolean;
  /** Elements to a block scale; 0: none. */
  readonly block: number;
  /** Whether every instruction leaves one result, for it to be counted by its magnitude. */
  readonly areSeen?: boolean;
}

/** After how many elements of a chain a register clamps or wraps. */
export function everyOf({ when = 'everyStep' }: IntegerAccumulator): number {
  return when === 'everyStep' ? 1 : when === 'atEnd' ? 2 ** 31 : when.every;
}

/** What a node reduces: elements by number, or results of reductions of other items. */
type Items =
  | { readonly kind: 'elements'; readonly at: Int32Array }
  | { readonly kind: 'parts'; readonly of: Items; readonly parts: readonly Part[] };

/** What a reduction asks for that no instruction does. */
class Unsupported extends Error {}

/** Compiles a reduction; null where there is no instruction for some of it. */
export function compile(reduction: Reduction, elements: Elements): Program | null {
  try {
    return new Compiler(elements, longestGroup(reduction)).compile(reduction);
  } catch (error) {
    if (error instanceof Unsupported) return null;
    throw error;
  }
}

function longestGroup(reduction: Reduction): number {
  const groups = leaves(reduction).map(({ accumulator }) =>
    accumulator.kind === 'aligned' ? (accumulator.group ?? 1) : 1,
  );
  return groups.reduce((longest, group) => Math.max(longest, group), 1);
}

function count(items: Items): number {
  return items.kind === 'elements' ? items.at.length : items.parts.length;
}

function select(items: Items, at: Int32Array): Items {
  return items.kind === 'elements'
    ? { kind: 'elements', at: at.map((i) => items.at[i] as number) }
    : { ...items, parts: Array.from(at, (i) => items.parts[i] as Part) };
}

class Compiler {
  private words = new Uint32Array(1024);
  private length = 0;
  private readonly table: Operation[] = [];
  private readonly ofValues = new Set<Operation>();
  private areAlignedRuns = true;
  private readonly elements: Elements;
  private readonly products: number;
  /** The next free place of the arena, and the first beyond all that were used. */
  private next: number;
  private end: number;

  constructor(elements: Elements, group: number) {
    this.elements = elements;
    const groups = group > 1 ? Math.ceil(elements.count / group) * 16 : 0;
    this.products = Math.ceil((arena.groups + groups) / COLUMN) * COLUMN;
    this.next = this.products + (elements.areRounded ? elements.count * COLUMN : 0);
    this.end = this.next;
  }

  compile(reduction: Reduction): Program {
    const { count: n, hasAddend } = this.elements;
    // An addend takes an instruction of its own where a tree forms the result.
    const tree = n > 0 && hasAddend ? lastTree(reduction) : null;
    const items: Items = { kind: 'elements', at: range(0, n) };
    if (tree === null) this.reduce(reduction, items, hasAddend ? arena.start : arena.zero, arena.result);
    else {
      const sum = this.take();
      this.reduce(reduction, items, arena.zero, sum);
      this.join(tree.accumulator, arena.start, sum, arena.result);
    }
    const { words, length, table, ofValues, areAlignedRuns, end, products } = this;
    return { words: words.slice(0, length), table, ofValues, areAlignedRuns, arena: end, products };
  }

  private take(): number {
    const at = this.next;
    this.next += COLUMN;
    this.end = Math.max(this.end, this.next);
    return at;
  }

  /** The number of an accumulator, which must be of a kind. */
  private numberOf(accumulator: Accumulator, kind: Operation['kind']): number {
    if (accumulator.kind === 'fixed' || accumulator.kind !== kind) throw new Unsupported();
    const known = this.table.indexOf(accumulator);
    return known < 0 ? this.table.push(accumulator) - 1 : known;
  }

  private emit(does: number, to: number, start: number, number: number, operands: ArrayLike<number>): void {
    if (operands.length > 0 && ofValues.includes(does)) {
      this.ofValues.add(this.table[number] as Operation);
    }
    const first = this.length;
    const operandsAt = first + HEAD;
    this.length = operandsAt + operands.length;
    if (this.length > this.words.length) {
      const longer = new Uint32Array(2 * this.length);
      longer.set(this.words);
      this.words = longer;
    }
    const { words } = this;
    words[first + at.operation / 4] = does;
    words[first + at.result / 4] = to;
    words[first + at.start / 4] = start;
    words[first + at.accumulator / 4] = number;
    words[first + at.count / 4] = operands.length;
    for (let i = 0; i < operands.length; i++) words[operandsAt + i] = operands[i] as number;
  }

  /** The same; where results are seen, an instruction for each that the accumulator has. */
  private emitSteps(
    does: number,
    to: number,
    start: number,
    accumulator: Accumulator,
    operands: ArrayLike<number>,
  ): void {
    const { kind } = accumulator;
    const number = this.numberOf(accumulator, kind === 'integer' ? kind : 'float');
    if (!this.elements.areSeen) {
      this.emit(does, to, start, number, operands);
      return;
    }
    const every = kind === 'integer' ? everyOf(accumulator) : 1;
    for (let from = 0; from < operands.length; from += every) {
      const part = Array.prototype.slice.call(operands, from, from + every) as number[];
      this.emit(does, to, from === 0 ? start : to, number, part);
    }
  }

  private copy(from: number, to: number): void {
    if (from !== to) this.emit(operation.ofValues, to, from, 0, []);
  }

  private reduce(node: Reduction, items: Items, start: number, to: number): void {
    const n = count(items);
    if (n === 0) {
      this.copy(start, to);
      return;
    }
    if ('across' in node) {
      const parts = partsOf(node, n);
      if (node.across !== 'chain') {
        this.reduce(node.across, { kind: 'parts', of: items, parts }, start, to);
        return;
      }
      parts.forEach(({ within, at }, i) => {
        this.reduce(within, select(items, at), i === 0 ? start : to, to);
      });
    } else if (node.kind === 'sequential') this.sequential(node, items, n, start, to);
    else this.fold(node, items, n, to);
  }

  /** A chain, which may begin with its first item where nothing else is given to start from. */
  private sequential(node: OrderedReduction, items: Items, n: number, start: number, to: number): void {
    const isDescending = node.order === 'descending';
    if (node.start !== 'first' || start !== arena.zero) {
      this.sequence(node.accumulator, items, isDescending, start, to);
      return;
    }
    const mark = this.next;
    const [first, rest] = isDescending ? [n - 1, range(0, n - 1)] : [0, range(1, n)];
    const at = this.item(items, first);
    if (n === 1) this.copy(at, to);
    else this.sequence(node.accumulator, select(items, rest), isDescending, at, to);
    this.next = mark;
  }

  /** Where an item lies as it is: a part's result, or an element that is a number. */
  private item(items: Items, i: number): number {
    if (items.kind === 'parts') return this.part(items, i);
    if (!this.elements.areRounded) throw new Unsupported();
    return this.products + (items.at[i] as number) * COLUMN;
  }

  /** A part's result, in a place that is given back after `use`. */
  private part(items: Extract<Items, { kind: 'parts' }>, i: number): number {
    const at = this.take();
    const mark = this.next;
    const { within, at: own } = items.parts[i] as Part;
    this.reduce(within, select(items.of, own), arena.zero, at);
    this.next = mark;
    return at;
  }

  private sequence(accumulator: Accumulator, items: Items, isDescending: boolean, start: number, to: number): void {
    if (items.kind === 'elements') {
      const at = isDescending ? items.at.slice().reverse() : items.at;
      this.chain(accumulator, at, start, to);
      return;
    }
    const mark = this.next;
    const order = items.parts.map((_, i) => (isDescending ? items.parts.length - 1 - i : i));
    if (
      accumulator.kind === 'float' ||
      (accumulator.kind === 'integer' && (accumulator.when ?? 'everyStep') === 'everyStep')
    ) {
      // Every step stands for itself: parts are added as they come.
      this.copy(start, to);
      for (const i of order) {
        this.add(accumulator, [this.part(items, i)], to, to);
        this.next = mark;
      }
      return;
    }
    const values = order.map((i) => this.part(items, i));
    this.add(accumulator, values, start, to);
    this.next = mark;
  }

  /** Values added up. */
  private add(accumulator: Accumulator, values: readonly number[], start: number, to: number): void {
    if (accumulator.kind === 'integer') {
      this.emitSteps(operation.integerValues, to, start, accumulator, values);
    } else if (accumulator.kind === 'kahan' || accumulator.kind === 'neumaier') {
      // One instruction has several results an element.
      if (this.elements.areSeen) throw new Unsupported();
      this.emit(operation.compensated, to, start, this.numberOf(accumulator, accumulator.kind), values);
    } else this.emitSteps(operation.ofValues, to, start, accumulator, values);
  }

  /** Two results added: a register's exactly, then fitted; any other accumulator's by one rounded addition. */
  private join(accumulator: Accumulator, p: number, q: number, to: number): void {
    const { kind } = accumulator;
    switch (kind) {
      case 'integer':
        this.emit(operation.integerValues, to, p, this.numberOf(accumulator, kind), [q]);
        break;
      case 'float':
      case 'kahan':
      case 'neumaier':
        this.emit(operation.ofValues, to, p, this.numberOf(accumulator, kind), [q]);
        break;
      default:
        throw new Unsupported();
    }
  }

  /** Elements added up. */
  private chain(accumulator: Accumulator, at: Int32Array, start: number, to: number): void {
    const { areRounded, areBoth = false } = this.elements;
    const isWhole = accumulator.kind === 'aligned' || accumulator.kind === 'exact';
    if (areRounded && !(areBoth && isWhole)) {
      this.add(
        accumulator,
        Array.from(at, (i) => this.products + i * COLUMN),
        start,
        to,
      );
      return;
    }
    this.areAlignedRuns &&= accumulator.kind === 'aligned' && at.every((i, n) => i === (at[0] as number) + n);
    switch (accumulator.kind) {
      case 'float':
        if (accumulator.fused !== true || !hasFused(accumulator.rounding)) throw new Unsupported();
        this.emitSteps(
          accumulator.rounding.format.bits === 64 ? operation.doubles : operation.ofElements,
          to,
          start,
          accumulator,
          at,
        );
        return;
      case 'aligned':
        this.checkGroups(accumulator, at);
        this.emit(operation.aligned, to, start, this.numberOf(accumulator, 'aligned'), at);
        return;
      case 'exact':
        this.emit(operation.exact, to, start, this.numberOf(accumulator, 'exact'), at);
        return;
      case 'integer':
        this.emitSteps(operation.integerElements, to, start, accumulator, at);
        return;
      default:
        throw new Unsupported();
    }
  }

  /** Sums have a longest length; groups may not straddle blocks of scales. */
  private checkGroups(accumulator: Extract<Accumulator, { kind: 'aligned' }>, at: Int32Array): void {
    const { fractionBits, addend = 'together', group = 1, lanes = 1 } = accumulator;
    const isLate = addend !== 'together';
    const kept = Math.max(fractionBits, isLate ? addend.sumBits : 0);
    if (Math.ceil(at.length / group) > 2 ** (53 - kept - (group > 1 ? 12 : 2)) - 1) throw new Unsupported();
    if (lanes === 2 && isLate && group > 1) throw new Unsupported();
    const { block } = this.elements;
    if (group === 1 || block === 0) return;
    for (let k = 0; k < at.length; k++) {
      const first = at[k - (k % group)] as number;
      if (Math.floor((at[k] as number) / block) !== Math.floor(first / block)) throw new Unsupported();
    }
  }

  private fold(node: Extract<Reduction, { accumulator: Accumulator }>, items: Items, n: number, to: number): void {
    const sizes = treeLevels(n, node.lanes);
    const mark = this.next;
    this.copy(this.branch(node, items, sizes, sizes.length - 1, 0), to);
    this.next = mark;
  }

  /** Where the result of a branch lies. */
  private branch(
    node: Extract<Reduction, { accumulator: Accumulator }>,
    items: Items,
    sizes: readonly number[],
    level: number,
    i: number,
  ): number {
    if (level === 0) return i < count(items) ? this.leaf(node, items, i) : arena.zero;
    const isPairwise = node.kind === 'pairwise';
    const right = isPairwise ? 2 * i + 1 : i + (sizes[level] as number);
    const at = this.take();
    const mark = this.next;
    const p = this.branch(node, items, sizes, level - 1, isPairwise ? 2 * i : i);
    if (right >= (sizes[level - 1] as number)) {
      this.copy(p, at);
    } else {
      const q = this.branch(node, items, sizes, level - 1, right);
      this.join(node.accumulator, p, q, at);
    }
    this.next = mark;
    return at;
  }

  private leaf(node: Extract<Reduction, { accumulator: Accumulator }>, items: Items, i: number): number {
    if (node.leaf === 'element') return this.item(items, i);
    if (items.kind === 'elements') {
      const at = items.at[i] as number;
      const to = this.take();
      this.chain(node.accumulator, Int32Array.of(at), arena.zero, to);
      return to;
    }
    const part = this.part(items, i);
    const to = this.take();
    this.add(node.accumulator, [part], arena.zero, to);
    return to;
  }
}
