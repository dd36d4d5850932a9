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
import type { Format } from '../formats/format.ts';
import { ABSORPTION, INEXACT, INVALID, OVERFLOW } from '../rounding/flags.ts';
import { exponentOf, Rounder } from '../rounding/rounder.ts';
import type { Step } from '../rounding/step.ts';
import { type Chain, type OperandFormats, placeOf, type Terms } from './chain.ts';
import type { AlignedAccumulator, LateAddend } from './reduction.ts';

/** Below every exponent that a term can have. */
const NONE = -100_000;
/** MMA-Sim's exponent of a zero. */
const ZERO_EXPONENT = -126;
/** Significant bits before the point: a product's significand is below 4, that of a group's sum far below 2^12. */
const PRODUCT_BITS = 2;
const GROUP_BITS = 12;

/**
 * One chain is one fused sum; see {@link AlignedAccumulator}. Every sum of cut terms is an integer below 2^53, so
 * binary64 holds it exactly.
 *
 * Its one event bears the flags of the output's rounding; `inexact` too where alignment cut bits; `absorption` where an
 * addend other than zero lies wholly below the last bit kept (jamming leaves a trace, so it absorbs nothing); `overflow`
 * where a product counts as infinite. 0·∞ is `invalid`, and so are infinities of
 * both signs where no term is NaN. A zero result is +0.
 */
export class AlignedChain implements Chain {
  private readonly fractionBits: number;
  private readonly lost: AlignedAccumulator['lost'];
  private readonly zerosJoin: boolean;
  private readonly leastExponent: number;
  private readonly late: LateAddend | null;
  private readonly lanes: number;
  private readonly group: number;
  /** Products of at least this magnitude are infinite. */
  private readonly productLimit: number;
  private readonly rounder: Rounder;
  private readonly eminA: number;
  private readonly eminB: number;
  private readonly eminC: number;
  private readonly eminScale: number;
  private readonly longest: number;
  private values = new Float64Array(64);

  /** Whether alignment cut bits, or all bits of an addend, in the sum under way. */
  private cutBits = 0;
  private raised = 0;
  /** Sum of the products that count as infinite; 0 while there are none. */
  private beyond = 0;

  constructor(accumulator: AlignedAccumulator, operands: OperandFormats = {}) {
    const { fractionBits, lost, zeroRule, leastExponent, addend, lanes, group, productOverflow, output } = accumulator;
    this.fractionBits = fractionBits;
    this.lost = lost;
    this.zerosJoin = zeroRule === 'mmasim';
    this.leastExponent = this.zerosJoin ? NONE : (leastExponent ?? NONE);
    this.late = addend === undefined || addend === 'together' ? null : addend;
    this.lanes = lanes ?? 1;
    this.group = group ?? 1;
    this.productLimit = productOverflow === 'infinity' ? 2 ** (emaxOf(output) + 1) : Infinity;
    this.rounder = new Rounder(output.format, output.policy);
    if (precisionOf(operands.a) + precisionOf(operands.b ?? operands.a) > 53) {
      throw new BittrueError('unsupported', 'operands', operands, 'formats whose products have at most 53 bits');
    }
    this.eminA = eminOf(operands.a);
    this.eminB = eminOf(operands.b ?? operands.a);
    this.eminC = eminOf(output.format);
    this.eminScale = eminOf(operands.scale);
    const kept = Math.max(fractionBits, this.late?.sumBits ?? 0);
    this.longest = 2 ** (53 - kept - (this.group > 1 ? GROUP_BITS : PRODUCT_BITS)) - 1;
  }

  chain(start: number, terms: Terms, from: number, stride: number, count: number, recorder: Recorder): number {
    const at = placeOf(terms, from + (count - 1) * stride);
    this.cutBits = 0;
    this.raised = 0;
    this.beyond = 0;
    const length = this.group > 1 ? Math.ceil(count / this.group) : count;
    if (length > this.longest) {
      throw new BittrueError(
        'range',
        'reduction.size',
        count,
        `fused sums of at most ${this.longest * this.group} elements`,
      );
    }
    if (this.values.length < length) this.values = new Float64Array(2 * length);
    if (this.lanes === 2 && this.late !== null) {
      return this.finish(this.split(this.late, start, terms, from, stride, count), at, recorder);
    }
    const largest =
      this.group > 1 ? this.groups(terms, from, stride, count) : this.products(terms, from, stride, count, 0, 1, 0);
    return this.finish(this.withAddend(start, length, largest), at, recorder);
  }

  join(p: number, q: number, step: number, recorder: Recorder): number {
    this.cutBits = 0;
    this.raised = 0;
    this.beyond = 0;
    this.values[0] = q;
    const e = q === 0 ? (this.zerosJoin ? ZERO_EXPONENT : NONE) : Math.max(exponentOf(q), this.eminC);
    return this.finish(this.withAddend(p, 1, e), step, recorder);
  }

  /**
   * Puts every so-manieth term into `values`, from position `into` on, and gives their largest exponent.
   * NaN and infinite terms stay what they are; their exponent does not matter.
   */
  private products(
    terms: Terms,
    from: number,
    stride: number,
    count: number,
    first: number,
    every: number,
    into: number,
  ): number {
    const { a, b, scales } = terms;
    const { values, eminA, eminB, zerosJoin, productLimit } = this;
    let largest = NONE;
    let n = into;
    for (let k = first; k < count; k += every) {
      const i = from + k * stride;
      const x = a[i] as number;
      const y = b === null ? 1 : (b[i] as number);
      let p = x * y;
      if (p - p !== 0 && x === x && y === y && (x === 0 || y === 0)) this.raised |= INVALID;
      let e = NONE;
      if (p !== 0) {
        e = exponentOf(x);
        if (e < eminA) e = eminA;
        if (b !== null) e += Math.max(exponentOf(y), eminB);
      } else if (zerosJoin) {
        e = zeroable(x, eminA) + (b === null ? 0 : zeroable(y, eminB));
      }
      if (scales !== null) {
        const block = Math.floor(placeOf(terms, i) / scales.block);
        const sa = scales.a[block] as number;
        const sb = scales.b[block] as number;
        p = p * sa * sb;
        if (e !== NONE) e += scaleExponent(sa, this.eminScale) + scaleExponent(sb, this.eminScale);
      }
      if (p >= productLimit || p <= -productLimit) this.beyond += p > 0 ? Infinity : -Infinity;
      values[n++] = p;
      if (e > largest) largest = e;
    }
    return largest;
  }

  /** Groups of products, summed exactly and scaled; the exponent of each is that of its scales. */
  private groups(terms: Terms, from: number, stride: number, count: number): number {
    const { a, b, scales } = terms;
    const { values, group, eminScale } = this;
    let largest = NONE;
    for (let n = 0, k = 0; k < count; n++, k += group) {
      let sum = 0;
      for (let j = k; j < Math.min(k + group, count); j++) {
        const i = from + j * stride;
        sum += (a[i] as number) * (b === null ? 1 : (b[i] as number));
      }
      let e = 0;
      if (scales !== null) {
        const block = Math.floor(placeOf(terms, from + k * stride) / scales.block);
        const sa = scales.a[block] as number;
        const sb = scales.b[block] as number;
        sum = sum * sa * sb;
        e = scaleExponent(sa, eminScale) + scaleExponent(sb, eminScale);
      }
      values[n] = sum;
      if ((sum !== 0 || this.zerosJoin) && e > largest) largest = e;
    }
    return largest;
  }

  /** The terms in `values` and the addend, aligned to the largest exponent: the exact sum of what is kept. */
  private withAddend(start: number, length: number, largest: number): number {
    if (!this.allFinite(start, length) || this.beyond !== 0) return this.special(start, length);
    if (this.late !== null) {
      const sum = largest === NONE ? 0 : this.cutSum(0, length, largest - this.fractionBits);
      return this.lateSum(this.late, start, sum, largest);
    }
    let e = largest;
    if (start !== 0) e = Math.max(e, exponentOf(start), this.eminC);
    else if (this.zerosJoin) e = Math.max(e, ZERO_EXPONENT);
    if (e === NONE) return 0;
    const last = Math.max(e, this.leastExponent) - this.fractionBits;
    return this.cutSum(0, length, last) + this.cut(start, last, this.lost);
  }

  /** Even and odd elements apart, each sum cut at its own exponent, then both at the larger one; the addend is late. */
  private split(late: LateAddend, start: number, terms: Terms, from: number, stride: number, count: number): number {
    const { fractionBits } = this;
    const evens = (count + 1) >> 1;
    const even = this.products(terms, from, stride, count, 0, 2, 0);
    const odd = this.products(terms, from, stride, count, 1, 2, evens);
    if (!this.allFinite(start, count) || this.beyond !== 0) return this.special(start, count);
    const e = Math.max(even, odd);
    if (e === NONE) return this.lateSum(late, start, 0, e);
    const evenSum = even === NONE ? 0 : this.cutSum(0, evens, even - fractionBits);
    const oddSum = odd === NONE ? 0 : this.cutSum(evens, count, odd - fractionBits);
    const sum = this.cut(evenSum, e - fractionBits, late.lost) + this.cut(oddSum, e - fractionBits, late.lost);
    return this.lateSum(late, start, sum, e);
  }

  private lateSum(late: LateAddend, start: number, sum: number, largest: number): number {
    const own = start === 0 ? ZERO_EXPONENT : Math.max(exponentOf(start), this.eminC);
    const m = Math.max(largest, own);
    const kept = this.cut(sum, m - late.sumBits, late.lost);
    if (late.far === 'zero' && own < m - late.addendBits - 1) {
      if (start !== 0) this.cutBits |= INEXACT | ABSORPTION;
      return kept;
    }
    return kept + this.cut(start, m - late.addendBits, late.lost);
  }

  /** Σ of some of the values, each cut to a multiple of 2^last. */
  private cutSum(from: number, to: number, last: number): number {
    const { values, lost } = this;
    const scale = 2 ** -last;
    let sum = 0;
    if (lost === 'truncate') {
      for (let n = from; n < to; n++) {
        const y = (values[n] as number) * scale;
        const whole = Math.trunc(y);
        if (whole !== y) this.cutBits |= whole === 0 ? INEXACT | ABSORPTION : INEXACT;
        sum += whole;
      }
      return sum * 2 ** last;
    }
    for (let n = from; n < to; n++) sum += this.cut(values[n] as number, last, lost);
    return sum;
  }

  /** One value cut to a multiple of 2^last. */
  private cut(value: number, last: number, lost: AlignedAccumulator['lost']): number {
    const y = value * 2 ** -last;
    let whole = lost === 'floor' ? Math.floor(y) : Math.trunc(y);
    if (whole !== y) {
      if (lost === 'odd') {
        this.cutBits |= INEXACT;
        if (whole % 2 === 0) whole += y < 0 ? -1 : 1;
      } else this.cutBits |= y < 1 && y > -1 ? INEXACT | ABSORPTION : INEXACT;
    }
    return whole * 2 ** last;
  }

  private allFinite(start: number, length: number): boolean {
    const { values } = this;
    let special = start - start;
    for (let n = 0; n < length; n++) special += (values[n] as number) - (values[n] as number);
    return special === 0;
  }

  /** NaN, or the infinity of all infinite terms; products that only count as such yield to them. */
  private special(start: number, length: number): number {
    if (this.allFinite(start, length)) {
      this.raised |= OVERFLOW | INEXACT | (this.beyond === this.beyond ? 0 : INVALID);
      return this.beyond;
    }
    let sum = start - start === 0 ? 0 : start;
    let brought = start !== start;
    for (let n = 0; n < length; n++) {
      const value = this.values[n] as number;
      if (value - value === 0) continue;
      brought ||= value !== value;
      sum += value;
    }
    if (sum !== sum && !brought) this.raised |= INVALID;
    return sum;
  }

  private finish(sum: number, at: number, recorder: Recorder): number {
    recorder.step = at;
    // Of the sums that are zero or become so, the sign is lost.
    const r = this.rounder.round(sum + 0, 0, recorder) + 0;
    const flags = this.rounder.flags | this.raised | (sum - sum === 0 ? this.cutBits : 0);
    if (flags !== 0) recorder.note(flags, 'alignedSum', null, at, sum, 0, 0, r);
    return r;
  }
}

function zeroable(x: number, emin: number): number {
  return x === 0 ? ZERO_EXPONENT : Math.max(exponentOf(x), emin);
}

function scaleExponent(scale: number, emin: number): number {
  return scale === 0 ? emin : Math.max(exponentOf(scale), emin);
}

/** Exponent of a format's smallest normal number; without a format, every number counts as normalised. */
function eminOf(format: Format | undefined): number {
  if (format === undefined) return NONE;
  return format.kind === 'float' ? format.emin : -format.fractionBits;
}

function precisionOf(format: Format | undefined): number {
  if (format === undefined) return 0;
  return format.kind === 'float' ? format.precision : format.bits;
}

function emaxOf({ format }: Step): number {
  return format.kind === 'float' ? format.emax : format.bits;
}
