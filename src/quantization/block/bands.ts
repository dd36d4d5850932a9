/**
 * A tensor by bands: as many rows at a time as a core's own cache holds with all that is made of them.
 *
 * @module
 */
import type { AnyBlock } from '../../formats/index.ts';
import type { Rows } from '../matrix.ts';

/** Numbers of a band, unless a row or a block has more. */
const BAND = 2 ** 13;

/** Calls `take` for each band, whole blocks, with its numbers as binary64, in the same room each time, and its first row. */
export function eachBand(
  { data, rows, width }: Rows,
  { rows: shared = 1 }: AnyBlock,
  take: (numbers: Float64Array, row: number) => void,
): void {
  const height = Math.min(rows, shared * Math.max(1, Math.floor(BAND / (shared * width))));
  const room = new Float64Array(height * width);
  for (let row = 0; row < rows; row += height) {
    const part = data.subarray(row * width, (row + height) * width);
    room.set(part);
    take(room.subarray(0, part.length), row);
  }
}
