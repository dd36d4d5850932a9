/**
 * A norm of a graph, as the studies of norms see it.
 *
 * @module
 */
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
}

/** Runs a norm by the kernel that it is. */
export function runNorm({ x, beta }: NormCall, options: RmsNormOptions): { output: Float64Array; report: Report } {
  return beta === null ? rmsNorm(x, options) : layerNorm(x, { ...options, beta });
}

/** Computes the norms of a graph, by their names in order, as a function says; undefined leaves one exact, and so is all else. */
export function onNorms(
  names: readonly string[],
  compute: (call: NormCall) => Float64Array | undefined,
): (node: Node) => How {
  const places = new Map(names.map((name, index) => [name, index]));
  return ({ name, op }) => {
    const index = places.get(name);
    if (!(op === 'RMSNormalization' || op === 'LayerNormalization') || index === undefined) return 'exact';
    return ({ node, inputs, exact }: NodeCall) => {
      const [input, gamma, beta] = inputs;
      if (input === undefined || gamma === undefined) return exact();
      const [x, width] = [input.data as Float64Array, gamma.data.length];
      const output = compute({
        index,
        x,
        rows: x.length / width,
        width,
        gamma: gamma.data as Float64Array,
        beta: op === 'LayerNormalization' ? ((beta?.data ?? new Float64Array(width)) as Float64Array) : null,
        epsilon: node.attributes.epsilon as number,
      });
      return output === undefined ? exact() : [{ ...input, data: output }];
    };
  };
}
