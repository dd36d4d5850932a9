/**
 * Arithmetic of intervals whose ends are exact binary numbers: what it encloses is enclosed, whatever the precision.
 *
 * Every operation rounds its lower end down and its upper end up, to about `bits` digits. A function that is written with these
 * operations needs no analysis of its errors: a result too wide to decide a rounding is computed again with more bits.
 *
 * @module
 */
import { bitLength, type Dyadic, integerRoot, magnitude } from '../rounding/dyadic.ts';
import { nearestNumber } from '../rounding/dyadicPair.ts';
import { exponentialOfDyadic, type Interval, naturalLogarithmOf2 } from './exponentialInterval.ts';

/** The intervals of a precision, and the constants that were asked for. */
export class Intervals {
  readonly bits: number;
  private ln2: bigint | undefined;
  private circle: Interval | undefined;

  constructor(bits: number) {
    this.bits = bits;
  }

  /** A binary number. */
  exactly({ n, exponent }: Dyadic): Interval {
    return { low: n, high: n, exponent };
  }

  /** An integer. */
  integer(n: number): Interval {
    return { low: BigInt(n), high: BigInt(n), exponent: 0 };
  }

  /** Both ends cut outwards to the precision. */
  private cut({ low, high, exponent }: Interval): Interval {
    const length = Math.max(bitLength(magnitude(low)), bitLength(magnitude(high)));
    const shift = BigInt(length - this.bits);
    if (shift <= 0n) return { low, high, exponent };
    // A shift to the right rounds down.
    return { low: low >> shift, high: -(-high >> shift), exponent: exponent + Number(shift) };
  }

  /** a + b. */
  add(a: Interval, b: Interval): Interval {
    const exponent = Math.min(a.exponent, b.exponent);
    const [p, q] = [BigInt(a.exponent - exponent), BigInt(b.exponent - exponent)];
    return this.cut({ low: (a.low << p) + (b.low << q), high: (a.high << p) + (b.high << q), exponent });
  }

  /** −a. */
  negate({ low, high, exponent }: Interval): Interval {
    return { low: -high, high: -low, exponent };
  }

  /** a · b. */
  multiply(a: Interval, b: Interval): Interval {
    const [low, high] = ends([a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high]);
    return this.cut({ low, high, exponent: a.exponent + b.exponent });
  }

  /** a / b; b does not hold 0. */
  divide(a: Interval, b: Interval): Interval {
    const shift = Math.max(0, this.bits + bitLength(magnitude(b.high)) + 2 - bitLength(magnitude(a.low)));
    const [p, q] = [a.low << BigInt(shift), a.high << BigInt(shift)];
    const floors = [floorDivide(p, b.low), floorDivide(p, b.high), floorDivide(q, b.low), floorDivide(q, b.high)];
    const [low, high] = ends(floors);
    // A quotient lies less than one above its floor.
    return this.cut({ low, high: high + 1n, exponent: a.exponent - b.exponent - shift });
  }

  /** a · 2^power. */
  scale(a: Interval, power: number): Interval {
    return { ...a, exponent: a.exponent + power };
  }

  /** √a of an interval above zero. */
  squareRoot({ low, high, exponent }: Interval): Interval {
    let shift = Math.max(0, 2 * this.bits - bitLength(low));
    if ((exponent - shift) % 2 !== 0) shift += 1;
    return this.cut({
      low: integerRoot(low << BigInt(shift)),
      high: integerRoot(high << BigInt(shift)) + 1n,
      exponent: (exponent - shift) / 2,
    });
  }

  /** e^a, for |a| ≤ 1000. */
  exponential(a: Interval): Interval {
    const low = this.exponentialOf({ n: a.low, exponent: a.exponent });
    if (a.low === a.high) return low;
    const high = this.exponentialOf({ n: a.high, exponent: a.exponent });
    // The upper end in units of the lower one's.
    return { low: low.low, high: high.high << BigInt(high.exponent - low.exponent), exponent: low.exponent };
  }

  private exponentialOf(a: Dyadic): Interval {
    // Its error is counted in units of 2^−bits: 32 more leave `bits` good ones.
    const bits = this.bits + 32;
    this.ln2 ??= naturalLogarithmOf2(bits);
    return exponentialOfDyadic(a, nearestNumber(a), bits, this.ln2);
  }

  /** ln a of an interval above zero. */
  logarithm({ low, high, exponent }: Interval): Interval {
    const first = this.logarithmOf({ n: low, exponent });
    if (low === high) return first;
    const last = this.logarithmOf({ n: high, exponent });
    return { low: first.low, high: last.high, exponent: first.exponent };
  }

  /**
   * ln(m · 2^k) = 2·artanh((m − 1) / (m + 1)) + k·ln 2 with 2/3 ≤ m ≤ 4/3, in units of 2^−(bits + 32). z is cut by less
   * than 1 unit, z² by less than 2, each of at most bits terms by less than 4, and what the series leaves out is less than a
   * term: together, and with what k·ln 2 is off by (2|k|), less than 2^20 up to 2^16 bits.
   */
  private logarithmOf({ n, exponent }: Dyadic): Interval {
    const bits = this.bits + 32;
    const scale = BigInt(bits);
    const length = bitLength(n);
    // 3 · n < 4 · 2^(length − 1): m = n / 2^(length − 1) < 4/3, else half of that.
    const above = 3n * n < 1n << BigInt(length + 1) ? length - 1 : length;
    const k = exponent + above;
    const one = 1n << BigInt(above);
    const z = ((n - one) << scale) / (n + one);
    const square = (z * z) >> scale;
    let power = z;
    let sum = z;
    for (let i = 3n; power !== 0n && power !== -1n; i += 2n) {
      power = (power * square) >> scale;
      sum += power / i;
    }
    this.ln2 ??= naturalLogarithmOf2(bits);
    const found = 2n * sum + BigInt(k) * this.ln2;
    const error = 1n << 21n;
    return { low: found - error, high: found + error, exponent: -bits };
  }

  /** π = 16·arctan(1/5) − 4·arctan(1/239) (Machin), each term cut by less than one unit of 2^−(bits + 32). */
  pi(): Interval {
    if (this.circle === undefined) {
      const bits = this.bits + 32;
      const found = 16n * arctangentOfInverse(5n, bits) - 4n * arctangentOfInverse(239n, bits);
      this.circle = { low: found - (1n << 20n), high: found + (1n << 20n), exponent: -bits };
    }
    return this.circle;
  }

  /**
   * Σ (2s)^n / (1·3·5·…·(2n + 1)) for s ≥ 0: erf(x) = 2/√π · x · e^(−x²) times this of s = x² (Abramowitz & Stegun 7.1.6).
   * All terms are positive, so that no digit is lost; below and above are summed apart.
   */
  errorSeries(s: Interval): Interval {
    const bits = this.bits + 32;
    const below = errorSeriesOf({ n: s.low, exponent: s.exponent }, bits, 0n);
    const above = errorSeriesOf({ n: s.high, exponent: s.exponent }, bits, 1n);
    return this.cut({ low: below, high: above, exponent: -bits });
  }
}

/** In units of 2^−bits; `up` is 1 to round every term up, and to add more than what the series leaves out. */
function errorSeriesOf({ n, exponent }: Dyadic, bits: number, up: bigint): bigint {
  const scale = BigInt(bits);
  // 2s in units of 2^−bits; a negative shift goes to the right.
  const twice = (n << BigInt(bits + exponent + 1)) + up;
  let term = 1n << scale;
  let sum = term;
  for (let i = 3n; ; i += 2n) {
    term = ((term * twice) >> scale) / i + 2n * up;
    sum += term;
    // From here on a term is at most half the one before.
    if (term <= 4n && 2n * twice <= i << scale) return sum + 16n * up;
  }
}

function arctangentOfInverse(n: bigint, bits: number): bigint {
  let power = (1n << BigInt(bits)) / n;
  let sum = power;
  for (let i = 3n; power !== 0n; i += 2n) {
    power = -power / (n * n);
    sum += power / i;
  }
  return sum;
}

function floorDivide(a: bigint, b: bigint): bigint {
  const q = a / b;
  return q * b !== a && a < 0n !== b < 0n ? q - 1n : q;
}

function ends(all: readonly bigint[]): [low: bigint, high: bigint] {
  let [low, high] = [all[0] as bigint, all[0] as bigint];
  for (const n of all) {
    if (n < low) low = n;
    if (n > high) high = n;
  }
  return [low, high];
}
