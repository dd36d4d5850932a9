/**
 * An ONNX model as a graph.
 *
 * @module
 */
import { BittrueError, checkMade, checkName, checkObject } from '../../errors/index.ts';
import type { OnnxModel } from '../../files/index.ts';
import { elementTypeOf } from '../../graphs/elementTypes.ts';
import { defineGraph, type Graph, type Value } from '../../graphs/index.ts';
import { Emitter } from './emit.ts';
import { Flattener } from './flatten.ts';

/** How {@link onnxGraph} reads. */
export interface OnnxGraphOptions {
  /** What becomes of a weight that no node reads: an error (default), or it stays. */
  readonly unused?: 'error' | 'keep';
}

/**
 * The graph of an ONNX model: operators as the present operator set has them (sets 7 to 28 are read), fused ones of
 * com.microsoft where ONNX has a form of them, functions in the place of their calls, of `If` the branch that constants and
 * declared shapes decide, of one that a run decides both, `choice/then/…` and `choice/else/…`, whose nodes run where the condition is so
 * (`when`). A `Loop` that the file lets run at most 64 times is laid out, `loop/0/…`; another one, and a `Scan`, stays without its body, for a runtime beside us. An input with an initializer is a constant. Weights are read when they are asked for.
 *
 * @throws {@link BittrueError} `unsupported` for other operator sets, cycles, weights
 *   that cannot be read or that nothing reads; `file` and `name` for values that are missing or made twice
 * @example
 * import { memorySource, readOnnxModel } from 'bittrue/files';
 * import { onnxGraph } from 'bittrue/models';
 * const text = (field: number, ...bytes: number[]) => [8 * field + 2, bytes.length, ...bytes];
 * const x = text(1, 120);
 * const y = text(1, 121);
 * const type = text(2, ...text(1, 8, 1)); // a tensor of float
 * const node = [...x, ...text(2, 121), ...text(4, 65, 98, 115)]; // x to y by Abs
 * const graph = [...text(1, ...node), ...text(11, ...x, ...type), ...text(12, ...y, ...type)];
 * const opset = text(8, 16, 17);
 * onnxGraph(readOnnxModel(memorySource(Uint8Array.from([...text(7, ...graph), ...opset])))).nodes[0].op; // 'Abs'
 */
export function onnxGraph(model: OnnxModel, options: OnnxGraphOptions = {}): Graph {
  checkMade('model', model, ['name', 'opsets', 'graph', 'functions'], 'a model, as readOnnxModel gives it');
  checkObject('options', options, ['unused']);
  const unused = checkName('options.unused', options.unused ?? 'error', ['error', 'keep'] as const);
  const { graph, name } = model;
  const to = new Emitter(name);
  const inputs: Value[] = [];
  for (const input of graph.inputs) {
    if (graph.initializers.has(input.name)) continue;
    const type = input.elementType === null ? undefined : elementTypeOf(input.elementType);
    if (type === undefined) {
      throw new BittrueError(
        'unsupported',
        `${name}: ${input.name}`,
        'an input that is no tensor of a known type',
        'tensors',
      );
    }
    // An axis that has no name may have any length: it is told by its place.
    const shape = input.shape?.map((axis, i) => axis ?? `${input.name}.${i}`) ?? null;
    inputs.push({ name: input.name, type, shape });
    to.declare(input.name, { type, shape });
  }
  new Flattener(model, to).run();
  for (const { inputs: values, name: reader } of to.nodes) {
    for (const value of values) {
      const reason = to.unreadable.get(value);
      if (reason === undefined) continue;
      throw new BittrueError(
        'unsupported',
        `${name}: ${value}`,
        `${reason}, for ${reader}`,
        'a tensor that can be read here',
      );
    }
  }
  const outputs = graph.outputs.map((output) => output.name);
  return defineGraph({ name, inputs, nodes: to.nodes, outputs, constants: to.kept(outputs) }, { unused });
}
