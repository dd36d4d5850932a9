/**
 * Whether two arrays share memory. Two objects may stand for one shared memory: growth of a WebAssembly memory makes a
 * second one, and so does every message.
 *
 * @module
 */

/** Whether two arrays have a byte in common. `a` must be the caller's to write: where only a trial tells, it is tried. */
export function overlaps(a: ArrayBufferView, b: ArrayBufferView): boolean {
  const start = Math.max(a.byteOffset, b.byteOffset);
  const end = Math.min(a.byteOffset + a.byteLength, b.byteOffset + b.byteLength);
  if (start >= end) return false;
  if (a.buffer === b.buffer) return true;
  return isShared(a.buffer) && isShared(b.buffer) && isOneByte(a.buffer, b.buffer, start);
}

/** Whether memory is shared, whichever realm it comes from. */
function isShared(buffer: ArrayBufferLike): buffer is SharedArrayBuffer {
  return Object.prototype.toString.call(buffer) === '[object SharedArrayBuffer]';
}

/** Turns a byte of `a` over, looks at that of `b`, and turns it back. */
function isOneByte(a: SharedArrayBuffer, b: SharedArrayBuffer, at: number): boolean {
  const [written, read] = [new Uint8Array(a, at, 1), new Uint8Array(b, at, 1)];
  const before = Atomics.load(read, 0);
  Atomics.xor(written, 0, 0xff);
  const after = Atomics.load(read, 0);
  Atomics.xor(written, 0, 0xff);
  return after === (before ^ 0xff);
}
