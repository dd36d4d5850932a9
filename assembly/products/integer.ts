/**
 * Sums of integer products in registers of up to 32 bits, sixteen columns of B at a time: 16-bit operands, exact 32-bit
 * lanes, one clamp or wrap every so many elements. Two elements of a row or column lie in one lane, so that one
 * instruction multiplies both and adds their products.
 *
 * Where no sum can leave the register within the next elements, whatever the order of their signs, none is fitted.
 *
 * @module
 */

/** Pairs of elements between two looks at how far the sums are from the register's ends. */
const BLOCK: usize = 32;

const FIRST: usize = memory.data<u32>([0xffff, 0xffff, 0xffff, 0xffff], 16);

/** A register's content for an exact sum. */
@inline
function fit(s: v128, saturates: bool, low: v128, high: v128, shift: i32): v128 {
  return saturates ? i32x4.min_s(i32x4.max_s(s, low), high) : i32x4.shr_s(i32x4.shl(s, shift), shift);
}

/** How far the sums can go: for every block the sum of its products' largest magnitudes, and of all from it on. */
function reaches(a: usize, pairs: usize, largest: f64, out: usize): void {
  let rest: f64 = 0;
  for (let i = ((pairs - 1) / BLOCK) * BLOCK; ; i -= BLOCK) {
    let sum: i32 = 0;
    const end = min(i + BLOCK, pairs);
    for (let k = i; k < end; k++) {
      sum += abs<i32>(load<i16>(a + (k << 2))) + abs<i32>(load<i16>(a + (k << 2), 2));
    }
    const own = <f64>sum * largest;
    rest += own;
    const at = out + (i / BLOCK) * 8;
    store<i32>(at, <i32>min<f64>(own, 2147483647));
    store<i32>(at, <i32>min<f64>(rest, 2147483647), 4);
    if (i == 0) break;
  }
}

/** Whether sixteen sums stay within the register when they move by at most `reach`. */
@inline
function staysWithin(acc: usize, reach: i32, bits: i32): bool {
  const high = ~(-1 << (bits - 1));
  if (reach >= high) return false;
  const s0 = v128.load(acc);
  const s1 = v128.load(acc, 16);
  const s2 = v128.load(acc, 32);
  const s3 = v128.load(acc, 48);
  const most = i32x4.max_s(i32x4.max_s(s0, s1), i32x4.max_s(s2, s3));
  const least = i32x4.min_s(i32x4.min_s(s0, s1), i32x4.min_s(s2, s3));
  return !v128.any_true(
    v128.or(i32x4.gt_s(most, i32x4.splat(high - reach)), i32x4.lt_s(least, i32x4.splat(reach - high - 1))),
  );
}

/** Sums that stay within their register. */
function exact(a: usize, b: usize, pairs: usize, acc: usize): void {
  let s0 = v128.load(acc);
  let s1 = v128.load(acc, 16);
  let s2 = v128.load(acc, 32);
  let s3 = v128.load(acc, 48);
  for (const end = a + (pairs << 2); a != end; a += 4) {
    const v = v128.load32_splat(a);
    s0 = i32x4.add(s0, i32x4.dot_i16x8_s(v, v128.load(b)));
    s1 = i32x4.add(s1, i32x4.dot_i16x8_s(v, v128.load(b, 16)));
    s2 = i32x4.add(s2, i32x4.dot_i16x8_s(v, v128.load(b, 32)));
    s3 = i32x4.add(s3, i32x4.dot_i16x8_s(v, v128.load(b, 48)));
    b += 64;
  }
  v128.store(acc, s0);
  v128.store(acc, s1, 16);
  v128.store(acc, s2, 32);
  v128.store(acc, s3, 48);
}

/**
 * Sums that may leave their register: elements from number `from` to `end`, of n. Element n is fitted, and so is each
 * whose number is a multiple of `every`. `changes`: how often a fit changed each sum so far.
 */
@inline
function fitted(
  isCounting: bool,
  saturates: bool,
  a: usize,
  b: usize,
  from: usize,
  end: usize,
  n: usize,
  every: usize,
  acc: usize,
  bits: i32,
  changes: usize,
): void {
  const low = i32x4.splat(-1 << (bits - 1));
  const high = i32x4.splat(~(-1 << (bits - 1)));
  const shift = 32 - bits;
  const first = v128.load(FIRST);
  let s0 = v128.load(acc);
  let s1 = v128.load(acc, 16);
  let s2 = v128.load(acc, 32);
  let s3 = v128.load(acc, 48);
  let c0 = v128.load(changes);
  let c1 = v128.load(changes, 16);
  let c2 = v128.load(changes, 32);
  let c3 = v128.load(changes, 48);
  let until = (from / every + 1) * every;
  for (let k = from + 1; k <= end; k++) {
    // Of a pair the first element is an odd number.
    const pair = v128.load32_splat(a);
    const v = k & 1 ? v128.and(pair, first) : v128.andnot(pair, first);
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
    if (!(k & 1)) {
      a += 4;
      b += 64;
    }
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

/** The same for registers that clamp after every element: whole pairs, of which the last may end in a zero of no effect. */
@inline
function clamped(isCounting: bool, a: usize, b: usize, pairs: usize, acc: usize, bits: i32, changes: usize): void {
  const low = i32x4.splat(-1 << (bits - 1));
  const high = i32x4.splat(~(-1 << (bits - 1)));
  const first = v128.load(FIRST);
  for (let g: usize = 0; g < 4; g += 2) {
    let s0 = v128.load(acc);
    let s1 = v128.load(acc, 16);
    let c0 = v128.load(changes);
    let c1 = v128.load(changes, 16);
    let y = b;
    for (let x = a, end = a + (pairs << 2); x != end; x += 4) {
      const pair = v128.load32_splat(x);
      const w0 = v128.load(y);
      const w1 = v128.load(y, 16);
      const v = v128.and(pair, first);
      const s00 = i32x4.add(s0, i32x4.dot_i16x8_s(v, w0));
      const s10 = i32x4.add(s1, i32x4.dot_i16x8_s(v, w1));
      s0 = fit(s00, true, low, high, 0);
      s1 = fit(s10, true, low, high, 0);
      // What equals its clamped self counts; the others are what is left of all.
      if (isCounting) {
        c0 = i32x4.sub(c0, i32x4.eq(s0, s00));
        c1 = i32x4.sub(c1, i32x4.eq(s1, s10));
      }
      const u = v128.andnot(pair, first);
      const s01 = i32x4.add(s0, i32x4.dot_i16x8_s(u, w0));
      const s11 = i32x4.add(s1, i32x4.dot_i16x8_s(u, w1));
      s0 = fit(s01, true, low, high, 0);
      s1 = fit(s11, true, low, high, 0);
      if (isCounting) {
        c0 = i32x4.sub(c0, i32x4.eq(s0, s01));
        c1 = i32x4.sub(c1, i32x4.eq(s1, s11));
      }
      y += 64;
    }
    v128.store(acc, s0);
    v128.store(acc, s1, 16);
    if (isCounting) {
      const all = i32x4.splat(<i32>pairs * 2);
      const old0 = v128.load(changes);
      const old1 = v128.load(changes, 16);
      v128.store(changes, i32x4.add(old0, i32x4.sub(all, i32x4.sub(c0, old0))));
      v128.store(changes, i32x4.add(old1, i32x4.sub(all, i32x4.sub(c1, old1))), 16);
    }
    acc += 32;
    b += 32;
    changes += 32;
  }
}

/** A 32-bit register's content for the exact sum s + t. */
@inline
function fittedWord(s: v128, t: v128, saturates: bool): v128 {
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
function fittedWords(
  isCounting: bool,
  saturates: bool,
  a: usize,
  b: usize,
  n: usize,
  every: usize,
  acc: usize,
  changes: usize,
): void {
  const first = v128.load(FIRST);
  let s0 = v128.load(acc);
  let s1 = v128.load(acc, 16);
  let s2 = v128.load(acc, 32);
  let s3 = v128.load(acc, 48);
  let c0 = i32x4.splat(0);
  let c1 = i32x4.splat(0);
  let c2 = i32x4.splat(0);
  let c3 = i32x4.splat(0);
  for (let k: usize = 0; k < n; ) {
    const end = k + min(n - k, every);
    let t0 = i32x4.splat(0);
    let t1 = i32x4.splat(0);
    let t2 = i32x4.splat(0);
    let t3 = i32x4.splat(0);
    for (; k < end; k++) {
      const pair = v128.load32_splat(a);
      const v = k & 1 ? v128.andnot(pair, first) : v128.and(pair, first);
      t0 = i32x4.add(t0, i32x4.dot_i16x8_s(v, v128.load(b)));
      t1 = i32x4.add(t1, i32x4.dot_i16x8_s(v, v128.load(b, 16)));
      t2 = i32x4.add(t2, i32x4.dot_i16x8_s(v, v128.load(b, 32)));
      t3 = i32x4.add(t3, i32x4.dot_i16x8_s(v, v128.load(b, 48)));
      if (k & 1) {
        a += 4;
        b += 64;
      }
    }
    if (isCounting) {
      c0 = i32x4.sub(c0, overflows(s0, t0, i32x4.add(s0, t0)));
      c1 = i32x4.sub(c1, overflows(s1, t1, i32x4.add(s1, t1)));
      c2 = i32x4.sub(c2, overflows(s2, t2, i32x4.add(s2, t2)));
      c3 = i32x4.sub(c3, overflows(s3, t3, i32x4.add(s3, t3)));
    }
    s0 = fittedWord(s0, t0, saturates);
    s1 = fittedWord(s1, t1, saturates);
    s2 = fittedWord(s2, t2, saturates);
    s3 = fittedWord(s3, t3, saturates);
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

/**
 * One row of A against all of B: how often any register changed. `a`: n elements and, where n is odd, a zero, which no
 * panel of `b` misses either; `largest`: B's largest magnitude; `reach`: room for 8 bytes a block. `flags`: 16 bits an
 * output, `raised` where its register changed.
 */
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
  largest: f64,
  reach: usize,
  changes: usize,
  flags: usize,
  raised: i32,
): f64 {
  const pairs = (n + 1) >> 1;
  reaches(a, pairs, largest, reach);
  let total: i64 = 0;
  for (let left = width; left > 0; left -= 16) {
    memory.fill(changes, 0, 64);
    let isFitted = false;
    for (let i: usize = 0; i < pairs; i += BLOCK) {
      const at = reach + (i / BLOCK) * 8;
      const x = a + (i << 2);
      const y = b + (i << 6);
      if (staysWithin(acc, load<i32>(at, 4), bits)) {
        exact(x, y, pairs - i, acc);
        break;
      }
      if (bits == 32) {
        isFitted = true;
        if (saturates) fittedWords(true, true, a, b, n, every, acc, changes);
        else fittedWords(true, false, a, b, n, every, acc, changes);
        break;
      }
      const count = min(BLOCK, pairs - i);
      if (staysWithin(acc, load<i32>(at), bits)) {
        exact(x, y, count, acc);
        continue;
      }
      isFitted = true;
      const from = i << 1;
      const end = min(from + 2 * BLOCK, n);
      if (saturates && every == 1) {
        if (isCounting) clamped(true, x, y, count, acc, bits, changes);
        else clamped(false, x, y, count, acc, bits, changes);
      } else if (saturates) fitted(true, true, x, y, from, end, n, every, acc, bits, changes);
      else fitted(true, false, x, y, from, end, n, every, acc, bits, changes);
    }
    if (isCounting && !isFitted) memory.fill(flags, 0, 32);
    else if (isCounting) {
      const active = min(left, 16);
      for (let i = 0; i < active; i++) {
        const c = load<i32>(changes + (<usize>i << 2));
        total += c;
        store<u16>(flags + (<usize>i << 1), c ? <u16>raised : 0);
      }
    }
    b += panel;
    acc += 64;
    flags += 32;
  }
  return <f64>total;
}
