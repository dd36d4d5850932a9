/**
 * `node --import ./dying.mjs threads.mjs CASE …`: an engine whose threads die, or seem to; one line of JSON tells what happened.
 *
 * @module
 */
import { createHash } from 'node:crypto';

const built = new URL('../../dist/', import.meta.url);
const { closeEngine, createEngine } = await import(`${built}engine/index.js`);
const { layerNorm, matmul } = await import(`${built}kernels/index.js`);
const { fp16, h100 } = await import(`${built}targets/index.js`);

const [name, ...values] = process.argv.slice(2);
const seed = values[1] ?? '';
let draws = 0;
/** A number in [0, 1). */
function random() {
  return createHash('sha256').update(`${seed} ${draws++}`).digest().readUInt32LE(0) / 2 ** 32;
}

const [rows, width] = [256, 1024];
const x = Float32Array.from({ length: rows * width }, (_, i) => ((i * 7919) % 4001) / 7 - 280);
const [a, b] = [x.subarray(0, 256 * 96), x.subarray(96, 96 + 96 * 512)];
/** @type {((engine: any) => any)[]} */
const runs = [
  (engine) => layerNorm(x, { rows, width, target: fp16, engine }),
  (engine) => matmul(a, b, { m: 256, k: 96, n: 512, target: h100, unit: 'f16', engine }),
];
const expected = runs.map((run) => print(run(undefined)));
function print(/** @type {any} */ { output, report }) {
  return createHash('sha256').update(output).update(JSON.stringify(report.counts)).digest('hex');
}

const pause = (/** @type {number} */ milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
async function untilReady(/** @type {any} */ engine) {
  for (let i = 0; i < 400 && engine.pool.threads.some((/** @type {any} */ { state }) => state[1] !== 1); i++)
    await pause(25);
}

/** What a run gave: the right answer, a wrong one, or the code of its error. */
function attempt(/** @type {any} */ engine, /** @type {number} */ which) {
  const start = performance.now();
  let what = 'right';
  try {
    if (print(runs[which]?.(engine)) !== expected[which]) what = 'wrong';
  } catch (error) {
    what = /** @type {any} */ (error).code ?? String(error);
  }
  return { what, seconds: (performance.now() - start) / 1000 };
}

/** @type {Record<string, () => Promise<unknown>>} */
const cases = {
  /** So many deaths, within so many seconds; after each the next call, while its successor starts, and one with all threads. */
  async deaths() {
    const engine = { ...(await createEngine({ workers: 3 })), minElementsForThreads: 0 };
    /** @type {Record<string, Record<string, number>>} */
    const found = {};
    /** The longest call of each way to die: the one that it ends, and those after it. @type {Record<string, number[]>} */
    const longest = {};
    /** @type {number[]} */
    const memory = [];
    const limit = Number(values[2]) * 1000;
    for (let i = 0; i < Number(values[0]) && performance.now() < limit; i++) {
      await untilReady(engine);
      const which = Math.floor(random() * runs.length);
      const ways = ['exit', 'throw', 'uncaught', 'terminate', ...(i % 10 === 0 ? ['memory'] : [])];
      const how = i % 10 === 0 ? 'memory' : /** @type {string} */ (ways[Math.floor(random() * ways.length)]);
      const thread = engine.pool.threads[Math.floor(random() * 2)];
      if (how === 'terminate') {
        // The end reaches it while it waits, or while it computes.
        const { post } = thread;
        thread.post = (/** @type {unknown} */ part) => {
          post(part);
          const end = performance.now() + random() * 4;
          while (performance.now() < end);
          thread.terminate();
        };
      } else thread.post({ death: { how, after: Math.floor(random() * 60) } });
      const during = attempt(engine, which);
      const next = attempt(engine, which);
      await untilReady(engine);
      const after = attempt(engine, which);
      const seconds = [during.seconds, Math.max(next.seconds, after.seconds)];
      longest[how] = seconds.map((time, j) => Math.max(time, longest[how]?.[j] ?? 0));
      found[how] ??= {};
      const key = [during, next, after].map(({ what }) => what).join(', ');
      found[how][key] = (found[how][key] ?? 0) + 1;
      memory.push(engine.core.memory.grow(0) / 16);
    }
    await closeEngine(engine);
    return { found, longest, memory: [memory[0], memory.at(-1)] };
  },
  /** A thread that computes so many seconds on one piece, and a process that may be stopped meanwhile. */
  async slow() {
    const engine = { ...(await createEngine({ workers: 2 })), minElementsForThreads: 0 };
    engine.pool.threads[0].post({ death: { how: 'slow', after: 7, milliseconds: Number(values[0]) * 1000 } });
    console.log('"computing"');
    const { what, seconds } = attempt(engine, 0);
    await closeEngine(engine);
    return { what, seconds };
  },
  /** The watch is gone: no one would tell of a death. */
  async unwatched() {
    const engine = { ...(await createEngine({ workers: 3 })), minElementsForThreads: 0 };
    const { watch, threads } = engine.pool;
    await watch.terminate();
    watch.isLost = false;
    for (const { state } of threads) state[1] = 1;
    threads[0].post({ death: { how: 'slow', after: 0, milliseconds: 60_000 } });
    const during = attempt(engine, 0);
    const next = attempt(engine, 0);
    await untilReady(engine);
    const after = attempt(engine, 0);
    await closeEngine(engine);
    return { what: [during.what, next.what, after.what], seconds: during.seconds };
  },
  /** Threads that end before they are ready: the process ends by itself, so none is left. */
  async start() {
    process.env.DEATH = 'before ready';
    const error = await createEngine({ workers: 3 }).catch((/** @type {unknown} */ reason) => reason);
    process.env.DEATH = '';
    const engine = { ...(await createEngine({ workers: 2 })), minElementsForThreads: 0 };
    return { code: /** @type {any} */ (error).code, next: attempt(engine, 0).what };
  },
};
console.log(JSON.stringify(await cases[name ?? '']?.()));
