/**
 * What became of the values that were sent, counted.
 *
 * @module
 */
import type { Recorder } from '../events/recorder.ts';
import type { Part } from './shares.ts';

/** A part of a device's data on its way into bytes, and what takes down what becomes of it. */
export interface Outgoing {
  /** Whose scales apply. */
  readonly device: number;
  /** [rows, width], row-major. */
  readonly data: Float64Array;
  readonly width: number;
  readonly part: Part;
  /** Its rows are the part's values, row-major. */
  readonly recorder: Recorder;
  readonly tally: Tally;
}

/** What became of the values that one device sent. */
export interface Tally {
  /** Values sent as narrow codes, or in blocks. */
  values: number;
  /** Of these, codes at the clip limit: ±max, whether or not the value lay beyond. */
  atLimit: number;
  /** Values that lay beyond what their format or their codes hold: saturations. */
  clipped: number;
}

/** Nothing sent yet. */
export function emptyTally(): Tally {
  return { values: 0, atLimit: 0, clipped: 0 };
}

/** Ends a row of the part in the recorder: kinds whose first event has been found need not be looked for any more. */
export function closeRow(recorder: Recorder, place: number): void {
  recorder.row = place - 1;
  recorder.endRow(true);
}
