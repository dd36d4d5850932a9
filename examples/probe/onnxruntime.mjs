/**
 * onnxruntime-web as a client: how does its ReduceSum add binary32 numbers?
 *
 *   node onnxruntime.mjs reduce-sum.onnx 16
 *
 * The model: one node ReduceSum, input `x` of [rows, n], sums along axis 1, output `y` of [rows] or [rows, 1].
 */
import { readFile } from 'node:fs/promises';
import { identifySum } from 'bittrue/identification';
import * as ort from 'onnxruntime-web';

/**
 * A function of rows of codes that runs a model; of one value `x` in, `y` out.
 *
 * @param {Uint8Array} model
 * @returns {Promise<import('bittrue/identification').AskSumLater>}
 */
export async function chip(model) {
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'] });
  return async ({ rows, n, x }) => {
    const numbers = new Float32Array(Uint32Array.from(x, Number).buffer);
    const { y } = await session.run({ x: new ort.Tensor('float32', numbers, [rows, n]) });
    return new Uint32Array(Float32Array.from(/** @type {Float32Array} */ (y?.data)).buffer);
  };
}

if (process.argv[1]?.endsWith('onnxruntime.mjs')) {
  const [, , file, n = '16'] = process.argv;
  console.log(await identifySum(await chip(await readFile(file)), { n: Number(n), format: 'binary32' }));
}
