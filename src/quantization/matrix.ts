/**
 * The operands of this room: tensors seen as rows of their last axis, and matrices.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import { checkTensor } from '../tensors/check.ts';
import type { FloatArray, Tensor } from '../tensors/index.ts';

/** A tensor as rows of its last axis. */
export interface Rows {
  readonly data: FloatArray;
  readonly rows: number;
  readonly width: number;
}

/** The rows of a tensor, which must hold finite numbers only. */
export function finiteRows(argument: string, tensor: Tensor): Rows {
  const rows = rowsOf(argument, tensor);
  for (let i = 0; i < rows.data.length; i++) {
    const x = rows.data[i];
    if (x - x !== 0) throw new BittrueError('value', `${argument}[${i}]`, x, 'a finite number');
  }
  return rows;
}

/** The rows of a tensor of one axis or more. */
export function rowsOf(argument: string, tensor: Tensor): Rows {
  const { data } = checkTensor(argument, tensor);
  const width = tensor.shape.at(-1);
  if (width === undefined || width < 1 || data.length === 0) {
    throw new BittrueError('shape', argument, `[${tensor.shape.join(', ')}]`, 'at least one number');
  }
  const rows = data.length / width;
  if (!Number.isInteger(rows) || rows !== tensor.shape.slice(0, -1).reduce((product, axis) => product * axis, 1)) {
    throw new BittrueError(
      'shape',
      argument,
      `[${tensor.shape.join(', ')}] for ${data.length} numbers`,
      'a fitting shape',
    );
  }
  return { data, rows, width };
}

/** The largest magnitude among x[from], x[from + step], … below `to`. */
export function largest(x: ArrayLike<number>, from: number, to: number, step = 1): number {
  let found = 0;
  for (let i = from; i < to; i += step) {
    const a = Math.abs(x[i]);
    if (a > found) found = a;
  }
  return found;
}
