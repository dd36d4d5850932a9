/**
 * A matrix by columns.
 *
 * @module
 */
import type { FloatArray } from './tensor.ts';

/** A matrix of so many rows and columns, transposed; every row must lie behind the one before. */
export function transposed(x: FloatArray, rows: number, columns: number): Float64Array {
  const out = new Float64Array(x.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) out[j * rows + i] = x[i * columns + j] as number;
  }
  return out;
}
