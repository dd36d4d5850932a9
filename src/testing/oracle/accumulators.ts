/**
 * What every kind of accumulator makes of the terms of a chain, and of two partial results: each sum in exact rationals.
 *
 * @module
 */
import type { Accumulator, IntegerAccumulator } from '../../accumulators/reduction.ts';
import { BittrueError } from '../../errors/index.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import { type FusedSum, oracleAligned, oracleAlignedJoin, oracleExactly } from './aligned.ts';
import { oracleCompensated } from './compensated.ts';
import { approximately, type Exact, exactly } from './exact.ts';
import { ABSORPTION, INVALID, OVERFLOW, SATURATION, WRAP } from './flags.ts';
import { integerRange, wrapped } from './integer.ts';
import { oracleOperation } from './operations.ts';
import { fromBigInt, multiply, toInteger, zero } from './rational.ts';
import type { OracleOperands, OracleReduceEvent, Place, Term } from './terms.ts';

/** An addend not yet formed; `index` is the element's, or null for the result of an inner reduction. */
export interface Item {
  readonly index: number | null;
  readonly take: () => Term;
}

/** What all parts of one sum share. */
export interface Run {
  readonly operands: OracleOperands;
  readonly events: OracleReduceEvent[];
  nextJoin: number;
}

function placeOf(item: Item, run: Run): Place {
  return item.index === null ? { index: null, step: run.nextJoin++ } : { index: item.index, step: item.index };
}

/** The terms of a chain, one after the other, from a start. */
export function chain(accumulator: Accumulator, items: readonly Item[], start: Exact, run: Run): Exact {
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

/** Two partial results as one. */
export function join(accumulator: Accumulator, left: Exact, right: Exact, run: Run): Exact {
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
