/**
 * What fast twins share: the counters of a run, and the replay that explains it.
 *
 * @module
 */
import type { Core, Pointer } from '../engine/module.ts';
import { magnitudeRoom } from '../events/magnitudes.ts';
import type { Recorder } from '../events/recorder.ts';
import { eventKinds, MASKABLE, maskableKinds } from '../rounding/flags.ts';
import type { Rounding } from '../rounding/roundTo.ts';

/** Among the flags of a row: one of its outputs is not finite. Reports have it no more. */
export const NOT_FINITE = 0x8000;

/** Numbers of a stage's totals: one a kind, then the NaN and the infinite operands that it met. */
export const TOTALS = eventKinds.length + 2;
/** Bytes of one tally; see `assembly/lanes/tally.ts`. */
export const TALLY_BYTES = 160;

/** The counters of a run: counts by stage and kind, flags by row or piece. */
export interface Counters {
  /** After the stages' counts one more number: how many inputs were not finite, where the twin counts them. */
  readonly counts: Float64Array;
  /** Kinds as in a report, and `NOT_FINITE`. */
  readonly rowFlags: Uint16Array;
  /** What results are counted in by their magnitudes; null: they are not, or the run counts its outputs itself. */
  readonly magnitudes: Float64Array | null;
  /** Called after every piece of work; throws where the run is given up. Absent where no one else takes part. */
  readonly onPiece?: () => void;
}

/** Counters of nothing yet; `room` gives the memory of its flags. */
export function createCounters(
  stages: number,
  rows: number,
  room: (bytes: number) => ArrayBufferLike,
  hasMagnitudes = false,
): Counters {
  return {
    counts: new Float64Array(stages * eventKinds.length + 1),
    rowFlags: new Uint16Array(room(rows * 2)),
    magnitudes: hasMagnitudes ? magnitudeRoom(stages) : null,
  };
}

/** Whether every output of a row or piece is finite. */
export function isFiniteRow({ rowFlags }: Counters, row: number): boolean {
  return ((rowFlags[row] as number) & NOT_FINITE) === 0;
}

/** Says whether every output of a row is finite, whatever was said before. */
export function markFinite({ rowFlags }: Counters, row: number, areFinite: boolean): void {
  const flags = rowFlags[row] as number;
  rowFlags[row] = areFinite ? flags & ~NOT_FINITE : flags | NOT_FINITE;
}

/** Adds totals that the module wrote to one stage's counts; the number of NaN met. */
export function addTotals({ memory }: Core, totals: Pointer, counts: Float64Array, stage: number): number {
  const found = new Float64Array(memory.buffer, totals, TOTALS);
  for (let kind = 0; kind < eventKinds.length; kind++) {
    counts[stage * eventKinds.length + kind] =
      (counts[stage * eventKinds.length + kind] as number) + (found[kind] as number);
  }
  return found[eventKinds.length] as number;
}

/** Takes a stage's NaN and infinite operands for the inputs that are not finite: of a kernel whose inputs enter there alone. */
export function addNonFinite({ memory }: Core, totals: Pointer, counts: Float64Array): void {
  const found = new Float64Array(memory.buffer, totals, TOTALS);
  for (const number of found.subarray(eventKinds.length))
    counts[counts.length - 1] = (counts[counts.length - 1] as number) + number;
}

/** Adds counts, of the stages from `first` up to `end`. */
export function addCounts(into: Float64Array, counts: ArrayLike<number>, first = 0, end = Infinity): void {
  const last = Math.min(counts.length, end * eventKinds.length);
  for (let i = first * eventKinds.length; i < last; i++) into[i] = (into[i] as number) + (counts[i] as number);
}

/** Whether a format has no NaN to give, so that one must go through the specification. */
export function hasNoNaN({ format }: Rounding): boolean {
  return format.kind !== 'float' || format.nan === 'none';
}

/** Runs again, by the specification, the rows that were the first to raise a kind; the recorder stands in the row. */
export function replayRows(recorder: Recorder, counters: Counters, replay: (row: number) => void): void {
  for (const row of firstRaising(counters.rowFlags)) {
    recorder.row = row;
    replay(row);
    recorder.endRow(isFiniteRow(counters, row));
  }
}

/** The first item to raise each kind, in ascending order, no item twice. */
function firstRaising(flags: ArrayLike<number>): number[] {
  const found = new Set<number>();
  let open = (1 << eventKinds.length) - 1;
  for (let i = 0; i < flags.length && open !== 0; i++) {
    const raised = (flags[i] as number) & open;
    if (raised === 0) continue;
    open &= ~raised;
    found.add(i);
  }
  return [...found];
}

/** Closes a recorder with counters; `replay` runs what the recorder needs to see again, when it keeps events at all. */
export function finishRecorder(recorder: Recorder, counters: Counters, replay: () => void): void {
  if (recorder.wantsEvents) replay();
  adopt(recorder, counters);
  recorder.end();
}

/**
 * The fast pass counts, the replay explains: its counts take the place of what replayed rows told. The flags become the
 * recorder's own, for a matmul has one for every output; memory that threads share is copied, so that a report holds ordinary
 * memory.
 */
function adopt(recorder: Recorder, { counts, rowFlags }: Counters): void {
  for (let i = 0; i < recorder.counts.length; i++) recorder.counts[i] = counts[i] as number;
  if (rowFlags.buffer instanceof ArrayBuffer) recorder.rowFlags = rowFlags;
  else recorder.rowFlags.set(rowFlags);
  const flags = recorder.rowFlags;
  const rows = maskableKinds.map(() => 0);
  const bits = maskableKinds.map((kind) => 1 << eventKinds.indexOf(kind));
  recorder.allFinite = true;
  for (let r = 0; r < flags.length; r++) {
    const raised = flags[r] as number;
    if (raised & NOT_FINITE) {
      flags[r] = raised & ~NOT_FINITE;
      recorder.allFinite = false;
    } else if (raised & MASKABLE) {
      for (let i = 0; i < rows.length; i++) if (raised & bits[i]!) rows[i]! += 1;
    }
  }
  maskableKinds.forEach((kind, i) => {
    recorder.maskedRows[kind] = rows[i] as number;
  });
}
