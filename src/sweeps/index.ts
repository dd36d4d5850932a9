/**
 * Many runs: grids, cells, files, shards.
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
