export { compareReports, type Comparison, firstFailure, type StageComparison } from './compare.ts';
export { type EventKind, eventKinds, flagNames } from '../rounding/flags.ts';
export { type NumericEvent, Recorder, type RecordMode } from './recorder.ts';
export { type Counts, makeReport, mergeReports, type OutputError, type Reference, type Report, type ReportHead, type Room } from './report.ts';
export { SEMANTICS, VERSION } from './version.ts';
