/**
 * Where bytes come from. A reader asks for a range and never knows whether it comes from memory, disk or elsewhere.
 *
 * @module
 */
import { BittrueError, checkFunction, checkInteger, checkMade, checkText, isOf } from '../errors/index.ts';

/**
 * Random access to bytes, synchronous. `read` returns exactly `length` bytes, which the caller must not change
 * (they may be a view of the source's own memory).
 */
export interface ByteSource {
  /** What errors call it: a file name. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** `length` bytes from `offset` on; both lie within `size`. */
  read(offset: number, length: number): Uint8Array;
}

/**
 * Bytes in memory as a source. Reads are views, nothing is copied.
 *
 * @param name what errors call it
 * @throws {@link BittrueError} `type` for anything but a Uint8Array
 * @example
 * import { memorySource } from 'bittrue/files';
 * const source = memorySource(new Uint8Array([1, 2, 3, 4]), 'four bytes');
 * source.size; // 4
 * source.read(2, 2)[0]; // 3
 */
export function memorySource(bytes: Uint8Array, name = 'memory'): ByteSource {
  if (!isOf(bytes, Uint8Array)) throw new BittrueError('type', 'bytes', bytes, 'a Uint8Array');
  checkText('name', name);
  return Object.freeze({
    name,
    size: bytes.length,
    read(offset: number, length: number): Uint8Array {
      checkRange(name, bytes.length, offset, length);
      return bytes.subarray(offset, offset + length);
    },
  });
}

/**
 * Refuses a range that leaves the source: every `ByteSource` starts its `read` with it.
 *
 * @throws {@link BittrueError} `file`
 */
export function checkRange(name: string, size: number, offset: number, length: number): void {
  checkText('name', name);
  checkInteger('size', size, 0, Number.MAX_SAFE_INTEGER);
  const whole = Number.isSafeInteger(offset) && Number.isSafeInteger(length);
  if (!whole || offset < 0 || length < 0 || offset + length > size) {
    throw new BittrueError(
      'file',
      name,
      whole ? `bytes ${offset}…${offset + length}` : 'no range',
      `a range within its ${size} bytes`,
    );
  }
}

/** Refuses what is no source of bytes. */
export function checkSource(argument: string, source: ByteSource): ByteSource {
  checkMade(argument, source, ['name', 'size', 'read'], 'a source of bytes, as memorySource or openFile gives it');
  checkFunction(`${argument}.read`, source.read);
  return source;
}
