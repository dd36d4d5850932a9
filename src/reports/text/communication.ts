/**
 * What low-bit communication costs a model, as text.
 *
 * @module
 */
import { checkSchema, printableData } from '../../errors/index.ts';
import type { Communication, CommunicationRun } from '../../studies/index.ts';
import { brief, count, percent, perplexityText, size } from '../numbers.ts';
import { checkLook, columns, paint, type RenderOptions, table, wrap } from './layout.ts';

/** One run's cells: codec, bits, perplexity, errors, clipping. */
export function communicationCells(run: CommunicationRun, reference: number): readonly string[] {
  const share = (value: number | null): string => (value === null ? '–' : percent(value));
  return [
    run.codec,
    size(run.messageBits),
    size(run.trafficBits),
    perplexityText(run.perplexity),
    signed(run.perplexity / reference - 1),
    brief(run.error.rmse),
    brief(run.meanRelativeError),
    brief(run.error.max),
    share(run.atLimit),
    share(run.clipped),
  ];
}

/** The titles of {@link communicationCells}. */
export const communicationColumns = [
  'codec',
  'bits',
  'sent',
  'perplexity',
  'change',
  'rmse',
  'relative',
  'max',
  'at limit',
  'clipped',
] as const;

/** One layer's cells: how far its ranges exceed their median, what is to be gained, what was. */
export function communicationSiteCells(study: Communication, index: number): readonly string[] {
  const { name, outliers } = study.sites[index];
  const { maxOverMedian, atLeast, expectedGain } = outliers;
  const gain = measuredGain(study, index);
  return [
    shortSite(name),
    maxOverMedian === null ? '–' : brief(maxOverMedian),
    ...atLeast.map(({ features }) => String(features)),
    brief(expectedGain),
    gain === null ? '–' : brief(gain),
  ];
}

/** The titles of {@link communicationSiteCells}. */
export const communicationSiteColumns = ['layer', 'max R', '1.2', '1.5', '2', '4', '8', '16', 'expected', 'measured'];

/** rmse of INT4 over that of the hybrid codec, where both were run. */
function measuredGain({ runs }: Communication, index: number): number | null {
  const of = (codec: string): number | undefined => runs.find((run) => run.codec === codec)?.siteErrors[index].rmse;
  const [integer, hybrid] = [of('int4'), of('hybrid')];
  return integer === undefined || hybrid === undefined || hybrid === 0 ? null : integer / hybrid;
}

/** `layers.0.o_proj` for `model.layers.0.self_attn.o_proj.weight`. */
export function shortSite(name: string): string {
  return name
    .replace(/^model\./, '')
    .replace(/\.weight$/, '')
    .replace(/\.(self_attn|mlp)\./, '.');
}

/** What the study was about, in one line. */
export function communicationTitle(study: Communication): string {
  const { devices, algorithm, k, width, symmetric, arithmetic, predictions } = study;
  return (
    `${count(devices, 'device')}, ${algorithm}, k = ${k} of ${width}, ` +
    `${symmetric ? 'symmetric' : 'asymmetric'} codes, partial sums in ${arithmetic}; ${count(predictions, 'prediction')}`
  );
}

/** Errors by hop as a table, with a note. */
export function hopLines(study: HopStudy, options: RenderOptions): readonly string[] {
  const cells = hopCells(study);
  if (cells.length === 0) return [];
  return ['', ...table(columns(hopColumns(study)), cells, options), '', ...wrap(hopNotes, '  ', options)];
}

/** What {@link hopCells} are. */
export const hopNotes =
  'by hop: rmse / root mean square of the running sums after each exchange, against the exact sums of as many devices; all ' +
  'layers together.';
const columnNotes =
  'bits: of a value in a message; sent: bits that a device sends for every value of the sum, counted from packed bytes; ' +
  'rmse, max: of the sums, all layers together; relative: mean over layers of rmse / root mean square; at limit, clipped: ' +
  'shares of the coded values.';
const siteNotes =
  'R: range of a feature over all devices; max R over the median, and how many features have at least so many times the ' +
  'median; expected: √(ΣR² / Σ R² without the k features); measured: rmse of int4 / rmse of hybrid.';

/**
 * Perplexity, error and traffic of every codec, and a line a layer on its outliers; at most 100 columns.
 *
 * @example
 * import { byteTokens, loadModel } from 'bittrue/models';
 * import { embeddedModel, openModel } from 'bittrue/node';
 * import { formatCommunication } from 'bittrue/reports';
 * import { calibrateCommunication, communicateModel } from 'bittrue/studies';
 * const { config, checkpoint } = openModel(embeddedModel());
 * const model = loadModel(config, checkpoint);
 * const text = [byteTokens('In the beginning')];
 * const study = communicateModel(model, calibrateCommunication(model, text, { devices: 2 }), text, { codecs: ['bf16'] });
 * formatCommunication(study).split('\n')[0].slice(0, 20); // '2 devices, allGather'
 */
export function formatCommunication(study: Communication, options: RenderOptions = {}): string {
  checkSchema('study', study, ['communication-study/1']);
  checkLook(options);
  const shown = printableData(study);
  const { runs, perplexity, sites } = shown;
  return [
    ...wrap(paint('bold', communicationTitle(shown), options), '  ', options),
    '',
    ...table(
      columns(communicationColumns),
      [
        ['binary64', '–', '–', perplexityText(perplexity), ...new Array<string>(6).fill('–')],
        ...runs.map((run) => communicationCells(run, perplexity)),
      ],
      options,
    ),
    ...bars(shown),
    ...hopLines(shown, options),
    '',
    ...wrap(columnNotes, '  ', options),
    '',
    ...table(
      columns(communicationSiteColumns),
      sites.map((_, i) => communicationSiteCells(shown, i)),
      options,
    ),
    '',
    ...wrap(siteNotes, '  ', options),
    ...runs
      .flatMap(communicationFailures)
      .flatMap((failure) => ['', ...wrap(paint('red', failure, options), '  ', options)]),
  ].join('\n');
}

/** What keeps a run from being ok, a line each. */
export function communicationFailures({ codec, ok, first, totals, perplexity }: CommunicationRun): readonly string[] {
  if (ok) return [];
  // An overflow that was clipped left a finite number, and is part of the method.
  const isClipped = Number.isFinite(first.overflow?.result);
  const events = [first.invalid ?? (isClipped ? undefined : first.overflow), first.scaleUnderflow, first.scaleOverflow];
  const found = events.flatMap((event) => {
    if (event === undefined) return [];
    const { kind, site, stage, row, feature, device } = event;
    const place = `${shortSite(site)}, ${stage}, row ${row}, feature ${feature}`;
    const sender = device === null ? '' : `, device ${device}`;
    return [`${codec}: first ${kind} at ${place}${sender}; ${count(totals[kind], 'event')} in all`];
  });
  if (found.length > 0) return found;
  const where = Number.isFinite(perplexity) ? '' : `, and perplexity ${perplexity}`;
  return [`${codec}: no verdict: NaN or infinities among the partial sums or after them${where}`];
}

/** The titles of {@link hopCells}. */
export function hopColumns({ runs }: HopStudy): readonly string[] {
  return ['hop', 'devices', ...runs.map(({ codec }) => codec)];
}

/** A line a hop: relative errors of running sums, codec by codec; none where sums travel once. */
export function hopCells({ runs }: HopStudy): readonly (readonly string[])[] {
  const [first] = runs;
  if (first === undefined || first.hops.length < 2) return [];
  return first.hops.map(({ phase, hop, devices }, i) => [
    `${phase} ${hop}`,
    String(devices),
    ...runs.map(({ hops }) => brief((hops[i]?.rmse ?? 0) / (hops[i]?.rms || 1))),
  ]);
}

/** Runs of one collective. */
type HopStudy = { readonly runs: readonly Pick<CommunicationRun, 'codec' | 'hops'>[] };

/** The widest bar. */
const CELLS = 40;

/** Relative errors as bars over a logarithmic axis: every cell the same factor. */
function bars({ runs }: Communication): string[] {
  const shown = runs.filter(({ meanRelativeError: error }) => error > 0 && Number.isFinite(error));
  if (shown.length < 2) return [];
  const errors = shown.map(({ meanRelativeError }) => Math.log(meanRelativeError));
  const least = errors.reduce((low, error) => Math.min(low, error), Infinity) - Math.log(2);
  const most = errors.reduce((high, error) => Math.max(high, error), -Infinity);
  const wide = shown.reduce((width, { codec }) => Math.max(width, codec.length), 0);
  return [
    '',
    'relative error (logarithmic)',
    ...shown.map(({ codec, meanRelativeError }, i) => {
      const full = Math.max(1, Math.round((CELLS * (errors[i] - least)) / (most - least)));
      return `${codec.padEnd(wide)}  ${'█'.repeat(full)} ${brief(meanRelativeError)}`;
    }),
  ];
}

/** A change in percent, signed. */
function signed(change: number): string {
  return Number.isFinite(change) ? `${change < 0 ? '-' : '+'}${percent(Math.abs(change))}` : String(change);
}
