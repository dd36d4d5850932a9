/**
 * A method applied to a model.
 *
 * @module
 */
export {
  checkModel,
  type Headroom,
  type ModelCheck,
  type ModelCheckOptions,
  type ModelRun,
  type NormCheck,
  type NormRun,
} from './check.ts';
export { checkRows, type RowsCheck, type RowsCheckOptions } from './checkRows.ts';
export { compareQuantizations, type QuantizationRow } from './compareQuantizations.ts';
export {
  type ComparedTarget,
  type CompareTargetsOptions,
  type Contender,
  compareTargets,
  randomOperands,
  type TargetComparison,
  type TargetDifference,
} from './compareTargets.ts';
export type { OnProgress, Progress } from './progress.ts';
export {
  type Quantization,
  type QuantizationMethod,
  type QuantizedLayer,
  type QuantizeOptions,
  quantizationMethods,
  quantizeModel,
} from './quantize.ts';
export { type QuantizedMatmulOptions, type QuantizedMatmulResult, quantizedMatmul } from './quantizedMatmul.ts';
export { applyQuantization, type QuantizedModel, type Quantizer } from './quantizedModel.ts';
export { rescaleChannels } from './rescaleChannels.ts';
export { type NormScale, type SlancScales, slancScales } from './slanc.ts';
