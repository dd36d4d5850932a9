/**
 * A Γ = diag(γ) apart, the smaller of (MΓ)ᵀMΓ and MΓ(MΓ)ᵀ, which have the same eigenvalues but for zeros: every number is a sum in
 * ascending order, so that the bits do not depend on who forms it.
 *
 * @module
 */
import type { Engine } from '../engine/engine.ts';
import { addProducts, columnsOf } from '../engine/exactProducts.ts';
import type { FloatArray, Tensor } from '../tensors/index.ts';

/** A symmetric matrix, [size, size]. */
export interface Symmetric {
  readonly size: number;
  readonly data: Float64Array;
}

/** Rows of the result that are formed at a time. */
const ROWS = 256;

/** The product of M Γ with its transpose, on the shorter side. */
export function gramMatrix(matrix: Tensor, gamma: FloatArray | null, engine: Engine | null): Symmetric {
  const [rows, columns] = matrix.shape;
  const isTall = rows > columns;
  const [size, depth] = isTall ? [columns, rows] : [rows, columns];
  const [stride, step] = isTall ? [1, columns] : [columns, 1];
  /** Vector i of the shorter side, each number `apart` from the one before. */
  const copy = (i: number, into: Float64Array, at: number, apart: number): void => {
    const { data } = matrix;
    const own = gamma !== null && isTall ? gamma[i] : 1;
    for (let p = 0, from = i * stride, to = at; p < depth; p++, from += step, to += apart) {
      into[to] = data[from] * (gamma === null || isTall ? own : gamma[p]);
    }
  };
  const data = new Float64Array(size * size);
  const left = new Float64Array(Math.min(ROWS, size) * depth);
  for (let top = 0; top < size; top += ROWS) {
    const m = Math.min(ROWS, size - top);
    const n = size - top;
    for (let r = 0; r < m; r++) copy(top + r, left, r * depth, 1);
    const out = new Float64Array(m * n);
    const panels = (into: Float64Array, first: number, count: number): void => {
      for (let j = 0; j < count; j++) copy(top + first + j, into, Math.floor(j / 4) * 4 * depth + (j % 4), 4);
    };
    const product = { a: left, fromA: 0, out, to: 0, m, k: depth, n, columns: panels };
    if (!addProducts(product, engine)) inLoops(left, copy, out, top, m, n, depth);
    for (let r = 0; r < m; r++) {
      for (let j = r; j < n; j++) {
        data[(top + r) * size + top + j] = out[r * n + j];
        data[(top + j) * size + top + r] = out[r * n + j];
      }
    }
  }
  return { size, data };
}

function inLoops(
  left: Float64Array,
  copy: (i: number, into: Float64Array, at: number, apart: number) => void,
  out: Float64Array,
  top: number,
  m: number,
  n: number,
  depth: number,
): void {
  const right = new Float64Array(depth);
  for (let j = 0; j < n; j++) {
    copy(top + j, right, 0, 1);
    for (let r = 0; r < Math.min(m, j + 1); r++) {
      let sum = 0;
      for (let p = 0; p < depth; p++) sum += left[r * depth + p] * right[p];
      out[r * n + j] = sum;
    }
  }
}

/** The images of vectors under a symmetric matrix. */
export function images(
  { size, data }: Symmetric,
  vectors: readonly Float64Array[],
  engine: Engine | null,
): Float64Array[] {
  const count = vectors.length;
  const right = new Float64Array(size * count);
  vectors.forEach((vector, k) => {
    for (let i = 0; i < size; i++) right[i * count + k] = vector[i];
  });
  const out = new Float64Array(size * count);
  const columns = columnsOf(right, 0, size, count);
  if (!addProducts({ a: data, fromA: 0, out, to: 0, m: size, k: size, n: count, columns }, engine)) {
    for (let i = 0; i < size; i++) {
      for (let k = 0; k < count; k++) {
        let sum = 0;
        for (let j = 0; j < size; j++) sum += data[i * size + j] * right[j * count + k];
        out[i * count + k] = sum;
      }
    }
  }
  return vectors.map((_, k) => Float64Array.from({ length: size }, (_one, i) => out[i * count + k]));
}
