/**
 * Threads as Node and browsers have them.
 *
 * @module
 */

/** One side of a channel, as much of it as is used here. */
export interface AnyPort {
  postMessage(message: unknown, transfer?: readonly unknown[]): void;
  start?(): void;
  on?(event: string, listener: (value: unknown) => void): void;
  addEventListener?(event: string, listener: (event: { data?: unknown; message?: string }) => void): void;
}

/** As much of Node's `worker_threads` and of the web's `Worker` as is used here. */
export interface AnyWorker extends AnyPort {
  terminate(): unknown;
  unref?(): void;
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
export function canWait(): boolean {
  try {
    return canShare() && Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0) === 'not-equal';
  } catch {
    return false;
  }
}

/**
 * How many threads the processor runs at once; 1 where threads cannot wait for each other: on the main thread of a browser,
 * and without cross-origin isolation. `createEngine({ workers })` takes up to four times as many, and 8 in any case.
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

/** Bytes of address space that the process may yet take; Infinity where nothing limits them, or nothing says so. */
export function addressSpaceLeft(): number {
  try {
    const files = builtin<{ readFileSync(path: string, encoding: 'utf8'): string }>('fs');
    const number = (path: string, pattern: RegExp): number =>
      Number(files?.readFileSync(path, 'utf8').match(pattern)?.[1] ?? Number.NaN);
    const limit = number('/proc/self/limits', /^Max address space +(\d+)/m);
    const taken = number('/proc/self/status', /^VmSize:\s+(\d+) kB/m) * 1024;
    return Number.isNaN(limit - taken) ? Number.POSITIVE_INFINITY : limit - taken;
  } catch {
    // Another system, or no permission to read there.
    return Number.POSITIVE_INFINITY;
  }
}

/** Calls `listener` with what arrives. */
export function listen(port: AnyPort, listener: (message: unknown) => void): void {
  if (port.on !== undefined) port.on('message', listener);
  else port.addEventListener?.('message', ({ data }) => listener(data));
  port.start?.();
}

/** Calls `listener` with a message that arrived and could not be read: memory, for example. */
export function onUnreadable(port: AnyPort, listener: () => void): void {
  if (port.on !== undefined) port.on('messageerror', listener);
  else port.addEventListener?.('messageerror', listener);
}

/** Web locks, where a port does not tell that its other side is gone. */
interface Locks {
  request(name: string, body: () => unknown): Promise<unknown>;
}

function locks(): Locks {
  return (globalThis as unknown as { navigator: { locks: Locks } }).navigator.locks;
}

/** The name of a lock that a thread holds as long as it lives; null in Node, where its port tells. */
export function nameLock(): string | null {
  if (builtin('worker_threads') !== undefined) return null;
  return `bittrue ${crypto.getRandomValues(new Uint32Array(4)).join(' ')}`;
}

/** Takes a lock for ever, then calls `body`. */
export function holdLock(name: string, body: () => void): void {
  void locks().request(name, () => {
    body();
    return new Promise(() => {});
  });
}

/** Calls `body` when whoever holds a lock is gone. */
export function onFree(name: string, body: () => void): void {
  void locks().request(name, body);
}
