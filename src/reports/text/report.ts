/**
 * A report, or two of them side by side, as a table for a terminal.
 *
 * @module
 */
import { checkSchema, printableData } from '../../errors/index.ts';
import {
  type Comparison,
  type Counts,
  firstFailure,
  hasNoVerdict,
  lostSquares,
  type NumericEvent,
  type Report,
} from '../../events/index.ts';
import { type EventKind, eventKinds, failureKinds, maskableKinds } from '../../rounding/flags.ts';
import type { Target } from '../../targets/index.ts';
import { bits, count, percent, size, value } from '../numbers.ts';
import { describeEvent } from './event.ts';
import { type Column, checkLook, paint, type RenderOptions, table, wrap } from './layout.ts';
import { magnitudeLines } from './magnitudes.ts';

/** What {@link lostSquares} counts. */
const LOST = 'a square is lost where it underflows (a subnormal number or zero stands for it) or is flushed';

/**
 * A report or a comparison as a table of at most 100 columns: a row a stage, a column for every kind of event that
 * happened, headroom and footroom where the run has them; magnitudes where it counted them; below it where each kind happened
 * first.
 *
 * @example
 * import { rmsNorm } from 'bittrue/kernels';
 * import { formatReport } from 'bittrue/reports';
 * import { fp16 } from 'bittrue/targets';
 * const { report } = rmsNorm(new Float64Array(64).fill(100), { rows: 1, width: 64, target: fp16 });
 * const lines = formatReport(report).split('\n');
 * lines[0]; // 'rmsNorm on fp16: 1 row of 64: NOT ok'
 * lines.every((line) => line.length <= 100); // true
 */
export function formatReport(report: Report | Comparison, options: RenderOptions = {}): string {
  checkSchema('report', report, ['report/2', 'comparison/1']);
  checkLook(options);
  const shown = printableData(report);
  return shown.schema === 'report/2' ? single(shown, options) : pair(shown, options);
}

function single(report: Report, options: RenderOptions): string {
  const kinds = eventKinds.filter((kind) => report.totals[kind] > 0);
  const columns: Column[] = [{ title: 'stage', align: 'left' }, ...kinds.map((title) => ({ title }))];
  if (report.headroom) columns.push({ title: 'headroom' });
  if (report.footroom) columns.push({ title: 'footroom' });
  const rows = report.stages.map((stage) => [
    stage,
    ...kinds.map((kind) => countCell(kind, report.counts[stage], options)),
    ...(report.headroom ? [roomCell(report.headroom, stage, options)] : []),
    ...(report.footroom ? [roomCell(report.footroom, stage, {})] : []),
  ]);
  const lines = [
    ...wrap(`${title(report)}: ${verdict(report, options)}`, '', options),
    '',
    ...table(columns, rows, options),
    ...magnitudeLines(report, options),
  ];
  const notes = [
    ...inputNotes(report),
    ...fallbackNotes(report),
    ...firsts(report, options),
    ...firstConstants(report),
    ...masked(report),
    ...errors(report),
  ];
  if (report.totals.absorption > 0)
    notes.push('absorption: an addend that leaves no trace in a sum, or only a part of one');
  if (report.headroom) {
    notes.push('headroom, footroom: bits to the largest finite and the smallest normal number, without rounding');
  }
  const below = notes.length > 0 ? ['', ...notes.flatMap((note) => wrap(note, '  ', options))] : [];
  return [...lines, ...below].join('\n');
}

function pair({ before, after, stages, ...comparison }: Comparison, options: RenderOptions): string {
  const kinds = eventKinds.filter((kind) => before.totals[kind] > 0 || after.totals[kind] > 0);
  const columns: Column[] = [{ title: 'stage', align: 'left' }];
  for (const group of ['before', 'after'] as const) {
    for (const kind of kinds) columns.push({ title: kind, group });
    if ((group === 'before' ? before : after).headroom) columns.push({ title: 'headroom', group });
  }
  const rows = stages.map(({ stage, before: first, after: second }) => [
    stage,
    ...kinds.map((kind) => countCell(kind, first, options)),
    ...(before.headroom ? [roomCell(before.headroom, stage, options)] : []),
    ...kinds.map((kind) => countCell(kind, second, options)),
    ...(after.headroom ? [roomCell(after.headroom, stage, options)] : []),
  ]);
  const lines = [
    ...wrap(`before: ${title(before)}: ${verdict(before, options)}`, '', options),
    ...wrap(`after:  ${title(after)}: ${verdict(after, options)}`, '', options),
    '',
    ...table(columns, rows, options),
    '',
    ...inputNotes(before).flatMap((note) => wrap(`before: ${note}`, '  ', options)),
    ...inputNotes(after).flatMap((note) => wrap(`after: ${note}`, '  ', options)),
    ...wrap(`first failure before: ${firstWords(comparison.firstFailureBefore)}`, '  ', options),
    ...wrap(`first failure after:  ${firstWords(comparison.firstFailureAfter)}`, '  ', options),
    ...pairNotes(before, after).flatMap((note) => wrap(note, '  ', options)),
    ...(before.magnitudes === undefined ? [] : ['', 'before:', ...magnitudeLines(before, options).slice(1)]),
    ...(after.magnitudes === undefined ? [] : ['', 'after:', ...magnitudeLines(after, options).slice(1)]),
  ];
  return lines.join('\n');
}

/** What ran: kernel, target, scale, shape. */
function title({ kernel, configuration, rows, width }: Report): string {
  const target = targetText(configuration);
  const scale = configuration.scale as number | undefined;
  const scaled = scale === undefined || scale === 1 ? '' : `, scale ${size(scale)}`;
  return `${kernel}${target === undefined ? '' : ` on ${target}`}${scaled}: ${count(rows, 'row')} of ${width}`;
}

/** The target, and the unit that ran where it has several. */
function targetText({ target, unit }: Report['configuration']): string | undefined {
  const { name, vectorUnits = {}, matrixUnits = {}, defaults = {} } = (target ?? {}) as Partial<Target>;
  const ran = typeof unit === 'string' ? unit : defaults.vector;
  const isOne = Object.keys(vectorUnits).length + Object.keys(matrixUnits).length <= 1;
  return name === undefined || ran === undefined || isOne ? name : `${name}:${ran}`;
}

function verdict(report: Report, options: RenderOptions): string {
  if (hasNoVerdict(report)) return paint('red', 'no verdict', options);
  return report.ok ? paint('green', 'ok', options) : paint('red', 'NOT ok', options);
}

/** Why the run took longer than it would have to. */
function fallbackNotes({ fallback }: Report): string[] {
  if (fallback === undefined) return [];
  const lack = fallback === 'memory' ? 'memory' : 'WebAssembly';
  return [`for lack of ${lack} the specification ran: the same answer, in longer time`];
}

/** What the inputs hold that is not finite. */
function inputNotes({ inputs }: Report): string[] {
  if (!(inputs.nonFinite > 0)) return [];
  return [`NaN or infinite among the inputs: ${inputs.nonFinite}${inputs.allowed ? ', which is allowed' : ''}`];
}

function countCell(kind: EventKind, counts: Counts | undefined | null, options: RenderOptions): string {
  if (!counts) return '–';
  const text = value(counts[kind]);
  if (counts[kind] === 0) return paint('dim', text, options);
  return failureKinds.includes(kind) ? paint('red', text, options) : text;
}

function roomCell(room: Readonly<Record<string, number | null>>, stage: string, options: RenderOptions): string {
  const left = room[stage];
  return typeof left === 'number' && left < 0 ? paint('red', bits(left), options) : bits(left);
}

/** Where each kind happened first, failures before the rest; the run's first failure is named as such. */
function firsts(report: Report, options: RenderOptions): string[] {
  const failure = firstFailure(report);
  const lines =
    failure === null
      ? []
      : [`first failure: ${paint('red', failure.kind, options)}, ${firstWords(failure)}${times(report, failure.kind)}`];
  const others = [...failureKinds, 'underflow', 'flush', 'absorption'] as const;
  for (const kind of others) {
    const event = report.first[kind];
    if (event !== undefined && event !== failure)
      lines.push(`first ${kind}: ${firstWords(event)}${times(report, kind)}`);
  }
  return lines;
}

/** How often a kind happened, where it is more than once. */
function times({ totals, rowFlags }: Report, kind: EventKind): string {
  if (totals[kind] <= 1) return '';
  const bit = 1 << eventKinds.indexOf(kind);
  const rows = rowFlags.reduce((n, flags) => n + (flags & bit ? 1 : 0), 0);
  return `; ${totals[kind]} in all, in ${count(rows, 'row')}`;
}

/** What the constants raised, apart from the rows: failures, and what vanished. */
function firstConstants(report: Report): string[] {
  const { constants } = report;
  const failure = firstFailure(report);
  const told = [...failureKinds, 'underflow', 'flush'] as const;
  return told.flatMap((kind) => {
    const event = constants.first[kind];
    return event === undefined || event === failure ? [] : [`constants, first ${kind}: ${describeEvent(event)}`];
  });
}

/** The squares that underflow took, in words. */
function squares(report: Report): string {
  const lost = lostSquares(report);
  return lost === null ? 'no squares' : `squares lost ${percent(lost)}`;
}

function sqnrText(sqnr: number | null): string {
  return sqnr === null ? 'none' : `${size(sqnr)} dB`;
}

/** Accuracy and lost squares of two runs; only where a reference pass has told the first. */
function pairNotes(before: Report, after: Report): string[] {
  if (!before.error || !after.error) return [];
  const of = (report: Report) => `SQNR ${sqnrText(report.error?.sqnr ?? null)}, ${squares(report)}`;
  return [`before: ${of(before)}`, `after:  ${of(after)}`, ...(lostSquares(before) === null ? [] : [LOST])];
}

function firstWords(event: NumericEvent | null): string {
  return event === null ? 'none' : describeEvent(event);
}

function masked({ maskedRows, rowFlags }: Report): string[] {
  return maskableKinds
    .filter((kind) => maskedRows[kind] > 0)
    .map((kind) => {
      const bit = 1 << eventKinds.indexOf(kind);
      const all = rowFlags.reduce((n, flags) => n + (flags & bit ? 1 : 0), 0);
      return `masked: ${count(maskedRows[kind], 'row')} of the ${all} with ${kind} ${maskedRows[kind] === 1 ? 'has' : 'have'} only finite outputs`;
    });
}

function errors(report: Report): string[] {
  const { error } = report;
  if (!error) return [];
  const sqnr = sqnrText(error.sqnr);
  const told = `error against the real function: max ${size(error.maxUlp)} ulp, mean ${size(error.meanUlp)} ulp, SQNR ${sqnr}`;
  const lost = lostSquares(report) === null ? [] : [`${squares(report)}: ${LOST}`];
  return [...lost, error.nonFinite === 0 ? told : `${told}, ${count(error.nonFinite, 'output')} not finite`];
}
