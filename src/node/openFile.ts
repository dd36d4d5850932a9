/**
 * A file on disk as a source of bytes.
 *
 * @module
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { allocate, BittrueError, checkText } from '../errors/index.ts';
import type { ByteSource } from '../files/index.ts';
import { checkRange } from '../files/source.ts';
import { attempt } from './paths.ts';

/**
 * Opens a file for reading by ranges. Each read opens and closes the file, so nothing is left open and nothing has
 * to be closed.
 *
 * @throws {@link BittrueError} `file` when there is no such file, now or at a read, or when it has become shorter
 * @example
 * import { embeddedModel, openFile } from 'bittrue/node';
 * openFile(`${embeddedModel()}/validation.txt`).size; // 2056
 */
export function openFile(path: string): ByteSource {
  checkText('path', path, 'a path');
  const size = attempt(path, () => {
    const status = statSync(path);
    return status.isFile() ? status.size : -1;
  });
  if (size < 0) throw new BittrueError('file', 'path', path, 'a file');
  return Object.freeze({
    name: path,
    size,
    read(offset: number, length: number): Uint8Array {
      checkRange(path, size, offset, length);
      const bytes = allocate(path, Uint8Array, length);
      const held = attempt(path, () => readInto(path, bytes, offset));
      if (held < length) throw new BittrueError('file', path, `${held} bytes at ${offset}`, `${length} bytes`);
      return bytes;
    },
  });
}

/** Fills `bytes` from the file and tells how many there were: one call of the system may give less than asked. */
function readInto(path: string, bytes: Uint8Array, offset: number): number {
  const descriptor = openSync(path, 'r');
  try {
    let held = 0;
    while (held < bytes.length) {
      const size = Math.min(bytes.length - held, 2 ** 30);
      const count = readSync(descriptor, bytes, held, size, offset + held);
      if (count === 0) break;
      held += count;
    }
    return held;
  } finally {
    closeSync(descriptor);
  }
}
