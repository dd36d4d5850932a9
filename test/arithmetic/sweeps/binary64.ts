/**
 * Operands of binary64 at random, with weight where its arithmetic goes wrong: subnormals, both ends of the range,
 * cancellation, and midpoints that only the third part of an exact a·b + c decides.
 *
 * @module
 */
import { decodeBinary64 } from '../../../src/rounding/index.ts';
import { generator } from '../../random.ts';

const SPECIAL = [0, -0, Infinity, -Infinity, Number.NaN, Number.MAX_VALUE, -Number.MAX_VALUE, 5e-324, 2 ** -1022];

/** Draws operands. */
export class Doubles {
  private readonly next: () => number;

  constructor(seed: number) {
    this.next = generator(seed);
  }

  private below(n: number): number {
    return Math.floor(this.next() * n);
  }

  private sign(): number {
    return this.next() < 0.5 ? -1 : 1;
  }

  /** 53 random bits in the middle of the range. */
  private ordinary(): number {
    const significand = 1 + this.below(2 ** 26) * 2 ** -26 + this.below(2 ** 26) * 2 ** -52;
    return this.sign() * significand * 2 ** (this.below(20) - 10);
  }

  one(): number {
    const kind = this.next();
    if (kind < 0.35) return this.ordinary();
    if (kind < 0.55) return decodeBinary64((BigInt(this.below(2 ** 32)) << 32n) | BigInt(this.below(2 ** 32)));
    if (kind < 0.65) return this.sign() * 2 ** (this.below(2098) - 1074) * (1 + this.below(2) * 2 ** -52);
    if (kind < 0.7) return SPECIAL[this.below(SPECIAL.length)] as number;
    if (kind < 0.85) return this.sign() * this.below(4096) * 2 ** -1074 * (this.next() < 0.3 ? 2 ** 40 : 1);
    return this.sign() * this.below(64) * 2 ** (this.below(60) - 30);
  }

  /** ±x, a few units in the last place off. */
  private beside(x: number): number {
    return this.sign() * x * (1 + (this.below(5) - 2) * 2 ** -52);
  }

  two(): [number, number] {
    const a = this.one();
    const kind = this.next();
    if (kind < 0.5) return [a, this.one()];
    if (kind < 0.75) return [a, this.beside(a)];
    // Products and quotients at both ends of the range.
    return [a, this.beside([2 ** -1022, 2 ** -1074, Number.MAX_VALUE][this.below(3)]! / a)];
  }

  three(): [number, number, number] {
    const [a, b] = this.two();
    const p = a * b;
    const kind = this.next();
    if (kind < 0.25) return [a, b, this.one()];
    if (kind < 0.45) return [a, b, this.beside(p)];
    if (kind < 0.6) return [a, b, this.beside(p * 2 ** (this.below(110) - 55))];
    if (kind < 0.75) return [a, b, p * 2 ** -(50 + this.below(60))];
    return this.midpoint();
  }

  /** (1 + iε)(1 ∓ iε)·2^e is a power of two and 2^−104 times as much: half a unit of c, and a trace. */
  private midpoint(): [number, number, number] {
    const i = 1 + this.below(8);
    const unit = 2 ** (this.below(40) - 20) * (this.next() < 0.2 ? 2 ** -1000 : 1);
    const other = this.next() < 0.5 ? 1 - i * 2 ** -52 : 1 + 2 ** -52;
    return [
      (1 + i * 2 ** -52) * unit,
      other,
      this.sign() * (2 ** 52 + this.below(64)) * 2 * unit * (1 + this.below(2)),
    ];
  }
}
