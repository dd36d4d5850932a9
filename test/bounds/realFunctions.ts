/**
 * The real functions that kernels stand for, in integers of 2^−1200: exactly, or to hundreds of bits.
 *
 * @module
 */

/** A number in units of 2^−600. */
export function fixed(x: number): bigint {
  if (x === 0) return 0n;
  let [n, exponent] = [x, 0];
  while (!Number.isInteger(n)) {
    n *= 2;
    exponent += 1;
  }
  return BigInt(n) << BigInt(600 - exponent);
}

/** Σ a·b, or Σ a. */
export function realSum(a: readonly number[], b: readonly number[] | null): bigint {
  return a.reduce((total, x, k) => total + fixed(x) * fixed(b === null ? 1 : (b[k] as number)), 0n);
}

/** What a norm is of. */
export interface RealNorm {
  readonly isCentered: boolean;
  readonly epsilon: number;
  readonly gamma: readonly number[] | null;
  readonly beta: readonly number[] | null;
  readonly residual: readonly number[] | null;
}

const BITS = 1800n;

/** More than norms and softmax may be off, 2^−350. */
export const OFF: bigint = 1n << 850n;

/** With D = dx − Σx, or dx: y = D √(d / (ΣD² + d³ε)). */
export function realNorm(x: readonly number[], { isCentered, epsilon, gamma, beta, residual }: RealNorm): bigint[] {
  const d = BigInt(x.length);
  const z = x.map((one, k) => fixed(one) + fixed(residual?.[k] ?? 0));
  const sum = isCentered ? z.reduce((p, q) => p + q, 0n) : 0n;
  const from = z.map((one) => d * one - sum);
  const squares = from.reduce((total, one) => total + one * one, 0n) + ((fixed(epsilon) * d ** 3n) << 600n);
  if (squares === 0n) return from.map(() => 0n);
  const root = squareRoot((d << (2n * BITS)) / squares);
  return from.map((one, k) => {
    const normalized = (one * root) >> (BITS - 1200n);
    return ((normalized * fixed(gamma?.[k] ?? 1)) >> 600n) + (fixed(beta?.[k] ?? 0) << 600n);
  });
}

/** e^(x − max) / Σ. */
export function realSoftmax(x: readonly number[], clamp: readonly [number, number] | null): bigint[] {
  const z = x.map((one) => fixed(clamp === null ? one : Math.min(Math.max(one, clamp[0]), clamp[1])));
  const top = z.toSorted((p, q) => (p < q ? 1 : -1))[0] ?? 0n;
  const powers = z.map((one) => exponential(one - top));
  const sum = powers.reduce((p, q) => p + q, 0n);
  return powers.map((one) => (one << 1200n) / sum);
}

const ONE = 1n << 400n;

/** e^d in units of 2^−400, for a d of at most 0 in units of 2^−600: by its series at d/2^16, squared sixteen times. */
function exponential(d: bigint): bigint {
  if (d < -800n << 600n) return 0n;
  const small = d >> 216n;
  let [term, sum] = [ONE, ONE];
  for (let k = 1n; term !== 0n && term !== -1n; k++) {
    term = (term * small) / (k * ONE);
    sum += term;
  }
  for (let i = 0; i < 16; i++) sum = (sum * sum) / ONE;
  return sum;
}

/** ⌊√n⌋, by Newton's iteration from above. */
function squareRoot(n: bigint): bigint {
  let r = 1n << BigInt((n.toString(16).length * 4) / 2 + 1);
  for (;;) {
    const next = (r + n / r) >> 1n;
    if (next >= r) return r;
    r = next;
  }
}

/** |x − real|, rounded down, by `off` more where the real one is not exact: no bound may hide behind its own rounding. */
export function distance(x: number, real: bigint, off = 0n): number {
  if (!Number.isFinite(x)) return Number.POSITIVE_INFINITY;
  const difference = (fixed(x) << 600n) - real;
  const whole = difference < 0n ? -difference : difference;
  const size = whole > off ? whole - off : 0n;
  const bits = size.toString(2).length;
  const shift = BigInt(Math.max(0, bits - 53));
  return Number(size >> shift) * 2 ** (Number(shift) - 600) * 2 ** -600;
}
