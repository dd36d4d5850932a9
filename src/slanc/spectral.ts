/**
 * The spectral norm (largest singular value) by power iteration, with a residual that says how good it is.
 *
 * @module
 */
import { BittrueError, checkInteger, checkObject, checkPositive } from '../errors/index.ts';
import type { FloatArray, Tensor } from '../tensors/index.ts';
import { checkMatrix, checkVector } from './block.ts';
import { frobenius } from './frobenius.ts';

/** What {@link spectralNorm} may be told. */
export interface SpectralOptions {
  /** The diagonal Γ = diag(γ) on the right, [columns]. */
  readonly gamma?: Tensor;
  /** The residual to reach, relative to value². @defaultValue 1e-8 */
  readonly tolerance?: number;
  /** When to give up, with an error. @defaultValue 100000 */
  readonly maxIterations?: number;
}

/** A singular value and how far off it can be. */
export interface SpectralNorm {
  /** ‖M v‖ for the last unit vector v; never above the spectral norm but for rounding. */
  readonly value: number;
  /**
   * ‖MᵀM v − value² v‖. MᵀM is symmetric, so an eigenvalue σ² of it lies within this distance of value²
   * (Weinstein's bound), and |σ − value| ≤ residual / value.
   */
  readonly residual: number;
  readonly iterations: number;
}

/**
 * ‖M Γ‖₂ by power iteration on ΓMᵀMΓ, from a fixed start, in binary64.
 *
 * The residual proves that *a* singular value is this near. That it is the largest rests on the start not being
 * orthogonal to its vector: a dense pseudo-random start, which only a matrix made for the purpose defeats; a value
 * below ‖M Γ‖_F / √rank, impossible for the largest, is refused.
 *
 * @param matrix [rows, columns]
 * @throws {@link BittrueError} `shape`; `value` for NaN or Inf; `range` when the residual has not fallen to the
 * tolerance within `maxIterations` (singular values that nearly coincide need many), or for magnitudes beyond 2^±120
 * @example
 * import { spectralNorm } from 'bittrue/slanc';
 * const { value, residual } = spectralNorm({ data: new Float64Array([3, 0, 0, 1]), shape: [2, 2] });
 * Math.abs(value - 3) <= residual / value + 1e-15; // true
 */
export function spectralNorm(matrix: Tensor, options: SpectralOptions = {}): SpectralNorm {
  checkObject('options', options, ['gamma', 'tolerance', 'maxIterations']);
  const [rows, columns] = checkMatrix('matrix', matrix);
  if (options.gamma !== undefined) checkVector('options.gamma', options.gamma, columns);
  const tolerance = checkPositive('options.tolerance', options.tolerance ?? 1e-8);
  const most = checkInteger('options.maxIterations', options.maxIterations ?? 100_000, 1, Number.MAX_SAFE_INTEGER);

  const gamma = options.gamma?.data ?? new Float64Array(columns).fill(1);
  const v = startVector(columns);
  const image = new Float64Array(columns);
  let residual = Infinity;
  for (let iterations = 1; iterations <= most; iterations++) {
    const square = applyGram(matrix.data, rows, columns, gamma, v, image);
    residual = distance(image, v, square);
    if (residual <= tolerance * square) {
      checkSize(matrix, options.gamma, square);
      return Object.freeze({ value: Math.sqrt(square), residual, iterations });
    }
    const length = norm(image);
    for (let j = 0; j < columns; j++) v[j] = image[j] / length;
  }
  throw new BittrueError('range', 'options.maxIterations', most, `more: the residual is still ${residual}`);
}

/** ‖A‖_F ≤ √rank · ‖A‖₂: a value below that is some lower singular value, reached from an unlucky start. */
function checkSize(matrix: Tensor, gamma: Tensor | undefined, square: number): void {
  const least = frobenius(matrix, gamma?.data) ** 2 / Math.min(matrix.shape[0], matrix.shape[1]);
  if (square >= least * (1 - 1e-6)) return;
  throw new BittrueError(
    'range',
    'matrix',
    `convergence to ${Math.sqrt(square)}`,
    `a norm of at least ${Math.sqrt(least)}`,
  );
}

/**
 * A dense unit vector of fixed pseudo-random numbers (the 32-bit finalizer of MurmurHash3 on 1, 2, 3 …). Multiples of
 * an irrational would not do: small integer combinations of them vanish, and with them the images of simple matrices.
 */
function startVector(length: number): Float64Array {
  const v = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    let hash = Math.imul((i + 1) ^ ((i + 1) >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    v[i] = ((hash ^ (hash >>> 16)) | 1) / 2 ** 31;
  }
  const scale = norm(v);
  for (let i = 0; i < length; i++) v[i] /= scale;
  return v;
}

/** image ← Γ Mᵀ M Γ v in one pass over M; returns ‖M Γ v‖², which is v · image. */
function applyGram(
  data: FloatArray,
  rows: number,
  columns: number,
  gamma: FloatArray,
  v: Float64Array,
  image: Float64Array,
): number {
  const scaled = new Float64Array(columns);
  for (let j = 0; j < columns; j++) scaled[j] = gamma[j] * v[j];
  image.fill(0);
  let square = 0;
  for (let i = 0; i < rows; i++) {
    const start = i * columns;
    let dot = 0;
    for (let j = 0; j < columns; j++) dot += data[start + j] * scaled[j];
    square += dot * dot;
    for (let j = 0; j < columns; j++) image[j] += dot * data[start + j];
  }
  for (let j = 0; j < columns; j++) image[j] *= gamma[j];
  return square;
}

function norm(v: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < v.length; i++) sum += v[i] * v[i];
  return Math.sqrt(sum);
}

/** ‖image − factor · v‖ */
function distance(image: Float64Array, v: Float64Array, factor: number): number {
  let sum = 0;
  for (let i = 0; i < v.length; i++) {
    const difference = image[i] - factor * v[i];
    sum += difference * difference;
  }
  return Math.sqrt(sum);
}
