/**
 * Elementary functions by their definitions, on whole numbers of 2^−bits with a bound on every cut. Where both ends of an
 * enclosure round to one value, that is the value; where not, again with more bits.
 *
 * The ways are others than those of the library: logarithms by one Newton step from an exponential, erf by its alternating
 * series, π by Bailey, Borwein and Plouffe's sum.
 *
 * @module
 */
import { BittrueError, checkName } from '../../errors/index.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import { checkReal, checkRounding } from './checks.ts';
import { approximately, type Exact, exactly, infinity, nan } from './exact.ts';
import { type Enclosure, enclose } from './exponential.ts';
import { DIVIDE_BY_ZERO, INVALID } from './flags.ts';
import {
  absolute,
  add,
  compareMagnitudes,
  divide,
  fromBigInt,
  fromNumber,
  isZero,
  multiply,
  negate,
  type Rational,
  rational,
  scaleByPowerOfTwo,
  split,
  toInteger,
  zero,
} from './rational.ts';
import { integerSquareRoot } from './roots.ts';
import { project, type Rounded, readOperand } from './round.ts';

/** The functions that are no operations of a unit. */
export const oracleFunctions = [
  'exp',
  'exp2',
  'log',
  'log2',
  'tanh',
  'sigmoid',
  'erf',
  'silu',
  'gelu',
  'geluTanh',
  'softplus',
  'softcap',
] as const;
export type OracleFunction = (typeof oracleFunctions)[number];

const one = fromBigInt(1n);
const minusOne = fromBigInt(-1n);
/** So near to 0 that no rounding tells how near. */
const speck = rational(false, 1n, -3000);
const SMALL = rational(false, 1n, -300);

/**
 * One function, rounded once. `cap` is that of softcap.
 *
 * @example
 * import { binary16 } from 'bittrue/formats';
 * import { roundTo } from 'bittrue/rounding';
 * import { oracle } from 'bittrue/testing';
 * oracle.evaluate('tanh', roundTo(binary16), 0.5); // { value: 0.462158203125, flags: 1 }
 */
export function oracleEvaluate(name: OracleFunction, rounding: Rounding, x: number | Exact, cap = 1): Rounded {
  checkName('name', name, oracleFunctions);
  checkRounding('rounding', rounding);
  checkReal('x', x);
  const { format, policy } = rounding;
  const read = readOperand(format, policy, exactly(x));
  const finish = (value: Exact, raised = 0): Rounded => {
    const { value: result, flags } = project(format, policy, value);
    return { value: result, flags: flags | read.flags | raised };
  };
  const a = read.operand;
  if (a.kind === 'nan') return finish(a);
  const known = atEdge(name, a, fromNumber(cap));
  if (known !== null) return finish(known.value, known.raised ?? 0);
  for (let bits = 128; bits <= 8192; bits *= 2) {
    const { low, high } = enclosure(name, a as Rational, bits, fromNumber(cap));
    const first = finish(low);
    const second = finish(high);
    if (Object.is(first.value, second.value) && first.flags === second.flags) return first;
  }
  throw new BittrueError('unsupported', 'x', approximately(a), 'an argument whose value 8192 bits settle');
}

interface Known {
  readonly value: Exact;
  readonly raised?: number;
}

/** Infinities, zeros, domains, and where a function is rational. */
function atEdge(name: OracleFunction, a: Exact, cap: Rational): Known | null {
  const isInfinite = a.kind === 'infinite';
  const isNull = a.kind === 'finite' && isZero(a);
  const negative = a.kind !== 'nan' && a.negative;
  switch (name) {
    case 'exp':
    case 'exp2':
      if (isInfinite) return { value: negative ? zero() : a };
      if (isNull) return { value: one };
      if (name === 'exp') return null;
      return integerPower(a as Rational);
    case 'log':
    case 'log2':
      if (isNull) return { value: infinity(true), raised: DIVIDE_BY_ZERO };
      if (negative) return { value: nan, raised: INVALID };
      if (isInfinite) return { value: a };
      return rationalLogarithm(name, a as Rational);
    case 'tanh':
    case 'erf':
    case 'softcap': {
      if (isNull) return { value: a };
      if (!isInfinite) return null;
      const limit = name === 'softcap' ? cap : one;
      return { value: negative ? negate(limit) : limit };
    }
    case 'sigmoid':
      if (isNull) return { value: rational(false, 1n, -1) };
      return isInfinite ? { value: negative ? zero() : one } : null;
    case 'silu':
    case 'gelu':
    case 'geluTanh':
      if (isNull) return { value: a };
      return isInfinite ? { value: negative ? zero(true) : a } : null;
    case 'softplus':
      return isInfinite ? { value: negative ? zero() : a } : null;
  }
}

function integerPower(a: Rational): Known | null {
  const n = toInteger(a);
  if (n === null) return null;
  const power = n > 3000n ? 3000 : n < -3000n ? -3000 : Number(n);
  return { value: rational(false, 1n, power) };
}

/** ln 1, and log2 of a power of two. */
function rationalLogarithm(name: 'log' | 'log2', a: Rational): Known | null {
  let { numerator: n, exponent } = a;
  while (n % 2n === 0n) {
    n /= 2n;
    exponent += 1;
  }
  if (n !== 1n) return null;
  return name === 'log2' || exponent === 0 ? { value: fromBigInt(BigInt(exponent)) } : null;
}

function enclosure(name: OracleFunction, x: Rational, bits: number, cap: Rational): Enclosure {
  switch (name) {
    case 'exp':
      return enclose(x, bits);
    case 'exp2':
      return powerOf(times(x, logarithmOf(fromBigInt(2n), bits)), bits);
    case 'log':
      return logarithmOf(x, bits);
    case 'log2':
      return quotient(logarithmOf(x, bits), logarithmOf(fromBigInt(2n), bits));
    case 'tanh':
      return tanh(x, bits);
    case 'sigmoid':
      return gate(one, point(x), bits);
    case 'silu':
      return gate(x, point(x), bits);
    case 'softcap':
      return times(cap, tanh(divide(x, cap), bits));
    case 'softplus': {
      const { low, high } = enclose(x, bits);
      // ln(1 + e^x) = x + ln(1 + e^−x): far right it is x and a speck.
      if (!x.negative && compareMagnitudes(x, fromBigInt(800n)) > 0) return point(add(x, speck));
      if (compareMagnitudes(x, fromBigInt(800n)) > 0) return point(low);
      return { low: logarithmOf(add(one, low), bits).low, high: logarithmOf(add(one, high), bits).high };
    }
    case 'erf': {
      // 1 − erf 16 < 2^−371: no rounding tells more than that it is not 0.
      if (compareMagnitudes(x, fromBigInt(16n)) > 0) {
        const near = add(one, negate(speck));
        return point(x.negative ? negate(near) : near);
      }
      const factor = quotient(point(fromBigInt(2n)), rootOf(pi(bits), bits));
      return times(x, product(factor, alternating(multiply(x, x), bits)));
    }
    case 'gelu': {
      // 1 − Φ(24) < 2^−415. Below zero it is a factor of the result, down to numbers that no format has.
      if (compareMagnitudes(x, fromBigInt(x.negative ? 60n : 24n)) > 0)
        return point(multiply(x, x.negative ? speck : add(one, negate(speck))));
      if (x.negative && compareMagnitudes(x, fromBigInt(4n)) > 0) return times(x, normalTail(absolute(x), bits));
      const factor = rootOf(quotient(point(fromBigInt(2n)), pi(bits)), bits);
      const erf = times(x, product(factor, alternating(scaleByPowerOfTwo(multiply(x, x), -1), bits)));
      return scaled(times(x, { low: add(one, erf.low), high: add(one, erf.high) }), -1);
    }
    case 'geluTanh': {
      const cube = multiply(x, multiply(x, x));
      const sum = add(x, multiply(rational(false, 44715n, 0, 1_000_000n), cube));
      const factor = rootOf(quotient(point(fromBigInt(8n)), pi(bits)), bits);
      return gate(x, times(sum, factor), bits);
    }
  }
}

function point(x: Rational): Enclosure {
  return { low: x, high: x };
}

/** x times an enclosure. */
function times(x: Rational, { low, high }: Enclosure): Enclosure {
  const [p, q] = [multiply(x, low), multiply(x, high)];
  return x.negative ? { low: q, high: p } : { low: p, high: q };
}

/** The product of two enclosures, of which the first is above zero. */
function product(a: Enclosure, b: Enclosure): Enclosure {
  return {
    low: multiply(b.low.negative ? a.high : a.low, b.low),
    high: multiply(b.high.negative ? a.low : a.high, b.high),
  };
}

/** The quotient of two enclosures, of which the second is above zero. */
function quotient(a: Enclosure, b: Enclosure): Enclosure {
  return {
    low: divide(a.low, a.low.negative ? b.low : b.high),
    high: divide(a.high, a.high.negative ? b.high : b.low),
  };
}

function scaled({ low, high }: Enclosure, power: number): Enclosure {
  return { low: scaleByPowerOfTwo(low, power), high: scaleByPowerOfTwo(high, power) };
}

/** e to an enclosure. */
function powerOf({ low, high }: Enclosure, bits: number): Enclosure {
  return { low: enclose(low, bits).low, high: enclose(high, bits).high };
}

/** x / (1 + e^−t). */
function gate(x: Rational, t: Enclosure, bits: number): Enclosure {
  const e = powerOf({ low: negate(t.high), high: negate(t.low) }, bits);
  return times(x, { low: divide(one, add(one, e.high)), high: divide(one, add(one, e.low)) });
}

/** ±(1 − e^−2|x|) / (1 + e^−2|x|). */
function tanh(x: Rational, bits: number): Enclosure {
  if (compareMagnitudes(x, SMALL) < 0) return point(multiply(x, add(one, negate(speck))));
  const e = enclose(scaleByPowerOfTwo(negate(absolute(x)), 1), bits);
  const at = (p: Rational): Rational => divide(add(one, negate(p)), add(one, p));
  const [low, high] = [at(e.high), at(e.low)];
  return x.negative ? { low: negate(high), high: negate(low) } : { low, high };
}

/**
 * 1 − Φ(x) = φ(x) / (x + 1 / (x + 2 / (x + 3 / …))) for x > 4 (Laplace): the fractions that end after an even and an odd number of
 * steps lie on either side, and nothing cancels. They differ by about e^−2x·√(2n) after n steps.
 */
function normalTail(x: Rational, bits: number): Enclosure {
  const steps = 2 * Math.ceil((bits / 16) ** 2 / 4) + 2;
  const after = (last: number): Rational => {
    let t = x;
    for (let k = last; k > 0; k--) t = add(x, divide(fromBigInt(BigInt(k)), t));
    return t;
  };
  const e = enclose(scaleByPowerOfTwo(negate(multiply(x, x)), -1), bits);
  const density = quotient(e, rootOf(scaled(pi(bits), 1), bits));
  return { low: divide(density.low, after(steps + 1)), high: divide(density.high, after(steps)) };
}

/** x in units of 2^−bits, rounded down. */
function units(x: Rational, bits: number): bigint {
  const { whole, remainder } = split(x, -bits);
  if (!x.negative) return whole;
  return remainder === 0n ? -whole : -whole - 1n;
}

function ofUnits(n: bigint, bits: number): Rational {
  return rational(n < 0n, n < 0n ? -n : n, -bits);
}

/**
 * ln x = y + ln(1 + δ), δ = x·e^−y − 1, for a y near ln x: what y is off by is in δ, whose series ends soon.
 */
function logarithmOf(x: Rational, bits: number): Enclosure {
  const size = x.exponent + x.numerator.toString(2).length - x.denominator.toString(2).length;
  // x lies beyond binary64 or within: its logarithm to some fifteen digits.
  const y = fromNumber(Math.log(approximately(scaleByPowerOfTwo(x, -size))) + size * Math.LN2);
  const e = enclose(negate(y), bits + 8);
  // Of y = 0, e^−y is 1 exactly.
  const own = isZero(y) ? point(one) : e;
  const low = units(add(multiply(x, own.low), minusOne), bits);
  const high = units(add(multiply(x, own.high), minusOne), bits) + 1n;
  return {
    low: add(y, ofUnits(seriesOf(low, bits) - 64n, bits)),
    high: add(y, ofUnits(seriesOf(high, bits) + 64n + BigInt(bits), bits)),
  };
}

/** δ − δ²/2 + δ³/3 − … in units of 2^−bits, |δ| < 2^−30: at most bits/30 terms, each cut by less than two units. */
function seriesOf(delta: bigint, bits: number): bigint {
  let power = delta;
  let sum = 0n;
  for (let n = 1n; power !== 0n && power !== -1n; n += 1n) {
    sum += (n % 2n === 1n ? power : -power) / n;
    power = (power * delta) >> BigInt(bits);
  }
  return sum;
}

/** √ of an enclosure above zero. */
function rootOf({ low, high }: Enclosure, bits: number): Enclosure {
  return {
    low: ofUnits(integerSquareRoot(units(low, 2 * bits)), bits),
    high: ofUnits(integerSquareRoot(units(high, 2 * bits) + 1n) + 1n, bits),
  };
}

/** π = Σ 16^−k · (4/(8k+1) − 2/(8k+4) − 1/(8k+5) − 1/(8k+6)): every term is above zero, and cut by less than four units. */
function pi(bits: number): Enclosure {
  let sum = 0n;
  const count = Math.ceil(bits / 4) + 2;
  for (let k = 0; k < count; k++) {
    const unit = 1n << BigInt(Math.max(0, bits - 4 * k));
    const at = BigInt(8 * k);
    sum += (4n * unit) / (at + 1n) - (2n * unit) / (at + 4n) - unit / (at + 5n) - unit / (at + 6n);
  }
  const margin = BigInt(4 * count + 16);
  return { low: ofUnits(sum - margin, bits), high: ofUnits(sum + margin, bits) };
}

/**
 * Σ (−s)^n / (n! · (2n + 1)) for s ≥ 0: erf(x) = 2/√π · x times this of x². Terms reach e^s: as many more bits, and a unit's cut
 * for each term, bound what is lost.
 */
function alternating(s: Rational, bits: number): Enclosure {
  const whole = Number(units(s, 0));
  const fine = bits + Math.ceil(1.5 * whole) + 64;
  const at = units(s, fine);
  const scale = BigInt(fine);
  let power = 1n << scale;
  let sum = power;
  let count = 0n;
  for (let n = 1n; ; n += 1n) {
    power = ((power * at) / n) >> scale;
    count += 1n;
    const term = power / (2n * n + 1n);
    sum += n % 2n === 1n ? -term : term;
    // Terms fall from n > s on.
    if (power <= 1n && n > BigInt(whole) * 2n + 2n) break;
  }
  // s was cut by a unit, which changes a power by less than e^s units; each step cuts one more.
  const margin = ((count + 2n) << BigInt(Math.ceil(1.5 * whole) + 8)) + 64n;
  return { low: ofUnits(sum - margin, fine), high: ofUnits(sum + margin, fine) };
}
