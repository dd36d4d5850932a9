/**
 * Arrays whose size comes from input: memory that cannot be had is told with its size, before it is touched.
 *
 * @module
 */
import { BittrueError } from './error.ts';

/** A constructor of typed arrays. */
interface ArrayKind<T> {
  new (length: number): T;
  readonly BYTES_PER_ELEMENT: number;
}

/** Less is taken without asking how much memory is left. */
const SMALL = 2 ** 26;

/**
 * A typed array of zeros, after {@link checkMemory}.
 *
 * @param what - what needs it, for the error
 * @throws {@link BittrueError} `range`, which names the size
 */
export function allocate<T>(what: string, kind: ArrayKind<T>, length: number): T {
  const bytes = length * kind.BYTES_PER_ELEMENT;
  checkMemory(what, length, bytes);
  try {
    return new kind(length);
  } catch {
    throw tooLarge(what, length, bytes, Infinity);
  }
}

/**
 * Refuses what memory has no room for.
 *
 * The system may promise memory that it does not have and end the process at the first touch, so what the runtime says
 * is available (Node 20.13) is asked first.
 *
 * @param count - how many numbers they are, for the error
 * @throws {@link BittrueError} `range`, which names the size
 */
export function checkMemory(what: string, count: number, bytes: number): void {
  const { process } = globalThis as { process?: { availableMemory?: () => number } };
  const available = bytes > SMALL ? (process?.availableMemory?.() ?? Infinity) : Infinity;
  if (!Number.isSafeInteger(bytes) || bytes > available) throw tooLarge(what, count, bytes, available);
}

const outOfMemory: WeakSet<object> = /* @__PURE__ */ new WeakSet();

/** Whether an error says that memory has no room: on another machine there may be none. */
export function isOutOfMemory(error: object): boolean {
  return outOfMemory.has(error);
}

function tooLarge(what: string, count: number, bytes: number, available: number): BittrueError {
  const most = Number.isFinite(available) ? `at most the ${size(available)} that are free` : 'what fits into memory';
  const error = new BittrueError('range', what, `${count} numbers, ${size(bytes)}`, most);
  outOfMemory.add(error);
  return error;
}

/** Bytes in the unit that people read. */
function size(bytes: number): string {
  return bytes < 2 ** 30 ? `${(bytes / 2 ** 20).toFixed(1)} MiB` : `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
