/**
 * Tensors of a GGUF file as its family's checkpoint has them: rows in another order, γ without the one that is added in the file.
 *
 * @module
 */
import { readTensor } from '../../files/checkpoint.ts';
import { type ByteSource, type Checkpoint, memorySource, type TensorEntry } from '../../files/index.ts';
import { checkRange } from '../../files/source.ts';
import type { RowOrder } from './architectures.ts';

/** Where row r of the checkpoint lies in the file. */
const stored: Readonly<Record<RowOrder, (r: number, heads: number, width: number) => number>> = {
  pairs: (r, _, width) => {
    const [head, i] = [Math.floor(r / width), r % width];
    return head * width + (i < width / 2 ? 2 * i : 2 * (i - width / 2) + 1);
  },
  parts: (r, heads, width) => {
    const [head, part, i] = [Math.floor(r / (3 * width)), Math.floor(r / width) % 3, r % width];
    return (part * heads + head) * width + i;
  },
};

/** Rows of so many heads in the order of the checkpoint; a row of a vector is a number. */
export function reordered(entry: TensorEntry, order: RowOrder, heads: number, width: number): TensorEntry {
  const [rows] = entry.shape;
  const row = entry.length / rows;
  const { source, offset } = entry;
  const turned: ByteSource = {
    name: source.name,
    size: entry.length,
    read(from, length) {
      checkRange(source.name, entry.length, from, length);
      const first = Math.floor(from / row);
      const last = Math.ceil((from + length) / row);
      const bytes = new Uint8Array((last - first) * row);
      for (let r = first; r < last; r++) {
        bytes.set(source.read(offset + stored[order](r, heads, width) * row, row), (r - first) * row);
      }
      return bytes.subarray(from - first * row, from - first * row + length);
    },
  };
  return { ...entry, source: turned, offset: 0 };
}

/** γ less the one that was added in binary32: exact in binary64, and the family's own addition gives back what the file has. */
export function unshifted(checkpoint: Checkpoint, entry: TensorEntry): TensorEntry {
  const { data } = readTensor(checkpoint, entry.name);
  const bytes = new Uint8Array(Float64Array.from(data, (value) => value - 1).buffer);
  return { ...entry, dtype: 'F64', source: memorySource(bytes, entry.source.name), offset: 0, length: bytes.length };
}
