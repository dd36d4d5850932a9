/**
 * The counts of a report as comma-separated values (RFC 4180).
 *
 * @module
 */

import type { Report } from '../../events/index.ts';
import { checkReport } from '../../events/report.ts';
import { eventKinds } from '../../rounding/flags.ts';

/**
 * A line a stage, a column for every kind of event; ends with a line break.
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
  const { stages, counts } = report;
  const lines = stages.map((stage) => [quote(stage), ...eventKinds.map((kind) => counts[stage][kind])].join(','));
  return `${[['stage', ...eventKinds].join(','), ...lines].join('\n')}\n`;
}

/** A field, in quotation marks where it needs them. */
export function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
