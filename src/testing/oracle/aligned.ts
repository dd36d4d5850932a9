/**
 * Sums rounded as a whole, by integers: Kulisch's, and the aligned sums of tensor and matrix cores, written down from
 * the published descriptions (arXiv 2512.07004, arXiv 2511.10909) one step a line.
 *
 * @module
 */
import type { AlignedAccumulator, ExactAccumulator } from '../../accumulators/reduction.ts';
import type { FloatFormat, Format } from '../../formats/format.ts';
import { type Exact, infinity, nan } from './exact.ts';
import { ABSORPTION, INEXACT, INVALID, OVERFLOW } from './flags.ts';
import { limitsOf } from './limits.ts';
import {
  add,
  compareMagnitudes,
  floorLog2,
  isZero,
  multiply,
  type Rational,
  rational,
  split,
  zero,
} from './rational.ts';
import { project } from './round.ts';
import type { OracleOperands, Term } from './terms.ts';

/** A sum as it is rounded, its value, its flags. */
export interface FusedSum {
  /** What its event names: the sum itself, or an addend. */
  readonly operand: Exact;
  readonly value: number;
  readonly flags: number;
  /** Of an aligned sum: all terms and the addend, added up exactly. */
  readonly exact?: Exact;
  readonly absorbed?: readonly Absorbed[];
}

/** What an aligned sum loses wholly. */
export interface Absorbed {
  /** The last of the terms that it comes from; null: a sum on the way. */
  readonly term: number | null;
  /** Its value, where it is not a single term. */
  readonly value: Exact | null;
}

/** The exact sum, rounded once. */
export function oracleExactly(
  { output, productExponent = 0 }: ExactAccumulator,
  terms: readonly Pick<Term, 'a' | 'b'>[],
  start: Exact,
): FusedSum {
  const factor = rational(false, 1n, productExponent);
  const values = [start, ...terms.map(({ a, b }) => product(b === null ? a : product(a, b), factor))];
  const special = specialSum(values);
  const sum = special ?? plusZero(values.reduce((x, y) => add(x as Rational, y as Rational)) as Rational);
  const { value, flags } = project(output.format, output.policy, sum);
  return { operand: sum, value, flags: sum.kind === 'nan' ? flags | INVALID : flags };
}

/** One addend of an aligned sum; a zero may have no exponent. */
interface Addend {
  readonly value: Exact;
  readonly exponent: number | null;
  /** What to tell where nothing is kept of it. */
  readonly lost: Absorbed;
}

/** What happens on the way. */
interface Notes {
  flags: number;
  readonly absorbed: Absorbed[];
}

/** One fused sum of a tensor or matrix core. */
export function oracleAligned(
  accumulator: AlignedAccumulator,
  terms: readonly Term[],
  start: Exact,
  operands: OracleOperands,
): FusedSum {
  const notes: Notes = { flags: 0, absorbed: [] };
  const own =
    (accumulator.group ?? 1) > 1 ? groups(accumulator, terms, operands) : products(accumulator, terms, operands, notes);
  return finish(accumulator, own, start, notes);
}

/** Two results of aligned sums, aligned in turn. */
export function oracleAlignedJoin(accumulator: AlignedAccumulator, left: Exact, right: Exact): FusedSum {
  const exponent = exponentOf(right, accumulator.output.format, accumulator.zeroRule === 'mmasim1');
  const terms = [{ value: right, exponent, lost: { term: 0, value: null } }];
  return finish({ ...accumulator, lanes: 1 }, terms, left, { flags: 0, absorbed: [] });
}

function finish(accumulator: AlignedAccumulator, terms: readonly Addend[], start: Exact, notes: Notes): FusedSum {
  const sum = align(accumulator, terms, start, notes);
  const { output, zeroSign = 'positive' } = accumulator;
  const everything = [start, ...terms.map(({ value }) => value)];
  const areNegativeZeros = everything.every((x) => x.kind === 'finite' && isZero(x) && x.negative);
  const isZeroSum = sum.kind === 'finite' && isZero(sum);
  const given = isZeroSum ? zero(zeroSign !== 'positive' && areNegativeZeros) : sum;
  const { value, flags } = project(output.format, output.policy, given);
  // A zero has a sign where the sum has one by the rule, and where a negative sum became it under 'rounded'.
  const keepsSign = isZeroSum || zeroSign === 'rounded';
  return {
    operand: start,
    value: value === 0 && !keepsSign ? 0 : value,
    flags: flags | notes.flags,
    exact: specialSum(everything) ?? total(everything as Rational[]),
    absorbed: notes.absorbed,
  };
}

/** The products with the sums of their factors' exponents. */
function products(
  { zeroRule }: AlignedAccumulator,
  terms: readonly Term[],
  operands: OracleOperands,
  notes: Notes,
): Addend[] {
  const mmasim = zeroRule === 'mmasim1';
  return terms.map(({ a, b, scale }, term) => {
    let value = b === null ? a : product(a, b);
    if (value.kind === 'nan' && a.kind !== 'nan' && b?.kind !== 'nan') notes.flags |= INVALID;
    let exponent = exponentOf(a, operands.a, mmasim);
    if (b !== null) exponent = plus(exponent, exponentOf(b, operands.b ?? operands.a, mmasim));
    if (scale !== null) {
      for (const factor of scale) {
        value = product(value, factor);
        exponent = plus(exponent, scaleExponent(factor, operands.scale));
      }
    }
    if (value.kind === 'finite' && isZero(value) && !mmasim) exponent = null;
    return { value, exponent, lost: { term, value: null } };
  });
}

/** Groups of products, each summed exactly; the exponent is that of the scales alone. */
function groups(
  { group = 1, zeroRule, zeroGroups }: AlignedAccumulator,
  terms: readonly Term[],
  operands: OracleOperands,
): Addend[] {
  const isNothing = (x: Exact): boolean => x.kind === 'finite' && isZero(x);
  const found: Addend[] = [];
  for (let i = 0; i < terms.length; i += group) {
    const members = terms.slice(i, i + group);
    const values = members.map(({ a, b }) => (b === null ? a : product(a, b)));
    const scales = members[0]?.scale ?? [];
    let value = specialSum(values) ?? (values as Rational[]).reduce(addSigned);
    let exponent: number | null = 0;
    for (const factor of scales) {
      value = product(value, factor);
      exponent = plus(exponent, scaleExponent(factor, operands.scale));
    }
    const isEmpty = values.every(isNothing) || scales.some(isNothing);
    const staysOut = zeroGroups === 'scale' ? isEmpty : isNothing(value);
    if (staysOut && zeroRule !== 'mmasim1') exponent = null;
    found.push({ value, exponent, lost: { term: i + members.length - 1, value } });
  }
  return found;
}

/** The sum of what alignment keeps; NaN or an infinity where a term is special. */
function align(accumulator: AlignedAccumulator, terms: readonly Addend[], start: Exact, notes: Notes): Exact {
  const special = specialSum([start, ...terms.map(({ value }) => value)]);
  if (special !== null) {
    const brought = start.kind === 'nan' || terms.some(({ value }) => value.kind === 'nan');
    if (special.kind === 'nan' && !brought) notes.flags |= INVALID;
    return special;
  }
  const { fractionBits, lost, zeroRule, leastExponent, addend, lanes, output } = accumulator;
  if (accumulator.productOverflow === 'infinity') {
    const limit = rational(false, 1n, floorLog2(limitsOf(output.format as FloatFormat).max) + 1);
    const beyond = terms.flatMap(({ value }) =>
      compareMagnitudes(value as Rational, limit) < 0 ? [] : [infinity((value as Rational).negative)],
    );
    const infinite = specialSum(beyond);
    if (infinite !== null) {
      notes.flags |= OVERFLOW | INEXACT | (infinite.kind === 'nan' ? INVALID : 0);
      return infinite;
    }
  }
  const mmasim = zeroRule === 'mmasim1';
  const c = start as Rational;
  const cutTerms = (part: readonly Addend[], quantum: number): Rational =>
    total(
      part.map(({ value, lost: told }) => {
        const kept = cut(value as Rational, quantum, lost, notes);
        if (isZero(kept) && !isZero(value as Rational)) notes.absorbed.push(told);
        return kept;
      }),
    );
  /** The addend's loss is told with the rounding, which names it. */
  const cutAddend = (quantum: number, how: AlignedAccumulator['lost']): Rational => {
    const kept = cut(c, quantum, how, notes);
    if (isZero(kept) && !isZero(c)) notes.flags |= ABSORPTION;
    return kept;
  };
  const cutPart = (part: Rational, quantum: number, how: AlignedAccumulator['lost']): Rational => {
    const kept = cut(part, quantum, how, notes);
    if (isZero(kept) && !isZero(part)) notes.absorbed.push({ term: null, value: part });
    return kept;
  };
  if (addend === undefined || addend === 'together') {
    const all = [...terms, { exponent: exponentOf(start, output.format, mmasim) }];
    const exponents = all.flatMap(({ exponent }) => (exponent === null ? [] : [exponent]));
    if (exponents.length === 0) return zero();
    const e = exponents.reduce((most, one) => Math.max(most, one), leastExponent ?? Number.NEGATIVE_INFINITY);
    const ofTerms = cutTerms(terms, e - fractionBits);
    return add(ofTerms, cutAddend(e - fractionBits, lost));
  }

  // The addend waits until the products are summed.
  const parts = lanes === 2 ? [terms.filter((_, i) => i % 2 === 0), terms.filter((_, i) => i % 2 === 1)] : [terms];
  const sums = parts.map((part) => {
    const e = greatest(part);
    if (e === null) return { e, sum: zero() };
    return { e, sum: cutTerms(part, e - fractionBits) };
  });
  const e = greatest(terms);
  const sum =
    lanes === 2 && e !== null
      ? total(sums.map((part) => cutPart(part.sum, e - fractionBits, addend.lost)))
      : (sums[0] as { sum: Rational }).sum;
  const own = isZero(c) ? -126 : (exponentOf(start, output.format, false) as number);
  const m = e === null ? own : Math.max(e, own);
  const u = cutPart(sum, m - addend.sumBits, addend.lost);
  let both: Rational;
  if (addend.far === 'zero' && own < m - addend.addendBits - 1) {
    if (!isZero(c)) notes.flags |= INEXACT | ABSORPTION;
    both = u;
  } else both = add(u, cutAddend(m - addend.addendBits, addend.lost));
  const { settle = null } = addend;
  if (settle === null || isZero(both)) return both;
  const settled = Math.max(floorLog2(both), least(output.format));
  return cutPart(both, settled - settle, addend.lost);
}

function greatest(terms: readonly Addend[]): number | null {
  const exponents = terms.flatMap(({ exponent }) => (exponent === null ? [] : [exponent]));
  return exponents.length === 0 ? null : exponents.reduce((most, one) => Math.max(most, one));
}

/** x as a multiple of 2^quantum. */
function cut(x: Rational, quantum: number, lost: 'truncate' | 'floor' | 'odd', notes: Notes): Rational {
  const { whole, remainder } = split(x, quantum);
  if (remainder === 0n) return x;
  notes.flags |= INEXACT;
  if (lost === 'odd') return rational(x.negative, whole | 1n, quantum);
  return rational(x.negative, lost === 'floor' && x.negative ? whole + 1n : whole, quantum);
}

/** Exponent before normalisation: no less than the format's smallest, none (or −126) for zero. */
function exponentOf(x: Exact, format: Format | undefined, mmasim: boolean): number | null {
  if (x.kind !== 'finite') return 0;
  if (isZero(x)) return mmasim ? -126 : null;
  return Math.max(floorLog2(x), least(format));
}

function scaleExponent(x: Exact, format: Format | undefined): number {
  if (x.kind !== 'finite') return 0;
  return isZero(x) ? least(format) : Math.max(floorLog2(x), least(format));
}

function least(format: Format | undefined): number {
  if (format === undefined) return -Infinity;
  return format.kind === 'float' ? limitsOf(format).emin : -format.fractionBits;
}

function plus(p: number | null, q: number | null): number | null {
  return p === null || q === null ? null : p + q;
}

function product(x: Exact, y: Exact): Exact {
  if (x.kind === 'nan' || y.kind === 'nan') return nan;
  if (x.kind === 'finite' && y.kind === 'finite') return multiply(x, y);
  if ((x.kind === 'finite' && isZero(x)) || (y.kind === 'finite' && isZero(y))) return nan;
  return infinity(x.negative !== y.negative);
}

/** null where all are finite. */
function specialSum(values: readonly Exact[]): Exact | null {
  const special = values.filter(({ kind }) => kind !== 'finite');
  if (special.length === 0) return null;
  if (special.some(({ kind }) => kind === 'nan')) return nan;
  const [first, ...others] = special as Extract<Exact, { kind: 'infinite' }>[];
  return others.some(({ negative }) => negative !== first?.negative) ? nan : (first as Exact);
}

function total(values: readonly Rational[]): Rational {
  return values.reduce(add, zero());
}

/** The sum, −0 where both are. */
function addSigned(x: Rational, y: Rational): Rational {
  return isZero(x) && isZero(y) ? zero(x.negative && y.negative) : add(x, y);
}

function plusZero(x: Rational): Rational {
  return isZero(x) ? zero() : x;
}
