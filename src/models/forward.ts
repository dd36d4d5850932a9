/**
 * The forward pass of a Llama in binary64, all tokens of a batch of sequences together.
 *
 * @module
 */
import { BittrueError, checkInteger, checkObject } from '../errors/index.ts';
import type { Tensor } from '../tensors/index.ts';
import { attend, type RotaryTable, rotaryTable, rotate } from './attention.ts';
import { layerNames } from './family.ts';
import { type ForwardHooks, hookKeys, type LinearCall } from './hooks.ts';
import { linear } from './linear.ts';
import { checkLlama, type LlamaModel } from './llama.ts';
import { checkSequences, type Tokens } from './sequences.ts';
import { siteName } from './sites.ts';

/**
 * The next-token logits after every token: [tokens, vocabulary], the sequences one below the other.
 *
 * @param hooks replace or watch norms and linear layers
 * @param firstRow what hooks are told is the number of the first row (for runs in several batches)
 * @throws {@link BittrueError} `range` for a token outside the vocabulary, `shape` for a sequence that is empty or
 * longer than the context, or for a hook's output of another size
 * @example
 * import { byteTokens, loadLlama, logits } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const model = loadLlama(config, checkpoint);
 * const { data, shape } = logits(model, [byteTokens('In the beginning God create')]);
 * shape; // [27, 128]
 * const last = [...data.subarray(26 * 128)];
 * String.fromCharCode(last.indexOf(Math.max(...last))); // 'd'
 */
export function logits(
  model: LlamaModel,
  sequences: readonly Tokens[],
  hooks: ForwardHooks = {},
  firstRow = 0,
): Tensor {
  checkLlama(model);
  checkObject('hooks', hooks, hookKeys);
  checkInteger('firstRow', firstRow, 0, Number.MAX_SAFE_INTEGER);
  const { config, family, weights } = model;
  checkSequences(sequences, config, 1, config.context);
  const lengths = sequences.map((sequence) => sequence.length);
  const rows = lengths.reduce((sum, length) => sum + length, 0);
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  const rotary = rotaryTable('sequences', longest, config.headWidth, config.ropeTheta);
  const pass: Pass = { model, hooks, firstRow, rows, lengths, rotary };

  const stream = embed(weights[family.embedding], sequences, rows);
  for (let layer = 0; layer < config.layers; layer++) {
    add(stream, attentionBlock(pass, layer, stream));
    add(stream, mlpBlock(pass, layer, stream));
  }
  const normalized = norm(pass, 2 * config.layers, family.finalNorm, stream);
  const output = project(pass, family.head, normalized);
  return { data: output, shape: [rows, config.vocabulary] };
}

/** What stays the same from the first layer to the last. */
interface Pass {
  readonly model: LlamaModel;
  readonly hooks: ForwardHooks;
  readonly firstRow: number;
  readonly rows: number;
  readonly lengths: readonly number[];
  readonly rotary: RotaryTable;
}

function attentionBlock(pass: Pass, layer: number, stream: Float64Array): Float64Array {
  const { config, family } = pass.model;
  const names = layerNames(family.attention, layer);
  const y = norm(pass, 2 * layer, names.norm, stream);
  const queries = project(pass, names.query, y);
  const keys = project(pass, names.key, y);
  const values = project(pass, names.value, y);
  rotate(queries, pass.lengths, config.heads, config.headWidth, pass.rotary);
  rotate(keys, pass.lengths, config.keyValueHeads, config.headWidth, pass.rotary);
  return project(pass, names.output, attend(queries, keys, values, pass.lengths, config), true);
}

function mlpBlock(pass: Pass, layer: number, stream: Float64Array): Float64Array {
  const names = layerNames(pass.model.family.mlp, layer);
  const y = norm(pass, 2 * layer + 1, names.norm, stream);
  const gate = project(pass, names.gate, y);
  const up = project(pass, names.up, y);
  const inner = new Float64Array(up.length);
  for (let i = 0; i < inner.length; i++) inner[i] = (gate[i] / (1 + Math.exp(-gate[i]))) * up[i];
  return project(pass, names.down, inner, true);
}

/** RMSNorm, or what the hook makes of it. */
function norm(pass: Pass, index: number, weight: string, x: Float64Array): Float64Array {
  const { model, hooks, rows, firstRow } = pass;
  const { epsilon, hidden: width } = model.config;
  const gamma = model.weights[weight].data as Float64Array;
  const site = siteName(model, index);
  const replaced = hooks.norm?.({ site, index, x, rows, width, firstRow, gamma, epsilon });
  if (replaced !== undefined) return checkOutput(`hooks.norm at ${site}`, replaced, rows * width);
  const y = new Float64Array(x.length);
  for (let start = 0; start < x.length; start += width) {
    let sum = 0;
    for (let i = start; i < start + width; i++) sum += x[i] * x[i];
    const root = Math.sqrt(sum / width + epsilon);
    for (let i = 0; i < width; i++) y[start + i] = (x[start + i] / root) * gamma[i];
  }
  return y;
}

/** A linear layer, or what a hook makes of it. */
function project(pass: Pass, name: string, input: Float64Array, rowParallel = false): Float64Array {
  const { model, hooks, rows, firstRow } = pass;
  const weight = model.weights[name];
  const [outputs, inputs] = weight.shape;
  const call: LinearCall = { name, input, rows, firstRow, weight };
  const replaced = (rowParallel ? hooks.allReduce?.(call) : undefined) ?? hooks.linear?.(call);
  if (replaced !== undefined) return checkOutput(`a hook at ${name}`, replaced, rows * outputs);
  return linear(input, rows, weight.data, outputs, inputs);
}

/** The embedding rows of all tokens. */
function embed(embedding: Tensor, sequences: readonly Tokens[], rows: number): Float64Array {
  const width = embedding.shape[1];
  const stream = new Float64Array(rows * width);
  let at = 0;
  for (const sequence of sequences) {
    for (let p = 0; p < sequence.length; p++, at += width) {
      const start = sequence[p] * width;
      stream.set(embedding.data.subarray(start, start + width), at);
    }
  }
  return stream;
}

function add(stream: Float64Array, branch: Float64Array): void {
  for (let i = 0; i < stream.length; i++) stream[i] += branch[i];
}

function checkOutput(argument: string, output: unknown, length: number): Float64Array {
  if (!(output instanceof Float64Array)) throw new BittrueError('type', argument, output, 'a Float64Array');
  if (output.length !== length) throw new BittrueError('shape', argument, output, `a Float64Array of ${length}`);
  return output;
}
