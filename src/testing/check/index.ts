export type { CallOptions } from './call.ts';
export type { Answer, Check, Difference, Explained, Unseen } from './check.ts';
export {
  type BlockQuantizer,
  type BlockQuantizerCheck,
  type BlockQuantizerCheckOptions,
  checkBlockQuantizer,
  type QuantizedBlocks,
} from './checkBlockQuantizer.ts';
export { type Codec, type CodecCheck, type CodecCheckOptions, checkCodec } from './checkCodec.ts';
export { type CheckedOperation, checkOperation, type OperationCheckOptions } from './checkOperation.ts';
export { checkQuantizer, type QuantizerCheckOptions } from './checkQuantizer.ts';
export { checkRequantization, type RequantizationCheckOptions } from './checkRequantization.ts';
export {
  type Checked,
  type CompareOptions,
  checkRounding,
  type EffortOptions,
  type RoundingCheckOptions,
} from './checkRounding.ts';
export {
  checkStochasticRounding,
  type StochasticCheck,
  type StochasticCheckOptions,
} from './checkStochasticRounding.ts';
export { checkSum, type SumCheckOptions } from './checkSum.ts';
export { describeCheck } from './describeCheck.ts';
