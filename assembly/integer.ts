/**
 * Sums of integer products in registers of up to 32 bits, sixteen columns of B at a time: 16-bit operands, exact 32-bit
 * lanes, one clamp or wrap every so many elements. An operand is the lower half of a 32-bit lane, the upper half is zero, so
 * that the one instruction that multiplies halves and adds the two products gives the product.
 *
 * @module
 */

/** A register's content for an exact sum. */
@inline
function fit(s: v128, saturates: bool, low: v128, high: v128, shift: i32): v128 {
  return saturates ? i32x4.min_s(i32x4.max_s(s, low), high) : i32x4.shr_s(i32x4.shl(s, shift), shift);
}

/** Sixteen sums from where `acc` is; `changes`: so often a fit changed each of them. */
@inline
function sums(
  isCounting: bool,
  saturates: bool,
  a: usize,
  b: usize,
  n: usize,
  every: usize,
  acc: usize,
  low: v128,
  high: v128,
  shift: i32,
  changes: usize,
): void {
  let s0 = v128.load(acc);
  let s1 = v128.load(acc, 16);
  let s2 = v128.load(acc, 32);
  let s3 = v128.load(acc, 48);
  let c0 = i32x4.splat(0);
  let c1 = i32x4.splat(0);
  let c2 = i32x4.splat(0);
  let c3 = i32x4.splat(0);
  let until = every;
  for (let k: usize = 1; k <= n; k++) {
    const v = v128.load32_splat(a);
    s0 = i32x4.add(s0, i32x4.dot_i16x8_s(v, v128.load(b)));
    s1 = i32x4.add(s1, i32x4.dot_i16x8_s(v, v128.load(b, 16)));
    s2 = i32x4.add(s2, i32x4.dot_i16x8_s(v, v128.load(b, 32)));
    s3 = i32x4.add(s3, i32x4.dot_i16x8_s(v, v128.load(b, 48)));
    if (k == until || k == n) {
      until += every;
      const r0 = fit(s0, saturates, low, high, shift);
      const r1 = fit(s1, saturates, low, high, shift);
      const r2 = fit(s2, saturates, low, high, shift);
      const r3 = fit(s3, saturates, low, high, shift);
      if (isCounting) {
        c0 = i32x4.sub(c0, i32x4.ne(r0, s0));
        c1 = i32x4.sub(c1, i32x4.ne(r1, s1));
        c2 = i32x4.sub(c2, i32x4.ne(r2, s2));
        c3 = i32x4.sub(c3, i32x4.ne(r3, s3));
      }
      s0 = r0;
      s1 = r1;
      s2 = r2;
      s3 = r3;
    }
    a += 4;
    b += 64;
  }
  v128.store(acc, s0);
  v128.store(acc, s1, 16);
  v128.store(acc, s2, 32);
  v128.store(acc, s3, 48);
  if (isCounting) {
    v128.store(changes, c0);
    v128.store(changes, c1, 16);
    v128.store(changes, c2, 32);
    v128.store(changes, c3, 48);
  }
}

/** A 32-bit register's content for the exact sum s + t. */
@inline
function fitted(s: v128, t: v128, saturates: bool): v128 {
  const sum = i32x4.add(s, t);
  if (!saturates) return sum;
  const edge = v128.xor(i32x4.shr_s(t, 31), i32x4.splat(0x7fffffff));
  return v128.bitselect(edge, sum, overflows(s, t, sum));
}

/** Where that sum is beyond 32 bits, of which `sum` are the last. */
@inline
function overflows(s: v128, t: v128, sum: v128): v128 {
  return i32x4.shr_s(v128.and(v128.xor(s, sum), v128.xor(t, sum)), 31);
}

/** The same for registers as wide as the lanes: the elements between fits are summed apart, within 32 bits. */
@inline
function sumsOfWords(
  isCounting: bool,
  saturates: bool,
  a: usize,
  b: usize,
  n: usize,
  every: usize,
  acc: usize,
  changes: usize,
): void {
  let s0 = v128.load(acc);
  let s1 = v128.load(acc, 16);
  let s2 = v128.load(acc, 32);
  let s3 = v128.load(acc, 48);
  let c0 = i32x4.splat(0);
  let c1 = i32x4.splat(0);
  let c2 = i32x4.splat(0);
  let c3 = i32x4.splat(0);
  for (let left = n; left > 0; ) {
    const size = min(left, every);
    left -= size;
    let t0 = i32x4.splat(0);
    let t1 = i32x4.splat(0);
    let t2 = i32x4.splat(0);
    let t3 = i32x4.splat(0);
    for (let k: usize = 0; k < size; k++) {
      const v = v128.load32_splat(a);
      t0 = i32x4.add(t0, i32x4.dot_i16x8_s(v, v128.load(b)));
      t1 = i32x4.add(t1, i32x4.dot_i16x8_s(v, v128.load(b, 16)));
      t2 = i32x4.add(t2, i32x4.dot_i16x8_s(v, v128.load(b, 32)));
      t3 = i32x4.add(t3, i32x4.dot_i16x8_s(v, v128.load(b, 48)));
      a += 4;
      b += 64;
    }
    if (isCounting) {
      c0 = i32x4.sub(c0, overflows(s0, t0, i32x4.add(s0, t0)));
      c1 = i32x4.sub(c1, overflows(s1, t1, i32x4.add(s1, t1)));
      c2 = i32x4.sub(c2, overflows(s2, t2, i32x4.add(s2, t2)));
      c3 = i32x4.sub(c3, overflows(s3, t3, i32x4.add(s3, t3)));
    }
    s0 = fitted(s0, t0, saturates);
    s1 = fitted(s1, t1, saturates);
    s2 = fitted(s2, t2, saturates);
    s3 = fitted(s3, t3, saturates);
  }
  v128.store(acc, s0);
  v128.store(acc, s1, 16);
  v128.store(acc, s2, 32);
  v128.store(acc, s3, 48);
  if (isCounting) {
    v128.store(changes, c0);
    v128.store(changes, c1, 16);
    v128.store(changes, c2, 32);
    v128.store(changes, c3, 48);
  }
}

/** One row of A against all of B: how often any register changed. `flags`: 16 bits an output, `raised` where it did. */
export function integerRow(
  isCounting: bool,
  saturates: bool,
  a: usize,
  b: usize,
  panel: usize,
  n: usize,
  every: usize,
  width: i32,
  acc: usize,
  bits: i32,
  changes: usize,
  flags: usize,
  raised: i32,
): f64 {
  const low = i32x4.splat(-1 << (bits - 1));
  const high = i32x4.splat(~(-1 << (bits - 1)));
  const shift = 32 - bits;
  let total: i64 = 0;
  for (let left = width; left > 0; left -= 16) {
    if (isCounting) {
      if (bits == 32) {
        if (saturates) sumsOfWords(true, true, a, b, n, every, acc, changes);
        else sumsOfWords(true, false, a, b, n, every, acc, changes);
      } else if (saturates) {
        if (every == 1) sums(true, true, a, b, n, 1, acc, low, high, shift, changes);
        else sums(true, true, a, b, n, every, acc, low, high, shift, changes);
      } else sums(true, false, a, b, n, every, acc, low, high, shift, changes);
      const active = min(left, 16);
      for (let i = 0; i < active; i++) {
        const c = load<i32>(changes + (<usize>i << 2));
        total += c;
        store<u16>(flags + (<usize>i << 1), c ? <u16>raised : 0);
      }
    } else if (bits == 32) {
      if (saturates) sumsOfWords(false, true, a, b, n, every, acc, changes);
      else sumsOfWords(false, false, a, b, n, every, acc, changes);
    } else if (saturates) {
      if (every == 1) sums(false, true, a, b, n, 1, acc, low, high, shift, changes);
      else sums(false, true, a, b, n, every, acc, low, high, shift, changes);
    } else sums(false, false, a, b, n, every, acc, low, high, shift, changes);
    b += panel;
    acc += 64;
    flags += 32;
  }
  return <f64>total;
}
