/**
 * SLaNC's scales for every norm of a graph: from its weights alone, whatever the order of norms and blocks.
 *
 * @module
 */
import { defaultEngine } from '../../engine/engine.ts';
import { BittrueError, checkBoolean, checkName, checkObject } from '../../errors/index.ts';
import { SEMANTICS, VERSION } from '../../events/index.ts';
import { elementKind } from '../../graphs/elementTypes.ts';
import { checkMadeGraph, elementCount, type Graph, type Node } from '../../graphs/graph.ts';
import { recognise } from '../../graphs/index.ts';
import { frobeniusNorm, type SlancOptions, slancFactor, slancGuarantee, spectralNorm } from '../../slanc/index.ts';
import { inverseScale } from '../../slanc/scale.ts';
import type { FloatArray, Tensor } from '../../tensors/index.ts';
import type { NormScale, SlancScales, UnscaledNorm } from '../check/slanc.ts';
import type { OnProgress } from '../progress.ts';
import { isNorm, Stream, type Term, type Weight } from './stream.ts';

/** How scales of a graph are made. */
export interface SlancGraphOptions extends Pick<SlancOptions, 'variant' | 'powerOfTwo' | 'gqa' | 'skip'> {
  readonly onProgress?: OnProgress;
}

/** Scales of a graph: norms whose blocks are known have one, the others a reason. */
export interface GraphScales extends SlancScales {
  readonly unscaled: readonly UnscaledNorm[];
}

/** Constants of so many numbers are read beforehand: factors, sizes of parts. */
const SMALL = 16;

/**
 * The SLaNC scales of every norm of a graph, in the order of computation. What a norm reads is followed back to the embeddings
 * and blocks that it is the sum of; a factor comes from what was added since the norm before, `residual` from all of it. After a
 * post-norm block, whose own input a norm reads, `skip` is on by itself. Biases count for nothing, as in the published factors.
 * Two matrices are held at a time.
 *
 * @throws {@link BittrueError} as `slancFactor`; `unsupported` for a graph without norms
 * @example
 * import { modelGraph, loadModel } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * import { slancGraph } from 'bittrue/studies';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const { norms, unscaled } = await slancGraph(modelGraph(loadModel(config, checkpoint)));
 * norms.length; // 9
 * norms[1].fedBy; // 'layers.0.input_layernorm'
 * unscaled.length; // 0
 */
export async function slancGraph(graph: Graph, options: SlancGraphOptions = {}): Promise<GraphScales> {
  checkMadeGraph(graph);
  checkObject('options', options, ['variant', 'powerOfTwo', 'gqa', 'skip', 'onProgress']);
  const { variant = 'frobenius', powerOfTwo = false, onProgress, ...rest } = options;
  checkName('options.variant', variant, ['frobenius', 'frobeniusGate', 'dmx', 'residual']);
  checkBoolean('options.powerOfTwo', powerOfTwo);
  if (rest.gqa !== undefined && variant !== 'dmx') {
    throw new BittrueError('unsupported', 'options.gqa', `${rest.gqa} with ${variant}`, 'gqa with dmx only');
  }
  if (rest.skip !== undefined && (variant === 'dmx' || variant === 'residual')) {
    throw new BittrueError('unsupported', 'options.skip', `${rest.skip} with ${variant}`, 'frobenius or frobeniusGate');
  }
  const plain = await recognise(graph);
  const stream = new Stream(plain, await smallConstants(plain));
  const nodes = plain.nodes.filter(isNorm);
  if (nodes.length === 0) throw new BittrueError('unsupported', 'graph', graph.name, 'a graph with norms');
  const weights = new Weights(plain, nodes);
  const seen: (readonly Term[])[] = [];
  const [norms, unscaled]: [NormScale[], UnscaledNorm[]] = [[], []];
  let common: number | null = null;
  for (const [i, node] of nodes.entries()) {
    onProgress?.({ phase: 'norms', done: i, total: nodes.length });
    const all = stream.terms(node.inputs[0]);
    const added = since(all, seen);
    const terms = variant === 'residual' ? all : added;
    seen.push(all);
    const width = (await weights.gamma(node.name))?.data.length ?? null;
    const strange = terms.find(({ made }) => made.kind === 'unknown')?.made;
    const reason = strange?.kind === 'unknown' ? strange.why : await weights.fault(terms, width);
    if (reason !== null) {
      unscaled.push({ site: node.name, reason });
      continue;
    }
    common ??= width as number;
    // What a norm reads beside a block is what the block's own skip stands for.
    const own = { variant, ...rest, width: width as number, isAlone: all.length === 1 };
    const square = await squareOf(terms, own, weights).catch((error: unknown) => namingConstants(plain, error));
    const scale = scaleOf(node.name, added, square, { ...own, powerOfTwo });
    norms.push(width === common ? scale : { ...scale, width: width as number });
  }
  onProgress?.({ phase: 'norms', done: nodes.length, total: nodes.length });
  const head = { bittrue: VERSION, schema: 'slanc/1', semantics: SEMANTICS, variant, powerOfTwo } as const;
  return { ...head, width: common ?? 0, norms, unscaled };
}

/** An error of a number that is not finite, at the constant that has it. */
async function namingConstants({ constants }: Graph, error: unknown): Promise<never> {
  if (!(error instanceof BittrueError) || error.code !== 'value') throw error;
  for (const [name, constant] of Object.entries(constants)) {
    if (elementKind(constant.type) !== 'float') continue;
    const data = floats(await constant.read());
    const at = data.findIndex((one) => !Number.isFinite(one));
    if (at >= 0) throw new BittrueError('value', `${name}[${at}]`, data[at], 'a finite number');
  }
  throw error;
}

/** What was added to a sum since the norm before that read a part of it. */
function since(terms: readonly Term[], seen: readonly (readonly Term[])[]): readonly Term[] {
  const names = new Set(terms.map(({ node }) => node));
  let before: readonly Term[] = [];
  for (const one of seen) {
    if (one.length > before.length && one.length < terms.length && one.every(({ node }) => names.has(node)))
      before = one;
  }
  const known = new Set(before.map(({ node }) => node));
  return terms.filter(({ node }) => !known.has(node));
}

type Own = Pick<SlancOptions, 'gqa' | 'skip'> & {
  readonly variant: NonNullable<SlancOptions['variant']>;
  readonly width: number;
  /** Whether the norm reads one block's output and nothing else. */
  readonly isAlone: boolean;
};

/** α² of the terms, taken as uncorrelated; a norm that feeds a block whose output is added to it counts within the block. */
async function squareOf(terms: readonly Term[], own: Own, weights: Weights): Promise<number> {
  const fed = new Set(terms.map(({ made }) => ('fedBy' in made && made.kind !== 'norm' ? made.fedBy : null)));
  const isFirst = terms.every(({ made }) => made.kind === 'embedding');
  if (isFirst && own.variant !== 'residual') return 1;
  let square = 0;
  for (const term of terms) {
    const { made, factor } = term;
    const isSkip = made.kind === 'norm' && fed.has(made.fedBy);
    if (isSkip && own.variant !== 'residual' && terms.some((one) => takesSkip(one, made.fedBy))) continue;
    const hasSkip = 'fedBy' in made && terms.some((one) => one.made.kind === 'norm' && one.made.fedBy === made.fedBy);
    square += (factor * (await termNorm(term, { ...own, hasSkip }, weights))) ** 2;
  }
  return square;
}

function takesSkip({ made }: Term, norm: string): boolean {
  return ['attention', 'mlp', 'gatedMlp'].includes(made.kind) && 'fedBy' in made && made.fedBy === norm;
}

/** The expected length of a term. */
async function termNorm(
  { made }: Term,
  { variant, gqa, skip, width, hasSkip, isAlone }: Own & { readonly hasSkip: boolean },
  weights: Weights,
): Promise<number> {
  if (made.kind === 'embedding') {
    const { data, shape } = await weights.read({ constant: made.table, isInOut: false, rows: null });
    let sum = 0;
    for (const x of data) sum += x * x;
    return Math.sqrt(sum / shape[0]);
  }
  if (made.kind === 'unknown') return Number.NaN;
  const gamma = (await weights.gamma(made.fedBy)) as Tensor;
  const length = frobeniusNorm({ data: gamma.data, shape: [1, gamma.data.length] });
  if (made.kind === 'norm') return length;
  const engine = defaultEngine();
  if (made.kind === 'linear') {
    const matrix = await weights.read(made.weight);
    // A norm over each head reads as many rows as it is wide.
    return frobeniusNorm(matrix, { gamma }) * Math.sqrt(width / matrix.shape[0]);
  }
  const formula = variant === 'residual' ? 'frobenius' : variant;
  const asked = variant === 'residual' ? false : skip;
  const options = { variant: formula, engine, ...(gqa === undefined ? {} : { gqa }) };
  if (made.kind === 'attention') {
    const block = {
      position: 'attention',
      gamma,
      value: await weights.read(made.value),
      output: await weights.read(made.output),
      ...(made.heads ?? {}),
    } as const;
    // As published: each token attends to itself, wherever the block's output is added to something.
    const has = asked ?? !isAlone;
    return slancFactor(block, variant === 'dmx' ? options : { ...options, skip: has }).alpha;
  }
  const has = asked ?? (hasSkip && variant !== 'dmx');
  if (made.kind === 'mlp') {
    const how = variant === 'dmx' ? options : { ...options, skip: has };
    return mlpNorm(made, gamma, how, weights);
  }
  const product = await mlpNorm(made, gamma, { engine, skip: false }, weights);
  const branch = product * (await gateNorm(made.gate, gamma, formula, weights));
  return has ? Math.hypot(branch, length) : branch;
}

/** The factor of an MLP without its gate; apart, so that its matrices are given back before others are read. */
async function mlpNorm(
  made: { readonly up: Weight; readonly down: Weight },
  gamma: Tensor,
  options: SlancOptions,
  weights: Weights,
): Promise<number> {
  const [up, down] = [await weights.read(made.up), await weights.read(made.down)];
  return slancFactor({ position: 'mlp', gamma, up, down }, options).alpha;
}

/** ‖W_gate Γ‖ */
async function gateNorm(gate: Weight, gamma: Tensor, formula: string, weights: Weights): Promise<number> {
  const matrix = await weights.read(gate);
  if (formula === 'frobeniusGate') return frobeniusNorm(matrix, { gamma });
  return spectralNorm(matrix, { gamma, engine: defaultEngine() }).value;
}

/** A norm's line. */
function scaleOf(
  site: string,
  terms: readonly Term[],
  square: number,
  { width, powerOfTwo }: Own & { readonly powerOfTwo: boolean },
): NormScale {
  const blocks = terms.filter(({ made }) => made.kind !== 'embedding' && made.kind !== 'norm');
  const [only] = blocks.length > 0 ? blocks : terms;
  const made = only.made;
  const position = blocks.length > 1 ? 'several' : made.kind === 'embedding' ? 'first' : made.kind;
  const claim =
    position === 'several' || position === 'norm' || position === 'linear'
      ? ({ claim: 'typical', reason: beyond[position] } as const)
      : slancGuarantee({ block: position as 'mlp', width, reduction: 'sequential' });
  const alpha = Math.sqrt(square);
  const scale = inverseScale(site, alpha, powerOfTwo);
  const fedBy = 'fedBy' in made ? made.fedBy : null;
  return {
    site,
    position: position as NormScale['position'],
    fedBy,
    alpha,
    scale,
    claim: claim.claim,
    reason: claim.reason,
  };
}

const beyond = {
  several: 'several blocks are added, and none is linear',
  norm: 'what a norm gives is added to a stream that nothing bounds',
  linear: 'biases are added, or a norm reads a part of the rows',
} as const;

/** Constants of a few numbers. */
async function smallConstants(graph: Graph): Promise<ReadonlyMap<string, readonly number[]>> {
  const found = new Map<string, readonly number[]>();
  for (const [name, constant] of Object.entries(graph.constants)) {
    if (elementCount(constant.shape) > SMALL) continue;
    found.set(name, Array.from((await constant.read()) as ArrayLike<number | bigint>, Number));
  }
  return found;
}

/** Weights of a graph as tensors. */
class Weights {
  readonly #graph: Graph;
  readonly #norms: ReadonlyMap<string, Node>;
  readonly #makers: ReadonlyMap<string, Node>;

  constructor(graph: Graph, norms: readonly Node[]) {
    this.#graph = graph;
    this.#norms = new Map(norms.map((node) => [node.name, node]));
    this.#makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  }

  /** γ of a norm, with what is added to it (Gemma's 1); null where it is computed otherwise. */
  async gamma(norm: string): Promise<Tensor | null> {
    const node = this.#norms.get(norm);
    return node === undefined ? null : this.#vector(node.inputs[1]);
  }

  async #vector(value: string): Promise<Tensor | null> {
    const constant = this.#graph.constants[value];
    if (constant !== undefined) {
      const data = floats(await constant.read());
      return { data, shape: [data.length] };
    }
    const node = this.#makers.get(value);
    if (node === undefined) return null;
    if (['Identity', 'Cast', 'Reshape'].includes(node.op)) return this.#vector(node.inputs[0]);
    if (node.op !== 'Add') return null;
    const [a, b] = [await this.#vector(node.inputs[0]), await this.#vector(node.inputs[1])];
    if (a === null || b === null) return null;
    const [long, short] = a.data.length >= b.data.length ? [a, b] : [b, a];
    return { data: long.data.map((x, i) => x + short.data[i % short.data.length]), shape: long.shape };
  }

  /** A matrix as [out, in]. */
  async read({ constant, isInOut, rows }: Weight): Promise<Tensor> {
    const { shape, read } = this.#graph.constants[constant];
    const range = rows ?? { begin: 0, end: shape[isInOut ? 1 : 0] };
    const count = range.end - range.begin;
    if (!isInOut) return { data: floats(await read(rows ?? undefined)), shape: [count, shape[1]] };
    const data = floats(await read());
    const [inputs, outputs] = shape;
    // Only the rows asked for, in their own precision: `transposed` would give all, as binary64.
    const turned = data instanceof Float32Array ? new Float32Array(count * inputs) : new Float64Array(count * inputs);
    for (let i = 0; i < inputs; i++) {
      for (let j = 0; j < count; j++) turned[j * inputs + i] = data[i * outputs + range.begin + j];
    }
    return { data: turned, shape: [count, inputs] };
  }

  /** Why terms have no factor though their blocks are known; null where they have one. */
  async fault(terms: readonly Term[], width: number | null): Promise<string | null> {
    if (width === null) return 'its γ is no weight';
    for (const { made } of terms) {
      if (!('fedBy' in made)) continue;
      if ((await this.gamma(made.fedBy)) === null) return `γ of ${made.fedBy} is no weight`;
      if (made.kind !== 'attention' || made.heads !== null) continue;
      const { value, output } = made;
      const shape = (weight: Weight): readonly number[] => this.#graph.constants[weight.constant].shape;
      const rows = value.rows === null ? shape(value)[value.isInOut ? 1 : 0] : value.rows.end - value.rows.begin;
      if (rows !== shape(output)[output.isInOut ? 0 : 1])
        return 'heads share keys and values, and the graph does not say how many';
    }
    return null;
  }
}

function floats(data: ArrayLike<unknown>): FloatArray {
  if (data instanceof Float32Array || data instanceof Float64Array) return data;
  return Float64Array.from(data as ArrayLike<number | bigint>, Number);
}
