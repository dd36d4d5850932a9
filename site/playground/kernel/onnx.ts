/**
 * An ONNX model, checked node by node. Loaded when a model is dropped.
 *
 * @module
 */
import { memorySource, readOnnxModel } from 'bittrue/files';
import type { Graph } from 'bittrue/graphs';
import { onnxGraph } from 'bittrue/models';
import { formatGraphCheck } from 'bittrue/reports';
import { checkGraph, seededFeeds } from 'bittrue/studies';

/** A model, and the axes whose lengths it leaves open. */
export interface OpenModel {
  readonly graph: Graph;
  readonly axes: readonly string[];
}

export function openModel(name: string, bytes: Uint8Array): OpenModel {
  const graph = onnxGraph(readOnnxModel(memorySource(bytes, name)));
  const axes = graph.inputs.flatMap(({ shape }) => (shape ?? []).filter((one) => typeof one === 'string'));
  return { graph, axes: [...new Set(axes)] as string[] };
}

/** What every node of the kernels raises on a target, for inputs drawn at random. */
export async function checkModel(
  { graph }: OpenModel,
  lengths: Readonly<Record<string, number>>,
  target: string,
  kernels: 'norms' | 'all',
): Promise<string> {
  const feeds = seededFeeds(graph, { given: {}, lengths, seed: 0 });
  const check = await checkGraph(graph, feeds, { targets: [target], kernels: [kernels] });
  return formatGraphCheck(check, { width: 100 });
}
