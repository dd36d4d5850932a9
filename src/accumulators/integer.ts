/**
 * The integer accumulator: an n-bit two's-complement register that saturates or wraps.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import type { Recorder } from '../events/recorder.ts';
import type { Binades } from '../formats/binades.ts';
import { INEXACT, INVALID, OVERFLOW, SATURATION, WRAP } from '../rounding/flags.ts';
import { type Chain, placeOf, type Terms } from './chain.ts';
import type { IntegerAccumulator } from './reduction.ts';

/**
 * acc + x, or acc + a·b, is exact; one clamp or wrap follows every step, every n steps of a chain, or at its end.
 * Sums are numbers while they are safe integers and bigints beyond. Under `nonFinite: 'invalid'` a term that is NaN or
 * infinite raises `invalid` and adds nothing.
 */
export class IntegerChain implements Chain {
  private readonly bits: number;
  private readonly saturates: boolean;
  private readonly skipsNonFinite: boolean;
  /** Clamp or wrap after this many elements of a chain; Infinity: only at its end. */
  private readonly every: number;
  private readonly low: number;
  private readonly high: number;
  /** The exponents of what the register holds. */
  private readonly binades: Binades;
  /** Whether the last `fit` changed its argument. */
  private changed = false;

  constructor({ bits, overflow, when = 'everyStep', nonFinite = 'error' }: IntegerAccumulator) {
    this.bits = bits;
    this.skipsNonFinite = nonFinite === 'invalid';
    this.saturates = overflow === 'saturate';
    this.every = when === 'everyStep' ? 1 : when === 'atEnd' ? Number.POSITIVE_INFINITY : when.every;
    this.low = -(2 ** (bits - 1));
    this.binades = { least: 0, most: bits - 1 };
    // Exact up to 53 bits; a wider register is compared as a bigint.
    this.high = 2 ** (bits - 1) - 1;
  }

  chain(start: number, terms: Terms, from: number, stride: number, count: number, recorder: Recorder): number {
    const { a, b } = terms;
    const { magnitudes, stage } = recorder;
    // An addend that is no finite number leaves the register cleared, which the first step tells.
    const isCleared = this.skipsNonFinite && !Number.isFinite(start);
    let sum: number | bigint = isCleared ? 0 : integer(start);
    for (let k = 1, i = from; k <= count; k++, i += stride) {
      const x = a[i] as number;
      const y = b === null ? 1 : (b[i] as number);
      const before: number | bigint = k === 1 ? start : sum;
      const isLost = this.skipsNonFinite && !(Number.isFinite(x) && Number.isFinite(y));
      if (!isLost) sum = multiplyAdd(integer(x), integer(y), sum);
      let flags = isLost || (isCleared && k === 1) ? INVALID : 0;
      if (k % this.every === 0 || k === count) {
        sum = this.fit(sum);
        if (this.changed) flags |= this.flags();
        if (magnitudes !== null) magnitudes.enterInteger(stage, sum, this.binades);
      }
      if (flags !== 0) {
        const at = placeOf(terms, i);
        const index = terms.joins ? null : at;
        if (b === null) recorder.note(flags, 'integerAdd', index, at, Number(before), x, 0, Number(sum));
        else recorder.note(flags, 'integerMultiplyAdd', index, at, x, y, Number(before), Number(sum));
      }
    }
    return readOut(sum, placeOf(terms, from + (count - 1) * stride), recorder);
  }

  join(p: number, q: number, step: number, recorder: Recorder): number {
    // A partial result has been in a register; only an addend or a bare leaf may be no finite number.
    const finite = (x: number): number => (this.skipsNonFinite && !Number.isFinite(x) ? 0 : integer(x));
    const isLost = this.skipsNonFinite && !(Number.isFinite(p) && Number.isFinite(q));
    const sum = this.fit(multiplyAdd(finite(p), 1, finite(q)));
    if (recorder.magnitudes !== null) recorder.magnitudes.enterInteger(recorder.stage, sum, this.binades);
    const flags = (isLost ? INVALID : 0) | (this.changed ? this.flags() : 0);
    if (flags !== 0) recorder.note(flags, 'integerAdd', null, step, p, q, 0, Number(sum));
    return readOut(sum, step, recorder);
  }

  private flags(): number {
    return this.saturates ? OVERFLOW | SATURATION : WRAP;
  }

  /** The register's content for an exact sum. */
  private fit(sum: number | bigint): number | bigint {
    this.changed = false;
    if (typeof sum === 'number' && sum >= this.low && sum <= this.high) return sum;
    const big = BigInt(sum);
    const low = -(1n << BigInt(this.bits - 1));
    if (big >= low && big < -low) return sum;
    this.changed = true;
    return narrow(this.saturates ? (big < 0n ? low : -low - 1n) : BigInt.asIntN(this.bits, big));
  }
}

/** x·y + sum, exactly. */
function multiplyAdd(x: number, y: number, sum: number | bigint): number | bigint {
  if (typeof sum === 'number') {
    const product = x * y;
    const total = product + sum;
    if (Number.isSafeInteger(product) && Number.isSafeInteger(total)) return total;
  }
  return narrow(BigInt(x) * BigInt(y) + BigInt(sum));
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** A register wider than 53 bits is read out as the nearest binary64 number, and says so when that is inexact. */
function readOut(sum: number | bigint, step: number, recorder: Recorder): number {
  const value = Number(sum);
  if (typeof sum === 'bigint' && BigInt(value) !== sum) {
    recorder.note(INEXACT, 'round', null, step, value, 0, 0, value);
  }
  return value + 0;
}

function integer(x: number): number {
  if (!Number.isInteger(x)) {
    throw new BittrueError('value', 'terms', x, 'integers: the accumulator is an integer register');
  }
  return x;
}
