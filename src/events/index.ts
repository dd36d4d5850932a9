/**
 * What a run tells: reports with counts per stage, first occurrences, masked events, headroom and error.
 *
 * An *event* is a flag of one operation (overflow, underflow, invalid, …) with its place: row, stage, index, step, operands, exact
 * and rounded value. A report is plain data; `compareReports` sets two beside each other, `mergeReports` adds up parts.
 *
 * @module
 */

export { type BinadesUsed, binadesUsed } from './binadesUsed.ts';
export { type Comparison, compareReports, firstFailure, type StageComparison } from './compare.ts';
export type { FirstEvents, NumericEvent } from './event.ts';
export { lostSquares } from './lostSquares.ts';
export type { Magnitudes } from './magnitudes.ts';
export type { MaskableCounts } from './maskable.ts';
export { mergeReports } from './merge.ts';
export type { RecordMode } from './recorder.ts';
export {
  type Counts,
  type Fallback,
  hasFailed,
  hasNoVerdict,
  type InputCounts,
  type OutputError,
  type Reference,
  type Report,
  type Room,
} from './report.ts';
export { SEMANTICS, VERSION } from './version.ts';
