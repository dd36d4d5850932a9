/**
 * Exact tests of counts: how likely a count is that far from what was to be expected, or farther.
 *
 * @module
 */

/** log(n!) for n = 0, 1, 2, …, as far as asked so far. */
const logFactorials = [0];

function logFactorial(n: number): number {
  for (let i = logFactorials.length; i <= n; i++) logFactorials.push((logFactorials[i - 1] as number) + Math.log(i));
  return logFactorials[n] as number;
}

/** The chance of exactly `count` of `n` where each has the chance p. */
function chance(count: number, n: number, p: number): number {
  if (p <= 0 || p >= 1) return count === (p <= 0 ? 0 : n) ? 1 : 0;
  const ways = logFactorial(n) - logFactorial(count) - logFactorial(n - count);
  return Math.exp(ways + count * Math.log(p) + (n - count) * Math.log1p(-p));
}

/**
 * The two-sided exact binomial test: twice the smaller tail, at most 1. Under the claim it is below any bound with at most
 * that probability, whatever n and p are.
 *
 * @param count - how many of `n` there were
 * @param p - the claimed share
 */
export function binomialTest(count: number, n: number, p: number): number {
  const expected = n * p;
  const upward = count >= expected;
  // From the count outward the chances fall; the sum ends where nothing more is added.
  let tail = 0;
  for (let k = count; k >= 0 && k <= n; k += upward ? 1 : -1) {
    const one = chance(k, n, p);
    tail += one;
    if (one <= tail * 1e-17) break;
  }
  return Math.min(1, 2 * tail);
}

/**
 * A bound on the same for a sum of independent counts with shares of their own, by Bernstein's inequality: it is never below the
 * exact value, so that no more is refused than a level allows.
 *
 * @param excess - the sum less its mean
 * @param variance - Σ p·(1 − p)
 */
export function bernsteinTest(excess: number, variance: number): number {
  const distance = Math.abs(excess);
  if (distance === 0) return 1;
  return Math.min(1, 2 * Math.exp(-(distance * distance) / (2 * (variance + distance / 3))));
}
