/**
 * Layers one behind the other, and what stands before and after them in a decoder.
 *
 * @module
 */
import type { Value } from '../../graphs/index.ts';
import type {
  AttentionPlan,
  BranchPlan,
  DecoderPlan,
  ExpertsPlan,
  MlpPlan,
  StackPlan,
  TokenEmbeddingPlan,
} from '../plan.ts';
import { attention, type Frame, unfolded } from './attention.ts';
import type { Builder } from './builder.ts';
import { experts, linear, mlp, norm, times } from './pieces.ts';

/** The stream after all layers and the final norm. `at` is what comes before the layer's number in the names of nodes. */
export function stack(build: Builder, plan: StackPlan, at: string, x: string, frame: Frame): string {
  let stream = x;
  for (let index = 0; index < plan.layers; index++) {
    const layer = plan.layer(index);
    const name = `${at}${index}`;
    const first = said(build, layer.attention, name, 'attention', stream, frame);
    if (layer.isParallel) {
      const second = said(build, layer.mlp, name, 'mlp', stream, frame);
      const both = build.node(`${name}/sum`, 'Add', [first, second]);
      stream = build.node(`${name}/mlp/sum`, 'Add', [both, stream]);
    } else {
      stream = joined(build, layer.attention, build.node(`${name}/attention/sum`, 'Add', [stream, first]));
      const second = said(build, layer.mlp, name, 'mlp', stream, frame);
      stream = joined(build, layer.mlp, build.node(`${name}/mlp/sum`, 'Add', [stream, second]));
    }
  }
  return plan.finalNorm === null ? stream : norm(build, plan.finalNorm, stream);
}

/** What a branch adds to the stream. */
function said(build: Builder, branch: BranchPlan, at: string, part: string, stream: string, frame: Frame): string {
  const x = branch.norm === null ? stream : norm(build, branch.norm, stream);
  const y = body(build, branch.body, at, x, frame);
  const normed = branch.after === null ? y : norm(build, branch.after, y);
  return times(build, normed, branch.scale, `${at}/${part}/scaled`);
}

function body(
  build: Builder,
  plan: AttentionPlan | MlpPlan | ExpertsPlan,
  at: string,
  x: string,
  frame: Frame,
): string {
  if (plan.kind === 'attention') return attention(build, plan, at, x, frame);
  return plan.kind === 'mlp' ? mlp(build, plan, at, x) : experts(build, plan, at, x);
}

function joined(build: Builder, { joined: plan }: BranchPlan, sum: string): string {
  return plan === null ? sum : norm(build, plan, sum);
}

/** Token ids as an input of the graph, with their frame. */
export function tokens(
  build: Builder,
  batched: boolean,
  positions: number,
): { ids: string; frame: Frame; input: Value } {
  const ids = batched ? 'input_ids' : build.node('batch', 'Unsqueeze', ['input_ids', build.integers('axis', [1], 0)]);
  const shape = build.node('shape', 'Shape', [ids]);
  const length = build.node('length', 'Squeeze', [build.node('lengths', 'Shape', [ids], { start: -1 })]);
  const range = build.node('range', 'Range', [build.integers('zero', [], 0), length, build.integers('one', [], 1)]);
  const places = build.node('position_ids', 'Expand', [range, shape]);
  return {
    ids,
    frame: { shape, range, places, positions },
    input: { name: 'input_ids', type: 'int64', shape: batched ? ['sequences', 'tokens'] : ['tokens'] },
  };
}

/** Rows of the tables of tokens, positions and types. */
export function embedded(build: Builder, plan: TokenEmbeddingPlan, ids: string, { places }: Frame): string {
  const { vocabulary, width, positions, types } = plan;
  const all = build.integers('all', [1], -1);
  const flat = build.node('tokens', 'Reshape', [ids, all]);
  let stream = build.node('embedding', 'Gather', [build.weight(plan.weight, [vocabulary, width]), flat], { axis: 0 });
  stream = times(build, stream, plan.scale, 'embedding/scaled');
  if (types !== null) {
    const table = build.weight(types.weight, [types.rows, width]);
    const first = build.node('embedding/type', 'Gather', [table, build.integers('first', [1], 0)], { axis: 0 });
    stream = build.node('embedding/types', 'Add', [stream, first]);
  }
  if (plan.project !== null) stream = linear(build, plan.project, stream);
  if (positions !== null) {
    const table = build.weight(positions.weight, [positions.rows, positions.width]);
    const place = build.node('places', 'Reshape', [places, all]);
    const { offset } = positions;
    const moved =
      offset === 0 ? place : build.node('places/moved', 'Add', [place, build.integers('offset', [], offset)]);
    stream = build.node('embedding/sum', 'Add', [
      stream,
      build.node('embedding/positions', 'Gather', [table, moved], { axis: 0 }),
    ]);
  }
  return plan.norm === null ? stream : norm(build, plan.norm, stream);
}

/** From `input_ids` to `logits`; the inputs of the graph. */
export function decoder(build: Builder, plan: DecoderPlan, positions: number, batched: boolean): readonly Value[] {
  const { ids, frame, input } = tokens(build, batched, positions);
  const stream = stack(build, plan.stack, 'layers.', embedded(build, plan.embedding, ids, frame), frame);
  const narrow = plan.project === null ? stream : linear(build, plan.project, stream);
  let last = times(build, linear(build, plan.head, narrow), plan.logitScale, 'logits/scaled');
  if (plan.softcap !== 0) {
    const cap = build.numbers('logits cap', [], Float64Array.of(plan.softcap));
    last = build.node('logits/capped', 'Mul', [
      build.node('logits/tanh', 'Tanh', [build.node('logits/share', 'Div', [last, cap])]),
      cap,
    ]);
  }
  unfolded(build, 'logits', last, plan.head.outputs, build.node('input_shape', 'Shape', ['input_ids']));
  return [input];
}
