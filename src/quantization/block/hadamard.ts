/**
 * A random Hadamard transform before quantizing, as training recipes for NVFP4 have it: every 16 neighbours x become x · diag(s) · H / 4,
 * H by Sylvester, s a vector of signs; its transpose takes it back (TransformerEngine, nvfp4_tensor.py: get_rht_matrix).
 *
 * Sums are formed in binary64 by butterflies, exact for numbers of binary32 whose exponents lie within 25 of each other; the order of
 * TransformerEngine's sums, in binary32 or bfloat16, is not pinned by its source. What is left over at a row's end stays as it is.
 *
 * @module
 */
import { BittrueError, checkInteger, checkList, checkObject } from '../../errors/index.ts';
import { philox } from '../../rounding/philox.ts';

/** The transform as a stage of a recipe. */
export interface HadamardStage {
  readonly kind: 'hadamard';
  /** A power of two from 2 to 1024. */
  readonly size: number;
  /** As many as `size`, each 1 or −1. */
  readonly signs: readonly number[];
}

/** TransformerEngine's own signs (get_wgrad_sign_vector). */
const WGRAD = [1, 1, 1, -1, 1, -1, -1, -1, -1, -1, -1, 1, -1, 1, -1, -1];

/**
 * A Hadamard stage.
 *
 * @param options - `seed`: signs are drawn with it, by their place; without, they are TransformerEngine's, of which there are 16
 * @throws {@link BittrueError} for a size that is no power of two, and for another than 16 without a seed
 * @example
 * import { hadamard } from 'bittrue/quantization';
 * hadamard().signs.slice(0, 4); // [1, 1, 1, -1]
 */
export function hadamard(options: { readonly size?: number; readonly seed?: number } = {}): HadamardStage {
  checkObject('options', options, ['size', 'seed']);
  const { size = 16, seed } = options;
  checkSize('options.size', size);
  if (seed === undefined) {
    if (size !== WGRAD.length)
      throw new BittrueError('value', 'options.size', size, `${WGRAD.length}, or a seed beside it`);
    return Object.freeze({ kind: 'hadamard', size, signs: Object.freeze([...WGRAD]) });
  }
  checkInteger('options.seed', seed, 0, Number.MAX_SAFE_INTEGER);
  const signs = Array.from({ length: size }, (_, index) =>
    (philox(seed, { index, step: 0, stage: 0 }) & 1) === 1 ? -1 : 1,
  );
  return Object.freeze({ kind: 'hadamard', size, signs: Object.freeze(signs) });
}

/** A checked stage. */
export function checkHadamard(argument: string, given: unknown): HadamardStage {
  const found = checkObject(argument, given, ['kind', 'size', 'signs']) as unknown as HadamardStage;
  checkSize(`${argument}.size`, found.size);
  const signs = checkList(`${argument}.signs`, found.signs);
  if (signs.length !== found.size)
    throw new BittrueError('shape', `${argument}.signs`, `${signs.length}`, `${found.size}`);
  signs.forEach((sign, i) => {
    if (sign !== 1 && sign !== -1) throw new BittrueError('value', `${argument}.signs[${i}]`, sign, '1 or −1');
  });
  return found;
}

function checkSize(argument: string, size: unknown): void {
  checkInteger(argument, size, 2, 1024);
  if (!Number.isInteger(Math.log2(size as number))) throw new BittrueError('value', argument, size, 'a power of two');
}

/** x · diag(s) · H / √size along rows of `width`, in its place. */
export function rotate(x: Float64Array, width: number, stage: HadamardStage): void {
  transform(x, width, stage, true);
}

/** The transpose, which takes it back. */
export function rotateBack(x: Float64Array, width: number, stage: HadamardStage): void {
  transform(x, width, stage, false);
}

function transform(x: Float64Array, width: number, { size, signs }: HadamardStage, isForward: boolean): void {
  const scale = 1 / Math.sqrt(size);
  const before = Float64Array.from(signs, (sign) => (isForward ? sign : 1));
  const after = Float64Array.from(signs, (sign) => (isForward ? scale : scale * sign));
  const whole = width - (width % size);
  for (let row = 0; row < x.length; row += width) {
    for (let from = row; from < row + whole; from += size) {
      for (let i = 0; i < size; i++) x[from + i]! *= before[i]!;
      for (let half = 1; half < size; half *= 2) {
        for (let start = from; start < from + size; start += 2 * half) {
          for (let i = start; i < start + half; i++) {
            const a = x[i]!;
            const b = x[i + half]!;
            x[i] = a + b;
            x[i + half] = a - b;
          }
        }
      }
      for (let i = 0; i < size; i++) x[from + i]! *= after[i]!;
    }
  }
}
