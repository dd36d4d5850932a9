/**
 * The numbers that a caller gives, checked, and as the specification takes them.
 *
 * @module
 */
import { BittrueError, checkNumbers, isReadable } from '../errors/index.ts';
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

/** The plan of a run over rows of other arrays: as many as they hold, unless the options say. */
export function fitRows<P extends Sized>(plan: P, [x]: readonly unknown[], { rows }: { readonly rows?: number }): P {
  if (rows !== undefined) return plan;
  return withRows(plan, rowsIn('x', x, plan.width));
}

/** The same for kernels that do not ask for a width: without one a row is all there is. */
export function fitElements<P extends Sized>(
  plan: P,
  arrays: readonly unknown[],
  options: { readonly rows?: number; readonly width?: number },
): P {
  if (options.width !== undefined) return fitRows(plan, arrays, options);
  const { width } = withWidth({ rows: plan.rows }, arrays[0] as Numbers);
  return width === plan.width ? plan : { ...plan, width, span: width, size: plan.rows * width };
}

/** What a plan says of sizes: `size` numbers of output. */
interface Sized {
  readonly rows: number;
  readonly width: number;
  readonly size: number;
  /** Numbers of output to a row. */
  readonly span: number;
}

/** A plan with so many rows. */
export function withRows<P extends Sized>(plan: P, rows: number): P {
  return rows === plan.rows ? plan : { ...plan, rows, size: rows * plan.span };
}

/** How many rows of a width an array has. */
export function rowsIn(argument: string, x: unknown, width: number): number {
  const length = (x as Numbers | undefined)?.length;
  const rows = width === 0 ? Number.NaN : (length as number) / width;
  if (Number.isInteger(rows)) return rows;
  const wanted =
    width === 0 ? 'options that say how many rows: rows of no numbers leave it open' : `rows of ${width} numbers`;
  throw new BittrueError('shape', argument, x, wanted);
}

/** Options with a number of rows, whichever. */
export function withARow<Options extends { readonly rows?: number }>(
  options: Options,
): Options & { readonly rows: number } {
  return { ...options, rows: options.rows ?? 1 };
}

/** Options whose width is that of the data, unless it is given. */
export type Unsized<Options> = Omit<Options, 'width'> & { readonly width?: number };

/** Options with their width: all there is in a row of x, unless it is given. */
export function withWidth<Options extends { readonly rows?: number; readonly width?: number }>(
  options: Options,
  x: Numbers,
): Options & { readonly width: number } {
  const given = isReadable(options) ? options : ({} as Options);
  const rows = given.rows ?? 1;
  const length = isReadable(x) ? x.length : 0;
  return { ...given, width: given.width ?? (rows > 0 ? Math.floor(length / rows) : 0) };
}
