/**
 * One kernel on large arrays, in a process of its own, so that the peak of memory is this run's:
 * `node memory.mjs CASE ordinary|tensor`. Prints by how many bytes the peak rose while the kernel ran on arrays that were
 * there before, and how many bytes of flags the report keeps.
 *
 * @module
 */
import { createEngine, createTensor } from 'bittrue/engine';
import { binary16, e4m3fn, int8 } from 'bittrue/formats';
import { cast, layerNorm, matmul, rmsNorm, softmax } from 'bittrue/kernels';
import { armInt8, findMatrixUnit, fp16 } from 'bittrue/targets';

/** @type {import('bittrue/accumulators').Reduction} */
const register = { kind: 'sequential', accumulator: { kind: 'integer', bits: 24, overflow: 'saturate' } };
/** @type {import('bittrue/targets').Target} */
const int24 = {
  ...armInt8,
  matrixUnits: {
    int24: { ...findMatrixUnit(armInt8, 'sdot'), name: 'int24', a: [int8], b: [int8], reduction: register },
  },
  defaults: { matrix: 'int24' },
};

/**
 * @typedef {object} Case
 * @property {number[]} sizes Numbers of x, y and the output.
 * @property {boolean} [isWide] Whether the output is beyond binary32.
 * @property {(engine: import('bittrue/engine').Engine, x: Float32Array, y: Float32Array, out: any) =>
 *   import('bittrue/kernels').Result<any>} run
 */

/**
 * @param {number} m
 * @param {number} k
 * @param {number} n
 * @param {import('bittrue/targets').Target} target
 * @returns {Case}
 */
function product(m, k, n, target) {
  return {
    sizes: [m * k, k * n, m * n],
    isWide: target === int24,
    run: (engine, x, y, out) => matmul(x, y, { m, k, n, target, engine, out }),
  };
}

const WIDTH = 4096;
const MANY = 20 * 2 ** 20;

/** Every case, small to warm up or large enough for one more copy of any array to show. */
/** @type {Record<string, (isLarge: boolean) => Case>} */
const cases = {
  cast: (isLarge) => ({
    sizes: [isLarge ? MANY : WIDTH, 0, isLarge ? MANY : WIDTH],
    run: (engine, x, _, out) => cast(x, { format: binary16, engine, out }),
  }),
  'cast of rows': (isLarge) => rowwise(isLarge, (x, options) => cast(x, { format: e4m3fn, ...options })),
  layerNorm: (isLarge) => rowwise(isLarge, (x, options) => layerNorm(x, { target: fp16, width: WIDTH, ...options })),
  rmsNorm: (isLarge) => rowwise(isLarge, (x, options) => rmsNorm(x, { target: fp16, width: WIDTH, ...options })),
  softmax: (isLarge) => rowwise(isLarge, (x, options) => softmax(x, { target: fp16, width: WIDTH, ...options })),
  'matmul of many outputs': (isLarge) => product(isLarge ? 4096 : 4, 4, isLarge ? 5120 : 128, fp16),
  'matmul of a large first operand': (isLarge) => product(isLarge ? 5120 : 4, 4096, 2, fp16),
  'matmul of a large second operand': (isLarge) => product(2, 4096, isLarge ? 5120 : 128, fp16),
  'integer matmul of many outputs': (isLarge) => product(isLarge ? 4096 : 4, 4, isLarge ? 5120 : 128, int24),
  'integer matmul of a large second operand': (isLarge) => product(2, 4096, isLarge ? 5120 : 128, int24),
};

/**
 * @param {boolean} isLarge
 * @param {(x: Float32Array, options: { rows: number, engine: import('bittrue/engine').Engine, out: any }) =>
 *   import('bittrue/kernels').Result<any>} run
 * @returns {Case}
 */
function rowwise(isLarge, run) {
  const size = isLarge ? MANY : 8 * WIDTH;
  return { sizes: [size, 0, size], run: (engine, x, _, out) => run(x, { rows: size / WIDTH, engine, out }) };
}

const [name = '', place = 'ordinary'] = process.argv.slice(2);
const engine = await createEngine();
const peak = () => process.resourceUsage().maxRSS * 1024;

function attempt(/** @type {boolean} */ isLarge) {
  const made = cases[name]?.(isLarge);
  if (made === undefined) throw new Error(`no case ${name}: one of ${Object.keys(cases).join(', ')}`);
  const [x, y, out] = made.sizes.map((size, i) => {
    const isDouble = i === 2 && made.isWide;
    const array =
      place !== 'tensor'
        ? new (isDouble ? Float64Array : Float32Array)(size)
        : isDouble
          ? createTensor(engine, size, 'binary64')
          : createTensor(engine, size, 'binary32');
    // Written, so that its pages are there.
    const pattern = array.subarray(0, 251);
    for (let k = 0; k < pattern.length; k++) pattern[k] = ((k * 7919) % 251) - 125;
    for (let length = 251; length < size; length *= 2) array.copyWithin(length, 0, length);
    return array;
  });
  const before = peak();
  const { report } = made.run(engine, /** @type {Float32Array} */ (x), /** @type {Float32Array} */ (y), out);
  return { grown: peak() - before, kept: report.rowFlags.byteLength };
}

if (name === '') console.log(JSON.stringify(Object.keys(cases)));
else {
  attempt(false);
  console.log(JSON.stringify(attempt(true)));
}
