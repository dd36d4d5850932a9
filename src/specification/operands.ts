/**
 * The numbers that a caller gives, checked, and as the specification takes them.
 *
 * @module
 */
import { BittrueError } from '../errors/error.ts';
import type { FloatArray } from '../tensors/tensor.ts';

/** Numbers in row-major order: any array of numbers. */
export type Numbers = ArrayLike<number>;

/** An array of numbers of a given length; one that is not of binary32 or binary64 is copied to the latter. */
export function numbers(argument: string, given: unknown, length: number): FloatArray {
  const isList = Array.isArray(given) || (ArrayBuffer.isView(given) && !(given instanceof DataView));
  if (!isList) throw new BittrueError('type', argument, given, `an array of ${length} numbers`);
  const values = given as unknown as Numbers;
  if (values.length !== length) throw new BittrueError('shape', argument, values, `${length} numbers`);
  if (values instanceof Float64Array || values instanceof Float32Array) return values;
  if (Array.isArray(values)) {
    const wrong = values.findIndex((value) => typeof value !== 'number');
    if (wrong >= 0) throw new BittrueError('type', `${argument}[${wrong}]`, values[wrong], 'a number');
  } else if (typeof (values as ArrayLike<unknown>)[0] === 'bigint') {
    throw new BittrueError('type', argument, values, 'numbers, not bigints');
  }
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
