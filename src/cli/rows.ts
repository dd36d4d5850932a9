/**
 * A .npy file as rows of numbers.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import { type NpyFile, openNpy } from '../files/index.ts';
import type { Format } from '../formats/index.ts';
import { openFile } from '../node/index.ts';

/** Numbers that are held at once: 4 GiB as binary64. */
const MOST = 2 ** 29;

/** A tensor whose last axis is the width of its rows. */
export interface Rows {
  readonly data: ReturnType<NpyFile['read']>;
  readonly rows: number;
  readonly width: number;
  /** The axes of the file. */
  readonly shape: readonly number[];
}

/**
 * Reads a file whole.
 *
 * @param format - what bytes without a type are codes of
 * @throws {@link BittrueError} as `openNpy`; `shape` for no rows, or more than 2^29 numbers
 */
export function readRows(path: string, format?: Format): Rows {
  const { shape, length, read } = openNpy(openFile(path), format === undefined ? {} : { format });
  const width = shape[shape.length - 1] ?? 0;
  const axes = `[${shape.join(', ')}]`;
  if (width === 0 || length === 0)
    throw new BittrueError('shape', path, axes, 'at least one row of at least one number');
  if (length > MOST) {
    const wanted = `at most ${MOST} numbers a run: rows are independent, so a larger file may be split by rows`;
    throw new BittrueError('shape', path, axes, wanted);
  }
  return { data: read(0, length), rows: length / width, width, shape };
}
