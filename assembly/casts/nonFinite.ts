/**
 * How many numbers of an array are NaN or infinite: those whose exponent field is all ones.
 *
 * @module
 */

/** Of n numbers of binary32 at x. */
export function nonFinite32(x: usize, n: i32): i32 {
  const field = i32x4.splat(0x7f800000);
  let counts = i32x4.splat(0);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    // A lane that holds is −1.
    counts = i32x4.sub(counts, i32x4.eq(v128.and(v128.load(x), field), field));
    x += 16;
  }
  let count =
    i32x4.extract_lane(counts, 0) +
    i32x4.extract_lane(counts, 1) +
    i32x4.extract_lane(counts, 2) +
    i32x4.extract_lane(counts, 3);
  for (; i < n; i++) {
    if ((load<i32>(x) & 0x7f800000) == 0x7f800000) count++;
    x += 4;
  }
  return count;
}

/** Of n numbers of binary64 at x. */
export function nonFinite64(x: usize, n: i32): i32 {
  const field = i64x2.splat(0x7ff0000000000000);
  let counts = i64x2.splat(0);
  let i = 0;
  for (; i + 2 <= n; i += 2) {
    counts = i64x2.sub(counts, i64x2.eq(v128.and(v128.load(x), field), field));
    x += 16;
  }
  let count = <i32>(i64x2.extract_lane(counts, 0) + i64x2.extract_lane(counts, 1));
  if (i < n && (load<i64>(x) & 0x7ff0000000000000) == 0x7ff0000000000000) count++;
  return count;
}
