/**
 * Frobenius norms, of a matrix and of a product that is never stored.
 *
 * @module
 */
import type { Engine } from '../engine/engine.ts';
import { addProducts, columnsOf } from '../engine/exactProducts.ts';
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

/** Numbers of a product that are held at a time. */
const HELD = 2 ** 22;

/**
 * ‖(A B + s I) Γ‖_F for A [m, k], B [k, n], s = 1 with `skip` (then m = n), else 0. Some rows of the product are held at a
 * time; every number of it is a sum in ascending order, so that the bits do not depend on who forms them.
 */
export function productFrobenius(
  a: Tensor,
  b: Tensor,
  gamma: FloatArray,
  skip: boolean,
  engine: Engine | null = null,
): number {
  const [m, k] = a.shape;
  const n = b.shape[1];
  const most = Math.max(4, Math.min(m, Math.floor(HELD / n)));
  const rows = new Float64Array(most * n);
  const columns = columnsOf(b.data, 0, k, n);
  let sum = 0;
  for (let i = 0; i < m; i += most) {
    const held = Math.min(most, m - i);
    rows.fill(0);
    const product = { a: a.data, fromA: i * k, out: rows, to: 0, m: held, k, n, columns };
    if (!addProducts(product, engine)) multiply(rows, a.data, i * k, held, k, b.data, n);
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

function multiply(
  rows: Float64Array,
  a: FloatArray,
  aAt: number,
  held: number,
  k: number,
  b: FloatArray,
  n: number,
): void {
  for (let r = 0; r < held; r++) {
    for (let l = 0; l < k; l++) {
      const factor = a[aAt + r * k + l];
      for (let j = 0; j < n; j++) rows[r * n + j] += factor * b[l * n + j];
    }
  }
}
