/**
 * Rows cut into pieces: what a fast twin of an elementwise kernel keeps flags for, and replays where something happened.
 *
 * @module
 */
import type { Lease } from '../../engine/engine.ts';
import type { Pointer } from '../../engine/module.ts';
import type { Block } from '../../engine/roundingBlock.ts';
import type { Recorder } from '../../events/recorder.ts';
import { eventKinds } from '../../rounding/flags.ts';
import type { Plan } from '../../specification/contract.ts';
import { type Counters, finishRecorder, isFiniteRow, NOT_FINITE } from '../counters.ts';

/** Numbers to one word of flags; a multiple of 8, so that codes of any width fill whole bytes. */
export const PIECE = 16_384;

/** How rows are cut. */
export interface Pieces {
  readonly count: number;
  readonly perRow: number;
  /** The row of a piece, the number of its first element there, and in the input. */
  rowOf(piece: number): number;
  columnOf(piece: number): number;
  startOf(piece: number): number;
}

export function piecesOf({ rows, width }: Pick<Plan, 'rows' | 'width'>): Pieces {
  const perRow = Math.max(1, Math.ceil(width / PIECE));
  const count = width === 0 ? 0 : rows * perRow;
  const rowOf = (piece: number): number => Math.floor(piece / perRow);
  const columnOf = (piece: number): number => (piece % perRow) * PIECE;
  const startOf = (piece: number): number => (piece >= count ? rows * width : rowOf(piece) * width + columnOf(piece));
  return { count, perRow, rowOf, columnOf, startOf };
}

/** Harvests a tally into totals; the flags of what it has counted, and whether a number was not finite. */
export function openFlags({
  engine: { core },
  take,
}: Lease): (block: Block, tally: Pointer, totals: Pointer) => number {
  const at = take(8);
  const flags = new Uint16Array(core.memory.buffer, at, 1);
  const finite = new Uint8Array(core.memory.buffer, at + 4, 1);
  return ({ lane, overflowAccounting }, tally, totals) => {
    flags[0] = 0;
    finite[0] = 1;
    const drainTally = lane === 4 ? core.call.drainTally32 : core.call.drainTally64;
    drainTally(tally, overflowAccounting, 16 / lane, totals, at, 0, at + 4);
    return (flags[0] as number) | (finite[0] === 0 ? NOT_FINITE : 0);
  };
}

/**
 * Tells the recorder what a run would have told, from counters whose flags are by piece, then stage. `replay` runs a
 * piece by the specification, all stages; the recorder stands in its row.
 */
export function finishPieces(
  { rows, stages }: Plan,
  { count, rowOf, perRow }: Pieces,
  { counts, rowFlags: flags }: Counters,
  recorder: Recorder,
  replay: (piece: number) => void,
): void {
  const rowFlags = new Uint16Array(rows);
  for (let i = 0; i < count * stages.length; i++) {
    const row = rowOf(Math.floor(i / stages.length));
    rowFlags[row] |= flags[i] as number;
  }
  const counters = { counts, rowFlags, magnitudes: null };
  finishRecorder(recorder, counters, () => {
    let row = -1;
    for (const piece of piecesToReplay(flags, count, perRow, stages.length)) {
      const next = rowOf(piece);
      if (row >= 0 && next !== row) recorder.endRow(isFiniteRow(counters, row));
      row = next;
      recorder.row = row;
      replay(piece);
    }
    if (row >= 0) recorder.endRow(isFiniteRow(counters, row));
  });
}

/** The first piece to raise each kind, as reports order events: by row, stage, element. Ascending, none twice. */
function piecesToReplay(flags: Uint16Array, count: number, perRow: number, stages: number): number[] {
  const found = new Set<number>();
  let open = (1 << eventKinds.length) - 1;
  for (let row = 0; row < count && open !== 0; row += perRow) {
    for (let stage = 0; stage < stages; stage++) {
      for (let piece = row; piece < row + perRow; piece++) {
        const raised = (flags[piece * stages + stage] as number) & open;
        if (raised === 0) continue;
        open &= ~raised;
        found.add(piece);
      }
    }
  }
  return [...found].sort((a, b) => a - b);
}
