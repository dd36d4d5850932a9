/**
 * Sums of products in binary64 to nearest, by the lanes' own arithmetic: what plain loops compute. Every output is one chain
 * of additions in ascending order of the index; what stands side by side are outputs, four columns of four rows.
 *
 * @module
 */

/**
 * Adds products to a panel of four columns: out_rj += Σ_p a_rp · b_pj.
 *
 * @param a - rows of `n` numbers, one behind the other
 * @param b - the panel: four numbers for each of the `n` steps
 * @param out - rows `stride` bytes apart, four numbers of each
 */
export function addProducts64(a: usize, b: usize, n: usize, rows: usize, out: usize, stride: usize): void {
  const row = n << 3;
  let r: usize = 0;
  for (; r + 4 <= rows; r += 4) {
    addFourRows(a, b, n, out, stride);
    a += row << 2;
    out += stride << 2;
  }
  for (; r < rows; r++) {
    addRow(a, b, n, out);
    a += row;
    out += stride;
  }
}

@inline
function addFourRows(a: usize, b: usize, n: usize, out: usize, stride: usize): void {
  const row = n << 3;
  const a1 = row;
  const a2 = row << 1;
  const a3 = a2 + row;
  const o1 = out + stride;
  const o2 = o1 + stride;
  const o3 = o2 + stride;
  let s00 = v128.load(out);
  let s01 = v128.load(out, 16);
  let s10 = v128.load(o1);
  let s11 = v128.load(o1, 16);
  let s20 = v128.load(o2);
  let s21 = v128.load(o2, 16);
  let s30 = v128.load(o3);
  let s31 = v128.load(o3, 16);
  for (const end = a + row; a != end; a += 8) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let v = v128.load64_splat(a);
    s00 = f64x2.add(s00, f64x2.mul(v, b0));
    s01 = f64x2.add(s01, f64x2.mul(v, b1));
    v = v128.load64_splat(a + a1);
    s10 = f64x2.add(s10, f64x2.mul(v, b0));
    s11 = f64x2.add(s11, f64x2.mul(v, b1));
    v = v128.load64_splat(a + a2);
    s20 = f64x2.add(s20, f64x2.mul(v, b0));
    s21 = f64x2.add(s21, f64x2.mul(v, b1));
    v = v128.load64_splat(a + a3);
    s30 = f64x2.add(s30, f64x2.mul(v, b0));
    s31 = f64x2.add(s31, f64x2.mul(v, b1));
    b += 32;
  }
  v128.store(out, s00);
  v128.store(out, s01, 16);
  v128.store(o1, s10);
  v128.store(o1, s11, 16);
  v128.store(o2, s20);
  v128.store(o2, s21, 16);
  v128.store(o3, s30);
  v128.store(o3, s31, 16);
}

@inline
function addRow(a: usize, b: usize, n: usize, out: usize): void {
  let s0 = v128.load(out);
  let s1 = v128.load(out, 16);
  for (const end = a + (n << 3); a != end; a += 8) {
    const v = v128.load64_splat(a);
    s0 = f64x2.add(s0, f64x2.mul(v, v128.load(b)));
    s1 = f64x2.add(s1, f64x2.mul(v, v128.load(b, 16)));
    b += 32;
  }
  v128.store(out, s0);
  v128.store(out, s1, 16);
}
