/**
 * Graphs evaluated: about a hundred and thirty operators of ONNX in binary64, or on a unit of a target.
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
