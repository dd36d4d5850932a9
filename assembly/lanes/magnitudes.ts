/**
 * Results counted by their exponents, as `src/events/magnitudes.ts` has them: a histogram is a stage's counts, in binary64,
 * at the exponent fields of binary64; then zeros, numbers below the least normal one, and what is not finite.
 *
 * @module
 */
const ZERO: usize = 2047;
const SUBNORMAL: usize = 2048;
const NON_FINITE: usize = 2049;
const FIELD: u64 = 2047;

/** Counts the first `numbers` numbers of each of so many columns, `stride` bytes apart. */
@inline
export function countColumns<T>(x: usize, columns: usize, stride: usize, numbers: usize, minNormal: f64, histogram: usize): void {
  for (let i: usize = 0; i < columns; i++) {
    for (let j: usize = 0; j < numbers; j++) {
      const a = abs<f64>(<f64>load<T>(x + j * sizeof<T>()));
      const field = reinterpret<u64>(a) >> 52;
      let at = <usize>field;
      if (a < minNormal) at = a == 0 ? ZERO : SUBNORMAL;
      else if (field == FIELD) at = NON_FINITE;
      const counter = histogram + (at << 3);
      store<f64>(counter, load<f64>(counter) + 1);
    }
    x += stride;
  }
}

export function countMagnitudes32(x: usize, columns: usize, stride: usize, numbers: usize, minNormal: f64, histogram: usize): void {
  countColumns<f32>(x, columns, stride, numbers, minNormal, histogram);
}

export function countMagnitudes64(x: usize, columns: usize, stride: usize, numbers: usize, minNormal: f64, histogram: usize): void {
  countColumns<f64>(x, columns, stride, numbers, minNormal, histogram);
}
