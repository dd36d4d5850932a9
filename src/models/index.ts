/**
 * Checkpoints as models: families as data, the norms and what feeds them, a binary64 forward pass with hooks.
 *
 * `loadLlama` makes a model of a config and a checkpoint, `logits` and `perplexity` run it, `normSites` lists its norms with the
 * blocks before them; hooks replace a norm or a linear layer by one of low precision.
 *
 * @module
 */
export { type LlamaConfig, parseLlamaConfig } from './config.ts';
export { type Family, llamaFamily } from './family.ts';
export { logits } from './forward.ts';
export type { ForwardHooks, LinearCall, NormCall } from './hooks.ts';
export { type LlamaModel, loadLlama } from './llama.ts';
export { type LlamaGraphOptions, llamaGraph } from './llamaGraph.ts';
export {
  type Companion,
  type OnnxRuntime,
  onnxCompanion,
  type RuntimeSession,
  type RuntimeTensor,
} from './onnx/companion.ts';
export { npyTensor } from './onnx/npyTensor.ts';
export { type OnnxGraphOptions, onnxGraph } from './onnx/onnxGraph.ts';
export { type PerplexityResult, perplexity } from './perplexity.ts';
export { scaleResidualStream } from './residualStream.ts';
export type { Tokens } from './sequences.ts';
export { type FeedingBlock, type NormSite, normSites } from './sites.ts';
export { byteTokens, splitTokens } from './tokens.ts';
