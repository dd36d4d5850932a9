/**
 * The reports of several batches of rows as one.
 *
 * @module
 */
import { BittrueError, checkList } from '../errors/index.ts';
import type { EventKind } from '../rounding/flags.ts';
import type { FirstEvents, NumericEvent } from './event.ts';
import { type Magnitudes, mergeMagnitudes } from './magnitudes.ts';
import { perMaskableKind } from './maskable.ts';
import { CONSTANTS } from './recorder.ts';
import { type Counts, checkReport, isOk, type Report, total } from './report.ts';

/**
 * One report for runs over consecutive batches of rows, as one run over all of them gives it: counts add up, rows are
 * numbered through, constants count once. Headroom and error figures are left out: they belong to each batch.
 *
 * @throws {@link BittrueError} for reports of different kernels, configurations, stages, widths or versions
 * @example
 * import { mergeReports } from 'bittrue/events';
 * import { rmsNorm } from 'bittrue/kernels';
 * import { fp16 } from 'bittrue/targets';
 * const options = { rows: 1, width: 2, target: fp16 };
 * const parts = [rmsNorm([3, 4], options).report, rmsNorm([300, 400], options).report];
 * const merged = mergeReports(parts);
 * merged.first.overflow?.row; // 1
 * merged.rows; // 2
 */
export function mergeReports(reports: readonly Report[]): Report {
  checkList('reports', reports).forEach((report, i) => {
    checkReport(`reports[${i}]`, report as Report);
  });
  const [head] = reports;
  if (head === undefined) throw new BittrueError('shape', 'reports', reports, 'at least one report');
  for (const report of reports) checkAlike(head, report);

  const counts = Object.fromEntries(
    head.stages.map((stage) => [
      stage,
      // Every batch has the same constants, and the merged run has them once.
      stage === CONSTANTS
        ? (head.counts[stage] as Counts)
        : total(reports.map((report) => report.counts[stage] as Counts)),
    ]),
  );
  const totals = total(Object.values(counts));
  const rows = reports.reduce((sum, report) => sum + report.rows, 0);
  const rowFlags = new Uint16Array(rows);
  const first: Partial<Record<EventKind, NumericEvent>> = {};
  const constants: Partial<Record<EventKind, NumericEvent>> = {};
  const events: NumericEvent[] = [];
  let offset = 0;
  for (const report of reports) {
    rowFlags.set(report.rowFlags, offset);
    const placed = (event: NumericEvent): NumericEvent => {
      if (event.row >= 0) return { ...event, row: event.row + offset };
      // What a call rounds once reaches every row of every batch.
      const masked = reports.every((other) => sourceOf(other, event)[event.kind]?.masked !== false);
      return event.masked === undefined ? event : { ...event, masked };
    };
    if (report === head) {
      for (const [kind, event] of Object.entries(head.constants.first)) constants[kind as EventKind] = placed(event);
    }
    for (const [kind, event] of Object.entries(report.first)) first[kind as EventKind] ??= placed(event);
    for (const event of report.events ?? []) if (event.row >= 0 || report === head) events.push(placed(event));
    offset += report.rows;
  }
  const sumOf = (number: (report: Report) => number) => reports.reduce((n, report) => n + number(report), 0);
  const sum = (kind: keyof Report['maskedRows']) => sumOf(({ maskedRows }) => maskedRows[kind]);
  const nonFinite = sumOf(({ inputs }) => inputs.nonFinite - inputs.nonFiniteConstants);
  const inputs = { ...head.inputs, nonFinite: nonFinite + head.inputs.nonFiniteConstants };
  const fallback = reports.find((report) => report.fallback !== undefined)?.fallback;
  const { headroom: _h, footroom: _f, flushed: _z, additions: _a, error: _e, ...rest } = head;
  return {
    ...rest,
    rows,
    counts,
    totals,
    ok: isOk(totals, inputs),
    inputs,
    rowFlags,
    first,
    constants: { first: constants },
    maskedRows: perMaskableKind(sum),
    ...(fallback === undefined ? {} : { fallback }),
    ...(head.magnitudes === undefined ? {} : { magnitudes: magnitudesOf(reports) }),
    ...(head.events ? { events, dropped: sumOf(({ dropped = 0 }) => dropped) } : {}),
  };
}

/** Stage by stage. */
function magnitudesOf(reports: readonly Report[]): Record<string, Magnitudes> {
  return Object.fromEntries(
    Object.keys(reports[0]?.magnitudes ?? {}).map((stage) => [
      stage,
      mergeMagnitudes(reports.map(({ magnitudes }) => magnitudes?.[stage] as Magnitudes)),
    ]),
  );
}

/** The first events among which one of an event's kind and place is found. */
function sourceOf(report: Report, { stage }: NumericEvent): FirstEvents {
  return stage === CONSTANTS ? report.constants.first : report.first;
}

/** Refuses parts that are not of one run. */
function checkAlike(head: Report, report: Report): void {
  for (const key of ['bittrue', 'semantics', 'kernel', 'width'] as const) {
    if (report[key] !== head[key])
      throw new BittrueError('unsupported', `reports.${key}`, report[key], String(head[key]));
  }
  if (report.stages.join() !== head.stages.join()) {
    throw new BittrueError('unsupported', 'reports.stages', report.stages.join(), head.stages.join());
  }
  if (JSON.stringify(report.configuration) !== JSON.stringify(head.configuration)) {
    throw new BittrueError('unsupported', 'reports.configuration', report.configuration, 'that of the first report');
  }
  if ((report.magnitudes === undefined) !== (head.magnitudes === undefined)) {
    const wanted = head.magnitudes === undefined ? 'none, as the first report has' : 'some, as the first report has';
    throw new BittrueError('unsupported', 'reports.magnitudes', report.magnitudes, wanted);
  }
  if (report.inputs.allowed !== head.inputs.allowed) {
    throw new BittrueError('unsupported', 'reports.inputs.allowed', report.inputs.allowed, String(head.inputs.allowed));
  }
}
