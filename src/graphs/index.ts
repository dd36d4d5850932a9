/**
 * A model as data: nodes with ONNX's operators, constants read when asked for, shapes, and what decomposed operators mean.
 *
 * @module
 */
export { numberOf, numbersOf, tensorOf, textOf } from './attributes.ts';
export { constantsRead, type DefineGraphOptions, defineGraph } from './define.ts';
export {
  arrayKind,
  type ElementArray,
  type ElementKind,
  elementBits,
  elementKind,
  elementTypeOf,
  elementTypes,
  isSigned,
  type OnnxElementType,
} from './elementTypes.ts';
export {
  type Attribute,
  type Axis,
  type Constant,
  constantOf,
  elementCount,
  type Graph,
  type Node,
  type RowRange,
  type TypedTensor,
  type Value,
} from './graph.ts';
export { type Recognised, recognise } from './recognise/recognise.ts';
export { inferNode, inferShapes, knownConstant } from './shapes/infer.ts';
export type { Dim, Known } from './shapes/known.ts';
export { castType, slicePlaces } from './shapes/rules.ts';
export { type Windows, windowPlaces, windowsOf } from './shapes/windows.ts';
