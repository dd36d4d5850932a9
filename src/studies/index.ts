/**
 * A method applied to a model.
 *
 * @module
 */

export { calibrateLayers, type LayerCalibration, type LinearCalibration } from './calibrateLayers.ts';
export { type CancellingOutliersOptions, cancellingOutliers } from './cancellingOutliers.ts';
export {
  checkModel,
  type Headroom,
  type ModelCheck,
  type ModelCheckOptions,
  type ModelRun,
  type NormCheck,
  type NormRun,
} from './check.ts';
export {
  type CureByClip,
  checkGraph,
  type GraphCheck,
  type GraphCheckOptions,
  type GraphKernels,
  type GraphNodeRun,
  graphKernels,
} from './checkGraph.ts';
export { checkRows, type RowsCheck, type RowsCheckOptions } from './checkRows.ts';
export {
  type CommunicateOptions,
  type Communication,
  type CommunicationSite,
  communicateModel,
} from './communicate.ts';
export {
  calibrateCommunication,
  type ModelCalibration,
  type ModelCalibrationOptions,
  parseModelCalibration,
  type SiteCalibration,
} from './communicationCalibration.ts';
export { type CodecName, codecNames } from './communicationCodec.ts';
export type { CommunicationRun, GroupArithmetic, SumError } from './communicationRun.ts';
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
export { type CheckLimits, judge, type MissedLimit } from './judge.ts';
export { rotateOutliers } from './outlierRotation.ts';
export type { OnProgress, Progress } from './progress.ts';
export type { FloatGridLayout, IntegerGridLayout, QuantizationLayout } from './quantizationLayout.ts';
export { type QuantizationReport, type QuantizationReportRow, quantizationReport } from './quantizationReport.ts';
export { type QuantizationTensors, quantizationTensors } from './quantizationTensors.ts';
export {
  type Quantization,
  type QuantizedLayer,
  type QuantizeOptions,
  quantizeModel,
} from './quantize.ts';
export { dequantizedCheckpoint, dequantizedWeights, loadQuantizedLlama } from './quantizedCheckpoint.ts';
export { type QuantizedMatmulOptions, type QuantizedMatmulResult, quantizedMatmul } from './quantizedMatmul.ts';
export { applyQuantization, type QuantizedModel } from './quantizedModel.ts';
export {
  type LayerOptions,
  type LayerQuantization,
  type LayerSearchOptions,
  type QuantizationMethod,
  quantizationMethods,
  quantizeLayer,
} from './quantizeLayer.ts';
export type { Quantizer } from './quantizer.ts';
export { rescaleChannels } from './rescaleChannels.ts';
export { type SeededFeedsOptions, seededFeeds } from './seededFeeds.ts';
export { type NormScale, type SlancScales, slancScales } from './slanc.ts';
