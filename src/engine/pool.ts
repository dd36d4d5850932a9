/**
 * Threads that share the work of a run: each has the module on the one memory, and waits for its parts. Who tells whom
 * what, and how a death is noticed, stands in `state.ts`.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import { type AnyPort, type AnyWorker, nameLock } from './host.ts';
import {
  ALIVE,
  answer,
  BUSY,
  begin,
  createState,
  DEAD,
  DONE,
  FAILED,
  FULL,
  giveUp,
  grownBy,
  lifeOf,
  progressOf,
  recordGrowth,
  SILENT_TICKS,
  STOPPED,
  type State,
  setLife,
  statusOf,
  textOf,
  threadError,
  waitTick,
} from './state.ts';
import { PING, type Watched, type WatchOpening } from './watch.ts';

/** Seconds until a thread must have started. */
const START = 60;
/** Ticks until a thread that is given up is ended, and until its end must have been told. */
const GRACE_TICKS = 8;
const END_TICKS = 32;

/** One thread besides the caller's own. */
export interface Thread {
  readonly state: State;
  post(message: unknown): void;
  terminate(): unknown;
}

/** What a thread is told first: the module, the memory, its state, and how the watch knows that it lives. */
export interface Opening {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly state: State;
  readonly watch: AnyPort;
  readonly lock: string | null;
}

/** The thread that watches the others. */
interface Watch {
  readonly pulse: Int32Array;
  isLost: boolean;
  post(message: unknown, transfer?: readonly unknown[]): void;
  terminate(): unknown;
}

/** An engine's threads. */
export interface Pool {
  readonly open: () => AnyWorker;
  readonly opening: Pick<Opening, 'module' | 'memory'>;
  readonly threads: Thread[];
  watch: Watch;
}

/** Starts so many threads; resolves when all are there, and leaves none behind when one fails. */
export async function openPool(
  count: number,
  open: () => AnyWorker,
  opening: Pick<Opening, 'module' | 'memory'>,
): Promise<Pool> {
  const [pool, starts] = startPool(count, open, opening);
  await starts;
  return pool;
}

/** The same at once: threads join as they come, and the promise tells when all are there. */
export function startPool(
  count: number,
  open: () => AnyWorker,
  opening: Pick<Opening, 'module' | 'memory'>,
): [Pool, Promise<void>] {
  const [watch, watches] = startWatch(open);
  const pool: Pool = { open, opening, threads: [], watch };
  const startAll = async (): Promise<void> => {
    try {
      const starting = [watches];
      for (let i = 0; i < count; i++) {
        const [thread, starts] = startThread(pool, []);
        pool.threads.push(thread);
        starting.push(starts);
      }
      await Promise.all(starting);
    } catch (error) {
      await closePool(pool);
      throw error;
    }
  };
  return [pool, startAll()];
}

/** Ends all threads. */
export async function closePool({ threads, watch }: Pool): Promise<void> {
  await Promise.all([watch.terminate(), ...threads.splice(0).map(({ terminate }) => terminate())]);
}

/** Opens a worker, or says why there is none. */
function openWorker(open: () => AnyWorker): AnyWorker {
  try {
    return open();
  } catch (error) {
    throw notStarted((error as { code?: string }).code ?? String(error));
  }
}

function notStarted(reason: string): BittrueError {
  const wanted = 'workers that start; Node --allow-worker permits them under its permission model; 1 needs none';
  return new BittrueError('unsupported', 'options.workers', reason, wanted);
}

/** Resolves when a worker says that it is ready; rejects when it fails, ends, or says nothing for {@link START} seconds. */
function readiness(worker: AnyWorker, onEnd: () => void): Promise<void> {
  const promise = new Promise<void>((resolve, reject) => {
    let seconds = 0;
    // Counted, not measured: while the process is stopped nothing can start.
    const timer = setInterval(() => {
      seconds += 1;
      if (seconds >= START) fail(`no word for ${START} s`);
    }, 1000);
    let isOpen = true;
    const settle = (): void => {
      isOpen = false;
      clearInterval(timer);
      // A waiting thread keeps no process alive.
      worker.unref?.();
    };
    const fail = (reason: unknown): void => {
      if (!isOpen) return;
      settle();
      // What did not start may yet be there, and never be told of again.
      void worker.terminate();
      onEnd();
      reject(notStarted(String(reason)));
    };
    const succeed = (): void => {
      settle();
      resolve();
    };
    worker.on?.('message', succeed);
    worker.on?.('error', fail);
    worker.on?.('exit', (code) => {
      onEnd();
      fail(`a worker ended with exit code ${String(code)}`);
    });
    worker.addEventListener?.('message', succeed);
    worker.addEventListener?.('error', ({ message }) => fail(message));
  });
  // A replacement that does not start is not waited for.
  promise.catch(() => {});
  return promise;
}

function startWatch(open: () => AnyWorker): [Watch, Promise<void>] {
  const worker = openWorker(open);
  const watch: Watch = {
    pulse: new Int32Array(new SharedArrayBuffer(4)),
    isLost: false,
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    terminate: () => worker.terminate(),
  };
  const starts = readiness(worker, () => {
    watch.isLost = true;
  });
  watch.post({ pulse: watch.pulse } satisfies WatchOpening);
  return [watch, starts];
}

/** Starts a thread, which takes over the memory that another had grown. */
function startThread({ open, opening, watch }: Pool, grown: readonly [number, number][]): [Thread, Promise<void>] {
  const worker = openWorker(open);
  const state = createState();
  for (const [start, bytes] of grown) recordGrowth(state, start, bytes);
  const { port1, port2 } = new MessageChannel();
  const lock = nameLock();
  const starts = readiness(worker, () => setLife(state, DEAD));
  watch.post({ state, port: port1 as AnyPort, lock } satisfies Watched, [port1]);
  worker.postMessage({ ...opening, state, watch: port2 as AnyPort, lock } satisfies Opening, [port2]);
  return [{ state, post: (message) => worker.postMessage(message), terminate: () => worker.terminate() }, starts];
}

/** The threads that can be given parts. Those that died are replaced first; their successors join when they are there. */
export function readyThreads(pool: Pool): Thread[] {
  const { threads } = pool;
  try {
    if (pool.watch.isLost) replaceAll(pool);
    threads.forEach(({ state }, i) => {
      if (lifeOf(state) === DEAD) [threads[i]] = startThread(pool, grownBy(state));
    });
  } catch {
    // No worker can be had now: those that are there work on.
  }
  return threads.filter(({ state }) => lifeOf(state) === ALIVE && statusOf(state) !== BUSY);
}

/** Replaces the watch that is lost, and the threads whose end no one would tell. */
function replaceAll(pool: Pool): void {
  const { threads } = pool;
  void pool.watch.terminate();
  [pool.watch] = startWatch(pool.open);
  threads.forEach(({ terminate, state }, i) => {
    void terminate();
    setLife(state, DEAD);
    // One that is busy may not have ended yet: what it writes to is no one else's.
    [threads[i]] = startThread(pool, statusOf(state) === BUSY ? [] : grownBy(state));
  });
}

/** Gives a thread a part. */
export function give({ state, post }: Thread, part: unknown): void {
  begin(state);
  try {
    post(part);
  } catch (error) {
    // It never hears of it.
    answer(state, STOPPED);
    throw threadError(`a part that could not be sent: ${String(error)}`);
  }
}

/**
 * Waits until threads that carry out parts have stopped, while the caller carries out its own. `abandon` is called where a
 * thread cannot be stopped, and may still write.
 *
 * @returns whether all parts are done; false: the specification must do it
 * @throws {@link BittrueError} `thread` where one died or failed; what `own` throws, once the others have stopped
 */
export function carryOutTogether(
  pool: Pool,
  threads: readonly Thread[],
  own: (onPiece: () => void) => boolean,
  abandon: () => void,
): boolean {
  const check = (): void => {
    for (const { state } of threads)
      if (hasDied(state)) throw threadError('a thread that ended before its part was done');
  };
  let isDone = false;
  let failure: unknown = null;
  try {
    isDone = own(check);
    if (isDone) awaitThreads(pool, threads, check);
  } catch (error) {
    failure = error;
  }
  // Without the caller's part the others' work is of no use; the specification must find the output to itself.
  if (!halt(pool, threads)) {
    abandon();
    failure = threadError('a thread that cannot be stopped');
  }
  failure ??= failureOf(threads);
  if (failure !== null) {
    readyThreads(pool);
    throw failure;
  }
  return isDone && threads.every(({ state }) => statusOf(state) === DONE);
}

/** The error of threads that have stopped; null where they answered in order. */
function failureOf(threads: readonly Thread[]): BittrueError | null {
  const failed = threads.filter(({ state }) => statusOf(state) === FAILED);
  for (const { state, terminate } of failed) {
    // What has failed may be about to end: its successor takes over.
    void terminate();
    setLife(state, DEAD);
  }
  if (failed[0] !== undefined) return threadError(`a thread that failed: ${textOf(failed[0].state)}`);
  if (!threads.some(({ state }) => statusOf(state) === FULL)) return null;
  return new BittrueError('range', 'engine.memory', 'a full memory', 'room for every thread');
}

/** Whether a thread died with its part undone. */
function hasDied(state: State): boolean {
  return lifeOf(state) === DEAD && statusOf(state) === BUSY;
}

/** Waits for all; `check` throws where one died. */
function awaitThreads({ watch }: Pool, threads: readonly Thread[], check: () => void): void {
  const signs = (): number =>
    threads.reduce((sum, { state }) => sum + progressOf(state), Atomics.load(watch.pulse, 0)) % 2 ** 31;
  let silent = 0;
  let seen = signs();
  for (const { state } of threads) {
    while (statusOf(state) === BUSY) {
      check();
      if (waitTick(state) !== 'timed-out') continue;
      const now = signs();
      silent = now === seen ? silent + 1 : 0;
      seen = now;
      if (silent >= SILENT_TICKS) {
        watch.isLost = true;
        throw threadError('no sign of life of any thread');
      }
      watch.post(PING);
    }
  }
}

/** Stops threads: gives them up, then ends them. Whether all have stopped. */
function halt(pool: Pool, threads: readonly Thread[]): boolean {
  const runs = ({ state }: Thread): boolean => statusOf(state) === BUSY && lifeOf(state) !== DEAD;
  const wait = (ticks: number): boolean => {
    for (let i = 0; i < ticks; i++) {
      const running = threads.find(runs);
      if (running === undefined) return true;
      waitTick(running.state);
    }
    return !threads.some(runs);
  };
  for (const { state } of threads) giveUp(state);
  if (!pool.watch.isLost && wait(GRACE_TICKS)) return true;
  for (const thread of threads) if (runs(thread)) void thread.terminate();
  return wait(END_TICKS);
}
