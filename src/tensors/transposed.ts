/**
 * A matrix by columns.
 *
 * @module
 */
import type { FloatArray } from './tensor.ts';

const SQUARE = 32;

/** A matrix of so many rows and columns, transposed; every row must lie behind the one before. */
export function transposed(x: FloatArray, rows: number, columns: number): Float64Array {
  return transposedInto(new Float64Array(x.length), x, rows, columns);
}

/** Likewise into an array of as many numbers. */
export function transposedInto<Out extends FloatArray>(out: Out, x: FloatArray, rows: number, columns: number): Out {
  // Square by square: what is read and what is written both stay in the cache.
  for (let top = 0; top < rows; top += SQUARE) {
    const bottom = Math.min(rows, top + SQUARE);
    for (let left = 0; left < columns; left += SQUARE) {
      const right = Math.min(columns, left + SQUARE);
      for (let j = left; j < right; j++) {
        for (let i = top; i < bottom; i++) out[j * rows + i] = x[i * columns + j] as number;
      }
    }
  }
  return out;
}
