/**
 * Operands at random, with weight where arithmetic goes wrong: beside powers of two, among the subnormals, at both ends
 * of the range, zeros, infinities and NaN; and second and third operands that make the first ones cancel, tie, overflow
 * or underflow.
 *
 * @module
 */
import type { FloatFormat } from '../../../src/formats/index.ts';
import { round } from '../../../src/rounding/index.ts';
import { nextNumber, numberAt, ordinalsOf } from '../../../src/testing/index.ts';
import { generator } from '../../random.ts';

export type Relation = 'sum' | 'product' | 'quotient' | 'fused';

/** Draws operands of one format. */
export class Operands {
  private readonly format: FloatFormat;
  private readonly next: () => number;
  private readonly high: number;
  private readonly minNormal: number;
  private readonly fields: number;

  constructor(format: FloatFormat, seed: number) {
    this.format = format;
    this.next = generator(seed);
    const { high, minNormal } = ordinalsOf(format);
    this.high = high;
    this.minNormal = minNormal;
    this.fields = Math.floor(high / 2 ** format.mantissaBits);
  }

  /** low, low + 1, …, high. */
  private between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  private sign(): number {
    return this.format.signed && this.next() < 0.5 ? -1 : 1;
  }

  /** The number of an ordinal, clamped to the finite ones, with either sign. */
  private at(ordinal: number): number {
    return this.sign() * numberAt(this.format, Math.max(0, Math.min(this.high, ordinal)));
  }

  private besidePowerOfTwo(): number {
    return this.at(this.between(0, this.fields) * 2 ** this.format.mantissaBits + this.between(-2, 2));
  }

  /** Any operand: mostly a value of the format, now and then another binary64 number. */
  one(): number {
    const kind = this.next();
    if (kind < 0.35) return this.at(this.between(0, this.high));
    if (kind < 0.55) return this.besidePowerOfTwo();
    if (kind < 0.65) return this.at(this.between(0, this.minNormal + 2));
    if (kind < 0.72) return this.at(this.high - this.between(0, 4));
    if (kind < 0.85) return this.sign() * this.between(1, 9) * 2 ** this.between(-4, 4);
    if (kind < 0.9) return [0, -0, Infinity, -Infinity, Number.NaN][this.between(0, 4)]!;
    const ordinal = this.between(0, this.high);
    const middle = (numberAt(this.format, ordinal) + numberAt(this.format, ordinal + 1)) / 2;
    return this.sign() * nextNumber(middle, this.between(-1, 1));
  }

  /** A value of the format beside x. */
  private beside(x: number): number {
    if (!Number.isFinite(x)) return x;
    const { format } = this;
    const y = round(format, x, { overflow: 'saturateFinite', nanInput: 'zero' });
    const ulp = 2 ** (Math.floor(Math.log2(Math.abs(y) || format.minNormal)) - format.mantissaBits);
    return round(format, y + this.between(-2, 2) * ulp, { overflow: 'saturateFinite', nanInput: 'zero' });
  }

  /** Where a result is decided: the ends of the range, the smallest normal and positive numbers. */
  private threshold(): number {
    const { max, minNormal, minSubnormal } = this.format;
    return [max, max * 1.01, minNormal, minNormal / 2, minSubnormal ?? minNormal][this.between(0, 4)]!;
  }

  /** A number at and below the last place of x. */
  private farBelow(x: number): number {
    const exponent = Math.floor(Math.log2(Math.abs(x) || 1)) - this.format.precision - this.between(-2, 60);
    return this.sign() * [1, 1.5, 1 + 2 ** -this.format.mantissaBits][this.between(0, 2)]! * 2 ** exponent;
  }

  /** Two operands. */
  two(relation: Relation): [number, number] {
    const a = this.one();
    if (this.next() < 0.5) return [a, this.one()];
    if (relation === 'sum') return [a, this.next() < 0.5 ? this.beside(this.sign() * a) : this.farBelow(a)];
    if (a === 0 || !Number.isFinite(a)) return [a, this.one()];
    return [a, this.sign() * this.beside(relation === 'quotient' ? a / this.threshold() : this.threshold() / a)];
  }

  /** Three operands of a · b + c. */
  three(): [number, number, number] {
    const [a, b] = this.two('product');
    const kind = this.next();
    if (kind < 0.35) return [a, b, this.one()];
    if (kind < 0.65) return [a, b, this.beside(-a * b)];
    if (kind < 0.8) return [a, b, this.farBelow(a * b)];
    // A short factor makes products of one bit too many: midpoints, which the addend decides.
    const short = this.sign() * this.between(1, 4) * 1.5 * 2 ** this.between(-3, 3);
    const long = this.sign() * (1 + (2 * this.between(0, 2 ** 20) + 1) * 2 ** -this.format.mantissaBits);
    const factor = Math.abs(long) < 4 ? long : 1 + 2 ** -this.format.mantissaBits;
    return [short, factor, this.farBelow(short * factor)];
  }
}
