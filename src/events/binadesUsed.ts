/**
 * How much of its format's range a stage uses.
 *
 * @module
 */
import { BittrueError, checkText } from '../errors/index.ts';
import { type Counts, checkReport, type Report } from './report.ts';

/** How much of its format's range a stage uses, in binades. */
export interface BinadesUsed {
  /** Binades with a result. */
  readonly used: number;
  /** Binades of the format above the largest result, and below the smallest normal one. */
  readonly freeAbove: number;
  readonly freeBelow: number;
  /** Results lost at either end: those that overflow, and those that underflow. */
  readonly lostAbove: number;
  readonly lostBelow: number;
}

/**
 * How many binades of its format a stage's results take, how many are free at either end, and how many results were lost there.
 *
 * @returns null for a stage without results
 * @throws {@link BittrueError} for a report of a run without `magnitudes: true`, and for a stage that it does not have
 * @example
 * import { binadesUsed } from 'bittrue/events';
 * import { rmsNorm } from 'bittrue/kernels';
 * const { report } = rmsNorm([3, 300], { rows: 1, width: 2, target: 'fp16', magnitudes: true });
 * report.magnitudes?.load; // { zero: 0, subnormal: 0, nonFinite: 0, least: 1, counts: [1, 0, 0, 0, 0, 0, 0, 1], range: { least: -14, most: 15 } }
 * binadesUsed(report, 'load'); // { used: 2, freeAbove: 7, freeBelow: 15, lostAbove: 0, lostBelow: 0 }
 * binadesUsed(report, 'square')?.lostAbove; // 1
 */
export function binadesUsed(
  report: Pick<Report, 'schema' | 'magnitudes' | 'counts'>,
  stage: string,
): BinadesUsed | null {
  checkReport('report', report as Report);
  checkText('stage', stage);
  const { magnitudes, counts } = report;
  if (magnitudes === undefined) {
    throw new BittrueError('unsupported', 'report', 'a run without magnitudes', 'one with magnitudes: true');
  }
  const found = Object.hasOwn(magnitudes, stage) ? magnitudes[stage] : undefined;
  if (found === undefined)
    throw new BittrueError('name', 'stage', stage, `one of ${Object.keys(magnitudes).join(', ')}`);
  const { least, range, counts: normal } = found;
  if (range === null) return null;
  const { overflow = 0, underflow = 0 }: Partial<Counts> = counts[stage] ?? {};
  const size = range.most - range.least + 1;
  return {
    used: normal.filter((count) => count > 0).length,
    freeAbove: least === null ? size : range.most - (least + normal.length - 1),
    freeBelow: least === null ? size : least - range.least,
    lostAbove: overflow,
    lostBelow: underflow,
  };
}
