/**
 * Sums by registers of several widths, as a sweep of the library.
 *
 * @module
 */
import type { Engine } from 'bittrue/engine';
import { plotSvg, sweepPlots } from 'bittrue/reports';
import { defineSweep, runCell, type Sweep, type SweepCell, type SweepGrid, sweepOrders } from 'bittrue/sweeps';

export const kinds = ['normal', 'outliers', 'logUniform'] as const;

/** What the page asks for. */
export interface Asked {
  readonly kind: string;
  readonly rows: number;
  readonly width: number;
  readonly format: string;
  readonly accumulators: string;
  readonly orders: string;
  readonly tile: string;
}

/** The grid of what is asked for. */
export function gridOf({ kind, rows, width, format, accumulators, orders, tile }: Asked): SweepGrid {
  const known = kinds.find((one) => one === kind);
  if (known === undefined) throw new Error(`data are one of ${kinds.join(', ')}`);
  const list = (text: string): string[] =>
    text
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== '');
  const wanted = list(orders).flatMap((one) => sweepOrders.filter((order) => order === one));
  return {
    kernels: ['dot'],
    data: [{ name: `${kind} ${width}`, rows, width, inputs: { kind: known }, weights: { kind: 'normal' } }],
    formats: [format],
    accumulators: list(accumulators),
    orders: wanted,
    ...(tile === '' ? {} : { tiles: [Number(tile)] }),
    fit: 'max',
  };
}

export function sweepOf(asked: Asked): Sweep {
  const sweep = defineSweep(gridOf(asked));
  if (sweep.cells > 200) throw new Error(`${sweep.cells} cells; this page runs at most 200`);
  return sweep;
}

export function cellOf(sweep: Sweep, cell: number, engine: Engine | null): SweepCell {
  return runCell(sweep, cell, { engine });
}

export function picturesOf(cells: readonly SweepCell[], width: number): string[] {
  return cells.length === 0 ? [] : sweepPlots(cells).map((plot) => plotSvg(plot, { width }));
}

/** The answer by order: the first accumulator of the list with which nothing overflows, on these data and for every input. */
export function answersOf(cells: readonly SweepCell[]): string[] {
  const orders = [...new Set(cells.map(({ order }) => order))];
  return orders.map((order) => {
    const own = cells.filter((cell) => cell.order === order && !cell.refused);
    const [here, always] = [
      own.find(({ overflowRate }) => overflowRate === 0),
      own.find(({ verdict }) => verdict === 'proved'),
    ].map((cell) => cell?.accumulator ?? 'none of the list');
    return `${order ?? 'in any order'}: ${here} holds these sums, ${always} those of every input`;
  });
}

export function asCode(asked: Asked): string {
  return `import { defineSweep, runCell } from 'bittrue/sweeps';

const sweep = defineSweep(${JSON.stringify(gridOf(asked), null, 2).replace(/"(\w+)":/g, '$1:')});
for (let i = 0; i < sweep.cells; i++) {
  const { accumulator, order, overflowRate, error, verdict, refused } = runCell(sweep, i);
  console.log(accumulator, order, refused ?? [overflowRate, error?.sqnr, verdict].join(' '));
}`;
}
