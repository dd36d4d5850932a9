/**
 * Bounds for fused sums of tensor and matrix cores, which are not monotone: a larger term may raise the exponent that all
 * are aligned to, and cut more off the others.
 *
 * Every term keeps its value but for less than one unit of 2^(E − F); E is at most the largest exponent that any term of
 * the set can have. What is kept is summed exactly, and rounded once, which is monotone.
 *
 * @module
 */
import { eminOf } from '../accumulators/alignedOperands.ts';
import { NONE, ZERO_EXPONENT } from '../accumulators/alignedTerms.ts';
import type { Chain, OperandFormats, Terms } from '../accumulators/chain.ts';
import type { AlignedAccumulator } from '../accumulators/reduction.ts';
import { exponentOf } from '../rounding/rounder.ts';
import { Edges } from './edges.ts';
import { plusDown, plusUp } from './outward.ts';
import { type Limit, limitOf, type Range, type Ranges } from './ranges.ts';

/** A sum on its way. */
interface Kept {
  low: number;
  high: number;
}

/** Bounds on fused sums. */
export class AlignedChain implements Chain {
  private readonly ranges: Ranges;
  private readonly accumulator: AlignedAccumulator;
  private readonly edges: Edges;
  private readonly limit: Limit;
  private readonly eminA: number;
  private readonly eminB: number;
  private readonly eminC: number;
  private readonly productLimit: number;

  constructor(ranges: Ranges, accumulator: AlignedAccumulator, operands: OperandFormats) {
    const { format } = accumulator.output;
    this.ranges = ranges;
    this.accumulator = accumulator;
    this.edges = new Edges(accumulator.output);
    this.limit = limitOf(format);
    this.eminA = eminOf(operands.a, NONE);
    this.eminB = eminOf(operands.b ?? operands.a, NONE);
    this.eminC = eminOf(format, NONE);
    const emax = format.kind === 'float' ? format.emax : format.bits;
    this.productLimit = accumulator.productOverflow === 'infinity' ? 2 ** (emax + 1) : Number.POSITIVE_INFINITY;
  }

  chain(start: number, terms: Terms, from: number, stride: number, count: number): number {
    const parts = Array.from({ length: count }, (_, k) => this.ranges.read(terms.a[from + k * stride] as number));
    return this.sum(this.ranges.read(start), parts);
  }

  join(p: number, q: number): number {
    return this.sum(this.ranges.read(p), [this.ranges.read(q)]);
  }

  private sum(start: Range, parts: readonly Range[]): number {
    const { accumulator, ranges } = this;
    const { fractionBits, lost, addend = 'together', lanes = 1, leastExponent } = accumulator;
    const group = accumulator.group ?? 1;
    // Groups without scales have the exponent of a scale of 1.
    let e = group > 1 ? 0 : parts.reduce((largest, part) => Math.max(largest, this.exponent(part)), NONE);
    let { idealLow, idealHigh } = start;
    for (const part of parts) {
      if (Math.max(-part.low, part.high) >= this.productLimit) ranges.fails = true;
      idealLow += part.idealLow;
      idealHigh += part.idealHigh;
    }
    const own = this.exponentOfAddend(start);
    if (addend === 'together') e = Math.max(e, own, leastExponent ?? NONE);
    const unit = 2 ** (e - fractionBits);
    let kept: Kept = { low: 0, high: 0 };
    for (let k = 0; k < parts.length; k += group) {
      let term: Kept = { low: 0, high: 0 };
      for (const part of parts.slice(k, k + group)) term = add(term, part);
      kept = add(kept, cut(term, unit, lost));
    }
    if (addend === 'together') kept = add(kept, cut(start, unit, lost));
    else {
      const m = Math.max(e, own);
      if (lanes === 2) kept = widen(kept, 2 * unit);
      kept = add(cut(kept, 2 ** (m - addend.sumBits), addend.lost), widen(start, 2 ** (m - addend.addendBits)));
      const { settle = null } = addend;
      const most = Math.max(-kept.low, kept.high);
      if (settle !== null && most > 0) {
        kept = cut(kept, 2 ** (Math.max(exponentOf(most), this.eminC) - settle), addend.lost);
      }
    }
    return this.rounded(kept, idealLow, idealHigh);
  }

  /** The largest exponent that a term can have. */
  private exponent({ low, high, factors }: Range): number {
    const zero = this.accumulator.zeroRule === 'mmasim1' ? ZERO_EXPONENT : NONE;
    if (factors === null) return exponentAt(Math.max(-low, high), this.eminA, zero);
    const a = Math.max(Math.abs(factors.low.a), Math.abs(factors.high.a));
    const b = Math.max(Math.abs(factors.low.b), Math.abs(factors.high.b));
    if ((a === 0 || b === 0) && zero === NONE) return NONE;
    return exponentAt(a, this.eminA, zero) + exponentAt(b, this.eminB, zero);
  }

  private exponentOfAddend({ low, high }: Range): number {
    const isLate = (this.accumulator.addend ?? 'together') !== 'together';
    const zero = isLate || this.accumulator.zeroRule === 'mmasim1' ? ZERO_EXPONENT : NONE;
    return exponentAt(Math.max(-low, high), this.eminC, zero);
  }

  private rounded(kept: Kept, idealLow: number, idealHigh: number): number {
    const { ranges, edges } = this;
    edges.fails = false;
    edges.result(kept.low, kept.high);
    if (edges.fails) ranges.fails = true;
    const { low, high } = edges.fails ? kept : edges;
    ranges.hold(low, high, this.limit);
    return ranges.enter({ low, high, idealLow, idealHigh, factors: null, wrapped: 0 });
  }
}

/** Exponent of a magnitude at most so large, before it is normalised; `zero`: that of zeros. */
function exponentAt(most: number, emin: number, zero: number): number {
  return Math.max(most === 0 ? NONE : Math.max(exponentOf(most), emin), zero);
}

function add(p: Kept, q: Kept): Kept {
  return { low: plusDown(p.low, q.low), high: plusUp(p.high, q.high) };
}

function widen({ low, high }: Kept, by: number): Kept {
  return { low: plusDown(low, -by), high: plusUp(high, by) };
}

/** What a cut to multiples of `unit` may leave; it never turns the sign. */
function cut({ low, high }: Kept, unit: number, lost: AlignedAccumulator['lost']): Kept {
  const inLow = low > 0 ? Math.max(0, plusDown(low, -unit)) : plusDown(low, -unit);
  const inHigh = high < 0 ? Math.min(0, plusUp(high, unit)) : plusUp(high, unit);
  switch (lost) {
    case 'truncate':
      return { low: low > 0 ? inLow : low, high: high < 0 ? inHigh : high };
    case 'floor':
      return { low: inLow, high };
    case 'odd':
      return { low: inLow, high: inHigh };
  }
}
