/**
 * The exact accumulator: a sum of any length with one rounding (U. Kulisch; here by expansions, Shewchuk 1997).
 *
 * @module
 */
import { isSafe, productResidual, sumResidual } from '../arithmetic/residual.ts';
import type { Recorder } from '../events/recorder.ts';
import { type Binades, binadesOf } from '../formats/binades.ts';
import { addDyadic, type Dyadic, dyadic, multiplyDyadic } from '../rounding/dyadic.ts';
import { nearestNumber, pairOfDyadic } from '../rounding/dyadicPair.ts';
import { INVALID } from '../rounding/flags.ts';
import type { FullRounder } from '../rounding/full.ts';
import type { Pair } from '../rounding/pair.ts';
import { Rounder } from '../rounding/rounder.ts';
import { type Chain, placeOf, type Terms } from './chain.ts';
import type { ExactAccumulator } from './reduction.ts';

const float64 = /* @__PURE__ */ new Float64Array(1);
const bits = /* @__PURE__ */ new BigInt64Array(float64.buffer);

/**
 * start + Σ terms, rounded once. A NaN among the terms, infinities of both signs and 0·∞ give NaN + `invalid`; an
 * exact zero is +0, whatever the signs. The one event of a chain names the operation `exactSum`, with the sum's nearest
 * binary64 number as its operand.
 */
export class ExactChain implements Chain {
  private readonly rounder: Rounder;
  private readonly binades: Binades;
  /** What elements are multiplied by, and its exponent. */
  private readonly factor: number;
  private readonly productExponent: number;
  /** Partial sums that do not overlap, in ascending magnitude: their total is the exact sum so far. */
  private parts = new Float64Array(32);
  private used = 0;

  constructor({ output, productExponent = 0 }: ExactAccumulator) {
    this.rounder = new Rounder(output.format, output.policy);
    this.binades = binadesOf(output.format);
    this.productExponent = productExponent;
    this.factor = 2 ** productExponent;
  }

  chain(start: number, terms: Terms, from: number, stride: number, count: number, recorder: Recorder): number {
    const { a, b } = terms;
    const { factor, productExponent } = this;
    // Stays 0 while every term is finite; else the sum of those that are not.
    let special = start - start === 0 ? 0 : start;
    let finite = special === 0;
    let safe = isSafe(start);
    this.used = 0;
    if (finite) this.grow(start);
    for (let k = 0, i = from; k < count; k++, i += stride) {
      const given = a[i] as number;
      const x = given * factor;
      const y = b === null ? 1 : (b[i] as number);
      if (given - given !== 0 || y - y !== 0) {
        finite = false;
        special += x * y;
      } else if (isSafe(given) && isSafe(x) && isSafe(y)) {
        const p = x * y;
        this.grow(p);
        if (b !== null) this.grow(productResidual(x, y, p));
      } else safe = false;
    }
    const at = placeOf(terms, from + (count - 1) * stride);
    if (!finite) return this.finish(special, 0, at, recorder);
    const { full } = this.rounder;
    const sum = safe ? null : digits(start, terms, from, stride, count, productExponent);
    if (sum !== null && full !== null) return this.finishFull(full, sum, at, recorder);
    const { x, residual } = sum === null ? this.pair() : pairOfDyadic(sum);
    return this.finish(x + 0, residual, at, recorder);
  }

  join(p: number, q: number, step: number, recorder: Recorder): number {
    if (p - p !== 0 || q - q !== 0) return this.finish(p + q, 0, step, recorder);
    const s = p + q;
    const { full } = this.rounder;
    if (full !== null) return this.finishFull(full, addDyadic(dyadic(p), dyadic(q)), step, recorder);
    const { x, residual } =
      isSafe(p) && isSafe(q) ? { x: s, residual: sumResidual(p, q, s) } : pairOfDyadic(addDyadic(dyadic(p), dyadic(q)));
    return this.finish(x + 0, residual, step, recorder);
  }

  private finish(x: number, residual: number, at: number, recorder: Recorder): number {
    recorder.step = at;
    const r = this.rounder.round(x, residual, recorder);
    const flags = this.rounder.flags | (x !== x ? INVALID : 0);
    if (flags !== 0) recorder.note(flags, 'exactSum', null, at, x, 0, 0, r);
    recorder.see(r, this.binades);
    return r;
  }

  /** The same for a sum in binary64 that may be anywhere in its range, and beyond. */
  private finishFull(full: FullRounder, sum: Dyadic, at: number, recorder: Recorder): number {
    if (sum.n === 0n) return this.finish(0, 0, at, recorder);
    recorder.step = at;
    const r = full.roundDyadic(sum, recorder);
    if (full.flags !== 0) recorder.note(full.flags, 'exactSum', null, at, nearestNumber(sum), 0, 0, r);
    recorder.see(r, this.binades);
    return r;
  }

  /** Adds x to the parts, exactly. */
  private grow(x: number): void {
    if (x === 0) return;
    const { parts } = this;
    let carry = x;
    let kept = 0;
    for (let j = 0; j < this.used; j++) {
      const part = parts[j] as number;
      const sum = carry + part;
      const rest = sumResidual(carry, part, sum);
      if (rest !== 0) parts[kept++] = rest;
      carry = sum;
    }
    if (carry !== 0) parts[kept++] = carry;
    this.used = kept;
    if (kept === parts.length) {
      this.parts = new Float64Array(2 * kept);
      this.parts.set(parts);
    }
  }

  /** The parts' total as a binary64 number and the rest, rounded to odd where it is none. */
  private pair(): Pair {
    const { parts, used } = this;
    if (used === 0) return { x: 0, residual: 0 };
    let j = used - 1;
    let x = parts[j] as number;
    let residual = 0;
    while (residual === 0 && j > 0) {
      const part = parts[--j] as number;
      const sum = x + part;
      residual = sumResidual(x, part, sum);
      x = sum;
    }
    if (residual === 0 || j === 0) return { x, residual };
    float64[0] = residual;
    const code = bits[0] as bigint;
    // Codes ascend with the magnitude, whatever the sign.
    if ((code & 1n) === 0n) bits[0] = code + ((parts[j - 1] as number) > 0 === residual > 0 ? 1n : -1n);
    return { x, residual: float64[0] as number };
  }
}

/** start + Σ a·b·2^power in binary digits: for binary64, and for operands that no other format has. */
function digits(start: number, terms: Terms, from: number, stride: number, count: number, power: number): Dyadic {
  const { a, b } = terms;
  let sum = dyadic(start);
  for (let k = 0, i = from; k < count; k++, i += stride) {
    const x = dyadic(a[i] as number);
    const { n, exponent } = b === null ? x : multiplyDyadic(x, dyadic(b[i] as number));
    sum = addDyadic(sum, { n, exponent: exponent + power });
  }
  return sum;
}
