/**
 * A Llama as a graph of ONNX's operators (set 24): the forward pass as data, for one sequence.
 *
 * @module
 */
import { checkInteger, checkObject } from '../errors/index.ts';
import { type Attribute, type Constant, constantOf, defineGraph, type Graph, type Node } from '../graphs/index.ts';
import { rotaryTable } from './attention.ts';
import { layerNames } from './family.ts';
import { checkLlama, type LlamaModel } from './llama.ts';
import { siteName } from './sites.ts';

/** How {@link llamaGraph} is made. */
export interface LlamaGraphOptions {
  /** Positions that the rotary tables have: the longest sequence that can be run. Default the model's context. */
  readonly positions?: number;
}

/**
 * The graph of a Llama: from `input_ids`, int64 `[tokens]`, to `logits`, `[tokens, vocabulary]`. Norms are
 * `RMSNormalization`, called as `normSites` has them; linear layers are `Gemm` with the checkpoint's own matrices
 * (`transB`), called as their weights without `.weight`; besides `RotaryEmbedding`, `Attention`, `Swish`, `Mul` and `Add`.
 * Evaluated exactly it gives the bits of {@link logits}.
 *
 * @throws {@link BittrueError} for what is no model, and for a number of positions that is none
 * @example
 * import { evaluate } from 'bittrue/evaluation';
 * import { byteTokens, llamaGraph, loadLlama } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const graph = llamaGraph(loadLlama(config, checkpoint), { positions: 16 });
 * const tokens = BigInt64Array.from(byteTokens('In the beginnin'), BigInt);
 * const feeds = { input_ids: { type: 'int64', shape: [tokens.length], data: tokens } } as const;
 * const { outputs } = await evaluate(graph, feeds);
 * const last = [...outputs.logits.data.slice(-128)].map(Number);
 * String.fromCharCode(last.indexOf(Math.max(...last))); // 'g'
 */
export function llamaGraph(model: LlamaModel, options: LlamaGraphOptions = {}): Graph {
  const { config, family, weights } = checkLlama(model);
  checkObject('options', options, ['positions']);
  const positions = checkInteger('options.positions', options.positions ?? config.context, 1, 2 ** 31);
  const { heads, keyValueHeads, headWidth, epsilon } = config;
  const nodes: Node[] = [];
  const constants: Record<string, Constant> = Object.create(null);
  const weight = (name: string): string => {
    const { data, shape } = weights[name];
    constants[name] ??= constantOf({ type: 'double', shape, data });
    return name;
  };
  const integers = (name: string, shape: readonly number[], ...values: number[]): string => {
    constants[name] ??= constantOf({ type: 'int64', shape, data: BigInt64Array.from(values, BigInt) });
    return name;
  };
  const node = (
    name: string,
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string => {
    nodes.push({ name, op, inputs, outputs: [name], attributes });
    return name;
  };
  const linear = (name: string, x: string): string =>
    node(name.replace(/\.weight$/, ''), 'Gemm', [x, weight(name)], { transB: 1 });
  const norm = (index: number, gamma: string, x: string): string =>
    node(siteName(model, index), 'RMSNormalization', [x, weight(gamma)], { axis: -1, epsilon });

  const first = integers('axis', [1], 0);
  const length = node('length', 'Squeeze', [node('shape', 'Shape', ['input_ids'])]);
  const range = node('range', 'Range', [integers('zero', [], 0), length, integers('one', [], 1)]);
  const places = node('position_ids', 'Unsqueeze', [range, first]);
  const table = rotaryTable('options.positions', positions, headWidth, config.ropeTheta);
  const half = [positions, headWidth / 2];
  constants.rotary_cos = constantOf({ type: 'double', shape: half, data: table.cos });
  constants.rotary_sin = constantOf({ type: 'double', shape: half, data: table.sin });

  /** Queries or keys of every head, turned by their positions: [1, tokens, heads · width]. */
  const rotated = (name: string, x: string, count: number): string => {
    const flat = linear(name, x);
    const batched = node(`${flat}/batch`, 'Unsqueeze', [flat, first]);
    return node(`${flat}/rotated`, 'RotaryEmbedding', [batched, 'rotary_cos', 'rotary_sin', places], {
      num_heads: count,
    });
  };
  let stream = node('embedding', 'Gather', [weight(family.embedding), 'input_ids'], { axis: 0 });
  for (let layer = 0; layer < config.layers; layer++) {
    const own = layerNames(family.attention, layer);
    const at = `layers.${layer}`;
    const x = norm(2 * layer, own.norm, stream);
    const queries = rotated(own.query, x, heads);
    const keys = rotated(own.key, x, keyValueHeads);
    const values = node(`${at}/values`, 'Unsqueeze', [linear(own.value, x), first]);
    const attended = node(`${at}/attention`, 'Attention', [queries, keys, values], {
      q_num_heads: heads,
      kv_num_heads: keyValueHeads,
      is_causal: 1,
    });
    const mixed = linear(own.output, node(`${at}/attended`, 'Squeeze', [attended, first]));
    stream = node(`${at}/attention/sum`, 'Add', [stream, mixed]);
    const mlp = layerNames(family.mlp, layer);
    const y = norm(2 * layer + 1, mlp.norm, stream);
    const gate = node(`${at}/swish`, 'Swish', [linear(mlp.gate, y)]);
    const inner = node(`${at}/gated`, 'Mul', [gate, linear(mlp.up, y)]);
    stream = node(`${at}/mlp/sum`, 'Add', [stream, linear(mlp.down, inner)]);
  }
  const last = linear(family.head, norm(2 * config.layers, family.finalNorm, stream));
  node('logits', 'Identity', [last]);
  return defineGraph({
    name: family.name,
    inputs: [{ name: 'input_ids', type: 'int64', shape: ['tokens'] }],
    nodes,
    outputs: ['logits'],
    constants: { ...constants },
  });
}
