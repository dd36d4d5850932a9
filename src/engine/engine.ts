/**
 * An engine: the module on a memory of its own, and how kernels hold parts of it.
 *
 * @module
 */
import { BittrueError, checkInteger, checkMade, checkObject, isOf } from '../errors/index.ts';
import { type Allocator, allocate, createAllocator, emptyAllocator, giveTo, release } from './allocator.ts';
import { type AnyWorker, addressSpaceLeft, availableWorkers, builtin, canShare, canWait } from './host.ts';
import { type Core, compile, compileAhead, instantiate, type Pointer } from './module.ts';
import { closePool, openPool, type Pool, startPool } from './pool.ts';
import { grownBy, recordGrowth, type State } from './state.ts';

/** Runs kernels fast. Made by `createEngine`; data but for the memory it holds. */
export interface Engine {
  /** Whether the memory is shared: then it grows, and views of it never go stale. */
  readonly isShared: boolean;
  /** @internal */
  readonly core: Core;
  /** @internal */
  readonly allocator: Allocator;
  /** Threads besides the caller's own; null: none. @internal */
  readonly pool: Pool | null;
  /** Elements that are worth a message to a thread. @internal */
  readonly minElementsForThreads: number;
}

/** Options of an engine's threads. */
export interface ThreadOptions {
  /**
   * Threads that share a kernel's rows, the caller's own among them; default 1. Bits and counts are the same for any
   * number. They see arrays of shared memory, of `createTensor` or over a SharedArrayBuffer, where they lie; ordinary
   * arrays are copied for them, beyond 32 MiB the caller's thread works alone. `availableWorkers()` tells how many
   * the processor runs at once: 1 on the main thread of a browser, and without cross-origin isolation. At most four
   * times as many, and 8 in any case: more would only take memory. A call during which a thread dies throws a
   * {@link BittrueError} `thread`, and what it was writing is undefined; the thread is replaced.
   */
  readonly workers?: number;
  /**
   * Where the module of the threads lies: the package's `bittrue/worker`, bundled by itself. Default: where the package has
   * it. Vite and webpack find that place, esbuild does not: with it, bundle `bittrue/worker` as an entry of its own and
   * give its address, such as `new URL('worker.js', import.meta.url)`.
   */
  readonly worker?: string | URL;
}

/** Options of `createEngine`. */
export interface EngineOptions extends ThreadOptions {
  /**
   * Bytes of memory where it is not shared (browsers without cross-origin isolation), 1 MiB–4 GiB, default 64 MiB: plain
   * memory cannot grow without making its views stale, so this is all there is. Shared memory grows as it must.
   */
  readonly memory?: number;
}

const PAGE = 65_536;
/** A message takes a tenth of a millisecond to arrive. */
const MIN_ELEMENTS_FOR_THREADS = 2 ** 18;
/**
 * Address space that a thread's heap and stack reserve: 530 to 550 MiB in Node 20. Where it is missing V8 ends the process,
 * which no one can catch.
 */
const THREAD_SPACE = 5 * 2 ** 27;

function open(bytes: number, isShared: boolean): Engine {
  const module = compile(isShared);
  const memory = openMemory(bytes, isShared);
  const core = instantiate(module, memory);
  return {
    isShared,
    core,
    allocator: createAllocator(memory, isShared),
    pool: null,
    minElementsForThreads: MIN_ELEMENTS_FOR_THREADS,
  };
}

/** The module's import asks for a maximum of 65,536 pages, whatever a memory starts with. */
function openMemory(bytes: number, isShared: boolean): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE), maximum: 65_536, shared: isShared });
  } catch (error) {
    const wanted = `${bytes} bytes, and address space to grow to 4 GiB, of which V8 reserves some 10 GiB (ulimit -v)`;
    throw new BittrueError('range', 'engine.memory', String(error), wanted);
  }
}

/** A thread's own view of an engine's memory, of which it holds what a predecessor had grown. */
export function attachEngine(module: WebAssembly.Module, memory: WebAssembly.Memory, state: State): Engine {
  const allocator = emptyAllocator(memory, true, (start, bytes) => recordGrowth(state, start, bytes));
  for (const [start, bytes] of grownBy(state)) {
    giveTo(allocator, start, bytes);
    allocator.owned += bytes;
  }
  return {
    isShared: true,
    core: instantiate(module, memory),
    allocator,
    pool: null,
    minElementsForThreads: MIN_ELEMENTS_FOR_THREADS,
  };
}

/**
 * An engine with a memory of its own. Passed to kernels as `{ engine }`; kernels that are given none share one.
 *
 * @throws {@link BittrueError} for options that are unknown or out of range; `unsupported` where there is no WebAssembly, or
 *   no worker starts; `range` where memory or address space is short. No thread is left behind then.
 * @example
 * import { createEngine } from 'bittrue/engine';
 * import { binary16 } from 'bittrue/formats';
 * import { cast } from 'bittrue/kernels';
 * const engine = await createEngine();
 * cast([1.0001, 70000], { format: binary16, engine }).output[1]; // Infinity
 */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  checkObject('options', options, ['memory', 'workers', 'worker']);
  const bytes = checkInteger('options.memory', options.memory ?? 2 ** 26, 2 ** 20, 2 ** 32);
  const { workers, worker } = checkThreads(options);
  const isShared = canShare();
  await compileModule(isShared);
  const engine = open(isShared ? PAGE * 16 : bytes, isShared);
  if (workers === 1) return Object.freeze(engine);
  checkSpace(workers);
  const opening = { module: compile(isShared), memory: engine.core.memory };
  return Object.freeze({
    ...engine,
    pool: await openPool(workers - 1, () => openWorker(worker), opening).catch((error) => {
      throw ofWorker(error, worker);
    }),
  });
}

/** How many threads are asked for, and where their module lies. */
function checkThreads(options: ThreadOptions): { readonly workers: number; readonly worker: string | URL | undefined } {
  const workers = checkInteger('options.workers', options.workers ?? 1, 1, 2 ** 31 - 1);
  if (workers > 1 && !canWait()) {
    const wanted = '1 here: threads cannot wait for each other; availableWorkers() tells how many there may be';
    throw new BittrueError('unsupported', 'options.workers', 'more than 1', wanted);
  }
  const most = Math.max(8, 4 * availableWorkers());
  if (workers > most) {
    const wanted = `at most ${most} here: four times availableWorkers(), and 8 in any case`;
    throw new BittrueError('range', 'options.workers', workers, wanted);
  }
  const { worker } = options;
  if (worker !== undefined && typeof worker !== 'string' && !isOf(worker, URL)) {
    throw new BittrueError('type', 'options.worker', worker, 'a URL, as an object or a text');
  }
  return { workers, worker };
}

/** Refuses threads for which the process has no address space. */
function checkSpace(workers: number): void {
  const left = addressSpaceLeft();
  if (left >= workers * THREAD_SPACE) return;
  const wanted = `fewer: each reserves ${THREAD_SPACE / 2 ** 20} MiB of address space, ${left} bytes are left (ulimit -v)`;
  throw new BittrueError('range', 'options.workers', workers, wanted);
}

/** What kept threads from starting: where the caller says what to start, that is what did not. */
function ofWorker(error: unknown, worker: string | URL | undefined): unknown {
  if (worker === undefined || !(error instanceof BittrueError) || error.argument !== 'options.workers') return error;
  const wanted = 'the address of bittrue/worker: in Node a file: URL or an absolute path';
  return new BittrueError('unsupported', 'options.worker', error.received, wanted);
}

async function compileModule(isShared: boolean): Promise<void> {
  try {
    await compileAhead(isShared);
  } catch (error) {
    const wanted = 'WebAssembly; without it (--jitless, a policy that forbids it) kernels run the specification';
    throw new BittrueError('unsupported', 'engine', String(error), wanted);
  }
}

/** A worker that carries out parts, as kernels do: the engine only knows where they say so. */
function openWorker(given: string | URL | undefined): AnyWorker {
  const node = builtin<{ Worker: new (url: string | URL) => AnyWorker }>('worker_threads');
  if (given !== undefined) {
    const url = typeof given === 'string' && node !== undefined && URL.canParse(given) ? new URL(given) : given;
    return node === undefined ? new Worker(url, { type: 'module' }) : new node.Worker(url);
  }
  // Bundlers find the file by these very words.
  return node === undefined
    ? new Worker(new URL('../kernels/threads/worker.js', import.meta.url), { type: 'module' })
    : new node.Worker(new URL('../kernels/threads/worker.js', import.meta.url));
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
export async function closeEngine(engine: Engine): Promise<void> {
  const { pool } = checkEngine('engine', engine);
  if (pool !== null) await closePool(pool);
}

/** Refuses what is no engine. */
export function checkEngine(argument: string, engine: Engine): Engine {
  return checkMade(argument, engine, ['core', 'allocator', 'pool'], 'an engine, as createEngine gives it');
}

let made: Engine | null | undefined;
let missing: 'memory' | 'webAssembly' = 'webAssembly';

/**
 * Makes the engine of kernels, graphs and studies that are given none: compiles its module in the background, so that they
 * find it where a browser does not compile at once, and starts its threads where more than one is asked for. In Node there is
 * no need for it otherwise.
 *
 * @throws {@link BittrueError} `unsupported` where there is no WebAssembly: kernels then run the specification; as
 *   `createEngine` for threads
 * @example
 * import { prepare } from 'bittrue/engine';
 * import { matmul } from 'bittrue/kernels';
 * import { fp16 } from 'bittrue/targets';
 * await prepare({ workers: 1 });
 * const x = new Float32Array(64 * 64).fill(1);
 * matmul(x, x, { m: 64, k: 64, n: 64, target: fp16 }).output[0]; // 64
 */
export async function prepare(options: ThreadOptions = {}): Promise<void> {
  checkObject('options', options, ['workers', 'worker']);
  const { workers, worker } = checkThreads(options);
  await compileModule(canShare());
  if (made === null) made = undefined;
  await startThreads(workers, worker).catch((error) => {
    throw ofWorker(error, worker);
  });
}

/** Starts the threads of {@link defaultEngine}, whose own are ended: they join as they come, the promise tells when all are there. */
export async function startThreads(workers: number, worker?: string | URL): Promise<void> {
  const engine = defaultEngine();
  const former = engine?.pool ?? null;
  if (engine === null || (former === null ? 1 : former.threads.length + 1) === workers) return;
  checkSpace(workers);
  const opening = { module: compile(engine.isShared), memory: engine.core.memory };
  const [pool, starts] = workers === 1 ? [null, null] : startPool(workers - 1, () => openWorker(worker), opening);
  made = Object.freeze({ ...engine, pool });
  if (former !== null) await closePool(former);
  try {
    await starts;
  } catch (error) {
    if (made?.pool === pool) made = Object.freeze({ ...made, pool: null });
    throw error;
  }
}

/** The engine of kernels that were given none, made on first use, of one thread until `prepare` gives it more; null where there is no WebAssembly. */
export function defaultEngine(): Engine | null {
  if (made === undefined) {
    try {
      made = Object.freeze(open(canShare() ? PAGE * 16 : 2 ** 26, canShare()));
    } catch (error) {
      made = null;
      missing = isFull(error) ? 'memory' : 'webAssembly';
    }
  }
  return made;
}

/** What {@link defaultEngine} lacked where it is null. */
export function missingForEngine(): 'memory' | 'webAssembly' {
  return missing;
}

/** Whether an error says that an engine's memory has no room. */
export function isFull(error: unknown): boolean {
  return error instanceof BittrueError && error.argument === 'engine.memory';
}

/** Parts of an engine's memory, all given back at the end of a run. */
export interface Lease {
  readonly engine: Engine;
  take(bytes: number): Pointer;
  /** Gives nothing back: a thread that no one can stop may still write there. */
  abandon(): void;
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
    return body({ engine, take, abandon: () => taken.splice(0) });
  } finally {
    for (const start of taken) release(engine.allocator, start);
  }
}
