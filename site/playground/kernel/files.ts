/**
 * Files that were dropped: rows of tensors, models to check, weights that a norm's scale comes from. Loaded when a file is.
 *
 * @module
 */
import { type Checkpoint, memorySource, readNpy, readOnnxModel, readSafetensors, readTensor } from 'bittrue/files';
import type { Graph } from 'bittrue/graphs';
import { loadModel, modelGraph, onnxGraph } from 'bittrue/models';
import { formatGraphCheck } from 'bittrue/reports';
import { type Block, slancFactor, type Variant } from 'bittrue/slanc';
import { checkGraph, type GraphScales, seededFeeds, slancGraph } from 'bittrue/studies';
import type { Rows } from './rows';

/** What a file holds. */
export interface Opened {
  readonly name: string;
  /** Tensors that rows, or a block's weights, may be read of, with their shapes. */
  readonly tensors: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** A model that can be checked, and the axes whose lengths it leaves open. */
  readonly model: { readonly nodes: number; readonly axes: readonly string[] } | null;
  /** Whether norms and the blocks before them are known: of an ONNX model, and of weights with their config.json. */
  readonly hasNorms: boolean;
}

/** How factors are made. */
export interface Way {
  readonly variant: Variant;
  readonly powerOfTwo: boolean;
}

/** The tensors of the block before a norm, by their roles. */
export type Roles = Readonly<Record<string, string>>;

/** Of attention whose queries share keys and values. */
export interface Heads {
  readonly heads: number;
  readonly keyValueHeads: number;
}

let graph: Graph | null = null;
let checkpoint: Checkpoint | null = null;
let array: { readonly name: string; readonly rows: Rows } | null = null;

/** Opens a file; with the text of a config.json weights are a model. */
export function open(name: string, bytes: Uint8Array, config: string | null): Opened {
  const source = memorySource(bytes, name);
  [graph, checkpoint, array] = [null, null, null];
  if (/\.onnx$/i.test(name)) {
    graph = onnxGraph(readOnnxModel(source));
    const axes = graph.inputs.flatMap(({ shape }) => (shape ?? []).filter((one) => typeof one === 'string'));
    const model = { nodes: graph.nodes.length, axes: [...new Set(axes)] as string[] };
    return { name, tensors: [], model, hasNorms: true };
  }
  if (/\.npy$/i.test(name)) {
    const { data, shape } = readNpy(source);
    array = { name, rows: shaped(data, shape) };
    return { name, tensors: [{ name, shape: [...shape] }], model: null, hasNorms: false };
  }
  if (!/\.safetensors$/i.test(name)) throw new Error(`${name}: .npy, .safetensors and .onnx are read`);
  checkpoint = readSafetensors(source);
  if (config !== null) graph = modelGraph(loadModel(JSON.parse(config), checkpoint));
  const tensors = [...checkpoint.entries].map(([own, { shape }]) => ({ name: own, shape: [...shape] }));
  return { name, tensors, model: null, hasNorms: config !== null };
}

/** Rows of a tensor of the open file. */
export function rowsOf(tensor: string): Rows | null {
  if (array !== null && array.name === tensor) return array.rows;
  if (checkpoint?.entries.has(tensor) !== true) return null;
  const { data, shape } = readTensor(checkpoint, tensor, 'float32');
  return shaped(data, shape);
}

function shaped(data: ArrayLike<number>, shape: readonly number[]): Rows {
  const width = shape.at(-1) ?? 1;
  return { data: Float32Array.from(data), rows: data.length / width, width };
}

/** What every node of the kernels raises on a target, for inputs drawn at random. */
export async function checkModel(
  lengths: Readonly<Record<string, number>>,
  target: string,
  kernels: 'norms' | 'all',
): Promise<string> {
  if (graph === null) throw new Error('drop a model first');
  const feeds = seededFeeds(graph, { given: {}, lengths, seed: 0 });
  const check = await checkGraph(graph, feeds, { targets: [target], kernels: [kernels] });
  return formatGraphCheck(check, { width: 100 });
}

/** SLaNC's scale of every norm of the open model. */
export async function scalesOf({ variant, powerOfTwo }: Way): Promise<Pick<GraphScales, 'norms' | 'unscaled'>> {
  if (graph === null) throw new Error('drop a model with its weights first');
  const { norms, unscaled } = await slancGraph(graph, { variant, powerOfTwo });
  return { norms, unscaled };
}

/** SLaNC's scale of a norm behind a block whose tensors are named. */
export function scaleOfBlock(
  position: string,
  roles: Roles,
  heads: Heads | null,
  { variant, powerOfTwo }: Way,
): number {
  const from = checkpoint;
  if (from === null) throw new Error('drop weights first');
  const tensors = Object.entries(roles).map(([role, name]) => [role, readTensor(from, name, 'float64')]);
  return slancFactor({ position, ...heads, ...Object.fromEntries(tensors) } as Block, { variant, powerOfTwo }).scale;
}
