import fc from 'fast-check';
import type { Tensor } from '../../src/tensors/index.ts';

/** A matrix from rows. */
export function matrix(...rows: number[][]): Tensor {
  return { data: Float64Array.from(rows.flat()), shape: [rows.length, rows[0].length] };
}

export function vector(...values: number[]): Tensor {
  return { data: Float64Array.from(values), shape: [values.length] };
}

/** Matrices and vectors of ordinary size, never all tiny. */
export function arbitraryTensor(...shape: number[]): fc.Arbitrary<Tensor> {
  const length = shape.reduce((product, axis) => product * axis, 1);
  const entry = fc.double({ min: -4, max: 4, noNaN: true }).map((x) => (Math.abs(x) < 1e-3 ? 1 : x));
  return fc.array(entry, { minLength: length, maxLength: length }).map((values) => ({
    data: Float64Array.from(values),
    shape,
  }));
}

/** The plain triple loop. */
export function multiply(a: Tensor, b: Tensor): Tensor {
  const [m, k] = a.shape;
  const n = b.shape[1];
  const data = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      for (let l = 0; l < k; l++) data[i * n + j] += a.data[i * k + l] * b.data[l * n + j];
    }
  }
  return { data, shape: [m, n] };
}

export function transpose({ data, shape: [m, n] }: Tensor): Tensor {
  return { data: Float64Array.from(data, (_, at) => data[(at % m) * n + Math.floor(at / m)]), shape: [n, m] };
}

/** A · diag(γ). */
export function timesDiagonal({ data, shape }: Tensor, gamma: Tensor): Tensor {
  return { data: Float64Array.from(data, (x, at) => x * gamma.data[at % shape[1]]), shape };
}

export function addIdentity({ data, shape }: Tensor): Tensor {
  const side = shape[1];
  return { data: Float64Array.from(data, (x, at) => x + (Math.floor(at / side) === at % side ? 1 : 0)), shape };
}

export function frobenius({ data }: Tensor): number {
  return Math.sqrt([...data].reduce((sum, x) => sum + x * x, 0));
}

/** Eigenvalues and eigenvectors (columns) of a symmetric matrix by cyclic Jacobi rotations, largest first. */
export function jacobi(symmetric: Tensor): { values: number[]; vectors: number[][] } {
  const n = symmetric.shape[0];
  const a = Array.from({ length: n }, (_, i) => [...symmetric.data.subarray(i * n, (i + 1) * n)]);
  const v = a.map((_, i) => a.map((__, j) => Number(i === j)));
  for (let sweep = 0; sweep < 60; sweep++) {
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        if (a[p][q] === 0) continue;
        const theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        const s = t * c;
        for (let k = 0; k < n; k++) {
          [a[k][p], a[k][q]] = [c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q]];
        }
        for (let k = 0; k < n; k++) {
          [a[p][k], a[q][k]] = [c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]];
          [v[k][p], v[k][q]] = [c * v[k][p] - s * v[k][q], s * v[k][p] + c * v[k][q]];
        }
      }
    }
  }
  const order = a.map((row, i) => [row[i], i]).sort((x, y) => y[0] - x[0]);
  return { values: order.map(([value]) => value), vectors: order.map(([, i]) => v.map((row) => row[i])) };
}

/** The code and argument of the error that a call throws. */
export function failure(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    const { code, argument } = error as { code?: string; argument?: string };
    return `${code} ${argument}`;
  }
  return 'no error';
}
