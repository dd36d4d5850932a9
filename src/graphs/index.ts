/**
 * A model as data: nodes with ONNX's operators, constants read when asked for, shapes, and what decomposed operators mean.
 *
 * `defineGraph` checks a graph, `inferShapes` knows the shapes of its values, `recognise` makes decomposed norms, GELU, softmax and
 * attention one node each.
 *
 * @module
 */
export { type DefineGraphOptions, defineGraph } from './define.ts';
export { type ElementArray, type ElementKind, elementTypes, type OnnxElementType } from './elementTypes.ts';
export {
  type Attribute,
  type Axis,
  type Condition,
  type Constant,
  constantOf,
  type Graph,
  type Node,
  type RowRange,
  type TypedTensor,
  type Value,
} from './graph.ts';
export { type Recognised, recognise } from './recognise/recognise.ts';
export { inferShapes } from './shapes/infer.ts';
export type { Dim, Known } from './shapes/known.ts';
