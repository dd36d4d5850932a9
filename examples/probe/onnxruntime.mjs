/**
 * onnxruntime-web as a client: how do its ReduceSum and its MatMul add binary32 numbers?
 *
 *   node onnxruntime.mjs reduce-sum.onnx 16
 *   node onnxruntime.mjs matmul.onnx 16
 *
 * The first model: one node ReduceSum, input `x` of [rows, n], sums along axis 1, output `y` of [rows] or [rows, 1]. The
 * second: one node MatMul, inputs `a` of [rows, 1, k] and `b` of [rows, k, 1], output `y` of [rows, 1, 1].
 */
import { readFile } from 'node:fs/promises';
import { identify, identifySum } from 'bittrue/identification';
import * as ort from 'onnxruntime-web';

/** @param {ArrayLike<number | bigint>} codes */
const singles = (codes) => new Float32Array(Uint32Array.from(codes, Number).buffer);

/**
 * @param {Uint8Array} model
 * @returns {Promise<(feeds: Record<string, [Float32Array, number[]]>) => Promise<Uint32Array>>}
 */
async function runner(model) {
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'] });
  return async (feeds) => {
    const tensors = Object.entries(feeds).map(([name, [data, shape]]) => [name, new ort.Tensor('float32', data, shape)]);
    const { y } = await session.run(Object.fromEntries(tensors));
    return new Uint32Array(Float32Array.from(/** @type {Float32Array} */ (y?.data)).buffer);
  };
}

/**
 * A function of rows of codes that runs a model; of one value `x` in, `y` out.
 *
 * @param {Uint8Array} model
 * @returns {Promise<import('bittrue/identification').AskSumLater>}
 */
export async function reduceSum(model) {
  const run = await runner(model);
  return ({ rows, n, x }) => run({ x: [singles(x), [rows, n]] });
}

/**
 * The same of products: `a` and `b` in, `y` out.
 *
 * @param {Uint8Array} model
 * @returns {Promise<import('bittrue/identification').AskLater>}
 */
export async function matMul(model) {
  const run = await runner(model);
  return ({ rows, k, a, b }) => run({ a: [singles(a), [rows, 1, k]], b: [singles(b), [rows, k, 1]] });
}

if (process.argv[1]?.endsWith('onnxruntime.mjs')) {
  const [, , file = '', n = '16'] = process.argv;
  const model = await readFile(file);
  const found = /matmul/i.test(file)
    ? await identify(await matMul(model), { k: Number(n), a: 'binary32', output: 'binary32', addend: null })
    : await identifySum(await reduceSum(model), { n: Number(n), format: 'binary32' });
  console.log(found);
}
