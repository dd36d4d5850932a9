/**
 * An engine: the module on a memory of its own, and how kernels hold parts of it.
 *
 * @module
 */
import { BittrueError, checkInteger, checkObject } from '../errors/index.ts';
import { type Allocator, allocate, createAllocator, release } from './allocator.ts';
import { type Core, compile, compileAhead, instantiate, type Pointer } from './module.ts';
import { type Pool, startPool } from './pool.ts';

/** Runs kernels fast. Made by `createEngine`; data but for the memory it holds. */
export interface Engine {
  /** Threads that share the work, the caller's included. */
  readonly workers: number;
  /** Whether the memory is shared: then it grows, and views of it never go stale. */
  readonly isShared: boolean;
  /** @internal */
  readonly core: Core;
  /** @internal */
  readonly allocator: Allocator;
  /** @internal */
  readonly pool: Pool | null;
}

/** Options of `createEngine`. */
export interface EngineOptions {
  /** Threads to share the work, 1–64, the caller's included; default 1. More than one needs shared memory. */
  readonly workers?: number;
  /**
   * Bytes of memory, 1 MiB–4 GiB. Shared memory (Node; browsers with cross-origin isolation) starts with as much and
   * grows. Plain memory cannot grow without making its views stale, so this is all there is. Default 64 MiB.
   */
  readonly memory?: number;
}

const PAGE = 65_536;

/** Whether memory can be shared here: in Node, and in browsers that are cross-origin isolated. */
export function canShare(): boolean {
  const { SharedArrayBuffer: shared, crossOriginIsolated } = globalThis as {
    SharedArrayBuffer?: unknown;
    crossOriginIsolated?: boolean;
  };
  return shared !== undefined && crossOriginIsolated !== false;
}

function open(bytes: number, isShared: boolean): Omit<Engine, 'workers' | 'pool'> {
  const initial = Math.ceil(bytes / PAGE);
  // The module's import asks for a maximum of 65,536 pages, whatever a memory starts with.
  const memory = new WebAssembly.Memory({ initial, maximum: 65_536, shared: isShared });
  const core = instantiate(compile(isShared), memory);
  return { isShared, core, allocator: createAllocator(memory, isShared) };
}

/**
 * An engine with a memory and, for `workers` > 1, threads of its own. Passed to kernels as `{ engine }`. Close it to
 * end its threads.
 *
 * @throws {@link BittrueError} `unsupported` for workers where memory cannot be shared (a page without cross-origin
 *   isolation: serve it with `Cross-Origin-Opener-Policy: same-origin` and `Cross-Origin-Embedder-Policy:
 *   require-corp`), or where the calling thread may not wait (a browser's main thread: call kernels in a Worker)
 * @example
 * import { createEngine } from 'bittrue/engine';
 * import { binary16 } from 'bittrue/formats';
 * import { cast } from 'bittrue/kernels';
 * const engine = await createEngine();
 * cast([1.0001, 70000], { format: binary16, engine }).output[1]; // Infinity
 * engine.workers; // 1
 */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  checkObject('options', options, ['workers', 'memory']);
  const workers = checkInteger('options.workers', options.workers ?? 1, 1, 64);
  const bytes = checkInteger('options.memory', options.memory ?? 2 ** 26, 2 ** 20, 2 ** 32);
  const isShared = canShare();
  if (workers > 1 && !isShared) {
    throw new BittrueError('unsupported', 'options.workers', workers, '1: memory is not shared without isolation');
  }
  if (workers > 1 && !mayWait()) {
    throw new BittrueError(
      'unsupported',
      'options.workers',
      workers,
      "1 on a browser's main thread, which may not wait",
    );
  }
  await compileAhead(isShared);
  const opened = open(isShared ? PAGE * 16 : bytes, isShared);
  const pool = workers > 1 ? await startPool(opened.core, opened.allocator, workers) : null;
  return Object.freeze({ ...opened, workers, pool });
}

/** Whether the calling thread may block. */
function mayWait(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0);
    return true;
  } catch {
    return false;
  }
}

/** Ends an engine's threads. Its memory lives as long as something refers to it. */
export function closeEngine(engine: Engine): void {
  engine.pool?.close();
}

let usual: Engine | null | undefined;

/**
 * Compiles the module in the background, so that kernels find an engine where a browser does not compile at once. In
 * Node there is no need for it.
 */
export async function prepare(): Promise<void> {
  await compileAhead(canShare());
  if (usual === null) usual = undefined;
}

/** The engine of kernels that were given none: one thread, made on first use; null where there is no WebAssembly. */
export function usualEngine(): Engine | null {
  if (usual === undefined) {
    try {
      usual = Object.freeze({ ...open(canShare() ? PAGE * 16 : 2 ** 26, canShare()), workers: 1, pool: null });
    } catch {
      usual = null;
    }
  }
  return usual;
}

/** Parts of an engine's memory, all given back at the end of a run. */
export interface Lease {
  readonly engine: Engine;
  take(bytes: number): Pointer;
}

/** Runs `body` with parts of the memory that are given back afterwards, whatever happens. */
export function lease<T>(engine: Engine, body: (parts: Lease) => T): T {
  const taken: Pointer[] = [];
  const take = (bytes: number): Pointer => {
    const start = allocate(engine.allocator, bytes);
    taken.push(start);
    return start;
  };
  try {
    return body({ engine, take });
  } finally {
    for (const start of taken) release(engine.allocator, start);
  }
}
