export type {
  BlockQuantizer,
  BlockQuantizerCheck,
  BlockQuantizerCheckOptions,
  QuantizedBlocks,
} from './blockArguments.ts';
export type { CallOptions } from './call.ts';
export type { Answer, Check, Difference, Explained, Unseen } from './check.ts';
export { checkBlockQuantizer } from './checkBlockQuantizer.ts';
export { checkBlocks, type RecordedBlocks } from './checkBlocks.ts';
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
export { checkStochasticRounding, type StochasticCheckOptions } from './checkStochasticRounding.ts';
export { checkSum, type SumCheckOptions } from './checkSum.ts';
export { checkTable, type TableTask } from './checkTable.ts';
export { describeCheck } from './describeCheck.ts';
export { type Runner, starterTest } from './starters.ts';
export type { StochasticTableTask } from './stochasticTable.ts';
export type { StochasticCheck } from './stochasticVerdict.ts';
