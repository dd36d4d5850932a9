export {
  type EventKind,
  eventKinds,
  failureKinds,
  flagNames,
  type MaskableKind,
  maskableKinds,
} from '../rounding/flags.ts';
export { type Comparison, compareReports, firstFailure, type StageComparison } from './compare.ts';
export { lostSquares } from './lostSquares.ts';
export type { MaskableCounts } from './maskable.ts';
export { mergeReports } from './merge.ts';
export { type FirstEvents, type NumericEvent, Recorder, type RecordMode } from './recorder.ts';
export {
  type Counts,
  type Fallback,
  hasFailed,
  hasNoVerdict,
  type InputCounts,
  makeReport,
  type OutputError,
  type Reference,
  type Report,
  type ReportHead,
  type Room,
} from './report.ts';
export { SEMANTICS, VERSION } from './version.ts';
