/**
 * A linear layer of a model's graph, as studies see it.
 *
 * @module
 */
import type { How } from '../evaluation/index.ts';
import { multiplyTransposedInto } from '../evaluation/products.ts';
import type { Node } from '../graphs/index.ts';
import type { FloatArray, Tensor } from '../tensors/index.ts';

/** One linear layer over a batch of rows. */
export interface LinearCall {
  /** The weight's name in the checkpoint. */
  readonly name: string;
  /** Row-major [rows, in]; not to be changed. */
  readonly input: Float64Array;
  readonly rows: number;
  /** [out, in]; a bias is added to what the function gives. */
  readonly weight: Tensor;
}

/**
 * Computes linear layers as a function says, those of some weights where names are given; undefined leaves one exact, and so
 * is all else.
 */
export function onLinear(
  compute: (call: LinearCall) => Float64Array | undefined,
  names?: readonly string[],
): (node: Node) => How {
  return ({ op, inputs: [, name] }) => {
    if (op !== 'Gemm' || !(names?.includes(name) ?? true)) return 'exact';
    return ({ inputs: [x, weight, bias], exact }) => {
      if (x === undefined || weight === undefined) return exact();
      const [rows] = x.shape;
      const [outputs] = weight.shape;
      const [input, data] = [x.data as Float64Array, weight.data as Float64Array];
      const output = compute({ name, input, rows, weight: { data, shape: weight.shape } });
      if (output === undefined) return exact();
      const sums = bias === undefined ? output : withBias(output, bias.data as Float64Array);
      return [{ type: x.type, shape: [rows, outputs], data: sums }];
    };
  };
}

/** A bias of every column added, in binary64. */
function withBias(output: Float64Array, bias: Float64Array): Float64Array {
  return output.map((value, i) => value + bias[i % bias.length]);
}

/** y = x · Wᵀ in binary64: rows x [rows, in], weight [out, in]; each output one chain of additions in ascending order. */
export function linear(x: Float64Array, rows: number, w: FloatArray, outputs: number, inputs: number): Float64Array {
  const y = new Float64Array(rows * outputs);
  multiplyTransposedInto(x, w instanceof Float64Array ? w : Float64Array.from(w), y, rows, inputs, outputs);
  return y;
}
