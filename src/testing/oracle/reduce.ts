/**
 * Sums by the algebra of design B3: the expression is taken apart as it is written, left to right, so that the
 * numbers of the joins come out in post-order.
 *
 * @module
 */

import type { Accumulator, IntegerAccumulator, Reduction } from '../../accumulators/reduction.ts';
import { BittrueError, checkNumber } from '../../errors/index.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import { type FusedSum, oracleAligned, oracleAlignedJoin, oracleExactly } from './aligned.ts';
import {
  checkFormat,
  checkLength,
  checkNumberList,
  checkReduction,
  integer,
  maybe,
  options as shape,
} from './checks.ts';
import { oracleCompensated } from './compensated.ts';
import { approximately, type Exact, exactly } from './exact.ts';
import { ABSORPTION, INVALID, OVERFLOW, SATURATION, WRAP } from './flags.ts';
import { integerRange, wrapped } from './integer.ts';
import { oracleOperation } from './operations.ts';
import { add, fromBigInt, multiply, toInteger, zero } from './rational.ts';
import type { OracleOperands, OracleReduceEvent, Place, Term } from './terms.ts';

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

/** An addend not yet formed; `index` is the element's, or null for the result of an inner reduction. */
interface Item {
  readonly index: number | null;
  readonly take: () => Term;
}

/** What all parts of one sum share. */
interface Run {
  readonly operands: OracleOperands;
  readonly events: OracleReduceEvent[];
  nextJoin: number;
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

function placeOf(item: Item, run: Run): Place {
  return item.index === null ? { index: null, step: run.nextJoin++ } : { index: item.index, step: item.index };
}

function chain(accumulator: Accumulator, items: readonly Item[], start: Exact, run: Run): Exact {
  if (accumulator.kind === 'exact' || accumulator.kind === 'aligned') {
    return fused(accumulator, items, start, run);
  }
  if (accumulator.kind === 'kahan' || accumulator.kind === 'neumaier') {
    const terms = items.map((item) => ({ x: item.take().a, place: placeOf(item, run) }));
    return oracleCompensated(accumulator, terms, start, run.events);
  }
  let register = start;
  items.forEach((item, k) => {
    const term = item.take();
    const place = placeOf(item, run);
    if (accumulator.kind !== 'integer') {
      register = addRounded(accumulator, register, term, place, run);
      return;
    }
    const before = register;
    const isLost = isRefused(accumulator, term.a) || (term.b !== null && isRefused(accumulator, term.b));
    // An addend that is no finite number leaves the register cleared.
    const isCleared = isRefused(accumulator, before);
    if (isCleared) register = zero();
    if (!isLost) register = fromBigInt(integerOf(register) + integerOfTerm(term));
    const { when = 'everyStep' } = accumulator;
    const isDue = when === 'everyStep' || (typeof when === 'object' && (k + 1) % when.every === 0);
    const isFitted = isDue || k === items.length - 1;
    register = confine(accumulator, register, before, term, place, run, isLost || isCleared ? INVALID : 0, isFitted);
  });
  return register;
}

/** Whether a register has no room for a term, and takes that for an event. */
function isRefused({ nonFinite = 'error' }: IntegerAccumulator, x: Exact): boolean {
  return nonFinite === 'invalid' && x.kind !== 'finite';
}

function join(accumulator: Accumulator, left: Exact, right: Exact, run: Run): Exact {
  const place = { index: null, step: run.nextJoin++ };
  const term = { a: right, b: null, scale: null };
  switch (accumulator.kind) {
    case 'integer': {
      const lost = [left, right].filter((x) => isRefused(accumulator, x));
      const [p, q] = [left, right].map((x) => (isRefused(accumulator, x) ? 0n : integerOf(x))) as [bigint, bigint];
      return confine(accumulator, fromBigInt(p + q), left, term, place, run, lost.length > 0 ? INVALID : 0);
    }
    case 'exact':
      return settle(oracleExactly({ ...accumulator, productExponent: 0 }, [term], left), place, [], [], run);
    case 'aligned':
      return settle(oracleAlignedJoin(accumulator, left, right), place, [term], [place], run);
    default:
      return addRounded(accumulator, left, term, place, run);
  }
}

/** One sum rounded as a whole; an aligned one names what it lost, and its addend at the place of its last element. */
function fused(
  accumulator: Extract<Accumulator, { output: unknown }>,
  items: readonly Item[],
  start: Exact,
  run: Run,
): Exact {
  const places: Place[] = [];
  const terms = items.map((item) => {
    const term = item.take();
    places.push(placeOf(item, run));
    return term;
  });
  const last = places.at(-1) as Place;
  if (accumulator.kind === 'exact') {
    return settle(oracleExactly(accumulator, terms, start), { index: null, step: last.step }, [], [], run);
  }
  return settle(oracleAligned(accumulator, terms, start, run.operands), last, terms, places, run);
}

function settle(
  { operand, value, flags, exact, absorbed = [] }: FusedSum,
  last: Place,
  terms: readonly Pick<Term, 'a' | 'b'>[],
  places: readonly Place[],
  run: Run,
): Exact {
  const tell = (place: Place, raised: number, operands: readonly Exact[]): void => {
    const sum = exact === undefined ? {} : { exact };
    run.events.push({ ...place, flags: raised, operands: operands.map(approximately), result: value, ...sum });
  };
  for (const lost of absorbed) {
    const { a, b } = terms[lost.term ?? 0] as Term;
    const operands = lost.value !== null ? [lost.value] : b === null ? [a] : [a, b];
    tell(lost.term === null ? last : (places[lost.term] as Place), ABSORPTION, operands);
  }
  if (flags !== 0) tell(last, flags, [operand]);
  return exactly(value);
}

function addRounded(
  accumulator: { readonly rounding: Rounding },
  register: Exact,
  { a, b }: Pick<Term, 'a' | 'b'>,
  place: Place,
  run: Run,
): Exact {
  const operands = b === null ? [register, a] : [a, b, register];
  const { value, flags } = oracleOperation(b === null ? 'add' : 'fusedMultiplyAdd', accumulator.rounding, operands);
  if (flags !== 0) run.events.push({ ...place, flags, operands: operands.map(approximately), result: value });
  return exactly(value);
}

/** Brings an exact integer back into the register, unless it is left for a later step; `raised` has happened before. */
function confine(
  { bits, overflow }: IntegerAccumulator,
  sum: Exact,
  before: Exact,
  { a, b }: Pick<Term, 'a' | 'b'>,
  place: Place,
  run: Run,
  raised = 0,
  isFitted = true,
): Exact {
  const integer = integerOf(sum);
  const { low, high } = integerRange(bits, true);
  const isInside = !isFitted || (integer >= low && integer <= high);
  if (isInside && raised === 0) return sum;
  const clamped = integer < low ? low : high;
  const fitted = overflow === 'wrap' ? wrapped(integer, bits, true) : clamped;
  const result = isInside ? sum : fromBigInt(fitted);
  run.events.push({
    ...place,
    flags: raised | (isInside ? 0 : overflow === 'wrap' ? WRAP : OVERFLOW | SATURATION),
    operands: (b === null ? [before, a] : [a, b, before]).map(approximately),
    result: approximately(result),
  });
  return result;
}

function integerOf(x: Exact): bigint {
  const integer = x.kind === 'finite' ? toInteger(x) : null;
  if (integer === null) throw new BittrueError('value', 'a', approximately(x), 'integers, which the register holds');
  return integer;
}

function integerOfTerm({ a, b }: Term): bigint {
  if (b === null) return integerOf(a);
  if (a.kind !== 'finite' || b.kind !== 'finite')
    throw new BittrueError('value', 'a', 'a product that is not finite', 'integers, which the register holds');
  return integerOf(multiply(a, b));
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
