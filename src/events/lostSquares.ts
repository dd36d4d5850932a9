/**
 * How much of a sum of squares underflow took.
 *
 * @module
 */
import { checkReport, type Report } from './report.ts';

/**
 * The share of a norm's squares that are lost, 0–1: squares whose forming raised `underflow`, being tiny and inexact (a
 * subnormal number or zero stands for them), or `flush`, their operand being read as zero. Squares that a fused
 * accumulator takes unrounded count by the events of the sum. Null where a run forms no squares, or counts nothing.
 *
 * @example
 * import { lostSquares } from 'bittrue/events';
 * import { layerNorm } from 'bittrue/kernels';
 * import { fp16 } from 'bittrue/targets';
 * const x = Float64Array.from({ length: 768 }, (_, i) => (i % 2 ? 1.8e-4 : -1.8e-4));
 * const { report } = layerNorm(x, { rows: 1, width: 768, target: fp16, epsilon: 1e-12 });
 * report.ok; // true
 * lostSquares(report); // 1
 */
export function lostSquares(report: Report): number | null {
  checkReport('report', report);
  const { counts, rows, width, stages } = report;
  if (!stages.includes('squareSum')) return null;
  const of = counts.square ?? counts.squareSum;
  const squares = rows * width;
  if (of === undefined || squares === 0 || Number.isNaN(of.underflow)) return null;
  return Math.min(1, (of.underflow + of.flush) / squares);
}
