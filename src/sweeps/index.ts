/**
 * Many runs: a grid of kernels, formats, accumulators, orders and chips over data, cell by cell.
 *
 * `defineSweep` checks a grid and numbers its cells, `runCell` runs one: events, error against the real function, room in
 * bits, what can be proved. `cellLine` and `sweepHeader` write a file that may be cut anywhere and continued, and
 * `mergeSweeps` joins the files of shards into the bytes that one run gives.
 *
 * @module
 */
export { type RunCellOptions, runCell, type SweepCell, type SweepFigures } from './cell.ts';
export {
  type SweepData,
  type SweepGrid,
  type SweepKernel,
  type SweepOrder,
  sweepKernels,
  sweepOrders,
} from './grid.ts';
export {
  cellLine,
  mergeSweeps,
  readSweepFile,
  type Shard,
  type SweepFile,
  type SweepHeader,
  sweepHeader,
} from './lines.ts';
export { defineSweep, type Sweep } from './sweep.ts';
export { type Synthetic, syntheticNumbers } from './synthetic.ts';
