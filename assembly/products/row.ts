/**
 * Sums of products: one row of A against sixteen columns of B in binary32 lanes (eight in binary64), four vectors whose
 * chains hide each other's latency. B's columns lie packed, four vectors a row of B.
 *
 * @module
 */
import { ProductJob, ProductMethod, Rounding } from '../lanes/layouts';
import { ROUND, operate } from '../lanes/panel';
import { TALLY_BYTES, clear, drainTallies, drainTally } from '../lanes/tally';
import { countBinary32, formBinary32 } from './binary32';
import { countAny } from './general';
import { countNearestEven, formNearestEven } from './nearestEven';
import { countShortBinary32, formShortBinary32 } from './shortBinary32';
import { anySpecial } from './sums';

/** Four vectors of sums, nothing counted. */
@inline
function form<T>(method: i32, job: usize, b: usize, acc: usize): void {
  switch (method) {
    case ProductMethod.NEAREST_EVEN:
      formNearestEven<T>(job, b, acc);
      break;
    case ProductMethod.SHORT_BINARY32:
      formShortBinary32(job, b, acc);
      break;
    default:
      formBinary32(job, b, acc);
      break;
  }
}

/** The same, counted. False, and nothing counted, where a short cut met an infinity or a NaN. */
@inline
function count<T>(method: i32, job: usize, b: usize, acc: usize, tallies: usize): bool {
  switch (method) {
    case ProductMethod.GENERAL:
      countAny<T>(job, b, acc);
      return true;
    case ProductMethod.NEAREST_EVEN:
      countNearestEven<T>(job, b, acc);
      break;
    case ProductMethod.SHORT_BINARY32:
      countShortBinary32(job, b, acc);
      break;
    default:
      countBinary32(job, b, acc);
  }
  if (!anySpecial<T>(acc)) return true;
  for (let i: usize = 0; i < 8; i++) clear(tallies + i * TALLY_BYTES);
  return false;
}

/**
 * One row of A against all of B: for every four vectors of columns the sum from where `acc` is, in place. A panel whose
 * short cut met an infinity is counted again in full; where that is not possible, its flags are all ones.
 */
@inline
function row<T>(method: i32, isCounting: bool, job: usize): void {
  let b: usize = load<u32>(job + ProductJob.B);
  let acc: usize = load<u32>(job + ProductJob.ACC);
  let flags: usize = load<u32>(job + ProductJob.FLAGS);
  const productTotals: usize = load<u32>(job + ProductJob.PRODUCT_TOTALS);
  const totals: usize = load<u32>(job + ProductJob.TOTALS);
  const productOverflowAccounting = load<i32>(job + ProductJob.PRODUCT_OVERFLOW_ACCOUNTING);
  const overflowAccounting = load<i32>(job + ProductJob.OVERFLOW_ACCOUNTING);
  const tallies: usize = load<u32>(job + ProductJob.TALLIES);
  const productTallies = tallies + 4 * TALLY_BYTES;
  const saved = tallies + 8 * TALLY_BYTES;
  const isFused = load<i32>(job + ProductJob.IS_FUSED) != 0;
  const panel: usize = load<u32>(job + ProductJob.PANEL);
  const columns = 64 / <i32>sizeof<T>();
  for (let left = load<i32>(job + ProductJob.WIDTH); left > 0; left -= columns) {
    // The general method counts always.
    if (!isCounting && method != ProductMethod.GENERAL) form<T>(method, job, b, acc);
    else {
      memory.copy(saved, acc, 64);
      if (!count<T>(method, job, b, acc, tallies)) {
        if (method == ProductMethod.NEAREST_EVEN) {
          memory.copy(acc, saved, 64);
          countAny<T>(job, b, acc);
        } else memory.fill(flags, 0xff, 32);
      }
      const active = min(left, columns);
      drainTallies<T>(tallies, overflowAccounting, active, totals, flags);
      if (!isFused) drainTallies<T>(productTallies, productOverflowAccounting, active, productTotals, flags);
    }
    b += panel;
    acc += 64;
    flags += columns * 2;
  }
}

export function productRow32(method: i32, isCounting: bool, job: usize): void {
  row<f32>(method, isCounting, job);
}

/** Lanes of binary64 know two methods: the general one and nearest even. */
export function productRow64(method: i32, isCounting: bool, job: usize): void {
  row<f64>(method, isCounting, job);
}

/** Sixteen columns (eight of binary64) of n rows of B, `stride` bytes apart, together: 64 bytes a row. */
export function packColumns(x: usize, stride: usize, n: usize, out: usize): void {
  for (let k: usize = 0; k < n; k++) {
    v128.store(out, v128.load(x));
    v128.store(out, v128.load(x, 16), 16);
    v128.store(out, v128.load(x, 32), 32);
    v128.store(out, v128.load(x, 48), 48);
    x += stride;
    out += 64;
  }
}

/** A row's sums rounded to the output's step, in place, with flags for each. */
@inline
function storeRow<T>(acc: usize, width: i32, rounding: usize, overflowAccounting: i32, totals: usize, flags: usize, tally: usize): void {
  const lanes = 16 / <i32>sizeof<T>();
  const minNormal = v128.load(rounding + Rounding.MIN_NORMAL);
  const roundingConstant = v128.load(rounding + Rounding.ROUNDING_CONSTANT);
  const over = v128.load(rounding + Rounding.OVER);
  const tiny = v128.load(rounding + Rounding.TINY);
  const top = v128.load(rounding + Rounding.TOP);
  for (let left = width; left > 0; left -= lanes) {
    const s = v128.load(acc);
    v128.store(acc, operate<T>(ROUND, false, s, s, s, rounding, tally, minNormal, roundingConstant, over, tiny, top));
    drainTally<T>(tally, overflowAccounting, min(left, lanes), totals, flags, 2, 0);
    acc += 16;
    flags += <usize>lanes * 2;
  }
}

export function storeRow32(acc: usize, width: i32, rounding: usize, overflowAccounting: i32, totals: usize, flags: usize, tally: usize): void {
  storeRow<f32>(acc, width, rounding, overflowAccounting, totals, flags, tally);
}

export function storeRow64(acc: usize, width: i32, rounding: usize, overflowAccounting: i32, totals: usize, flags: usize, tally: usize): void {
  storeRow<f64>(acc, width, rounding, overflowAccounting, totals, flags, tally);
}
