/**
 * The numbers that a caller gives, checked, and as the specification takes them.
 *
 * @module
 */
import { BittrueError, checkNumbers } from '../errors/index.ts';
import type { FloatArray } from '../tensors/tensor.ts';

/** Numbers in row-major order: any array of numbers. */
export type Numbers = ArrayLike<number>;

/** An array of numbers of a given length; one that is not of binary32 or binary64 is copied to the latter. */
export function numbers(argument: string, given: unknown, length: number): FloatArray {
  const values = given as Numbers;
  checkNumbers(argument, values, `an array of ${length} numbers`);
  if (values.length !== length) throw new BittrueError('shape', argument, values, `${length} numbers`);
  if (values instanceof Float64Array || values instanceof Float32Array) return values;
  return Float64Array.from(values);
}

/** Numbers as the specification takes them. */
export function widen(values: FloatArray): Float64Array {
  return values instanceof Float64Array ? values : Float64Array.from(values);
}

/** The one array of numbers that a kernel over rows takes. */
export function rowInputs(
  { rows, width }: { readonly rows: number; readonly width: number },
  [x]: readonly unknown[],
): FloatArray {
  return numbers('x', x, rows * width);
}

/** Options whose width is that of the data, unless it is given. */
export type Unsized<Options> = Omit<Options, 'width'> & { readonly width?: number };

/** Options with their width: all there is in a row of x, unless it is given. */
export function withWidth<Options extends { readonly rows?: number; readonly width?: number }>(
  options: Options,
  x: Numbers,
): Options & { readonly width: number } {
  const rows = options?.rows ?? 1;
  const width = options?.width ?? (rows > 0 ? Math.floor((x?.length ?? 0) / rows) : 0);
  return { ...options, width };
}
