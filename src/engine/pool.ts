/**
 * Threads that share the work of a run: each has the module on the one memory, and waits for its parts.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';

/** What a thread is doing; the first word of its {@link Thread.state}. */
export const BUSY = 1;
export const DONE = 2;
/** It met something that only the specification can carry out. */
export const REFUSED = 3;
/** It failed; what it said follows the word. */
export const FAILED = 4;

/** Bytes of a state: the word, and room for what a thread that failed says. */
const STATE_BYTES = 512;

/** One thread besides the caller's own. */
export interface Thread {
  readonly state: Int32Array;
  post(message: unknown): void;
  terminate(): unknown;
}

/** What a thread is told first: the module, the memory, and where it says how it fares. */
export interface Opening {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly state: Int32Array;
}

/** As much of Node's `worker_threads` and of the web's `Worker` as is used here. */
export interface AnyWorker {
  postMessage(message: unknown): void;
  terminate(): unknown;
  unref?(): void;
  on?(event: string, listener: (value: unknown) => void): void;
  addEventListener?(event: string, listener: (event: { data?: unknown; message?: string }) => void): void;
}

/** A module that comes with Node, where this is Node. */
export function builtin<T>(name: string): T | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): T | undefined } };
  return process?.getBuiltinModule?.(name);
}

/** Whether memory can be shared here: in Node, and in browsers that are cross-origin isolated. */
export function canShare(): boolean {
  const { SharedArrayBuffer: shared, crossOriginIsolated } = globalThis as {
    SharedArrayBuffer?: unknown;
    crossOriginIsolated?: boolean;
  };
  return shared !== undefined && crossOriginIsolated !== false;
}

/** Whether this thread may wait for others: in Node, and in a browser's workers, with memory that can be shared. */
function canWait(): boolean {
  try {
    return canShare() && Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0) === 'not-equal';
  } catch {
    return false;
  }
}

/**
 * How many threads `createEngine({ workers })` may have here: as many as the processor runs at once. 1 where threads
 * cannot wait for each other: on the main thread of a browser, and without cross-origin isolation.
 *
 * @example
 * import { availableWorkers } from 'bittrue/engine';
 * availableWorkers() >= 1; // true
 */
export function availableWorkers(): number {
  if (!canWait()) return 1;
  const { navigator } = globalThis as { navigator?: { hardwareConcurrency?: number } };
  return (
    builtin<{ availableParallelism(): number }>('os')?.availableParallelism() ?? navigator?.hardwareConcurrency ?? 1
  );
}

/** Opens a thread with a worker that `open` makes; resolves when it says that it is ready. */
export async function startThread(open: () => AnyWorker, opening: Omit<Opening, 'state'>): Promise<Thread> {
  if (!canWait()) {
    const wanted = '1 here: threads cannot wait for each other; availableWorkers() tells how many there may be';
    throw new BittrueError('unsupported', 'options.workers', 'more than 1', wanted);
  }
  const state = new Int32Array(new SharedArrayBuffer(STATE_BYTES));
  const worker = open();
  await new Promise<void>((resolve, reject) => {
    const fail = (reason: unknown): void =>
      reject(new BittrueError('unsupported', 'options.workers', String(reason), 'a worker that starts'));
    worker.on?.('message', () => resolve());
    worker.on?.('error', fail);
    worker.addEventListener?.('message', () => resolve());
    worker.addEventListener?.('error', ({ message }) => fail(message));
    worker.postMessage({ ...opening, state } satisfies Opening);
  });
  // A waiting thread keeps no process alive.
  worker.unref?.();
  return { state, post: (message) => worker.postMessage(message), terminate: () => worker.terminate() };
}

/** Says that a thread has finished; wakes whoever waits for it. */
export function answer(state: Int32Array, word: number, text = ''): void {
  const bytes = new TextEncoder().encode(text).subarray(0, STATE_BYTES - 4);
  new Uint8Array(state.buffer, 4).fill(0).set(bytes);
  Atomics.store(state, 0, word);
  Atomics.notify(state, 0);
}

/** Waits until a thread has answered. */
export function awaitThread({ state }: Thread): void {
  while (Atomics.load(state, 0) === BUSY) Atomics.wait(state, 0, BUSY);
}

/** Whether a thread that has answered went through; false where it refused, an error where it failed. */
export function hasDone({ state }: Thread): boolean {
  const word = Atomics.load(state, 0);
  if (word !== FAILED) return word === DONE;
  const bytes = Uint8Array.from(new Uint8Array(state.buffer, 4));
  throw new Error(`a worker failed: ${new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)))}`);
}
