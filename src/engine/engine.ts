/**
 * An engine: the module on a memory of its own, and how kernels hold parts of it.
 *
 * @module
 */
import { checkInteger, checkObject } from '../errors/index.ts';
import { type Allocator, allocate, createAllocator, emptyAllocator, release } from './allocator.ts';
import { type Core, compile, compileAhead, instantiate, type Pointer } from './module.ts';
import { type AnyWorker, builtin, canShare, startThread, type Thread } from './pool.ts';

/** Runs kernels fast. Made by `createEngine`; data but for the memory it holds. */
export interface Engine {
  /** Whether the memory is shared: then it grows, and views of it never go stale. */
  readonly isShared: boolean;
  /** @internal */
  readonly core: Core;
  /** @internal */
  readonly allocator: Allocator;
  /** Threads besides the caller's own. @internal */
  readonly threads: readonly Thread[];
  /** Elements that are worth a message to a thread. @internal */
  readonly worth: number;
}

/** Options of `createEngine`. */
export interface EngineOptions {
  /**
   * Bytes of memory where it is not shared (browsers without cross-origin isolation), 1 MiB–4 GiB, default 64 MiB: plain
   * memory cannot grow without making its views stale, so this is all there is. Shared memory grows as it must.
   */
  readonly memory?: number;
  /**
   * Threads that share a kernel's rows, the caller's own among them; default 1. Bits and counts are the same for any
   * number. They see arrays of shared memory, of `createTensor` or over a SharedArrayBuffer, where they lie; ordinary
   * arrays are copied for them, beyond 32 MiB the caller's thread works alone. `availableWorkers()` tells how many there
   * may be: not more than 1 on the main thread of a browser, and without cross-origin isolation.
   */
  readonly workers?: number;
}

const PAGE = 65_536;
/** A message takes a tenth of a millisecond to arrive. */
const WORTH = 2 ** 18;

function open(bytes: number, isShared: boolean): Engine {
  const initial = Math.ceil(bytes / PAGE);
  // The module's import asks for a maximum of 65,536 pages, whatever a memory starts with.
  const memory = new WebAssembly.Memory({ initial, maximum: 65_536, shared: isShared });
  const core = instantiate(compile(isShared), memory);
  return { isShared, core, allocator: createAllocator(memory, isShared), threads: [], worth: WORTH };
}

/** A thread's own view of an engine's memory, of which it holds nothing yet. */
export function attachEngine(module: WebAssembly.Module, memory: WebAssembly.Memory): Engine {
  const allocator = emptyAllocator(memory, true, () => {});
  return { isShared: true, core: instantiate(module, memory), allocator, threads: [], worth: WORTH };
}

/**
 * An engine with a memory of its own. Passed to kernels as `{ engine }`; kernels that are given none share one.
 *
 * @throws {@link BittrueError} for options that are unknown or out of range
 * @example
 * import { createEngine } from 'bittrue/engine';
 * import { binary16 } from 'bittrue/formats';
 * import { cast } from 'bittrue/kernels';
 * const engine = await createEngine();
 * cast([1.0001, 70000], { format: binary16, engine }).output[1]; // Infinity
 */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  checkObject('options', options, ['memory', 'workers']);
  const bytes = checkInteger('options.memory', options.memory ?? 2 ** 26, 2 ** 20, 2 ** 32);
  const workers = checkInteger('options.workers', options.workers ?? 1, 1, 256);
  const isShared = canShare();
  await compileAhead(isShared);
  const engine = open(isShared ? PAGE * 16 : bytes, isShared);
  const opening = { module: compile(isShared), memory: engine.core.memory };
  const starting = Array.from({ length: workers - 1 }, () => startThread(openWorker, opening));
  return Object.freeze({ ...engine, threads: await Promise.all(starting) });
}

/** A worker that carries out parts, as kernels do: the engine only knows where they say so. */
function openWorker(): AnyWorker {
  const node = builtin<{ Worker: new (url: URL) => AnyWorker }>('worker_threads');
  // Bundlers find the file by these very words.
  return node === undefined
    ? new Worker(new URL('../kernels/worker.js', import.meta.url), { type: 'module' })
    : new node.Worker(new URL('../kernels/worker.js', import.meta.url));
}

/**
 * Ends an engine's threads. Arrays in its memory stay, and kernels still run on it, on the caller's own thread. An engine
 * that is not closed keeps its threads, asleep, until the process ends.
 *
 * @example
 * import { closeEngine, createEngine } from 'bittrue/engine';
 * const engine = await createEngine();
 * await closeEngine(engine);
 */
export async function closeEngine({ threads }: Engine): Promise<void> {
  await Promise.all((threads as Thread[]).splice(0).map(({ terminate }) => terminate()));
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
      usual = Object.freeze(open(canShare() ? PAGE * 16 : 2 ** 26, canShare()));
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
