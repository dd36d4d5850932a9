/**
 * A norm of a graph, as the studies of norms see it.
 *
 * @module
 */
import { computeExactly } from '../../evaluation/evaluate.ts';
import type { How, NodeCall } from '../../evaluation/index.ts';
import type { Report } from '../../events/index.ts';
import type { Node } from '../../graphs/index.ts';
import { layerNorm, type RmsNormOptions, rmsNorm } from '../../kernels/index.ts';

/** One norm over a batch of rows. */
export interface NormCall {
  /** Its place in the order of computation, from 0. */
  readonly index: number;
  /** Row-major [rows, width]; not to be changed. */
  readonly x: Float64Array;
  readonly rows: number;
  readonly width: number;
  /** [width] */
  readonly gamma: Float64Array;
  /** Of LayerNorm, [width]; null for an RMSNorm. */
  readonly beta: Float64Array | null;
  readonly epsilon: number;
  /** The norm's output in binary64. */
  exact(): Float64Array;
}

/** Computes a norm; undefined leaves it exact. */
export type NormFunction = (call: NormCall) => Float64Array | undefined;

/** Runs a norm by the kernel that it is. */
export function runNorm({ x, beta }: NormCall, options: RmsNormOptions): { output: Float64Array; report: Report } {
  return beta === null ? rmsNorm(x, options) : layerNorm(x, { ...options, beta });
}

/** Computes the norms of a graph, by their names in order, as a function says; all else is exact. */
export function onNorms(names: readonly string[], compute: NormFunction): (node: Node) => How {
  return onNormsSideBySide(names, [compute]);
}

/** Likewise of several copies of the model, whose rows lie one below the other: each as its own function says. */
export function onNormsSideBySide(names: readonly string[], computes: readonly NormFunction[]): (node: Node) => How {
  const places = new Map(names.map((name, index) => [name, index]));
  return ({ name, op }) => {
    const index = places.get(name);
    if (!(op === 'RMSNormalization' || op === 'LayerNormalization') || index === undefined) return 'exact';
    return ({ node, inputs, exact }: NodeCall) => {
      const [input, gamma, beta] = inputs;
      if (input === undefined || gamma === undefined) return exact();
      const [all, width] = [input.data as Float64Array, gamma.data.length];
      const size = all.length / computes.length;
      const outputs = computes.map((compute, copy) => {
        const x = computes.length === 1 ? all : all.subarray(copy * size, (copy + 1) * size);
        const rows = size / width;
        const operands = [{ type: input.type, shape: [rows, width], data: x }, gamma, beta];
        const exactly = (): Float64Array => computeExactly(node, operands)[0].data as Float64Array;
        const call: NormCall = {
          index,
          x,
          rows,
          width,
          gamma: gamma.data as Float64Array,
          beta: op === 'LayerNormalization' ? ((beta?.data ?? new Float64Array(width)) as Float64Array) : null,
          epsilon: node.attributes.epsilon as number,
          exact: exactly,
        };
        return compute(call) ?? exactly();
      });
      if (outputs.length === 1) return [{ ...input, data: outputs[0] }];
      const data = new Float64Array(all.length);
      for (const [copy, output] of outputs.entries()) data.set(output, copy * size);
      return [{ ...input, data }];
    };
  };
}
