/**
 * The counts of a report as comma-separated values (RFC 4180).
 *
 * @module
 */

import type { Magnitudes, Report } from '../../events/index.ts';
import { checkReport } from '../../events/report.ts';
import { eventKinds } from '../../rounding/flags.ts';

/**
 * A line a stage, a column for every kind of event; where the run counted magnitudes, columns for its results too: how many are
 * zero, subnormal and not finite, the least and the largest exponent of the others, and how many binades they use. It ends with a
 * line break.
 *
 * @example
 * import { rmsNorm } from 'bittrue/kernels';
 * import { formatCsv } from 'bittrue/reports';
 * import { fp16 } from 'bittrue/targets';
 * const { report } = rmsNorm(new Float64Array(64).fill(100), { rows: 1, width: 64, target: fp16 });
 * formatCsv(report).split('\n')[0]?.slice(0, 33); // 'stage,inexact,underflow,overflow,'
 */
export function formatCsv(report: Report): string {
  checkReport('report', report);
  const { stages, counts, magnitudes } = report;
  const sizes = magnitudes === undefined ? [] : sizeColumns;
  const lines = stages.map((stage) =>
    [
      quote(stage),
      ...eventKinds.map((kind) => counts[stage][kind]),
      ...sizes.map((size) => size.of(magnitudes?.[stage])),
    ].join(','),
  );
  return `${[['stage', ...eventKinds, ...sizes.map(({ title }) => title)].join(','), ...lines].join('\n')}\n`;
}

/** The columns of a stage's magnitudes; empty for a stage that counts none. */
const sizeColumns: readonly {
  readonly title: string;
  readonly of: (found: Magnitudes | undefined) => number | string;
}[] = [
  { title: 'zero', of: (found) => found?.zero ?? '' },
  { title: 'subnormal', of: (found) => found?.subnormal ?? '' },
  { title: 'nonFinite', of: (found) => found?.nonFinite ?? '' },
  { title: 'leastExponent', of: (found) => found?.least ?? '' },
  { title: 'largestExponent', of: (found) => (found?.least == null ? '' : found.least + found.counts.length - 1) },
  { title: 'binadesUsed', of: (found) => found?.counts.filter((count) => count > 0).length ?? '' },
];

/** A field, in quotation marks where it needs them. */
export function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
