/**
 * round(x / scale), the exact quotient rounded once, over a run of numbers.
 *
 * The quotient computed in binary64 lies on the same side of every decision as the exact one unless it sits on it, and
 * decisions (midpoints of a grid) are binary64 numbers: only there the remainder's sign is asked for.
 *
 * @module
 */
import { quotientResidual } from '../arithmetic/residual.ts';
import type { FloatFormat } from '../formats/index.ts';

const float64 = /* @__PURE__ */ new Float64Array(1);
const words = /* @__PURE__ */ new Uint32Array(float64.buffer);
/** Index of the word that holds sign and exponent. */
const HIGH = /* @__PURE__ */ new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 1 : 0;
/** Added and taken away again, it rounds a magnitude below 2^51 to an integer, ties to even. */
export const MAGIC = 6755399441055744;

/** Scales are kept within 2^±360 (2^±432 once a search has raised them to the power 1.2), where remainders are exact. */
export const SMALLEST_SCALE = 2 ** -360;
export const LARGEST_SCALE = 2 ** 360;

const tables = /* @__PURE__ */ new WeakMap<FloatFormat, Float64Array>();

/** The step of the grid in every binade, the lowest one first. */
function unitsOf(format: FloatFormat): Float64Array {
  let units = tables.get(format);
  if (units === undefined) {
    const { emin, emax, mantissaBits } = format;
    units = Float64Array.from({ length: emax - emin + 1 }, (_, i) => 2 ** (emin + i - mantissaBits));
    tables.set(format, units);
  }
  return units;
}

/**
 * Grid values: `out[i]` = x[i] / scale rounded to the format, ties to even, saturating, for from ≤ i < to. The format
 * has subnormals and neither infinities nor NaN; x is finite.
 */
export function divideToGrid(
  format: FloatFormat,
  x: ArrayLike<number>,
  scale: number,
  out: Float64Array,
  from: number,
  to: number,
  outFrom = from,
): void {
  const { max, emin } = format;
  const units = unitsOf(format);
  const lowest = emin + 1023;
  const shift = outFrom - from;
  for (let i = from; i < to; i++) {
    const v = x[i];
    const q = v / scale;
    const a = q < 0 ? -q : q;
    let r: number;
    if (a >= max) r = max;
    else {
      float64[0] = a;
      const binade = ((words[HIGH] >>> 20) & 0x7ff) - lowest;
      const unit = units[Math.max(binade, 0)];
      const magic = MAGIC * unit;
      r = a + magic - magic;
      const off = a - r;
      if (off + off === unit || off + off === -unit) {
        const rest = quotientResidual(v, scale, q);
        if (rest !== 0) r = rest < 0 === q < 0 ? a + unit / 2 : a - unit / 2;
      }
    }
    out[i + shift] = q < 0 || (q === 0 && 1 / q < 0) ? -r : r;
  }
}

/** Integers: `out[i]` = x[i] / scale rounded, ties to even, plus `zero`, clamped to [low, high]. */
export function divideToIntegers(
  x: ArrayLike<number>,
  scale: number,
  zero: number,
  low: number,
  high: number,
  out: Float64Array,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i++) {
    const v = x[i];
    const q = v / scale;
    let r: number;
    if (q > 2 ** 40) r = high;
    else if (q < -(2 ** 40)) r = low;
    else {
      r = q + MAGIC - MAGIC;
      const off = q - r;
      if (off === 0.5 || off === -0.5) {
        const rest = quotientResidual(v, scale, q);
        if (rest !== 0) r = rest > 0 ? q + 0.5 : q - 0.5;
      }
      r += zero;
    }
    out[i] = r > high ? high : r < low ? low : r + 0;
  }
}
