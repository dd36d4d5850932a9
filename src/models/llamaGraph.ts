/**
 * A Llama as a graph of ONNX's operators (set 24): the forward pass as data, for one sequence or for
 * several of one length.
 *
 * @module
 */
import { checkBoolean, checkInteger, checkObject } from '../errors/index.ts';
import { type Attribute, type Constant, constantOf, defineGraph, type Graph, type Node } from '../graphs/index.ts';
import { layerNames } from './family.ts';
import { checkLlama, type LlamaModel } from './llama.ts';
import { rotaryTable } from './rotary.ts';
import { siteName } from './sites.ts';

/** How {@link llamaGraph} is made. */
export interface LlamaGraphOptions {
  /** Positions that the rotary tables have: the longest sequence that can be run. Default the model's context. */
  readonly positions?: number;
  /** Whether `input_ids` holds several sequences of one length: [sequences, tokens]. Default false: `[tokens]`. */
  readonly batched?: boolean;
}

/**
 * The graph of a Llama: from `input_ids`, int64 `[tokens]`, to `logits`, `[tokens, vocabulary]`, or both with an axis of
 * sequences before. Norms are
 * `RMSNormalization`, called as `normSites` has them; linear layers are `Gemm` with the checkpoint's own matrices
 * (`transB`), called as their weights without `.weight`; both take all tokens as rows of a matrix. Besides
 * `RotaryEmbedding`, `Attention`, `Swish`, `Mul` and `Add`. It is what `logits`, `perplexity` and the studies evaluate.
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
  checkObject('options', options, ['positions', 'batched']);
  const positions = checkInteger('options.positions', options.positions ?? config.context, 1, 2 ** 31);
  const batched = checkBoolean('options.batched', options.batched ?? false);
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

  const ids = batched ? 'input_ids' : node('batch', 'Unsqueeze', ['input_ids', integers('axis', [1], 0)]);
  const shape = node('shape', 'Shape', [ids]);
  const length = node('length', 'Squeeze', [node('lengths', 'Shape', [ids], { start: -1 })]);
  const range = node('range', 'Range', [integers('zero', [], 0), length, integers('one', [], 1)]);
  const places = node('position_ids', 'Expand', [range, shape]);
  /** Rows of a matrix as [sequences, tokens, width]. */
  const unfolded = (name: string, x: string, width: number, before = shape): string => {
    const axes = node(`${name}/shape`, 'Concat', [before, integers(`width ${width}`, [1], width)], { axis: 0 });
    return node(name, 'Reshape', [x, axes]);
  };
  const table = rotaryTable('options.positions', positions, headWidth, config.ropeTheta);
  const half = [positions, headWidth / 2];
  constants.rotary_cos = constantOf({ type: 'double', shape: half, data: table.cos });
  constants.rotary_sin = constantOf({ type: 'double', shape: half, data: table.sin });

  /** Queries or keys of every head, turned by their positions: [sequences, tokens, heads · width]. */
  const rotated = (name: string, x: string, count: number): string => {
    const flat = linear(name, x);
    const sequences = unfolded(`${flat}/batch`, flat, count * headWidth);
    return node(`${flat}/rotated`, 'RotaryEmbedding', [sequences, 'rotary_cos', 'rotary_sin', places], {
      num_heads: count,
    });
  };
  const tokens = node('tokens', 'Reshape', [ids, integers('all', [1], -1)]);
  const rows = integers('rows', [2], -1, heads * headWidth);
  let stream = node('embedding', 'Gather', [weight(family.embedding), tokens], { axis: 0 });
  for (let layer = 0; layer < config.layers; layer++) {
    const own = layerNames(family.attention, layer);
    const at = `layers.${layer}`;
    const x = norm(2 * layer, own.norm, stream);
    const queries = rotated(own.query, x, heads);
    const keys = rotated(own.key, x, keyValueHeads);
    const values = unfolded(`${at}/values`, linear(own.value, x), keyValueHeads * headWidth);
    const attended = node(`${at}/attention`, 'Attention', [queries, keys, values], {
      q_num_heads: heads,
      kv_num_heads: keyValueHeads,
      is_causal: 1,
    });
    const mixed = linear(own.output, node(`${at}/attended`, 'Reshape', [attended, rows]));
    stream = node(`${at}/attention/sum`, 'Add', [stream, mixed]);
    const mlp = layerNames(family.mlp, layer);
    const y = norm(2 * layer + 1, mlp.norm, stream);
    const gate = node(`${at}/swish`, 'Swish', [linear(mlp.gate, y)]);
    const inner = node(`${at}/gated`, 'Mul', [gate, linear(mlp.up, y)]);
    stream = node(`${at}/mlp/sum`, 'Add', [stream, linear(mlp.down, inner)]);
  }
  const last = linear(family.head, norm(2 * config.layers, family.finalNorm, stream));
  unfolded('logits', last, config.vocabulary, node('input_shape', 'Shape', ['input_ids']));
  return defineGraph({
    name: family.name,
    inputs: [{ name: 'input_ids', type: 'int64', shape: batched ? ['sequences', 'tokens'] : ['tokens'] }],
    nodes,
    outputs: ['logits'],
    constants: { ...constants },
  });
}
