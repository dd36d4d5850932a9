/**
 * What binary64 loses: the residual (exact − computed) of one operation, exactly or by its sign.
 *
 * The methods are exact while no intermediate leaves binary64's normal range. `isSafe` says when that is sure; every
 * format of this library but binary64 lies inside (|emax| ≤ 400), so the exact decimals of `rounding/exact` serve only
 * operands that no other format has.
 *
 * @module
 */

/** Magnitudes in [2^−450, 2^450], and zero, keep every intermediate of the methods below in the normal range. */
export function isSafe(x: number): boolean {
  const a = Math.abs(x);
  return (a <= 2.9073548971824276e135 && a >= 3.4395525670743494e-136) || a === 0;
}

/** (a + b) − s for s = a + b, exact (Knuth 1969, Møller 1965: TwoSum). */
export function sumResidual(a: number, b: number, s: number): number {
  const bVirtual = s - a;
  return a - (s - bVirtual) + (b - bVirtual);
}

const float64 = /* @__PURE__ */ new Float64Array(1);
const words = /* @__PURE__ */ new Uint32Array(float64.buffer);
/** Index of the word that holds sign and exponent. */
const HIGH = /* @__PURE__ */ new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 1 : 0;
const LOW = 1 - HIGH;

/**
 * x + rest, rounded to odd, for a rest other than zero below half a unit in x's last place: of the two neighbours of
 * the sum that with the odd code (Boldo & Melquiond 2008), so that no later rounding to 51 bits or fewer is misled.
 */
export function toOdd(x: number, rest: number): number {
  float64[0] = x;
  const low = words[LOW] as number;
  if ((low & 1) === 1) return x;
  // An even code's neighbours are odd; codes ascend with the magnitude.
  if (rest > 0 === x > 0) words[LOW] = low | 1;
  else {
    words[LOW] = low - 1;
    if (low === 0) words[HIGH] = (words[HIGH] as number) - 1;
  }
  return float64[0] as number;
}

/** 2^27 + 1 splits 53 bits into two halves of at most 26 (Veltkamp). */
const SPLITTER = 134217729;

/** a·b − p for p = a·b, exact (Dekker 1971: TwoProduct). */
export function productResidual(a: number, b: number, p: number): number {
  // Two factors of at most 24 bits have an exact product; binary32 and everything narrower is of that kind.
  if (Math.fround(a) === a && Math.fround(b) === b) return 0;
  const ca = SPLITTER * a;
  const aHigh = ca - (ca - a);
  const aLow = a - aHigh;
  const cb = SPLITTER * b;
  const bHigh = cb - (cb - b);
  const bLow = b - bHigh;
  return aLow * bLow - (p - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}

/** A number of the sign of a/b − q for q = a/b: the remainder a − q·b is a binary64 number, so it is exact. */
export function quotientResidual(a: number, b: number, q: number): number {
  const p = q * b;
  const remainder = a - p - productResidual(q, b, p);
  return b < 0 ? -remainder : remainder;
}

/** A number of the sign of √a − s for s = √a: likewise the sign of a − s·s. */
export function rootResidual(a: number, s: number): number {
  const p = s * s;
  return a - p - productResidual(s, s, p);
}
