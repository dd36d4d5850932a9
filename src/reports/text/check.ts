/**
 * The study of a model as text: a table of its norms, where each fails first, the perplexities, a verdict.
 *
 * @module
 */
import { checkSchema, printable, printableData } from '../../errors/index.ts';
import { firstFailure, hasFailed, type Report } from '../../events/index.ts';
import { eventKinds, maskableKinds } from '../../rounding/flags.ts';
import type { MissedLimit, ModelCheck, ModelRun, NormCheck, NormRun } from '../../studies/index.ts';
import { bits, count, decibels, percent, perplexityText, size } from '../numbers.ts';
import { describeEvent } from './event.ts';
import { type Column, checkLook, paint, type RenderOptions, table, wrap } from './layout.ts';
import { missedLines } from './limits.ts';

/** Perplexities that differ by less count as the same. */
const HARMLESS = 0.01;

/** How a check is shown. */
export interface CheckRenderOptions extends RenderOptions {
  /** The limits that the check misses, as `judge` finds them: told below the verdict. */
  readonly missed?: readonly MissedLimit[];
}

/**
 * A model's check as text of at most 100 columns.
 *
 * @example
 * import { byteTokens, loadModel } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * import { formatCheck } from 'bittrue/reports';
 * import { checkModel } from 'bittrue/studies';
 * import { fp16 } from 'bittrue/targets';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const text = byteTokens('And God said, Let there be light: and there was light.');
 * const check = checkModel(loadModel(config, checkpoint), [text], { target: fp16 });
 * formatCheck(check).split('\n').every((line) => line.length <= 100); // true
 */
export function formatCheck(check: ModelCheck, options: CheckRenderOptions = {}): string {
  checkSchema('check', check, ['check/1']);
  checkLook(options, ['missed']);
  const { missed = [], ...look } = options;
  const shown = printableData(check);
  const { model, target, sequences, predictions, residualScale } = shown;
  const what = `${model.family}, ${count(model.layers, 'layer')}, hidden ${model.hidden}`;
  const text = `${count(predictions, 'prediction')} from ${count(sequences, 'sequence')}`;
  const head = `residual scale ${size(residualScale)}: ${what}; ${text}; norms on ${target.name}`;
  const names: [string, (norm: NormCheck) => NormRun | null][] = [[plainName(shown), ({ plain }) => plain]];
  if (check.scaled) names.push([scaledName(shown), ({ scaled }) => scaled]);
  return [
    ...wrap(paint('bold', head, look), '  ', look),
    '',
    ...normTable(shown, look),
    ...legend(shown, look),
    '',
    ...accuracyTable(shown, look),
    ...accuracyLegend(shown, look),
    ...names.flatMap(([name, of]) => ['', ...firstLines(shown, name, of, look)]),
    '',
    ...perplexityLines(shown),
    '',
    ...wrap(`verdict: ${paint('bold', checkVerdict(shown), look)}`, '  ', look),
    ...missedLines(missed, look),
  ].join('\n');
}

function plainName({ target }: ModelCheck): string {
  return `plain ${target.name}`;
}

function scaledName({ target, variant, powerOfTwo }: ModelCheck): string {
  return `${target.name} + SLaNC ${variant}${powerOfTwo ? ', powers of two' : ''}`;
}

/** The norm's name in a table: every one of them ends in `_layernorm`, so that says nothing. */
function shortName({ site }: NormCheck): string {
  return site.replace(/_layernorm$/, '');
}

function normTable(check: ModelCheck, options: RenderOptions): string[] {
  const groups = [plainName(check), ...(check.scaled ? [scaledName(check)] : [])];
  const columns: Column[] = [{ title: 'norm', align: 'left' }, { title: 'max Σx²' }];
  for (const group of groups) {
    columns.push({ title: 'overflow', group }, { title: 'underflow', group });
    if (hasOthers(check)) columns.push({ title: 'other', group });
    columns.push({ title: 'headroom', group });
  }
  const rows = check.norms.map((norm) => [
    shortName(norm),
    size(norm.largestSquareSum),
    ...runCells(check, norm.plain, options),
    ...(norm.scaled ? runCells(check, norm.scaled, options) : []),
  ]);
  return table(columns, rows, options);
}

/** What underflow took of each norm, and how exact its outputs are. */
function accuracyTable(check: ModelCheck, options: RenderOptions): string[] {
  const groups = [plainName(check), ...(check.scaled ? [scaledName(check)] : [])];
  const columns: Column[] = [{ title: 'norm', align: 'left' }];
  for (const group of groups) {
    columns.push({ title: 'squares lost', group }, { title: 'output SQNR, dB', group });
  }
  const cells = ({ lostSquares: lost, sqnr }: NormRun): string[] => [
    lost === null ? '–' : percent(lost),
    decibels(sqnr),
  ];
  const rows = check.norms.map((norm) => [
    shortName(norm),
    ...cells(norm.plain),
    ...(norm.scaled ? cells(norm.scaled) : []),
  ]);
  return table(columns, rows, options);
}

function accuracyLegend({ norms }: ModelCheck, options: RenderOptions): string[] {
  const told = [
    'squares lost: those of the run that underflow (a subnormal number or zero stands for them) or are flushed',
  ];
  if (norms.some(({ plain }) => plain.headroom !== null)) {
    told.push('SQNR: of the outputs on what the model has in binary64, whatever earlier norms did');
  }
  return ['', ...wrap(`(${told.join('; ')})`, ' ', options)];
}

/** Overflow, underflow, other failures, headroom. */
function runCells(check: ModelCheck, { report, headroom }: NormRun, options: RenderOptions): string[] {
  const { overflow, underflow } = report.totals;
  const room = headroom?.squareSum;
  const overflows = paint(overflow > 0 ? 'red' : 'dim', `${overflow}${maskedMark(report)}`, options);
  const left = typeof room === 'number' && room < 0 ? paint('red', bits(room), options) : bits(room);
  const other = others(report);
  return [
    overflows,
    String(underflow),
    ...(hasOthers(check) ? [paint(other > 0 ? 'red' : 'dim', String(other), options)] : []),
    left,
  ];
}

/** `*` where an overflowing row has only finite outputs. */
function maskedMark({ maskedRows }: Report): string {
  return maskedRows.overflow > 0 ? '*' : '';
}

/** Failures that are no overflow: invalid, divideByZero; saturation comes with overflow. */
function others({ totals }: Report): number {
  return totals.invalid + totals.divideByZero + totals.wrap;
}

function hasOthers({ norms }: ModelCheck): boolean {
  return norms.some(({ plain, scaled }) => others(plain.report) > 0 || (scaled !== null && others(scaled.report) > 0));
}

function legend(check: ModelCheck, options: RenderOptions): string[] {
  const { norms } = check;
  const told = [`counts over ${count(check.predictions, 'row')} a norm`];
  if (hasOthers(check)) told.push('other: invalid, divideByZero, wrap');
  if (norms.some(({ plain }) => plain.headroom !== null)) {
    told.push('headroom: bits left above the largest square-sum, unrounded');
  }
  const runs = norms.flatMap(({ plain, scaled }) => (scaled ? [plain, scaled] : [plain]));
  const masked = runs.some(({ report }) => report.maskedRows.overflow > 0)
    ? wrap('(* masked: rows that overflowed and yet hold no Inf or NaN in their output)', ' ', options)
    : [];
  return ['', ...wrap(`(${told.join('; ')})`, ' ', options), ...masked];
}

/** The first failure of each norm of a run, in words. */
function firstLines(
  check: ModelCheck,
  name: string,
  of: (norm: NormCheck) => NormRun | null,
  options: RenderOptions,
): string[] {
  const found = check.norms.flatMap((norm) => {
    const report = of(norm)?.report;
    const event = report ? firstFailure(report) : null;
    return event === null ? [] : [{ norm: shortName(norm), event }];
  });
  if (found.length === 0) return [`first failures, ${name}: none`];
  const longest = found.reduce((most, { norm }) => Math.max(most, norm.length), 0);
  return [
    `first failures, ${name}:`,
    ...found.flatMap(({ norm, event }) => {
      const kind = event.kind === 'overflow' ? '' : `${event.kind}, `;
      return wrap(
        `  ${norm.padEnd(longest)} ${kind}${describeEvent(event, { brief: true })}`,
        ' '.repeat(longest + 3),
        options,
      );
    }),
  ];
}

function perplexityLines(check: ModelCheck): string[] {
  const { float64, plain, scaled } = check;
  const rows: [string, number][] = [
    ['float64', float64.perplexity],
    [plainName(check), plain.perplexity],
  ];
  if (scaled) rows.push([scaledName(check), scaled.perplexity]);
  const longest = rows.reduce((most, [name]) => Math.max(most, name.length), 0);
  return rows.map(([name, perplexity], i) => {
    const change = i === 0 ? '' : `  (${signedPercent(drift(check, perplexity))})`;
    return `${i === 0 ? 'perplexity  ' : '            '}${name.padEnd(longest)}  ${perplexityText(perplexity)}${change}`;
  });
}

function signedPercent(share: number): string {
  if (share === 0) return 'the same';
  return Number.isFinite(share) ? `${share < 0 ? '-' : '+'}${percent(Math.abs(share))}` : String(share);
}

/** How far a perplexity is above that of the model without rounding, as a share of it. */
function drift({ float64 }: ModelCheck, perplexity: number): number {
  return perplexity / float64.perplexity - 1;
}

/**
 * The result of a check in one sentence.
 *
 * @example
 * import { byteTokens, loadModel } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * import { checkVerdict } from 'bittrue/reports';
 * import { checkModel } from 'bittrue/studies';
 * import { fp32 } from 'bittrue/targets';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const text = byteTokens('And God said, Let there be light: and there was light.');
 * checkVerdict(checkModel(loadModel(config, checkpoint), [text], { target: fp32, reference: false })); // 'plain fp32 is fine.'
 */
export function checkVerdict(check: ModelCheck): string {
  checkSchema('check', check, ['check/1']);
  const { norms, plain, scaled } = check;
  const name = printable(plainName(check));
  const before = runVerdict(
    check,
    plain,
    norms.map((norm) => norm.plain.report),
  );
  const parts = [`${name} ${before}`];
  if (scaled) {
    const reports = norms.flatMap((norm) => (norm.scaled ? [norm.scaled.report] : []));
    parts.push(`SLaNC ${cure(isFine(check, plain), isFine(check, scaled), runVerdict(check, scaled, reports))}`);
  }
  return `${parts.join('; ')}.`;
}

function isFine(check: ModelCheck, run: ModelRun): boolean {
  return run.ok && Math.abs(drift(check, run.perplexity)) < HARMLESS;
}

function cure(wasFine: boolean, isFineNow: boolean, told: string): string {
  if (!isFineNow) return `does not cure it: it ${told}`;
  return wasFine ? 'is fine too' : 'cures it';
}

/** What one run did, after its name. */
function runVerdict(check: ModelCheck, run: ModelRun, reports: readonly Report[]): string {
  const from = `perplexity ${short(check.float64.perplexity)} -> ${short(run.perplexity)}`;
  const harmless = Math.abs(drift(check, run.perplexity)) < HARMLESS;
  if (run.ok) return harmless ? 'is fine' : `does not overflow but loses accuracy (${from})`;
  if (!reports.some(hasFailed)) return `has no verdict: ${reasons(check, run, reports)}`;
  const failed = reports.filter(hasFailed);
  const verb = failed.some(({ totals }) => totals.overflow > 0) ? 'overflows' : 'fails';
  const how = isSilent(failed) ? `${verb} silently` : verb;
  const where = `${how} in ${failed.length} of ${count(reports.length, 'norm')}`;
  return harmless ? `${where}, so far without harm` : `${where} (${from})`;
}

/** What a run without failures lacks to be told fine. */
function reasons({ float64 }: ModelCheck, run: ModelRun, reports: readonly Report[]): string {
  const numbers = reports.reduce((n, { inputs }) => n + inputs.nonFinite, 0);
  const told = numbers === 0 ? [] : [`${numbers} NaN or infinities among what the norms take`];
  if (!Number.isFinite(run.perplexity)) {
    told.push(`perplexity ${short(float64.perplexity)} -> ${short(run.perplexity)}`);
  }
  return told.join('; ');
}

/** Whether every row that failed has only finite outputs. */
function isSilent(reports: readonly Report[]): boolean {
  return reports.every(({ rowFlags, maskedRows }) =>
    maskableKinds.every((kind) => {
      const bit = 1 << eventKinds.indexOf(kind);
      return rowFlags.reduce((n, flags) => n + (flags & bit ? 1 : 0), 0) === maskedRows[kind];
    }),
  );
}

function short(perplexity: number): string {
  return Number.isFinite(perplexity) ? String(Number(perplexity.toPrecision(4))) : String(perplexity);
}
