/**
 * The terms of a fused sum before alignment: their exact values, and the largest of their exponents.
 *
 * @module
 */
import { addDyadic, type Dyadic, dyadic } from '../rounding/dyadic.ts';
import { INEXACT, INVALID, OVERFLOW } from '../rounding/flags.ts';
import { exponentOf } from '../rounding/rounder.ts';
import type { Rounding } from '../rounding/roundTo.ts';
import { eminOf } from './alignedOperands.ts';
import { type OperandFormats, placeOf, type Terms } from './chain.ts';
import type { AlignedAccumulator } from './reduction.ts';

/** Below every exponent that a term can have. */
export const NONE = -100_000;
/** The exponent of a zero by MMA-Sim's first rule, and of a late addend that is zero. */
export const ZERO_EXPONENT = -126;

/** The elements of a sum under way. */
export interface Elements {
  readonly terms: Terms;
  readonly from: number;
  readonly stride: number;
  readonly count: number;
}

/** The terms of one sum after the other. */
export class AlignedTerms {
  /** Exact values: of products, or of groups of them. */
  values = new Float64Array(64);
  /** How many there are. */
  length = 0;
  /** What was raised before any bit was cut. */
  raised = 0;
  /** Sum of the products that count as infinite; 0 while there are none. */
  beyond = 0;
  private readonly zerosJoin: boolean;
  private readonly keepsCancelled: boolean;
  private readonly group: number;
  /** Products of at least this magnitude are infinite. */
  private readonly productLimit: number;
  private readonly eminA: number;
  private readonly eminB: number;
  private readonly eminScale: number;

  constructor(
    { zeroRule, zeroGroups, group = 1, productOverflow, output }: AlignedAccumulator,
    operands: OperandFormats,
  ) {
    this.zerosJoin = zeroRule === 'mmasim1';
    this.keepsCancelled = zeroGroups === 'scale';
    this.group = group;
    this.productLimit = productOverflow === 'infinity' ? 2 ** (emaxOf(output) + 1) : Infinity;
    this.eminA = eminOf(operands.a, NONE);
    this.eminB = eminOf(operands.b ?? operands.a, NONE);
    this.eminScale = eminOf(operands.scale, NONE);
  }

  /** Makes room for a sum of so many terms. */
  begin(length: number): void {
    this.length = length;
    this.raised = 0;
    this.beyond = 0;
    if (this.values.length < length) this.values = new Float64Array(2 * length);
  }

  /**
   * Puts one term in `every`, from number `first` on, into `values` from position `into` on. Gives the largest exponent.
   * NaN and infinite terms stay what they are; their exponent does not matter.
   */
  products({ terms, from, stride, count }: Elements, first: number, every: number, into: number): number {
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
        if (p === 0 && !zerosJoin) e = NONE;
        if (e !== NONE) e += scaleExponent(sa, this.eminScale) + scaleExponent(sb, this.eminScale);
      }
      if (p >= productLimit || p <= -productLimit) this.beyond += p > 0 ? Infinity : -Infinity;
      values[n++] = p;
      if (e > largest) largest = e;
    }
    return largest;
  }

  /** Groups of products, summed exactly and scaled; the exponent of each is that of its scales. */
  groups({ terms, from, stride, count }: Elements): number {
    const { a, b, scales } = terms;
    const { values, group, eminScale, zerosJoin, keepsCancelled } = this;
    let largest = NONE;
    for (let n = 0, k = 0; k < count; n++, k += group) {
      // From −0 on a sum is −0 while all its terms are.
      let sum = -0;
      let isEmpty = true;
      for (let j = k; j < Math.min(k + group, count); j++) {
        const i = from + j * stride;
        const p = (a[i] as number) * (b === null ? 1 : (b[i] as number));
        isEmpty &&= p === 0;
        sum += p;
      }
      let e = 0;
      if (scales !== null) {
        const block = Math.floor(placeOf(terms, from + k * stride) / scales.block);
        const sa = scales.a[block] as number;
        const sb = scales.b[block] as number;
        sum = sum * sa * sb;
        isEmpty ||= sa === 0 || sb === 0;
        e = scaleExponent(sa, eminScale) + scaleExponent(sb, eminScale);
      }
      values[n] = sum;
      const takesPart = sum !== 0 || zerosJoin || (keepsCancelled && !isEmpty);
      if (takesPart && e > largest) largest = e;
    }
    return largest;
  }

  /** Whether the terms and the addend are finite. */
  areFinite(start: number): boolean {
    const { values, length } = this;
    let special = start - start;
    for (let n = 0; n < length; n++) special += (values[n] as number) - (values[n] as number);
    return special === 0;
  }

  /** The sum where not all are finite: NaN, or the infinity of all infinite terms; products that only count as such yield to them. */
  special(start: number): number {
    if (this.areFinite(start)) {
      this.raised |= OVERFLOW | INEXACT | (this.beyond === this.beyond ? 0 : INVALID);
      return this.beyond;
    }
    let sum = start - start === 0 ? 0 : start;
    let brought = start !== start;
    for (let n = 0; n < this.length; n++) {
      const value = this.values[n] as number;
      if (value - value === 0) continue;
      brought ||= value !== value;
      sum += value;
    }
    if (sum !== sum && !brought) this.raised |= INVALID;
    return sum;
  }

  /** Whether the terms and the addend are all −0. */
  areNegativeZeros(start: number): boolean {
    return Object.is(start, -0) && this.values.subarray(0, this.length).every((value) => Object.is(value, -0));
  }

  /** The terms and the addend, nothing cut; null where one is not finite. */
  exactSum(start: number): Dyadic | null {
    if (!this.areFinite(start)) return null;
    let sum = dyadic(start);
    for (let n = 0; n < this.length; n++) sum = addDyadic(sum, dyadic(this.values[n] as number));
    return sum;
  }
}

function zeroable(x: number, emin: number): number {
  return x === 0 ? ZERO_EXPONENT : Math.max(exponentOf(x), emin);
}

function scaleExponent(scale: number, emin: number): number {
  return scale === 0 ? emin : Math.max(exponentOf(scale), emin);
}

function emaxOf({ format }: Rounding): number {
  return format.kind === 'float' ? format.emax : format.bits;
}
