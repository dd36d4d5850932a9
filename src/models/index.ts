/**
 * Checkpoints and ONNX files as graphs: families as data, the norms and what feeds them.
 *
 * `loadModel` makes a model of a config and a checkpoint, `modelGraph` a graph of it, `onnxGraph` a graph of an ONNX file;
 * `normSites` lists a model's norms with the blocks before them. Studies evaluate the graphs.
 *
 * @module
 */
export type {
  CapturedInput,
  CapturedInputsOptions,
  CapturedKernel,
  CapturedNotes,
  CapturedOperand,
  CapturedRule,
} from './captured.ts';
export type { Described, DescribedEncoder, EncoderFamily, Family, ModelConfig, ShapeOf } from './families/family.ts';
export { families, type ParsedConfig, parseConfig } from './families/index.ts';
export type { Fields } from './fields.ts';
export { firstLayers } from './firstLayers.ts';
export { type GgufModel, ggufModel } from './gguf.ts';
export { type Encoder, loadEncoder, loadModel, type Model } from './model.ts';
export { type EncoderGraphOptions, encoderGraph, type ModelGraphOptions, modelGraph } from './modelGraph.ts';
export {
  type Companion,
  type OnnxRuntime,
  onnxCompanion,
  type RuntimeSession,
  type RuntimeTensor,
} from './onnx/companion.ts';
export { npyTensor } from './onnx/npyTensor.ts';
export { type OnnxGraphOptions, onnxGraph } from './onnx/onnxGraph.ts';
export type * from './plan.ts';
export { scaleResidualStream } from './residualStream.ts';
export type { Tokens } from './sequences.ts';
export { type FeedingBlock, type NormSite, normSites } from './sites.ts';
export { byteTokens, splitTokens, type Tokenizer, textSequences } from './tokens.ts';
