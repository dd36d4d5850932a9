/**
 * What all methods of a product's row share.
 *
 * @module
 */
import { infinity } from '../lanes/rounding';

/** One number in all lanes. */
@inline
export function splat<T>(a: usize): v128 {
  return sizeof<T>() == 4 ? v128.load32_splat(a) : v128.load64_splat(a);
}

/** Whether r is s + p exactly: taking either addend away leaves the other; of the larger one the difference is exact. */
@inline
export function isSum<T>(r: v128, s: v128, p: v128): v128 {
  return v128.and(v128.eq<T>(v128.sub<T>(r, s), p), v128.eq<T>(v128.sub<T>(r, p), s));
}

/** Whether any of four vectors has an infinity or a NaN. */
@inline
export function anySpecial<T>(acc: usize): bool {
  let isFinite = v128.lt<T>(v128.abs<T>(v128.load(acc)), infinity<T>());
  isFinite = v128.and(isFinite, v128.lt<T>(v128.abs<T>(v128.load(acc, 16)), infinity<T>()));
  isFinite = v128.and(isFinite, v128.lt<T>(v128.abs<T>(v128.load(acc, 32)), infinity<T>()));
  isFinite = v128.and(isFinite, v128.lt<T>(v128.abs<T>(v128.load(acc, 48)), infinity<T>()));
  return !i32x4.all_true(isFinite);
}
