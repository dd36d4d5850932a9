/**
 * The cells of a sweep in their order, one after the other or on several threads: a cell depends on nothing but its number.
 *
 * @module
 */
import { Worker } from 'node:worker_threads';
import { closeEngine, createEngine } from '../engine/index.ts';
import { BittrueError } from '../errors/index.ts';
import { runCell, type Sweep, type SweepCell, type SweepGrid } from '../sweeps/index.ts';
import type { CellAnswer, CellOrder } from './sweepWorker.ts';

/** How far the threads may run ahead of the cell that is waited for. */
const AHEAD = 4096;

/**
 * Runs cells; they come in the order that is asked for. Each thread runs cells of its own, so that all that belongs to a cell
 * is shared, its exact sums and proofs too; where there are fewer cells than threads, its rows are.
 *
 * @throws {@link BittrueError} for threads that do not start, or end before their cells are done
 */
export async function* runCells(
  grid: SweepGrid,
  sweep: Sweep,
  cells: readonly number[],
  threads: number,
): AsyncGenerator<SweepCell> {
  if (threads === 1 || cells.length < threads) yield* runHere(sweep, cells, threads);
  else yield* runShared(grid, sweep, cells, threads);
}

async function* runHere(sweep: Sweep, cells: readonly number[], threads: number): AsyncGenerator<SweepCell> {
  if (cells.length === 0) return;
  const engine = threads === 1 ? undefined : await createEngine({ workers: threads });
  try {
    for (const cell of cells) yield runCell(sweep, cell, engine === undefined ? {} : { engine });
  } finally {
    if (engine !== undefined) await closeEngine(engine);
  }
}

async function* runShared(
  grid: SweepGrid,
  sweep: Sweep,
  cells: readonly number[],
  threads: number,
): AsyncGenerator<SweepCell> {
  // Neighbours share their exact sums: all accumulators of an order go together, while every thread has enough to do.
  const { accumulators } = sweep.checked.axes;
  const size = Math.min(accumulators.length, Math.ceil(cells.length / (8 * threads)));
  const done = new Map<number, SweepCell>();
  let next = 0;
  let wanted = 0;
  let failure: unknown;
  let wake = (): void => {};
  const idle: (() => void)[] = [];
  const workers = Array.from({ length: threads }, () => {
    const worker = openWorker(grid);
    let open = 0;
    const order = (): void => {
      if (next >= wanted + AHEAD) {
        idle.push(order);
        return;
      }
      const part: CellOrder = cells.slice(next, next + size);
      next += part.length;
      open = part.length;
      if (open > 0) worker.postMessage(part);
    };
    const fail = (error: unknown): void => {
      failure ??= error;
      wake();
    };
    worker.on('message', (answer: CellAnswer) => {
      if ('refusal' in answer) {
        const { code, argument, received, expected } = answer.refusal;
        fail(new BittrueError(code, argument, received, expected));
        return;
      }
      done.set(answer.cell.cell, answer.cell);
      open -= 1;
      if (open === 0) order();
      wake();
    });
    worker.on('error', fail);
    worker.on('exit', (status) => {
      fail(new BittrueError('thread', '--threads', `a thread that ended with ${status}`, 'threads that live'));
    });
    order();
    return worker;
  });
  try {
    for (; wanted < cells.length; wanted++) {
      const cell = cells[wanted] as number;
      while (!done.has(cell)) {
        if (failure !== undefined) throw failure;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      for (const order of idle.splice(0)) order();
      yield done.get(cell) as SweepCell;
      done.delete(cell);
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** A thread that knows the grid. */
function openWorker(grid: SweepGrid): Worker {
  try {
    return new Worker(new URL('./sweepWorker.js', import.meta.url), { workerData: grid });
  } catch (error) {
    const wanted = 'workers that start; Node --allow-worker permits them under its permission model; 1 needs none';
    throw new BittrueError('unsupported', '--threads', (error as { code?: string }).code ?? String(error), wanted);
  }
}
