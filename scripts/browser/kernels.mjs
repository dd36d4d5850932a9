/**
 * Kernels on every engine that an environment has: run in Node, on a browser's main thread and in a module worker, whose
 * answers `scripts/browser.mjs` compares. Bundled from `dist/`, as an application's bundler would.
 *
 * @module
 */
import { closeEngine, createEngine, createTensor, prepare } from 'bittrue/engine';
import { binary16, e4m3fn, int8 } from 'bittrue/formats';
import { cast, layerNorm, matmul } from 'bittrue/kernels';
import { armInt8, findMatrixUnit, fp16, h100 } from 'bittrue/targets';
import seedrandom from 'seedrandom';

/** Names of the module's functions that were used since the last `clear`: an engine that did nothing has none. */
const calls = new Set();
const { Instance } = WebAssembly;
Object.assign(WebAssembly, {
  /** @type {(module: WebAssembly.Module, imports: WebAssembly.Imports) => { exports: WebAssembly.Exports }} */
  Instance: function Recorded(module, imports) {
    const { exports } = new Instance(module, imports);
    return { exports: new Proxy(exports, { get: (own, name) => calls.add(name) && Reflect.get(own, name) }) };
  },
});

const uniform = seedrandom.alea('1');

/** Numbers of every size that binary16 meets: normal, subnormal, beyond the largest. */
const wild = Float32Array.from({ length: 50_001 }, () => (uniform() - 0.5) * 2 ** Math.floor(uniform() * 50 - 30));
const [rows, width] = [99, 257];
const activations = Float32Array.from({ length: rows * width }, () => (uniform() - 0.5) * 400);
const gamma = Float64Array.from({ length: width }, () => 1 + uniform());
const [m, k, n] = [24, 67, 33];
const a = Float32Array.from({ length: m * k }, () => (uniform() - 0.5) * 300);
const b = Float32Array.from({ length: k * n }, () => (uniform() - 0.5) * 300);
const integers = [m * k, k * n].map((size) =>
  Float32Array.from({ length: size }, () => Math.floor(uniform() * 256) - 128),
);
/** @type {import('bittrue/accumulators').Reduction} */
const register = { kind: 'sequential', accumulator: { kind: 'integer', bits: 20, overflow: 'saturate' } };
/** @type {import('bittrue/targets').Target} */
const int20 = {
  ...armInt8,
  matrixUnits: {
    int20: { ...findMatrixUnit(armInt8, 'sdot'), name: 'int20', a: [int8], b: [int8], reduction: register },
  },
  defaults: { matrix: 'int20' },
};

/** @type {Record<string, (options: { engine?: import('bittrue/engine').Engine | null }) => import('bittrue/kernels').Result<Float32Array | Float64Array>>} */
const runs = {
  'cast to binary16': (options) => cast(wild, { format: binary16, rows: 3, ...options }),
  'cast to e4m3fn': (options) => {
    const { engine } = options;
    if (!engine) return cast(wild, { format: e4m3fn, out: new Float32Array(wild.length), ...options });
    const x = createTensor(engine, wild.length, 'binary32');
    x.set(wild);
    return cast(x, { format: e4m3fn, engine, out: createTensor(engine, wild.length, 'binary32') });
  },
  'layerNorm fp16': (options) => layerNorm(activations, { rows, width, target: fp16, gamma, beta: gamma, ...options }),
  'matmul fp16': (options) => matmul(a, b, { m, k, n, target: fp16, ...options }),
  'matmul h100': (options) => matmul(a, b, { m, k, n, target: h100, unit: 'f16', ...options }),
  'matmul int8': (options) => matmul(integers[0], integers[1], { m, k, n, target: int20, ...options }),
};

/** The patterns of an array, every NaN as one. */
function bitsOf(/** @type {Float32Array | Float64Array} */ output) {
  const copy = output.map((x) => (Number.isNaN(x) ? Number.NaN : x));
  return [...new Uint32Array(copy.buffer)].join(' ');
}

/** Text with every number that JSON would lose. */
function text(/** @type {unknown} */ value) {
  return JSON.stringify(value, (_, x) =>
    typeof x === 'number' && (!Number.isFinite(x) || Object.is(x, -0)) ? `${Object.is(x, -0) ? '-0' : x}` : x,
  );
}

/**
 * A thread is ended before it can do its part: the code of the call's error, whether the next call is right, and whether the
 * thread was replaced.
 */
async function death(/** @type {import('bittrue/engine').Engine} */ pair) {
  const engine = { ...pair, minElementsForThreads: 0 };
  const { threads } = /** @type {NonNullable<typeof pair.pool>} */ (pair.pool);
  const [thread] = threads;
  threads[0] = {
    ...thread,
    post(part) {
      thread.terminate();
      thread.post(part);
    },
  };
  const run = () => layerNorm(activations, { rows, width, target: fp16, engine });
  let code = 'none';
  try {
    run();
  } catch (error) {
    code = /** @type {any} */ (error).code;
  }
  const isRight = bitsOf(run().output) === bitsOf(layerNorm(activations, { rows, width, target: fp16 }).output);
  // The word of life: 1 once the successor is there.
  for (let i = 0; i < 100 && threads[0].state[1] !== 1; i++) await new Promise((resolve) => setTimeout(resolve, 50));
  return `${code}, ${isRight ? 'right' : 'wrong'}, ${threads[0].state[1] === 1 ? 'replaced' : 'lost'}`;
}

/** @typedef {{ bits: string, report: string, calls: string }} Found */

/**
 * Every run on every engine: bits of the output, report, the module's functions that were used. An engine of two threads
 * joins where one can be had, and loses a thread at last; elsewhere `refusal` is the code of the error.
 *
 * @returns {Promise<{ isShared: boolean, refusal: string | null, death: string | null, results: Record<string, Found> }>}
 */
export async function kernels() {
  await prepare();
  const own = await createEngine();
  /** @type {string | null} */
  let refusal = null;
  const pair = await createEngine({ workers: 2 }).catch((error) => {
    refusal = `${error.code}`;
  });
  const engines = {
    'usual engine': {},
    'own engine': { engine: own },
    specification: { engine: null },
    ...(pair ? { 'two threads': { engine: pair } } : {}),
  };
  /** @type {Record<string, Found>} */
  const results = {};
  for (const [engineName, options] of Object.entries(engines)) {
    for (const [name, run] of Object.entries(runs)) {
      calls.clear();
      const { output, report } = run(options);
      results[`${name}, ${engineName}`] = {
        bits: bitsOf(output),
        report: text(report),
        calls: [...calls].sort().join(' '),
      };
    }
  }
  const died = pair ? await death(pair) : null;
  if (pair) await closeEngine(pair);
  return { isShared: own.isShared, refusal, death: died, results };
}
