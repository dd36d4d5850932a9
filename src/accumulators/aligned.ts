/**
 * The fused sum of tensor and matrix cores.
 *
 * Khattak & Mikaitis, Accurate Models of NVIDIA Tensor Cores, arXiv 2512.07004; MMA-Sim, arXiv 2511.10909; Fasi, Higham,
 * Mikaitis & Pranesh, PeerJ CS 2021. Operands must be values of formats narrow enough for exact binary64 products.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import type { Recorder } from '../events/recorder.ts';
import { type Binades, binadesOf } from '../formats/binades.ts';
import { ABSORPTION, INEXACT } from '../rounding/flags.ts';
import { exponentOf, powerOfTwo, Rounder } from '../rounding/rounder.ts';
import { areExact, eminOf } from './alignedOperands.ts';
import { AlignedTerms, type Elements, NONE, ZERO_EXPONENT } from './alignedTerms.ts';
import { type Chain, type OperandFormats, placeOf, type Terms } from './chain.ts';
import type { AlignedAccumulator, LateAddend } from './reduction.ts';

/** Significant bits before the point: a product's significand is below 4, that of a group's sum far below 2^12. */
const PRODUCT_BITS = 2;
const GROUP_BITS = 12;

/**
 * One chain is one fused sum; see {@link AlignedAccumulator}. Every sum of cut terms is an integer below 2^53, so
 * binary64 holds it exactly.
 *
 * Its events name some of its terms, and all bear the exact sum of all terms and the addend:
 * - `absorption`, one for every term that is not zero and of which its cut keeps 0, with its index and operands; for a
 *   group, or a sum on the way that is cut to 0, with the index of its last element and its value;
 * - one event of the rounding, which names the addend at the index of the last element: the flags of the output's rounding,
 *   `inexact` where alignment cut bits, `absorption` where the cut keeps 0 of the addend, `overflow` where a product counts
 *   as infinite, `invalid` for 0·∞ and for infinities of both signs where no term is NaN.
 */
export class AlignedChain implements Chain {
  private readonly accumulator: AlignedAccumulator;
  /** The terms of the sum under way. What is protected here, a trace of the sum looks at. */
  protected readonly terms: AlignedTerms;
  private readonly late: LateAddend | null;
  private readonly group: number;
  private readonly rounder: Rounder;
  private readonly binades: Binades;
  /** Least exponents of the sum, and of the addend. */
  private readonly leastExponent: number;
  private readonly eminC: number;
  private readonly longest: number;
  /** Formats that it cannot sum exactly; null: it can. */
  private readonly refused: OperandFormats | null;

  /** What the sum under way raised where its bits were cut, the addend's absorption among it. */
  private raised = 0;
  /** Numbers of terms that were absorbed, and how many there are. */
  private absorbed = new Int32Array(64);
  private absorbedCount = 0;
  /** Sums on the way that were cut to 0. */
  private absorbedSums: number[] = [];

  constructor(accumulator: AlignedAccumulator, operands: OperandFormats = {}) {
    const { fractionBits, leastExponent, addend, group = 1, output } = accumulator;
    this.accumulator = accumulator;
    this.terms = new AlignedTerms(accumulator, operands);
    this.late = addend === undefined || addend === 'together' ? null : addend;
    this.group = group;
    this.refused = areExact(operands, group) ? null : operands;
    this.rounder = new Rounder(output.format, output.policy);
    this.binades = binadesOf(output.format);
    this.leastExponent = leastExponent ?? NONE;
    this.eminC = eminOf(output.format, NONE);
    const most = Math.max(fractionBits, this.late?.sumBits ?? 0);
    this.longest = 2 ** (53 - most - (group > 1 ? GROUP_BITS : PRODUCT_BITS)) - 1;
  }

  chain(start: number, terms: Terms, from: number, stride: number, count: number, recorder: Recorder): number {
    if (this.refused !== null) {
      const wanted = 'formats whose scaled products, and groups of them, have at most 53 bits';
      throw new BittrueError('unsupported', 'operands', this.refused, wanted);
    }
    const length = this.group > 1 ? Math.ceil(count / this.group) : count;
    if (length > this.longest) {
      throw new BittrueError(
        'range',
        'reduction.size',
        count,
        `fused sums of at most ${this.longest * this.group} elements`,
      );
    }
    this.begin(length);
    const elements = { terms, from, stride, count };
    if (this.accumulator.lanes === 2 && this.late !== null) {
      return this.finish(this.split(this.late, start, elements), start, elements, recorder);
    }
    const largest = this.group > 1 ? this.terms.groups(elements) : this.terms.products(elements, 0, 1, 0);
    return this.finish(this.withAddend(start, largest), start, elements, recorder);
  }

  join(p: number, q: number, step: number, recorder: Recorder): number {
    this.begin(1);
    this.terms.values[0] = q;
    const sum = this.withAddend(p, this.exponentOfResult(q));
    const terms = { a: Float64Array.of(q), b: null, places: Int32Array.of(step), joins: true, scales: null };
    return this.finish(sum, p, { terms, from: 0, stride: 1, count: 1 }, recorder);
  }

  private begin(length: number): void {
    this.terms.begin(length);
    this.raised = 0;
    this.absorbedCount = 0;
    if (this.absorbedSums.length > 0) this.absorbedSums = [];
    if (this.absorbed.length < length) this.absorbed = new Int32Array(2 * length);
  }

  /** Exponent of a result, which an addend is. */
  private exponentOfResult(x: number): number {
    if (x !== 0) return Math.max(exponentOf(x), this.eminC);
    return this.accumulator.zeroRule === 'mmasim1' ? ZERO_EXPONENT : NONE;
  }

  /** The terms and the addend, aligned to the largest exponent: the exact sum of what is kept. */
  private withAddend(start: number, largest: number): number {
    const { terms } = this;
    if (!terms.areFinite(start) || terms.beyond !== 0) return terms.special(start);
    const { fractionBits, lost } = this.accumulator;
    if (this.late !== null) {
      const sum = largest === NONE ? 0 : this.cutSum(0, terms.length, largest - fractionBits);
      return this.lateSum(this.late, start, sum, largest);
    }
    const e = Math.max(largest, this.exponentOfResult(start));
    if (e === NONE) return 0;
    const last = Math.max(e, this.leastExponent) - fractionBits;
    return this.cutSum(0, terms.length, last) + this.cutAddend(start, last, lost);
  }

  /** Even and odd elements apart, each sum cut at its own exponent, then both at the larger one; the addend is late. */
  private split(late: LateAddend, start: number, elements: Elements): number {
    const { terms } = this;
    const { fractionBits } = this.accumulator;
    const { count } = elements;
    const evens = (count + 1) >> 1;
    const even = terms.products(elements, 0, 2, 0);
    const odd = terms.products(elements, 1, 2, evens);
    if (!terms.areFinite(start) || terms.beyond !== 0) return terms.special(start);
    const e = Math.max(even, odd);
    if (e === NONE) return this.lateSum(late, start, 0, e);
    const evenSum = even === NONE ? 0 : this.cutSum(0, evens, even - fractionBits);
    const oddSum = odd === NONE ? 0 : this.cutSum(evens, count, odd - fractionBits);
    const last = e - fractionBits;
    return this.lateSum(late, start, this.cutPart(evenSum, last, late.lost) + this.cutPart(oddSum, last, late.lost), e);
  }

  private lateSum(late: LateAddend, start: number, sum: number, largest: number): number {
    const own = start === 0 ? ZERO_EXPONENT : Math.max(exponentOf(start), this.eminC);
    const m = Math.max(largest, own);
    let total = this.cutPart(sum, m - late.sumBits, late.lost);
    if (late.far === 'zero' && own < m - late.addendBits - 1) {
      if (start !== 0) this.raised |= INEXACT | ABSORPTION;
    } else total += this.cutAddend(start, m - late.addendBits, late.lost);
    const { settle = null } = late;
    if (settle === null || total === 0) return total;
    return this.cutPart(total, Math.max(exponentOf(total), this.eminC) - settle, late.lost);
  }

  /** Σ of some of the terms, each cut to a multiple of 2^last. */
  protected cutSum(from: number, to: number, last: number): number {
    const { absorbed } = this;
    const { values } = this.terms;
    const { lost } = this.accumulator;
    const scale = powerOfTwo(-last);
    let sum = 0;
    for (let n = from; n < to; n++) {
      const y = (values[n] as number) * scale;
      const whole = kept(y, lost);
      if (whole !== y) {
        this.raised |= INEXACT;
        if (whole === 0) absorbed[this.absorbedCount++] = n;
      }
      sum += whole;
    }
    return sum * powerOfTwo(last);
  }

  /** One value cut to a multiple of 2^last. */
  protected cut(value: number, last: number, lost: AlignedAccumulator['lost']): number {
    const y = value * powerOfTwo(-last);
    const whole = kept(y, lost);
    if (whole !== y) this.raised |= INEXACT;
    return whole * powerOfTwo(last);
  }

  protected cutAddend(start: number, last: number, lost: AlignedAccumulator['lost']): number {
    const r = this.cut(start, last, lost);
    if (r === 0 && start !== 0) this.raised |= ABSORPTION;
    return r;
  }

  /** A sum on the way, cut. */
  private cutPart(sum: number, last: number, lost: AlignedAccumulator['lost']): number {
    const r = this.cut(sum, last, lost);
    if (r === 0 && sum !== 0) this.absorbedSums.push(sum);
    return r;
  }

  /** The sum of what is kept, rounded, and told. */
  protected finish(sum: number, start: number, elements: Elements, recorder: Recorder): number {
    const { zeroSign = 'positive' } = this.accumulator;
    const { terms, from, stride, count } = elements;
    const at = placeOf(terms, from + (count - 1) * stride);
    recorder.step = at;
    const isNegativeZero = sum === 0 && zeroSign !== 'positive' && this.terms.areNegativeZeros(start);
    let r = this.rounder.round(isNegativeZero ? -0 : sum + 0, 0, recorder);
    if (r === 0 && !isNegativeZero && (zeroSign !== 'rounded' || sum === 0)) r = 0;
    recorder.see(r, this.binades);
    const flags = this.rounder.flags | this.terms.raised | this.raised;
    if (flags === 0) return r;
    const lost = this.absorbedCount + this.absorbedSums.length;
    if (!recorder.wants(lost > 0 ? flags | ABSORPTION : flags)) {
      recorder.count(flags, 1);
      if (lost > 0) recorder.count(ABSORPTION, lost);
      return r;
    }
    const exact = this.terms.exactSum(start);
    const tell = (raised: number, place: number, operands: readonly number[]): void =>
      recorder.noteSum(raised, 'alignedSum', terms.joins ? null : place, place, operands, exact, r);
    for (const n of this.absorbed.subarray(0, this.absorbedCount)) {
      const i = from + this.elementOf(n, count) * stride;
      const { a, b } = terms;
      const operands =
        this.group > 1
          ? [this.terms.values[n] as number]
          : b === null
            ? [a[i] as number]
            : [a[i] as number, b[i] as number];
      tell(ABSORPTION, placeOf(terms, i), operands);
    }
    for (const part of this.absorbedSums) tell(ABSORPTION, at, [part]);
    tell(flags, at, [start]);
    return r;
  }

  /** The element that term n is, by its number in the sum; of a group, the last one. */
  protected elementOf(n: number, count: number): number {
    if (this.group > 1) return Math.min((n + 1) * this.group, count) - 1;
    if (this.accumulator.lanes !== 2 || this.late === null) return n;
    const evens = (count + 1) >> 1;
    return n < evens ? 2 * n : 2 * (n - evens) + 1;
  }
}

/** The whole units kept of y. */
function kept(y: number, lost: AlignedAccumulator['lost']): number {
  if (lost === 'floor') return Math.floor(y);
  const whole = Math.trunc(y);
  // Jammed: where bits are missing, the last one kept is set.
  return lost === 'odd' && whole !== y && whole % 2 === 0 ? whole + (y < 0 ? -1 : 1) : whole;
}
