/**
 * The spectral norm (largest singular value) by a block Krylov method, with a residual that says how good it is.
 *
 * @module
 */
import type { Engine } from '../engine/engine.ts';
import { BittrueError, checkInteger, checkObject, checkPositive } from '../errors/index.ts';
import type { FloatArray, Tensor } from '../tensors/index.ts';
import { checkMatrix, checkVector } from './block.ts';
import { engineOption } from './engineOption.ts';
import { frobenius } from './frobenius.ts';
import { gramMatrix, images } from './gram.ts';
import { combined, dot, length, orthonormalized } from './orthonormal.ts';
import { eigenvectors } from './symmetric.ts';

/** What {@link spectralNorm} may be told. */
export interface SpectralOptions {
  /** The diagonal Γ = diag(γ) on the right, [columns]. */
  readonly gamma?: Tensor;
  /** The residual to reach, relative to value². @defaultValue 1e-8 */
  readonly tolerance?: number;
  /** When to give up, with an error. @defaultValue 10000 */
  readonly maxIterations?: number;
  /** The engine that forms products; null (default): loops, which are slower. The bits are the same. */
  readonly engine?: Engine | null;
}

/** A singular value and how far off it can be. */
export interface SpectralNorm {
  /** √(vᵀ G v) for the last unit vector v; never above the spectral norm but for rounding. */
  readonly value: number;
  /**
   * ‖G v − value² v‖ for G = MᵀM or MMᵀ, the smaller one. G is symmetric, so an eigenvalue σ² of it lies within this distance of
   * value² (Weinstein's bound), and |σ − value| ≤ residual / value, but for the rounding of G in binary64.
   */
  readonly residual: number;
  /** Products of four vectors with the smaller of MᵀM and MMᵀ. */
  readonly iterations: number;
}

/** Vectors that are added at a time: so many singular values may lie as close as rounding. */
const BLOCK = 4;
/** Vectors that are held, and the best ones of them that are kept when there are so many. */
const MOST = 48;
const KEPT = 16;

/**
 * ‖M Γ‖₂ from a fixed start, in binary64: the best vector of a growing space, to which every product with ΓMᵀMΓ adds what the four
 * best ones lack (block Lanczos with thick restarts: R. B. Morgan, J. Comput. Phys. 101, 1992; K. Wu and H. Simon, SIAM J. Matrix
 * Anal. Appl. 22, 2000). Most of the time goes into ΓMᵀMΓ itself, formed once, and depends on the shape alone; the products go with
 * the root of the gap between the first and the fifth singular value.
 *
 * The residual proves that *a* singular value is this near. That it is the largest rests on the start not being
 * orthogonal to its vector: dense pseudo-random vectors, which only a matrix made for the purpose defeats; a value
 * below ‖M Γ‖_F / √rank, impossible for the largest, is refused.
 *
 * @param matrix [rows, columns]
 * @throws {@link BittrueError} `shape`; `value` for NaN or Inf; `range` when the residual has not fallen to the
 * tolerance within `maxIterations` (a tolerance near what rounding allows), or for magnitudes beyond 2^±120
 * @example
 * import { spectralNorm } from 'bittrue/slanc';
 * const { value, residual } = spectralNorm({ data: new Float64Array([3, 0, 0, 1]), shape: [2, 2] });
 * Math.abs(value - 3) <= residual / value + 1e-15; // true
 */
export function spectralNorm(matrix: Tensor, options: SpectralOptions = {}): SpectralNorm {
  checkObject('options', options, ['gamma', 'tolerance', 'maxIterations', 'engine']);
  const [, columns] = checkMatrix('matrix', matrix);
  if (options.gamma !== undefined) checkVector('options.gamma', options.gamma, columns);
  const tolerance = checkPositive('options.tolerance', options.tolerance ?? 1e-8);
  const most = checkInteger('options.maxIterations', options.maxIterations ?? 10_000, 1, Number.MAX_SAFE_INTEGER);
  return largest(matrix, options.gamma?.data ?? null, { tolerance, most, engine: engineOption(options) });
}

interface LargestOptions {
  readonly tolerance?: number;
  readonly most?: number;
  readonly engine: Engine | null;
}

/** The same of checked operands. */
export function largest(
  matrix: Tensor,
  gamma: FloatArray | null,
  { tolerance = 1e-8, most = 10_000, engine }: LargestOptions,
): SpectralNorm {
  const gram = gramMatrix(matrix, gamma, engine);
  const width = Math.min(BLOCK, gram.size);
  const held = Math.min(MOST, gram.size);
  /** An orthonormal basis, and the images of its vectors. */
  let basis: Float64Array[] = [];
  let mapped: Float64Array[] = [];
  let next = orthonormalized(startVectors(gram.size, width), basis);
  for (let iterations = 1; ; iterations++) {
    mapped = [...mapped, ...images(gram, next, engine)];
    basis = [...basis, ...next];
    const projected = basis.map((one) => mapped.map((image) => dot(one, image)));
    const { values, vectors } = eigenvectors(projected);
    const best = Array.from({ length: Math.min(width, values.length) }, (_, i) => {
      const vector = combined(basis, vectors[i]);
      const image = combined(mapped, vectors[i]);
      return { vector, image, square: dot(vector, image) };
    });
    const rests = best.map(({ vector, image, square }) => image.map((x, j) => x - square * vector[j]));
    const { square } = best[0];
    const residual = length(rests[0]);
    next = residual <= tolerance * square ? [] : orthonormalized(rests, basis);
    if (residual <= tolerance * square || next.length === 0) {
      checkSize(matrix, gamma, square);
      return Object.freeze({ value: Math.sqrt(Math.max(0, square)), residual, iterations });
    }
    if (iterations >= most) {
      throw new BittrueError('range', 'options.maxIterations', most, `more: the residual is still ${residual}`);
    }
    if (basis.length + next.length <= held) continue;
    const kept = vectors.slice(0, Math.min(KEPT, held - width));
    [basis, mapped] = [kept.map((by) => combined(basis, by)), kept.map((by) => combined(mapped, by))];
  }
}

/** ‖A‖_F ≤ √rank · ‖A‖₂: a value below that is some lower singular value, reached from an unlucky start. */
function checkSize(matrix: Tensor, gamma: FloatArray | null, square: number): void {
  const least = frobenius(matrix, gamma ?? undefined) ** 2 / Math.min(matrix.shape[0], matrix.shape[1]);
  if (square >= least * (1 - 1e-6)) return;
  throw new BittrueError(
    'range',
    'matrix',
    `convergence to ${Math.sqrt(square)}`,
    `a norm of at least ${Math.sqrt(least)}`,
  );
}

/**
 * Dense vectors of fixed pseudo-random numbers (the 32-bit finalizer of MurmurHash3 on 1, 2, 3 …). Multiples of
 * an irrational would not do: small integer combinations of them vanish, and with them the images of simple matrices.
 */
function startVectors(size: number, count: number): Float64Array[] {
  return Array.from({ length: count }, (_, k) =>
    Float64Array.from({ length: size }, (_one, i) => {
      const seed = k * size + i + 1;
      let hash = Math.imul(seed ^ (seed >>> 16), 0x85ebca6b);
      hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
      return ((hash ^ (hash >>> 16)) | 1) / 2 ** 31;
    }),
  );
}
