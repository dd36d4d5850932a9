/**
 * e^x by the series itself, on whole numbers of 2^−bits, once rounded down and once up: no ln 2, no range reduction but
 * halving. Where both ends round to one value, that is the value; where not, again with more bits.
 *
 * @module
 */
import { BittrueError } from '../../errors/index.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import { checkReal, checkRounding } from './checks.ts';
import { approximately, type Exact, exactly } from './exact.ts';
import { absolute, compareMagnitudes, fromBigInt, isZero, type Rational, rational, split, zero } from './rational.ts';
import { project, type Rounded, readOperand } from './round.ts';

/** Beyond ±this, e^x is above 2^1153 or below 2^−1153, and every format treats it as 2^±3000. */
const BEYOND = fromBigInt(800n);
/** Below this, 1 + x/2 and 1 + 2x (or, of a negative x, the reverse) enclose e^x narrowly enough. */
const NEAR_ZERO = rational(false, 1n, -400);

/** Two numbers with e^x between them. */
export interface Enclosure {
  readonly low: Rational;
  readonly high: Rational;
}

/** e^x, correctly rounded: read as an operand, the exact value projected. */
export function oracleExponential(rounding: Rounding, x: number | Exact): Rounded {
  checkRounding('rounding', rounding);
  checkReal('x', x);
  const { format, policy } = rounding;
  const read = readOperand(format, policy, exactly(x));
  const finish = (value: Exact): Rounded => {
    const { value: result, flags } = project(format, policy, value);
    return { value: result, flags: flags | read.flags };
  };
  const a = read.operand;
  if (a.kind === 'nan') return finish(a);
  if (a.kind === 'infinite') return finish(a.negative ? zero() : a);
  if (isZero(a)) return finish(fromBigInt(1n));
  for (let bits = 128; bits <= 4096; bits *= 2) {
    const { low, high } = enclose(a, bits);
    const first = finish(low);
    const second = finish(high);
    if (Object.is(first.value, second.value) && first.flags === second.flags) return first;
  }
  throw new BittrueError('unsupported', 'x', approximately(a), 'an argument whose exponential 4096 bits settle');
}

export function enclose(x: Rational, bits: number): Enclosure {
  if (compareMagnitudes(x, BEYOND) > 0) {
    const power = rational(false, 1n, x.negative ? -3000 : 3000);
    return { low: power, high: power };
  }
  if (compareMagnitudes(x, NEAR_ZERO) < 0) {
    const nearby = rational(false, 1n, -450);
    const aside = { ...nearby, negative: x.negative };
    const value = addToOne(aside);
    return { low: value, high: value };
  }
  const scale = BigInt(bits);
  // |x| / 2^halvings, at most 1/2, in units of 2^−bits, from below and from above.
  const halvings = 11;
  const { whole, remainder } = split(absolute(x), halvings - bits);
  let low = taylor(whole, scale, false);
  let high = taylor(remainder === 0n ? whole : whole + 1n, scale, true);
  for (let i = 0; i < halvings; i++) {
    low = (low * low) >> scale;
    high = ((high * high) >> scale) + 1n;
  }
  if (!x.negative) return { low: rational(false, low, -bits), high: rational(false, high, -bits) };
  return { low: rational(false, 1n << scale, 0, high), high: rational(false, 1n << scale, 0, low) };
}

/** 1 + x for a tiny power of two x. */
function addToOne(x: Rational): Rational {
  const unit = 1n << BigInt(-x.exponent);
  return rational(false, x.negative ? unit - x.numerator : unit + x.numerator, x.exponent);
}

/** Σ x^n / n! of 0 ≤ x ≤ 1/2 in units of 2^−scale; every term rounded down, or up with what the series leaves out. */
function taylor(x: bigint, scale: bigint, up: boolean): bigint {
  const one = 1n << scale;
  const extra = up ? 1n : 0n;
  let sum = one;
  let term = one;
  for (let n = 1n; n <= scale; n += 1n) {
    term = ((term * x) >> scale) + extra;
    term = term / n + extra;
    sum += term;
    // Each later term is at most half of the one before: all of them together, at most the last one (and its cuts).
    if (term <= 2n) return up ? sum + 8n : sum;
  }
  return up ? sum + term + 8n : sum;
}
