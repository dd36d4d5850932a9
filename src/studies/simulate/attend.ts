/**
 * An Attention node by the kernel `attention`, its keys and values in the format of a cache.
 *
 * @module
 */

import type { Engine } from '../../engine/index.ts';
import { BittrueError } from '../../errors/index.ts';
import { type AttentionCall, attentionCall, attentionOutput } from '../../evaluation/attention.ts';
import type { TargetRun } from '../../evaluation/onTarget.ts';
import type { Report } from '../../events/index.ts';
import type { Format } from '../../formats/index.ts';
import type { Node, TypedTensor } from '../../graphs/index.ts';
import { type AttentionOptions, attention, cast } from '../../kernels/index.ts';
import type { Target } from '../../targets/index.ts';

/** Where attention runs, and how. */
export interface AttentionPlace {
  readonly target: Target;
  readonly unit: string;
  readonly vectorUnit: string;
  readonly method: AttentionOptions['method'];
  /** Of keys and values; null: as they are. */
  readonly cache: Format | null;
  readonly engine?: Engine;
  readonly reference: boolean;
  readonly magnitudes?: boolean;
  readonly nonFiniteInputs?: 'deny' | 'allow';
}

/** Runs a node. */
export function attendOn(
  node: Node,
  inputs: readonly (TypedTensor | undefined)[],
  { cache, method, engine, ...place }: AttentionPlace,
): TargetRun {
  const call = attentionCall(node, inputs);
  if ((node.outputs[3] ?? '') !== '') {
    const expected = 'Attention of at most three outputs';
    throw new BittrueError('unsupported', node.name, 'qk_matmul_output on a target', expected);
  }
  const { batch, heads, sharedHeads, queries, keys, width, valueWidth, scale, softcap } = call;
  const reports: Record<string, Report> = {};
  const cached = (x: Float64Array, name: string): Float64Array => {
    if (cache === null) return x;
    const { output, report } = cast(x, { format: cache, policy: { overflow: 'saturate' } });
    reports[name] = report;
    return output;
  };
  const [k, v] = [cached(call.k, 'keys'), cached(call.v, 'values')];
  const isCausal = call.past !== null && call.past === keys - queries;
  const mask = isMasked(call, isCausal) ? maskOf(call) : null;
  const { output, report } = attention(call.q, k, v, {
    ...place,
    heads: batch * heads,
    sharedHeads: batch * sharedHeads,
    queries,
    keys,
    width,
    valueWidth,
    scale,
    // As ONNX has it: who sees no key has zeros for weights.
    emptyRow: 'zero',
    ...(method === undefined ? {} : { method }),
    ...(engine === undefined ? {} : { engine }),
    ...(softcap > 0 ? { softcap } : {}),
    ...(isCausal ? { causal: true } : {}),
    ...(mask === null ? {} : { mask }),
  });
  reports.attention = report;
  return { outputs: [attentionOutput(node, call, output, inputs[0]?.type ?? 'float'), call.k4, call.v4], reports };
}

/** Whether something but causality hides keys, or changes scores. */
function isMasked({ batch, queries, keys, bias, seen }: AttentionCall, isCausal: boolean): boolean {
  if (bias !== null) return true;
  for (let b = 0; b < batch && !isCausal; b++) {
    for (let i = 0; i < queries; i++) {
      const [first, end] = seen(b, i);
      if (first > 0 || end < keys) return true;
    }
  }
  return false;
}

/** What is added to every score, head by head. */
function maskOf({ batch, heads, queries, keys, bias, seen }: AttentionCall): Float64Array {
  const mask = new Float64Array(batch * heads * queries * keys).fill(-Infinity);
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      for (let i = 0; i < queries; i++) {
        const [first, end] = seen(b, i);
        const at = ((b * heads + h) * queries + i) * keys;
        for (let j = first; j < end; j++) mask[at + j] = bias?.(b, h, i, j) ?? 0;
      }
    }
  }
  return mask;
}
