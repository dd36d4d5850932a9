/**
 * Frobenius norms, of a matrix and of a product that is never stored.
 *
 * @module
 */
import { checkObject } from '../errors/index.ts';
import type { FloatArray, Tensor } from '../tensors/index.ts';
import { checkMatrix, checkVector } from './block.ts';

/** What {@link frobeniusNorm} may be told. */
export interface FrobeniusOptions {
  /** The diagonal Γ = diag(γ) on the right, [columns]. */
  readonly gamma?: Tensor;
}

/**
 * ‖W Γ‖_F, the root of the sum of all squared entries, in binary64.
 *
 * @param matrix [rows, columns]
 * @throws {@link BittrueError} `shape`, `value` for NaN or Inf, `range` for magnitudes beyond 2^±120
 * @example
 * import { frobeniusNorm } from 'bittrue/slanc';
 * frobeniusNorm({ data: new Float64Array([3, 0, 0, 4]), shape: [2, 2] }); // 5
 */
export function frobeniusNorm(matrix: Tensor, options: FrobeniusOptions = {}): number {
  checkObject('options', options, ['gamma']);
  const [, columns] = checkMatrix('matrix', matrix);
  if (options.gamma !== undefined) checkVector('options.gamma', options.gamma, columns);
  return frobenius(matrix, options.gamma?.data);
}

/** ‖W Γ‖_F of checked operands. */
export function frobenius({ data, shape }: Tensor, gamma?: FloatArray): number {
  const columns = shape[1];
  let sum = 0;
  for (let start = 0; start < data.length; start += columns) {
    for (let j = 0; j < columns; j++) {
      const value = gamma === undefined ? data[start + j] : data[start + j] * gamma[j];
      sum += value * value;
    }
  }
  return Math.sqrt(sum);
}

/**
 * ‖(A B + s I) Γ‖_F for A [m, k], B [k, n], s = 1 with `skip` (then m = n), else 0. Four rows of the product at a
 * time: memory 4 n, time m k n.
 */
export function productFrobenius(a: Tensor, b: Tensor, gamma: FloatArray, skip: boolean): number {
  const [m, k] = a.shape;
  const n = b.shape[1];
  const rows = new Float64Array(4 * n);
  let sum = 0;
  for (let i = 0; i < m; i += 4) {
    const held = Math.min(4, m - i);
    rows.fill(0);
    if (held === 4) fourRows(rows, a.data, i * k, k, b.data, n);
    else for (let r = 0; r < held; r++) oneRow(rows, r * n, a.data, (i + r) * k, k, b.data, n);
    for (let r = 0; r < held; r++) {
      if (skip) rows[r * n + i + r] += 1;
      for (let j = 0; j < n; j++) {
        const value = rows[r * n + j] * gamma[j];
        sum += value * value;
      }
    }
  }
  return Math.sqrt(sum);
}

function oneRow(row: Float64Array, at: number, a: FloatArray, aAt: number, k: number, b: FloatArray, n: number): void {
  for (let l = 0; l < k; l++) {
    const factor = a[aAt + l];
    const start = l * n;
    for (let j = 0; j < n; j++) row[at + j] += factor * b[start + j];
  }
}

/** Four rows of A · B at once, so that every row of B is read once for four. */
function fourRows(rows: Float64Array, a: FloatArray, aAt: number, k: number, b: FloatArray, n: number): void {
  for (let l = 0; l < k; l++) {
    const a0 = a[aAt + l];
    const a1 = a[aAt + k + l];
    const a2 = a[aAt + 2 * k + l];
    const a3 = a[aAt + 3 * k + l];
    const start = l * n;
    for (let j = 0; j < n; j++) {
      const value = b[start + j];
      rows[j] += a0 * value;
      rows[n + j] += a1 * value;
      rows[2 * n + j] += a2 * value;
      rows[3 * n + j] += a3 * value;
    }
  }
}
