/**
 * Low-bit all-reduce for tensor parallelism: codecs with real bytes, collectives, calibration.
 *
 * Devices hold partial sums and must add them up. A *codec* says how a device packs its part into bytes (BF16, INT4, FP8, blocks,
 * and the hybrid of Dong et al.), `allReduce` sends and adds them by all-gather, ring, two steps or recursive doubling, and
 * reports every rounding, saturation and byte.
 *
 * @module
 */
export { type AllReduceOptions, type AllReduceResult, allReduce } from './allReduce.ts';
export {
  createGroupCalibration,
  type GroupCalibration,
  type GroupCalibrationOptions,
  observeGroup,
  parseGroupCalibration,
} from './calibration.ts';
export {
  type BlockCodec,
  bf16Codec,
  blockCodec,
  type Codec,
  type FeatureCodec,
  type FloatCodecOptions,
  floatCodec,
  fp16Codec,
  type GroupCodec,
  type Narrow,
  type Spikes,
} from './codec.ts';
export { type GroupCodecOptions, groupCodec, parseGroup } from './groupCodec.ts';
export { decodeMessage, encodeMessage, messageBytes } from './message.ts';
export {
  type HybridCodecOptions,
  hybridCodec,
  type IntegerCodecOptions,
  integerCodec,
  randomCodec,
  scaledFloatCodec,
} from './narrow.ts';
export { type PartialSums, type PartialSumsOptions, partialSums } from './partialSums.ts';
export {
  type Algorithm,
  algorithms,
  type CommunicationEvent,
  type CommunicationReport,
  type DeviceClipping,
  type HopError,
  type NonFinite,
  type Traffic,
} from './report.ts';
export {
  aggregatedRanges,
  featureCount,
  type OutlierStatistics,
  outlierStatistics,
  randomFeatures,
  selectFeatures,
} from './selection.ts';
export { type Share, shares } from './shares.ts';
