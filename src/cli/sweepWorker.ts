/**
 * The entry of a sweep's threads: takes numbers of cells, and gives the cells.
 *
 * @module
 */
import { parentPort, workerData } from 'node:worker_threads';
import { BittrueError } from '../errors/index.ts';
import { defineSweep, runCell, type SweepCell, type SweepGrid } from '../sweeps/index.ts';

/** Cells to run, by their numbers. */
export type CellOrder = readonly number[];

/** A cell; or why there is none: the parts of an error of ours, which alone keeps its words between threads. */
export type CellAnswer =
  | { readonly cell: SweepCell }
  | { readonly refusal: Pick<BittrueError, 'code' | 'argument' | 'received' | 'expected'> };

const sweep = defineSweep(workerData as SweepGrid);

parentPort?.on('message', (order: CellOrder) => {
  for (const cell of order) parentPort?.postMessage(answerOf(cell));
});

function answerOf(cell: number): CellAnswer {
  try {
    return { cell: runCell(sweep, cell) };
  } catch (error) {
    if (!(error instanceof BittrueError)) throw error;
    const { code, argument, received, expected } = error;
    return { refusal: { code, argument, received, expected } };
  }
}
