/**
 * Eigenvectors of small symmetric matrices, by Jacobi's rotations.
 *
 * @module
 */

/** Eigenvalues, the largest first, with their vectors. */
export interface Eigenvectors {
  readonly values: readonly number[];
  readonly vectors: readonly (readonly number[])[];
}

/** What is left beside the diagonal, relative to the largest number on it. */
const LEFT = 1e-15;
/** Sweeps after which rounding alone is left, whatever the matrix; the usual number is six. */
const SWEEPS = 30;

/** Eigenvalues and eigenvectors of a symmetric matrix (Golub and Van Loan, Matrix Computations, §8.5, cyclic by rows). */
export function eigenvectors(matrix: readonly (readonly number[])[]): Eigenvectors {
  const n = matrix.length;
  // Row by row in one array. What rounding made different on both sides of the diagonal is evened out.
  const a = Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return (matrix[i][j] + matrix[j][i]) / 2;
  });
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let isDone = true;
    let largest = 0;
    for (let i = 0; i < n; i++) largest = Math.max(largest, Math.abs(a[i * n + i]));
    const least = LEFT * largest;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        if (Math.abs(a[p * n + q]) <= least) continue;
        isDone = false;
        rotate(a, v, n, p, q);
      }
    }
    if (isDone) break;
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[j * n + j] - a[i * n + i]);
  return {
    values: order.map((i) => a[i * n + i]),
    vectors: order.map((i) => [...v.subarray(i * n, (i + 1) * n)]),
  };
}

/** Makes a_pq zero; eigenvectors are rows of v. */
function rotate(a: Float64Array, v: Float64Array, n: number, p: number, q: number): void {
  const theta = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q]);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  turnRows(a, n, p, q, c, s);
  turnRows(v, n, p, q, c, s);
  for (let row = 0; row < n * n; row += n) {
    const x = a[row + p];
    const y = a[row + q];
    a[row + p] = c * x - s * y;
    a[row + q] = s * x + c * y;
  }
  a[p * n + q] = 0;
  a[q * n + p] = 0;
}

function turnRows(m: Float64Array, n: number, p: number, q: number, c: number, s: number): void {
  for (let k = 0, i = p * n, j = q * n; k < n; k++, i++, j++) {
    const x = m[i];
    const y = m[j];
    m[i] = c * x - s * y;
    m[j] = s * x + c * y;
  }
}
