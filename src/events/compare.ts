/**
 * Two reports side by side, as data.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import { failureKinds } from '../rounding/flags.ts';
import type { NumericEvent } from './event.ts';
import { type Counts, checkReport, type Report } from './report.ts';

/** One stage of two runs; null where a run does not have it. */
export interface StageComparison {
  readonly stage: string;
  readonly before: Counts | null;
  readonly after: Counts | null;
  readonly headroomBefore?: number | null;
  readonly headroomAfter?: number | null;
}

/** Two runs of one kernel on the same rows. */
export interface Comparison {
  readonly schema: 'comparison/1';
  readonly kernel: string;
  readonly before: Report;
  readonly after: Report;
  readonly stages: readonly StageComparison[];
  /** The failure that comes first in each run: the earliest event of a kind in `failureKinds`. */
  readonly firstFailureBefore: NumericEvent | null;
  readonly firstFailureAfter: NumericEvent | null;
}

/**
 * The earliest event of a run that makes it not `ok`, constants before rows, or null.
 *
 * @throws {@link BittrueError} for what is no report
 */
export function firstFailure(report: Report): NumericEvent | null {
  checkReport('report', report);
  const found = failureKinds.flatMap((kind) => [report.constants.first[kind] ?? [], report.first[kind] ?? []].flat());
  const place = (event: NumericEvent): number[] => [
    event.row,
    report.stages.indexOf(event.stage),
    event.index ?? Infinity,
    event.step,
  ];
  const earlier = (a: NumericEvent, b: NumericEvent): number => {
    const [p, q] = [place(a), place(b)];
    const at = p.findIndex((value, i) => value !== q[i]);
    return at < 0 ? 0 : (p[at] as number) - (q[at] as number);
  };
  return found.sort(earlier)[0] ?? null;
}

/**
 * Two reports side by side: what a change of target, scale or option did.
 *
 * @throws {@link BittrueError} for reports of different kernels or shapes
 * @example
 * import { compareReports } from 'bittrue/events';
 * import { rmsNorm } from 'bittrue/kernels';
 * import { fp16 } from 'bittrue/targets';
 * const x = new Float64Array(64).fill(100);
 * const options = { rows: 1, width: 64, target: fp16 };
 * const plain = rmsNorm(x, options).report;
 * const scaled = rmsNorm(x, { ...options, scale: 1 / 128 }).report;
 * const comparison = compareReports(plain, scaled);
 * comparison.firstFailureBefore?.stage; // 'squareSum'
 * comparison.firstFailureAfter; // null
 */
export function compareReports(before: Report, after: Report): Comparison {
  checkReport('before', before);
  checkReport('after', after);
  for (const key of ['kernel', 'rows', 'width', 'semantics'] as const) {
    if (before[key] !== after[key]) {
      throw new BittrueError('unsupported', `after.${key}`, after[key], `${before[key]}, as before`);
    }
  }
  const names = [...before.stages];
  // A stage that only the second run has takes its place behind the stage it follows there.
  after.stages.forEach((stage, i) => {
    if (!names.includes(stage)) names.splice(names.indexOf(after.stages[i - 1] as string) + 1, 0, stage);
  });
  const stages = names.map((stage) => ({
    stage,
    before: before.counts[stage] ?? null,
    after: after.counts[stage] ?? null,
    ...(before.headroom ? { headroomBefore: before.headroom[stage] ?? null } : {}),
    ...(after.headroom ? { headroomAfter: after.headroom[stage] ?? null } : {}),
  }));
  return {
    schema: 'comparison/1',
    kernel: before.kernel,
    before,
    after,
    stages,
    firstFailureBefore: firstFailure(before),
    firstFailureAfter: firstFailure(after),
  };
}
