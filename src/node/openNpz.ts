/**
 * A .npz file on disk.
 *
 * @module
 */
import { inflateRawSync } from 'node:zlib';
import { BittrueError, checkText } from '../errors/index.ts';
import { type ByteSource, type Inflate, readNpz } from '../files/index.ts';
import { openFile } from './openFile.ts';

/**
 * The members of a .npz file by their names, each as a source for `openNpy` or `npyTensor`; compressed ones too.
 *
 * @throws {@link BittrueError} `file` when there is no such file; as `readNpz`
 * @example
 * import { openNpz } from 'bittrue/node';
 * openNpz('absent.npz'); // throws file
 */
export function openNpz(path: string): ReadonlyMap<string, ByteSource> {
  checkText('path', path, 'a path');
  return readNpz(openFile(path), inflate(path));
}

/** Decompresses members of the archive at a path. */
export function inflate(path: string): Inflate {
  return (bytes, size) => {
    try {
      return new Uint8Array(inflateRawSync(bytes, { maxOutputLength: Math.max(1, size) }));
    } catch (error) {
      throw new BittrueError(
        'file',
        path,
        `deflated data that do not unpack (${(error as Error).message})`,
        `${size} bytes`,
      );
    }
  };
}
