/**
 * A method applied to a model.
 *
 * @module
 */
export {
  checkModel,
  type Headroom,
  type ModelCheck,
  type ModelCheckOptions,
  type ModelRun,
  type NormCheck,
  type NormRun,
} from './check.ts';
export { checkRows, type RowsCheck, type RowsCheckOptions } from './checkRows.ts';
export type { OnProgress, Progress } from './progress.ts';
export { type NormScale, type SlancScales, slancScales } from './slanc.ts';
