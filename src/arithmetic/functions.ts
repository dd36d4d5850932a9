/**
 * The elementary functions, as data: what each is at its edges, an interval around it of any precision, and a quick
 * approximation in binary64.
 *
 * The approximations use IEEE operations alone (`Math.exp` and its like promise nothing) and are within 2^−41 of the real
 * value, relatively; each comment says why, and a test holds them against the intervals.
 *
 * @module
 */
import { dyadic } from '../rounding/dyadic.ts';
import { exponentOf, powerOfTwo } from '../rounding/rounder.ts';
import { approximateExponential } from './exponential.ts';
import type { Interval } from './exponentialInterval.ts';
import type { Intervals } from './intervals.ts';

/** The functions that are transcendental; `reciprocal`, `sqrt`, `rsqrt` and `relu` are operations of a unit. */
export const transcendentals = [
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
export type Transcendental = (typeof transcendentals)[number];

/**
 * What a rounding asks of a result: binary64's own digits and range; the value of what is lost, as random bits and wide
 * registers do; or its sign beside the nearest binary64 number.
 */
export type Wanted = 'binary64' | 'value' | 'sign';

/**
 * A result that needs no interval: value · 2^power itself, or (`toward`) a number so near to it on that side that it is
 * rounded as any other there.
 */
export interface Edge {
  readonly value: number;
  readonly power?: number;
  readonly toward?: 1 | -1;
  readonly raises?: 'invalid' | 'divideByZero';
}

/** One function of x, with the cap of `softcap` as its parameter. */
export interface Elementary {
  /** What it is at ±0, ±∞, where it is exact, and beyond where an interval is wanted; null elsewhere. Never asked for a NaN. */
  edge(x: number, cap: number, wanted: Wanted): Edge | null;
  /** An interval around f(x), where there is no edge. */
  interval(x: number, on: Intervals, cap: number): Interval;
  /** f(x) within a relative error of 2^−41; NaN where it does not know. */
  approximate(x: number, cap: number): number;
}

/** Beyond these every format rounds as it would anything larger, or smaller. */
const HUGE: Edge = { value: Infinity, toward: -1 };
const TINY: Edge = { value: 0, toward: 1 };
const MINUS_TINY: Edge = { value: -0, toward: -1 };
const NAN: Edge = { value: Number.NaN, raises: 'invalid' };

/** Where e^−x is smaller than anything that a rounding sees beside 1 (2^−57), or beside 0 (2^−33 of the least number). */
const besideOne = (wanted: Wanted): number => (wanted === 'sign' ? 40 : 800);
const besideZero = (wanted: Wanted): number => (wanted === 'binary64' ? 800 : 301);
/** Relative distances from what is exact that a rounding sees as a sign alone: below 2^−54, or below all random bits. */
const nearZero = (wanted: Wanted): number => (wanted === 'sign' ? 2 ** -56 : 2 ** -200);
const nearZeroSquared = (wanted: Wanted): number => (wanted === 'sign' ? 2 ** -28 : 2 ** -100);

/** The limits at ±∞, and the value at ±0. */
function limits(x: number, atZero: number, below: number, above: number): Edge | null {
  if (x === 0) return { value: atZero };
  if (x === Infinity) return { value: above };
  return x === -Infinity ? { value: below } : null;
}

/** What grows from 0 to ∞ and is 1 at 0, as an exponential. */
function powerEdge(x: number, far: number, wanted: Wanted): Edge | null {
  const found = limits(x, 1, 0, Infinity);
  if (found !== null) return found;
  if (x > far) return HUGE;
  if (x < -far) return TINY;
  return Math.abs(x) < nearZero(wanted) ? { value: 1, toward: x > 0 ? 1 : -1 } : null;
}

/** A gate: x times something from 0 to 1 that is 1/2 at 0; above `far` it is x, below −`low` nearly 0. */
function gateEdge(x: number, low: number, far: number, wanted: Wanted): Edge | null {
  const found = limits(x, x, -0, Infinity);
  if (found !== null) return found;
  if (x > far) return { value: x, toward: -1 };
  if (x < -low) return MINUS_TINY;
  // x/2 and a little more, on either side.
  return Math.abs(x) < nearZero(wanted) ? { value: x, power: -1, toward: 1 } : null;
}

/** Inward from ±limit beyond `far`, and inward from x near zero. */
function sigmoidalEdge(x: number, t: number, limit: number, far: number, wanted: Wanted): Edge | null {
  const found = limits(x, x, -limit, limit);
  if (found !== null) return found;
  const toward = x > 0 ? -1 : 1;
  if (Math.abs(t) > far) return { value: x > 0 ? limit : -limit, toward };
  return Math.abs(t) < nearZeroSquared(wanted) ? { value: x, toward } : null;
}

const { LN2, LOG2E } = Math;

/** 2·artanh(z) for |z| ≤ 1/3: the sum of a series whose terms shrink ninefold, cut at 2^−56. */
function twiceArtanh(z: number): number {
  const square = z * z;
  let sum = 0;
  for (let i = 35; i >= 1; i -= 2) sum = sum * square + 1 / i;
  return 2 * z * sum;
}

/** ln(1 + u) for 0 ≤ u ≤ 1. */
function logarithmOfOnePlus(u: number): number {
  return twiceArtanh(u / (2 + u));
}

/** ln m with 2/3 ≤ m ≤ 4/3, and k, of x = m · 2^k: m − 1 is exact. */
function logarithmParts(x: number): { rest: number; k: number } {
  let k = exponentOf(x);
  let m = x / powerOfTwo(k);
  if (m > 4 / 3) {
    m /= 2;
    k += 1;
  }
  return { rest: twiceArtanh((m - 1) / (m + 1)), k };
}

/** e^x − 1 for |x| ≤ 1/2, by its series, in Horner's way from the 16th term; else the difference, which loses two bits. */
function exponentialMinusOne(x: number): number {
  if (Math.abs(x) > 0.5) return approximateExponential(x) - 1;
  let sum = 1;
  for (let i = 17; i > 1; i--) sum = 1 + (sum * x) / i;
  return x * sum;
}

/** tanh x = (e^2x − 1) / (e^2x + 1): a quotient of numbers of one sign. */
function approximateTanh(x: number): number {
  if (Math.abs(x) > 150) return Number.NaN;
  const e = exponentialMinusOne(2 * Math.abs(x));
  const t = e / (e + 2);
  return x < 0 ? -t : t;
}

function approximateSigmoid(x: number): number {
  return Math.abs(x) > 300 ? Number.NaN : 1 / (1 + approximateExponential(-x));
}

const ROOT_OF_TWO_PI = 2.5066282746310002;

/**
 * 1 − Φ(t) of the normal distribution for t ≥ 2: its density over t + 1/(t + 2/(t + 3/(t + …))), from the sixtieth fraction
 * inwards. All terms are positive, and convergents lie on both sides: at t = 2 the sixtieth is within 2^−60.
 */
function normalTail(t: number): number {
  let fraction = t;
  for (let k = 60; k > 0; k--) fraction = t + k / fraction;
  return approximateExponential((-t * t) / 2) / (ROOT_OF_TWO_PI * fraction);
}

/** Φ(t) − 1/2 for 0 ≤ t ≤ 2: the series of `Intervals.errorSeries`. */
function normalCentre(t: number): number {
  const square = t * t;
  let sum = 1;
  for (let i = 91; i > 1; i -= 2) sum = 1 + (sum * square) / i;
  return (t * approximateExponential(-square / 2) * sum) / ROOT_OF_TWO_PI;
}

/** Φ(x), for |x| ≤ 24. */
function normal(x: number): number {
  const t = Math.abs(x);
  if (t > 24) return Number.NaN;
  const tail = t < 2 ? 0.5 - normalCentre(t) : normalTail(t);
  return x < 0 ? tail : t < 2 ? 0.5 + normalCentre(t) : 1 - tail;
}

/** 2·√(2/π)·(x + 0.044715·x³): e to minus that is what geluTanh divides by. */
function approximateInner(x: number): number {
  return (4 / ROOT_OF_TWO_PI) * (x + 0.044715 * x * x * x);
}

/** x / (1 + e^−t). */
function gate(on: Intervals, x: Interval, t: Interval): Interval {
  return on.divide(x, on.add(on.integer(1), on.exponential(on.negate(t))));
}

/** (e^2t − 1) / (e^2t + 1). */
function tanhInterval(on: Intervals, t: Interval): Interval {
  const e = on.exponential(on.scale(t, 1));
  return on.divide(on.add(e, on.integer(-1)), on.add(e, on.integer(1)));
}

const exact = (on: Intervals, x: number): Interval => on.exactly(dyadic(x));

/** ln x below zero, at zero, and at infinity. */
function logarithmEdge(x: number): Edge | null {
  if (x === 0) return { value: -Infinity, raises: 'divideByZero' };
  if (x < 0) return NAN;
  return x === Infinity ? { value: x } : null;
}

/** All of them, by name. */
export const elementary: Readonly<Record<Transcendental, Elementary>> = {
  exp: {
    edge: (x, _, wanted) => powerEdge(x, besideZero(wanted), wanted),
    interval: (x, on) => on.exponential(exact(on, x)),
    approximate: (x) => (Math.abs(x) > 300 ? Number.NaN : approximateExponential(x)),
  },
  exp2: {
    edge(x, _, wanted) {
      const found = powerEdge(x, wanted === 'binary64' ? 1200 : 450, wanted);
      return found === null && Number.isInteger(x) ? { value: 1, power: x } : found;
    },
    interval(x, on) {
      const n = Math.floor(x);
      const rest = on.add(exact(on, x), on.integer(-n));
      return on.scale(on.exponential(on.multiply(rest, on.logarithm(on.integer(2)))), n);
    },
    approximate(x) {
      if (Math.abs(x) > 450) return Number.NaN;
      const n = Math.round(x);
      return approximateExponential((x - n) * LN2) * powerOfTwo(n);
    },
  },
  log: {
    edge: (x) => logarithmEdge(x) ?? (x === 1 ? { value: 0 } : null),
    interval: (x, on) => on.logarithm(exact(on, x)),
    approximate(x) {
      if (x < 2 ** -1000) return Number.NaN;
      const { rest, k } = logarithmParts(x);
      return rest + k * LN2;
    },
  },
  log2: {
    edge(x) {
      const found = logarithmEdge(x);
      if (found !== null) return found;
      const { n, exponent } = dyadic(x);
      // A power of two; a subnormal one, too.
      return (n & (n - 1n)) === 0n ? { value: exponent + n.toString(2).length - 1 } : null;
    },
    interval: (x, on) => on.divide(on.logarithm(exact(on, x)), on.logarithm(on.integer(2))),
    approximate(x) {
      if (x < 2 ** -1000) return Number.NaN;
      const { rest, k } = logarithmParts(x);
      return rest * LOG2E + k;
    },
  },
  tanh: {
    edge: (x, _, wanted) => sigmoidalEdge(x, x, 1, besideOne(wanted) / 2, wanted),
    interval: (x, on) => tanhInterval(on, exact(on, x)),
    approximate: approximateTanh,
  },
  sigmoid: {
    edge(x, _, wanted) {
      const found = limits(x, 0.5, 0, 1);
      if (found !== null) return found;
      if (x > besideOne(wanted)) return { value: 1, toward: -1 };
      if (x < -besideZero(wanted)) return TINY;
      return Math.abs(x) < nearZero(wanted) ? { value: 0.5, toward: x > 0 ? 1 : -1 } : null;
    },
    interval: (x, on) => gate(on, on.integer(1), exact(on, x)),
    approximate: approximateSigmoid,
  },
  erf: {
    edge(x, _, wanted) {
      const found = limits(x, x, -1, 1);
      if (found !== null) return found;
      return Math.abs(x) > (wanted === 'sign' ? 6.5 : 30) ? { value: Math.sign(x), toward: x > 0 ? -1 : 1 } : null;
    },
    interval(x, on) {
      const a = exact(on, x);
      const square = on.multiply(a, a);
      const factor = on.divide(on.integer(2), on.squareRoot(on.pi()));
      const bell = on.exponential(on.negate(square));
      return on.multiply(on.multiply(factor, a), on.multiply(bell, on.errorSeries(square)));
    },
    approximate(x) {
      const t = Math.abs(x) * Math.SQRT2;
      if (t > 24) return Number.NaN;
      const y = t < 2 ? 2 * normalCentre(t) : 1 - 2 * normalTail(t);
      return x < 0 ? -y : y;
    },
  },
  silu: {
    edge: (x, _, wanted) => gateEdge(x, besideZero(wanted), besideOne(wanted), wanted),
    interval: (x, on) => gate(on, exact(on, x), exact(on, x)),
    approximate: (x) => x * approximateSigmoid(x),
  },
  gelu: {
    edge: (x, _, wanted) => gateEdge(x, wanted === 'binary64' ? 40 : 26, wanted === 'sign' ? 10 : 40, wanted),
    // x/2 · (1 + erf(x/√2)), erf(x/√2) = √(2/π) · x · e^(−x²/2) · series(x²/2)
    interval(x, on) {
      const a = exact(on, x);
      const half = on.scale(on.multiply(a, a), -1);
      const factor = on.squareRoot(on.divide(on.integer(2), on.pi()));
      const bell = on.exponential(on.negate(half));
      const erf = on.multiply(on.multiply(factor, a), on.multiply(bell, on.errorSeries(half)));
      return on.scale(on.multiply(a, on.add(on.integer(1), erf)), -1);
    },
    approximate: (x) => x * normal(x),
  },
  geluTanh: {
    edge: (x, _, wanted) => gateEdge(x, wanted === 'binary64' ? 24 : 17, wanted === 'sign' ? 10 : 24, wanted),
    // x/2 · (1 + tanh t) = x / (1 + e^−2t), t = √(2/π) · (x + 0.044715·x³)
    interval(x, on) {
      const a = exact(on, x);
      const cube = on.multiply(a, on.multiply(a, a));
      const sum = on.add(a, on.multiply(on.divide(on.integer(44715), on.integer(1_000_000)), cube));
      const t = on.multiply(on.squareRoot(on.divide(on.integer(2), on.pi())), sum);
      return gate(on, a, on.scale(t, 1));
    },
    approximate(x) {
      const t = approximateInner(x);
      return Math.abs(t) > 200 ? Number.NaN : x / (1 + approximateExponential(-t));
    },
  },
  softplus: {
    edge(x, _, wanted) {
      if (x === Infinity) return { value: x };
      if (x === -Infinity) return { value: 0 };
      if (x > besideOne(wanted)) return { value: x, toward: 1 };
      return x < -besideZero(wanted) ? TINY : null;
    },
    interval: (x, on) => on.logarithm(on.add(on.integer(1), on.exponential(exact(on, x)))),
    approximate(x) {
      if (Math.abs(x) > 300) return Number.NaN;
      const rest = logarithmOfOnePlus(approximateExponential(-Math.abs(x)));
      return x > 0 ? x + rest : rest;
    },
  },
  softcap: {
    edge: (x, cap, wanted) => sigmoidalEdge(x, x / cap, cap, besideOne(wanted) / 2, wanted),
    interval(x, on, cap) {
      const c = exact(on, cap);
      return on.multiply(c, tanhInterval(on, on.divide(exact(on, x), c)));
    },
    approximate: (x, cap) => cap * approximateTanh(x / cap),
  },
};
