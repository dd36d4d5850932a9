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
  // What rounding made different on both sides of the diagonal is evened out.
  const a = Array.from({ length: n }, (_, i) =>
    Float64Array.from({ length: n }, (_one, j) => (matrix[i][j] + matrix[j][i]) / 2),
  );
  const v = Array.from({ length: n }, (_, i) => Float64Array.from({ length: n }, (_one, j) => (i === j ? 1 : 0)));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let isDone = true;
    const least = LEFT * a.reduce((most, row, i) => Math.max(most, Math.abs(row[i])), 0);
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        if (Math.abs(a[p][q]) <= least) continue;
        isDone = false;
        rotate(a, v, p, q);
      }
    }
    if (isDone) break;
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[j][j] - a[i][i]);
  return { values: order.map((i) => a[i][i]), vectors: order.map((i) => [...v[i]]) };
}

/** Makes a_pq zero; eigenvectors are rows of v. */
function rotate(a: Float64Array[], v: Float64Array[], p: number, q: number): void {
  const n = a.length;
  const theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  const [rowP, rowQ, vP, vQ] = [a[p], a[q], v[p], v[q]];
  for (let k = 0; k < n; k++) {
    const [x, y] = [rowP[k], rowQ[k]];
    rowP[k] = c * x - s * y;
    rowQ[k] = s * x + c * y;
    const [g, h] = [vP[k], vQ[k]];
    vP[k] = c * g - s * h;
    vQ[k] = s * g + c * h;
  }
  for (const row of a) {
    const [x, y] = [row[p], row[q]];
    row[p] = c * x - s * y;
    row[q] = s * x + c * y;
  }
  rowP[q] = 0;
  rowQ[p] = 0;
}
