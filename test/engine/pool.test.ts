import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { availableWorkers } from '../../src/engine/index.ts';
import { carryOutTogether, give, openPool, type Pool, readyThreads, type Thread } from '../../src/engine/pool.ts';
import {
  ALIVE,
  answer,
  begin,
  createState,
  DEAD,
  DONE,
  FAILED,
  FULL,
  GivenUp,
  grownBy,
  lifeOf,
  markPiece,
  REFUSED,
  recordGrowth,
  STARTING,
  setLife,
} from '../../src/engine/state.ts';
import { binary16, e2m1fn, e4m3fn } from '../../src/formats/index.ts';
import { fp16, h100 } from '../../src/targets/index.ts';
import { generator } from '../random.ts';
import { failure, share } from '../testing/helpers.ts';

/** Threads run what was built: `npm test` builds first. */
const built = new URL('../../dist/', import.meta.url);
const isBuilt = existsSync(new URL('kernels/threads/worker.js', built));
if (!isBuilt) console.warn('threads: skipped, dist/ is absent (npm run build)');

const load = async () => {
  const engine: typeof import('../../src/engine/index.ts') = await import(`${built}engine/index.js`);
  const kernels: typeof import('../../src/kernels/index.ts') = await import(`${built}kernels/index.js`);
  return { ...engine, ...kernels };
};

describe.skipIf(!isBuilt)('threads', () => {
  it('give the bits and the counts of one, on arrays of any memory', async () => {
    const { createEngine, createTensor, closeEngine, ...kernels } = await load();
    const { add, attention, cast, layerNorm, multiply, rmsNorm, softmax, sum, dot, matmul, unary } = kernels;
    const [rows, width] = [share < 1 ? 53 : 103, 301];
    const random = generator(5);
    const numbers = Float32Array.from({ length: rows * width }, () => (random() - 0.5) * 2 ** (random() * 34 - 16));
    const runs = (x: Float32Array) => {
      const [a, b, c] = [x.subarray(0, 80 * 130), x.subarray(80 * 130, 110 * 130), x.subarray(0, 80 * 30)];
      const shape = { rows, width };
      const heads = [
        x.subarray(0, 4 * 40 * 8),
        x.subarray(7, 7 + 2 * 40 * 8),
        x.subarray(99, 99 + 2 * 40 * 8),
      ] as const;
      const sizes = { heads: 4, sharedHeads: 2, queries: 40, keys: 40, width: 8, causal: true } as const;
      const attended = { ...sizes, sinks: [1, 1e-9, 0, 70000], mask: x.slice(0, 1600), target: fp16 };
      return [
        (on: object) => cast(x, { format: e4m3fn, ...on }),
        (on: object) => cast(x, { format: binary16, rows, ...on }),
        (on: object) => add(x, x, { format: e4m3fn, ...on }),
        (on: object) => multiply(x, x, { ...shape, target: fp16, ...on }),
        (on: object) => layerNorm(x, { ...shape, target: fp16, gamma: x.slice(0, width), ...on }),
        (on: object) => rmsNorm(x, { ...shape, target: fp16, ...on }),
        (on: object) => softmax(x, { ...shape, target: fp16, ...on }),
        (on: object) => sum(x, { ...shape, target: fp16, ...on }),
        (on: object) => unary(x, { ...shape, target: fp16, function: 'tanh', ...on }),
        (on: object) => attention(...heads, { ...attended, method: { kind: 'flash', tile: 16 }, ...on }),
        (on: object) => attention(...heads, { ...attended, logSumExp: new Float64Array(4 * 40), ...on }),
        (on: object) => dot(x, x, { ...shape, target: fp16, ...on }),
        (on: object) => matmul(a, b, { m: 80, k: 130, n: 30, c, target: fp16, ...on }),
        (on: object) => matmul(a, b, { m: 80, k: 130, n: 30, target: h100, unit: 'f16', ...on }),
      ];
    };
    const slow = runs(numbers).map((run) => run({ engine: null }));
    for (const workers of share < 1 ? [3] : [2, 3]) {
      const engine = { ...(await createEngine({ workers })), minElementsForThreads: 0 };
      const inside = createTensor(engine, rows * width, 'binary32');
      const shared = new Float32Array(new SharedArrayBuffer(numbers.byteLength));
      inside.set(numbers);
      shared.set(numbers);
      for (const x of [inside, shared, numbers]) {
        for (const [i, run] of runs(x).entries()) {
          const { output, report } = slow[i]!;
          const fast = run({ engine });
          expect(fast.output.every((y, j) => Object.is(y, output[j]))).toBe(true);
          expect(fast.report).toEqual(report);
          const out = new Float32Array(output.length);
          expect(run({ engine, out }).output).toBe(out);
          expect(out.every((y, j) => Object.is(y, output[j]))).toBe(true);
        }
      }
      expect(engine.allocator.used.size).toBe(1);
      await closeEngine(engine);
    }
  }, 120_000);

  it('give the codes of one, packed rows and others', async () => {
    const { createEngine, createTensor, closeEngine, castCodes } = await load();
    const [rows, width] = [53, 301];
    const random = generator(6);
    const numbers = Float32Array.from({ length: rows * width }, () => (random() - 0.5) * 2 ** (random() * 34 - 16));
    for (const workers of share < 1 ? [3] : [2, 3]) {
      const engine = { ...(await createEngine({ workers })), minElementsForThreads: 0 };
      const inside = createTensor(engine, rows * width, 'binary32');
      inside.set(numbers);
      for (const x of [inside, numbers]) {
        for (const [format, packed] of [
          [binary16, false],
          [e4m3fn, false],
          [e2m1fn, true],
        ] as const) {
          const slow = castCodes(x, { format, packed, rows, engine: null });
          const out = slow.codes.slice().fill(0);
          for (const on of [{ engine }, { engine, out }]) {
            const fast = castCodes(x, { format, packed, rows, ...on });
            expect(fast.codes).toEqual(slow.codes);
            expect(fast.report).toEqual(slow.report);
          }
        }
      }
      expect(engine.allocator.used.size).toBe(1);
      await closeEngine(engine);
    }
  }, 120_000);

  it('leave the arrays of others valid when they grow the memory', async () => {
    const { createEngine, createTensor, closeEngine, layerNorm } = await load();
    const engine = { ...(await createEngine({ workers: 2 })), minElementsForThreads: 0 };
    const [rows, width] = [64, 4096];
    const x = createTensor(engine, rows * width, 'binary32').fill(1);
    for (let i = 0; i < x.length; i += 2) x[i] = 3;
    const expected = layerNorm(x, { rows, width, target: fp16, engine: null }).output[0];
    for (let round = 0; round < 3; round++) {
      const out = createTensor(engine, rows * width, 'binary32');
      layerNorm(x, { rows, width, target: fp16, engine, out });
      expect([out[0], out[1], out.at(-1)]).toEqual([expected, -expected!, -expected!]);
      expect([x[0], x[1], x.at(-1)]).toEqual([3, 1, 1]);
    }
    await closeEngine(engine);
    expect(engine.pool?.threads).toEqual([]);
    expect(layerNorm(x, { rows, width, target: fp16, engine }).output[0]).toBe(expected);
  });

  it('keep no tensor from being released, and memory flat', async () => {
    const { createEngine, createTensor, closeEngine, releaseTensor, layerNorm } = await load();
    for (const workers of [1, 3]) {
      const engine = { ...(await createEngine({ workers })), minElementsForThreads: 0 };
      const peaks: number[] = [];
      for (let pass = 0; pass < 120; pass++) {
        const [rows, width] = [48, 256 * (1 + (pass % 30))];
        const x = createTensor(engine, rows * width, 'binary32').fill(1);
        const out = createTensor(engine, rows * width, 'binary32');
        layerNorm(x, { rows, width, target: fp16, engine, out });
        releaseTensor(engine, x);
        releaseTensor(engine, out);
        if (pass % 30 === 29) peaks.push(engine.core.memory.grow(0) / 16);
      }
      // 3 MiB of tensors and, for every thread, 4 MiB of columns.
      expect(Math.max(...peaks)).toBeLessThanOrEqual(16 + 12 * workers);
      expect(new Set(peaks.slice(1)).size).toBe(1);
      await closeEngine(engine);
    }
  }, 120_000);

  it('start from the module whose address is given, and from no other', async () => {
    const { createEngine, closeEngine, cast } = await load();
    const worker = new URL('kernels/threads/worker.js', built);
    const x = Float32Array.of(1.0001, 70000);
    for (const address of [worker, worker.href]) {
      const engine = { ...(await createEngine({ workers: 2, worker: address })), minElementsForThreads: 0 };
      expect([...cast(x, { format: binary16, engine }).output]).toEqual([1, Infinity]);
      await closeEngine(engine);
    }
    await expect(createEngine({ workers: 2, worker: new URL('nowhere.js', built) })).rejects.toThrow(
      /^options\.worker: .*nowhere\.js/,
    );
    await expect(createEngine({ workers: 2, worker: 1 as never })).rejects.toThrow('options.worker: expected a URL');
  });

  it('leave to the specification what they refuse', async () => {
    const { createEngine, closeEngine, cast } = await load();
    const engine = { ...(await createEngine({ workers: 2 })), minElementsForThreads: 0 };
    const x = new Float32Array(2 ** 16).fill(1);
    x[60_000] = Number.NaN;
    expect(() => cast(x, { format: e2m1fn, engine })).toThrow('NaN');
    expect(cast(x, { format: e4m3fn, engine }).report.totals.inexact).toBe(0);
    await closeEngine(engine);
  });
});

describe('a thread', () => {
  it('that does not start is a refusal, and the others are ended', async () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    const module = new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
    const workers: Worker[] = [];
    const ended: number[] = [];
    const open = (file: string) => () => {
      const worker = new Worker(new URL(file));
      worker.on('exit', (code) => ended.push(code));
      workers.push(worker);
      return worker;
    };
    await expect(openPool(2, open('file:///nowhere.js'), { module, memory })).rejects.toThrow('options.workers');
    expect(ended).toHaveLength(3);
    const quiet = open('data:text/javascript,process.exit(0)'); // a thread that ends without a word
    await expect(openPool(1, quiet, { module, memory })).rejects.toThrow('exit code 0');
    const forbidden = () => {
      throw Object.assign(new Error(), { code: 'ERR_ACCESS_DENIED' });
    };
    await expect(openPool(1, forbidden, { module, memory })).rejects.toThrow('ERR_ACCESS_DENIED');
    expect(availableWorkers()).toBeGreaterThanOrEqual(1);
  });
});

describe('a pool', () => {
  const pool = (threads: Thread[], onPing: () => void = () => {}): Pool => ({
    open: () => expect.fail('no worker can be had'),
    opening: { module: new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)), memory: null as never },
    threads,
    watch: { pulse: new Int32Array(1), isLost: false, post: onPing, terminate: () => {} },
  });
  const thread = (onStop: (state: Int32Array) => void = () => {}): Thread => {
    const state = createState();
    setLife(state, ALIVE);
    return { state, post: () => {}, terminate: () => onStop(state) };
  };

  it('gives what its threads answer', () => {
    const one = thread();
    const answered = (word: number, text = '') => {
      const own = (): boolean => {
        begin(one.state);
        answer(one.state, word, text);
        return true;
      };
      return carryOutTogether(pool([one]), [one], own, expect.fail);
    };
    expect(answered(DONE)).toBe(true);
    expect(answered(REFUSED)).toBe(false);
    expect(failure(() => answered(FULL))).toBe('range engine.memory');
    expect(failure(() => answered(FAILED, 'RangeError'))).toBe('thread options.engine');
    expect(() => answered(FAILED, 'RangeError: too far')).toThrow('a thread that failed: RangeError: too far');
  });

  it('gives the others up when one dies, and ends those that do not stop', () => {
    const [dying, stubborn] = [thread(), thread((state) => setLife(state, DEAD))];
    const own = (onPiece: () => void): boolean => {
      for (const { state } of [dying, stubborn]) begin(state);
      setLife(dying.state, DEAD);
      onPiece();
      return true;
    };
    const run = () => carryOutTogether(pool([dying, stubborn]), [dying, stubborn], own, expect.fail);
    expect(failure(run)).toBe('thread options.engine');
    expect(() => markPiece(stubborn.state)).toThrow(GivenUp);
    expect(readyThreads(pool([dying, stubborn]))).toEqual([]);
  });

  it('waits for a thread that makes no progress while the watch answers', () => {
    const slow = thread();
    let pings = 0;
    const patient = pool([slow], () => {
      Atomics.add(patient.watch.pulse, 0, 1);
      pings += 1;
      if (pings === 3) answer(slow.state, DONE);
    });
    const own = (): boolean => {
      begin(slow.state);
      return true;
    };
    expect(carryOutTogether(patient, [slow], own, expect.fail)).toBe(true);
    expect(pings).toBe(3);
  });

  it('tells of a part that cannot be sent, and keeps the thread', () => {
    const one = thread();
    const { state, terminate } = one;
    const post = () => {
      throw new Error('too large');
    };
    const own = (): boolean => {
      give({ state, post, terminate }, null);
      return true;
    };
    const both = pool([one]);
    expect(() => carryOutTogether(both, [one], own, expect.fail)).toThrow('a part that could not be sent');
    expect(readyThreads(both)).toEqual([one]);
  });

  // Ten seconds of waiting: in the exhaustive suite.
  it.skipIf(share < 1)(
    'lets no specification run beside a thread that cannot be stopped',
    () => {
      const immortal = thread();
      let isAbandoned = false;
      const own = (): boolean => {
        begin(immortal.state);
        return false;
      };
      const run = () =>
        carryOutTogether(pool([immortal]), [immortal], own, () => {
          isAbandoned = true;
        });
      expect(run).toThrow('a thread that cannot be stopped');
      expect(isAbandoned).toBe(true);
      expect(readyThreads(pool([immortal]))).toEqual([]);
    },
    30_000,
  );

  it('counts a successor that fails to start as dead, so that the next call tries again', async () => {
    const dead = thread();
    setLife(dead.state, DEAD);
    const listeners: Record<string, (event: unknown) => void> = {};
    let ended = 0;
    const stillborn = {
      postMessage: () => {},
      terminate: () => {
        ended += 1;
      },
      addEventListener: (event: string, listener: (event: never) => void) => {
        listeners[event] = listener as (event: unknown) => void;
      },
    };
    const short = { ...pool([dead]), open: () => stillborn };
    expect(readyThreads(short)).toEqual([]);
    const [successor] = short.threads;
    expect(successor).not.toBe(dead);
    expect(lifeOf(successor!.state)).toBe(STARTING);
    listeners.error?.({ message: 'no such file' });
    expect([lifeOf(successor!.state), ended]).toEqual([DEAD, 1]);
  });

  it('remembers the memory that a thread has grown', () => {
    const state = createState();
    recordGrowth(state, 2 ** 20, 2 ** 17);
    recordGrowth(state, 2 ** 20 + 2 ** 17, 2 ** 16);
    recordGrowth(state, 2 ** 31, 2 ** 16);
    expect(grownBy(state)).toEqual([
      [2 ** 20, 3 * 2 ** 16],
      [2 ** 31, 2 ** 16],
    ]);
    for (let i = 0; i < 100; i++) recordGrowth(state, 2 ** 24 + i * 2 ** 20, 2 ** 16);
    expect(grownBy(state)).toHaveLength(64);
  });
});
