/**
 * An Attention node by the kernel `attention`, its keys and values in the format of a cache.
 *
 * @module
 */

import type { Engine } from '../../engine/index.ts';
import { attentionCall, attentionOutput } from '../../evaluation/attention.ts';
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
}

/** Runs a node. */
export function attendOn(
  node: Node,
  inputs: readonly (TypedTensor | undefined)[],
  { target, unit, vectorUnit, method, cache, engine, reference }: AttentionPlace,
): TargetRun {
  const call = attentionCall(node, inputs);
  const { batch, heads, sharedHeads, queries, keys, width, valueWidth, bias, past, scale, softcap } = call;
  const reports: Record<string, Report> = {};
  const cached = (x: Float64Array, name: string): Float64Array => {
    if (cache === null) return x;
    const { output, report } = cast(x, { format: cache, policy: { overflow: 'saturate' } });
    reports[name] = report;
    return output;
  };
  const [k, v] = [cached(call.k, 'keys'), cached(call.v, 'values')];
  const isCausal = past !== null && past === keys - queries;
  const isMasked = bias !== null || (past !== null && !isCausal);
  const mask = isMasked ? maskOf(call) : null;
  const { output, report } = attention(call.q, k, v, {
    target,
    unit,
    vectorUnit,
    heads: batch * heads,
    sharedHeads: batch * sharedHeads,
    queries,
    keys,
    width,
    valueWidth,
    scale,
    reference,
    ...(method === undefined ? {} : { method }),
    ...(engine === undefined ? {} : { engine }),
    ...(softcap > 0 ? { softcap } : {}),
    ...(isCausal ? { causal: true } : {}),
    ...(mask === null ? {} : { mask }),
  });
  reports.attention = report;
  return { outputs: [attentionOutput(node, call, output, inputs[0]?.type ?? 'float'), call.k4, call.v4], reports };
}

/** What is added to every score, head by head. */
function maskOf({ batch, heads, queries, keys, bias, past }: ReturnType<typeof attentionCall>): Float64Array {
  const mask = new Float64Array(batch * heads * queries * keys);
  let at = 0;
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      for (let i = 0; i < queries; i++) {
        for (let j = 0; j < keys; j++, at++) {
          const isLeftOut = past !== null && j > i + past;
          mask[at] = isLeftOut ? -Infinity : (bias?.(b, h, i, j) ?? 0);
        }
      }
    }
  }
  return mask;
}
