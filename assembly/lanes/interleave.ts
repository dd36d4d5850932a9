/**
 * Rows into panels and back.
 *
 * @module
 */

/** Four rows of n numbers, `stride` bytes apart, into one panel of n vectors. n is a multiple of 4. */
export function intoPanel32(x: usize, stride: usize, n: usize, out: usize): void {
  for (let i: usize = 0; i < n; i += 4) {
    const a = v128.load(x);
    const b = v128.load(x + stride);
    const c = v128.load(x + 2 * stride);
    const d = v128.load(x + 3 * stride);
    const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
    const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
    const abHigh = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
    const cdHigh = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
    v128.store(out, v128.shuffle<i64>(ab, cd, 0, 2));
    v128.store(out, v128.shuffle<i64>(ab, cd, 1, 3), 16);
    v128.store(out, v128.shuffle<i64>(abHigh, cdHigh, 0, 2), 32);
    v128.store(out, v128.shuffle<i64>(abHigh, cdHigh, 1, 3), 48);
    x += 16;
    out += 64;
  }
}

/** One panel of n vectors back into four rows, `stride` bytes apart: the inverse of `intoPanel32`. */
export function fromPanel32(x: usize, n: usize, out: usize, stride: usize): void {
  for (let i: usize = 0; i < n; i += 4) {
    const a = v128.load(x);
    const b = v128.load(x, 16);
    const c = v128.load(x, 32);
    const d = v128.load(x, 48);
    const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
    const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
    const abHigh = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
    const cdHigh = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
    v128.store(out, v128.shuffle<i64>(ab, cd, 0, 2));
    v128.store(out + stride, v128.shuffle<i64>(ab, cd, 1, 3));
    v128.store(out + 2 * stride, v128.shuffle<i64>(abHigh, cdHigh, 0, 2));
    v128.store(out + 3 * stride, v128.shuffle<i64>(abHigh, cdHigh, 1, 3));
    x += 64;
    out += 16;
  }
}

/** Two rows of n numbers of 8 bytes, `stride` bytes apart, into one panel. n is even. */
export function intoPanel64(x: usize, stride: usize, n: usize, out: usize): void {
  for (let i: usize = 0; i < n; i += 2) {
    const a = v128.load(x);
    const b = v128.load(x + stride);
    v128.store(out, v128.shuffle<i64>(a, b, 0, 2));
    v128.store(out, v128.shuffle<i64>(a, b, 1, 3), 16);
    x += 16;
    out += 32;
  }
}

/** One panel of n vectors back into two rows, `stride` bytes apart: the inverse of `intoPanel64`. */
export function fromPanel64(x: usize, n: usize, out: usize, stride: usize): void {
  for (let i: usize = 0; i < n; i += 2) {
    const a = v128.load(x);
    const b = v128.load(x, 16);
    v128.store(out, v128.shuffle<i64>(a, b, 0, 2));
    v128.store(out + stride, v128.shuffle<i64>(a, b, 1, 3));
    x += 32;
    out += 16;
  }
}

/** n numbers, each splatted over a vector: what every row of a panel multiplies by. */
export function splat32(x: usize, n: usize, out: usize): void {
  for (let i: usize = 0; i < n; i++) v128.store(out + (i << 4), v128.load32_splat(x + (i << 2)));
}

export function splat64(x: usize, n: usize, out: usize): void {
  for (let i: usize = 0; i < n; i++) v128.store(out + (i << 4), v128.load64_splat(x + (i << 3)));
}

/** Four vectors, one a panel, to column `to` of panels `panel` bytes apart. */
export function scatter(acc: usize, out: usize, panel: usize): void {
  v128.store(out, v128.load(acc));
  v128.store(out + panel, v128.load(acc, 16));
  v128.store(out + 2 * panel, v128.load(acc, 32));
  v128.store(out + 3 * panel, v128.load(acc, 48));
}
