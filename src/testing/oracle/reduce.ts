/**
 * Sums by the algebra of design B3: the expression is taken apart as it is written, left to right, so that the
 * numbers of the joins come out in post-order.
 *
 * @module
 */
import type { Accumulator, IntegerAccumulator, Reduction } from '../../accumulators/reduction.ts';
import { approximately, type Exact, exactly } from './exact.ts';
import { OracleError, OVERFLOW, SATURATION, WRAP } from './flags.ts';
import { integerRange, wrapped } from './integer.ts';
import { oracleOperation } from './operations.ts';
import { add, fromBigInt, multiply, toInteger, zero } from './rational.ts';

/** One operation of a sum that raised a flag. */
export interface OracleReduceEvent {
  /** The element that entered, or null for a join. */
  readonly index: number | null;
  readonly step: number;
  readonly flags: number;
  readonly operands: readonly number[];
  readonly result: number;
}

export interface OracleSum {
  /** The sum as a binary64 number (nearest, for registers wider than that). */
  readonly value: number;
  readonly exact: Exact;
  readonly events: OracleReduceEvent[];
}

/** What enters a chain: x, or the exact product a·b. */
interface Term {
  readonly a: Exact;
  readonly b: Exact | null;
}

/** An addend not yet formed; `index` is the element's, or null for the result of an inner reduction. */
interface Item {
  readonly index: number | null;
  readonly take: () => Term;
}

/** What all parts of one sum share. */
interface Run {
  readonly events: OracleReduceEvent[];
  nextJoin: number;
}

interface Place {
  readonly index: number | null;
  readonly step: number;
}

/**
 * Σ a_i, or Σ a_i·b_i where the accumulator that the elements enter takes exact products (fused, or integer).
 *
 * @example
 * import { int8 } from 'bittrue/formats';
 * import { oracleReduce } from 'bittrue/testing';
 * const register = { kind: 'integer', bits: 8, overflow: 'saturate' } as const;
 * oracleReduce({ kind: 'sequential', accumulator: register }, [100, 100, -100], null).value; // 27
 */
export function oracleReduce(reduction: Reduction, a: ArrayLike<number>, b: ArrayLike<number> | null): OracleSum {
  const element = elementAccumulator(reduction);
  if (b !== null && element.kind === 'float' && element.fused !== true) {
    throw new OracleError('products must be rounded before an accumulator that is not fused');
  }
  const run: Run = { events: [], nextJoin: a.length };
  const items: Item[] = Array.from({ length: a.length }, (_, index) => ({
    index,
    take: () => ({ a: exactly(a[index] as number), b: b === null ? null : exactly(b[index] as number) }),
  }));
  const exact = evaluate(reduction, items, zero(), run);
  return { value: approximately(exact), exact, events: run.events };
}

/** The accumulator that the elements themselves enter. */
export function elementAccumulator(reduction: Reduction): Accumulator {
  return 'accumulator' in reduction ? reduction.accumulator : elementAccumulator(reduction.within);
}

/** The value of `items` under `reduction`; a chain of tiles begins at `start`. */
function evaluate(reduction: Reduction, items: readonly Item[], start: Exact, run: Run): Exact {
  if (items.length === 0) return start;
  switch (reduction.kind) {
    case 'sequential':
      return chain(reduction.accumulator, items, start, run);
    case 'pairwise':
    case 'butterfly': {
      // A leaf is a chain of length one.
      const leaves = items.map((item) => () => chain(reduction.accumulator, [item], zero(), run));
      const root = reduction.kind === 'pairwise' ? pairwise : butterfly;
      return root(leaves, (left, right) => () => join(reduction.accumulator, left(), right(), run))();
    }
    case 'tiled': {
      const { size, within, across } = reduction;
      const tiles: (readonly Item[])[] = [];
      for (let i = 0; i < items.length; i += size) tiles.push(items.slice(i, i + size));
      if (across === 'chain') {
        if (!isChain(within)) throw new OracleError('only chains continue from tile to tile');
        return tiles.reduce((value, tile) => evaluate(within, tile, value, run), start);
      }
      return evaluate(
        across,
        tiles.map((tile) => partial(within, tile, run)),
        zero(),
        run,
      );
    }
    case 'strided': {
      const { lanes, within, across } = reduction;
      const used = Math.min(lanes, items.length);
      const lane = Array.from({ length: used }, (_, l) => items.filter((_, i) => i % lanes === l));
      return evaluate(
        across,
        lane.map((own) => partial(within, own, run)),
        zero(),
        run,
      );
    }
  }
}

/** Whether a reduction is one chain, so that it can begin at another's result. */
function isChain(reduction: Reduction): boolean {
  return reduction.kind === 'sequential' || (reduction.kind === 'tiled' && reduction.across === 'chain');
}

/** The result of an inner reduction, as an addend of the outer one. */
function partial(within: Reduction, items: readonly Item[], run: Run): Item {
  return { index: null, take: () => ({ a: evaluate(within, items, zero(), run), b: null }) };
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
  let register = start;
  items.forEach((item, k) => {
    const term = item.take();
    const place = placeOf(item, run);
    if (accumulator.kind === 'float') {
      register = addFloat(accumulator, register, term, place, run);
      return;
    }
    const before = register;
    register = fromBigInt(integerOf(register) + integerOfTerm(term));
    const { when = 'everyStep' } = accumulator;
    const isDue = when === 'everyStep' || (typeof when === 'object' && (k + 1) % when.every === 0);
    if (isDue || k === items.length - 1) register = confine(accumulator, register, before, term, place, run);
  });
  return register;
}

function join(accumulator: Accumulator, left: Exact, right: Exact, run: Run): Exact {
  const place = { index: null, step: run.nextJoin++ };
  const term = { a: right, b: null };
  if (accumulator.kind === 'float') return addFloat(accumulator, left, term, place, run);
  return confine(accumulator, fromBigInt(integerOf(left) + integerOf(right)), left, term, place, run);
}

function addFloat(
  accumulator: Extract<Accumulator, { kind: 'float' }>,
  register: Exact,
  { a, b }: Term,
  place: Place,
  run: Run,
): Exact {
  const operands = b === null ? [register, a] : [a, b, register];
  const { value, flags } = oracleOperation(b === null ? 'add' : 'fusedMultiplyAdd', accumulator.step, operands);
  if (flags !== 0) run.events.push({ ...place, flags, operands: operands.map(approximately), result: value });
  return exactly(value);
}

/** Brings an exact integer back into the register. */
function confine(
  { bits, overflow }: IntegerAccumulator,
  sum: Exact,
  before: Exact,
  { a, b }: Term,
  place: Place,
  run: Run,
): Exact {
  const integer = integerOf(sum);
  const { low, high } = integerRange(bits, true);
  if (integer >= low && integer <= high) return sum;
  const clamped = integer < low ? low : high;
  const result = fromBigInt(overflow === 'wrap' ? wrapped(integer, bits, true) : clamped);
  run.events.push({
    ...place,
    flags: overflow === 'wrap' ? WRAP : OVERFLOW | SATURATION,
    operands: (b === null ? [before, a] : [a, b, before]).map(approximately),
    result: approximately(result),
  });
  return result;
}

function integerOf(x: Exact): bigint {
  const integer = x.kind === 'finite' ? toInteger(x) : null;
  if (integer === null) throw new OracleError(`${approximately(x)} in an integer accumulator`);
  return integer;
}

function integerOfTerm({ a, b }: Term): bigint {
  if (b === null) return integerOf(a);
  if (a.kind !== 'finite' || b.kind !== 'finite') throw new OracleError('a product in an integer accumulator');
  return integerOf(multiply(a, b));
}

/** The sum in real arithmetic, for comparison. */
export function oracleExactSum(a: ArrayLike<number>, b: ArrayLike<number> | null = null): Exact {
  let sum = zero();
  for (let i = 0; i < a.length; i++) {
    const x = exactly(a[i] as number);
    const y = b === null ? exactly(1) : exactly(b[i] as number);
    if (x.kind !== 'finite' || y.kind !== 'finite') throw new OracleError('an exact sum of finite numbers');
    sum = add(sum, multiply(x, y));
  }
  return sum;
}
