/**
 * A method applied to a model: check, SLaNC, quantize, communicate, compare.
 *
 * Each study takes a model and data and returns plain data with a `schema`, which `bittrue/reports` renders: `checkModel`,
 * `checkGraph` and `checkCaptured` say which norm, node or captured input overflows on a target, `quantizeModel` what low-bit layers cost, `communicateModel` what
 * low-bit communication costs, `compareTargets` where two chips differ. `quantizeCaptured`, `communicateCaptured` and `slancCaptured` take captured layers in place of a
 * model that is run.
 *
 * @module
 */

export { type Bisection, type BisectOptions, bisectGraph, type StayingNode } from './bisect/bisectGraph.ts';
export { type Checks, type Comparable, type NewEvent, newEvents } from './check/baseline.ts';
export {
  checkModel,
  type Headroom,
  type ModelCheck,
  type ModelCheckOptions,
  type ModelRun,
  type NormCheck,
  type NormRun,
} from './check/check.ts';
export { type CapturedCheckOptions, checkCaptured } from './check/checkCaptured.ts';
export {
  type CureByClip,
  checkGraph,
  type GraphCheck,
  type GraphCheckOptions,
  type GraphNodeRun,
} from './check/checkGraph.ts';
export { checkRows, type OutputCounts, type RowsCheck, type RowsCheckOptions } from './check/checkRows.ts';
export {
  type ComparedTarget,
  type CompareTargetsOptions,
  type Contender,
  compareTargets,
  randomOperands,
  type TargetComparison,
  type TargetDifference,
} from './check/compareTargets.ts';
export { type GraphKernels, graphKernels } from './check/graphKernels.ts';
export { type CheckLimits, judge, type MissedLimit } from './check/judge.ts';
export { type SeededFeedsOptions, seededFeeds } from './check/seededFeeds.ts';
export {
  calibrateCommunication,
  type ModelCalibration,
  type ModelCalibrationOptions,
  parseModelCalibration,
  type SiteCalibration,
} from './communicate/calibration.ts';
export { type CodecName, codecNames } from './communicate/codec.ts';
export {
  type CommunicateOptions,
  type Communication,
  type CommunicationSite,
  communicateModel,
} from './communicate/communicate.ts';
export {
  type CapturedCommunication,
  type CommunicateCapturedOptions,
  communicateCaptured,
} from './communicate/communicateCaptured.ts';
export type { CommunicationRun, GroupArithmetic, SumError } from './communicate/run.ts';
export { type CureComparison, type CureOptions, type CureRun, compareCures } from './cures/compareCures.ts';
export { type CancellingOutliersOptions, cancellingOutliers } from './outliers/cancellingOutliers.ts';
export { rotateOutliers } from './outliers/outlierRotation.ts';
export { rescaleChannels } from './outliers/rescaleChannels.ts';
export type { On } from './perplexity/forward.ts';
export { type LogitsOptions, logits } from './perplexity/logits.ts';
export { type PerplexityOptions, type PerplexityResult, perplexity } from './perplexity/perplexity.ts';
export type { OnProgress, Progress } from './progress.ts';
export { calibrateLayers, type LayerCalibration, type LinearCalibration } from './quantize/calibrateLayers.ts';
export { dequantizedCheckpoint, dequantizedWeights, loadQuantizedLlama } from './quantize/checkpoint.ts';
export { compareQuantizations, type QuantizationRow } from './quantize/compareQuantizations.ts';
export type { FloatGridLayout, IntegerGridLayout, QuantizationLayout } from './quantize/layout.ts';
export { type QuantizedMatmulOptions, type QuantizedMatmulResult, quantizedMatmul } from './quantize/matmul.ts';
export { applyQuantization, type QuantizedModel } from './quantize/model.ts';
export { type Quantization, type QuantizedLayer, type QuantizeOptions, quantizeModel } from './quantize/quantize.ts';
export {
  type CapturedLayerRow,
  type CapturedQuantization,
  type QuantizeCapturedOptions,
  quantizeCaptured,
} from './quantize/quantizeCaptured.ts';
export {
  type LayerOptions,
  type LayerQuantization,
  type LayerSearchOptions,
  type QuantizationMethod,
  quantizationMethods,
  quantizeLayer,
} from './quantize/quantizeLayer.ts';
export type { Quantizer } from './quantize/quantizer.ts';
export { type QuantizationReport, type QuantizationReportRow, quantizationReport } from './quantize/report.ts';
export { type QuantizationTensors, quantizationTensors } from './quantize/tensors.ts';
export { compareEmulated, type EmulatedOptions, type EmulatedProduct } from './simulate/emulated.ts';
export type { SimulatedOn } from './simulate/ending.ts';
export type { OperandEntry } from './simulate/operands.ts';
export { type SimulateOptions, type Simulation, simulate } from './simulate/simulate.ts';
export {
  type GraphOutputError,
  type GraphSimulation,
  type SimulatedGraph,
  simulateGraph,
} from './simulate/simulateGraph.ts';
export type { LogitsError, SimulatedNode, SimulatedTarget } from './simulate/watch.ts';
export type { NormScale, SlancScales, UnscaledNorm } from './slanc/scales.ts';
export {
  type CapturedScale,
  type CapturedScales,
  type SlancCapturedOptions,
  slancCaptured,
} from './slanc/slancCaptured.ts';
export { type GraphScales, type SlancGraphOptions, slancGraph, slancScales } from './slanc/slancGraph.ts';
