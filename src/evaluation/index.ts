/**
 * Graphs evaluated: about a hundred and thirty operators of ONNX in binary64, or on a unit of a target.
 *
 * `evaluate(graph, feeds, { on })` computes a graph node by node. Where `on` names a target, norms, softmax, products, sums and
 * attention run as it does, and each such node has a report.
 *
 * @module
 */
export {
  type EvaluateOptions,
  type Evaluation,
  evaluate,
  type How,
  type NodeCall,
  type NodeFunction,
  type NodeRun,
} from './evaluate.ts';
export { kernelOperators, type OnTarget, type TargetRun } from './onTarget.ts';
export { operators } from './operators.ts';
export type { Operator } from './tensors.ts';
