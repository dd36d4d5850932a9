/**
 * A graph's check as text.
 *
 * @module
 */
import { checkSchema, printableData } from '../../errors/index.ts';
import { type EventKind, eventKinds, failureKinds } from '../../rounding/index.ts';
import type { GraphCheck, GraphNodeRun } from '../../studies/index.ts';
import { bits, count, decibels, percent } from '../numbers.ts';
import { capturedLines } from './captured.ts';
import { describeEvent } from './event.ts';
import { type Column, checkLook, paint, type RenderOptions, table, wrap } from './layout.ts';
import { magnitudeLines } from './magnitudes.ts';

/**
 * A graph's check as a table of at most 100 columns: a row a node, by its own name; below it the first failures in words.
 *
 * @example
 * import { defineGraph } from 'bittrue/graphs';
 * import { formatGraphCheck } from 'bittrue/reports';
 * import { checkGraph } from 'bittrue/studies';
 * const graph = defineGraph({
 *   name: 'sums',
 *   inputs: [{ name: 'x', type: 'float', shape: ['n', 4] }],
 *   constants: {},
 *   nodes: [{ name: 'softmax', op: 'Softmax', inputs: ['x'], outputs: ['y'], attributes: {} }],
 *   outputs: ['y'],
 * });
 * const x = { type: 'float', shape: [1, 4], data: Float64Array.of(1, 2, 3, 4) } as const;
 * const check = await checkGraph(graph, { x }, { targets: ['fp16'], kernels: ['softmax'] });
 * formatGraphCheck(check).split('\n').at(-1); // 'verdict: fp16 is fine.'
 */
export function formatGraphCheck(check: GraphCheck, options: RenderOptions = {}): string {
  checkSchema('check', check, ['graph-check/1']);
  checkLook(options);
  const shown = printableData(check);
  const { graph, kernels, targetNames, runs, nodes, inputs, clips, captured } = shown;
  const what = captured === undefined ? 'node' : 'captured input';
  const head = `${graph}: ${count(nodes, what)}; ${kernels.join(', ')} on ${targetNames.join(', ')}`;
  const lines = [
    ...wrap(paint('bold', head, options), '  ', options),
    ...wrap(`inputs: ${fedWords(inputs)}`, '  ', options),
    ...(captured === undefined
      ? []
      : capturedLines(captured).flatMap((line) => wrap(line, line.startsWith(' ') ? '      ' : '  ', options))),
  ];
  if (targetNames.length > 1) for (const line of ['', ...sideBySide(shown, options)]) lines.push(line);
  for (const name of targetNames) {
    const own = runs.filter(({ target }) => target === name);
    if (targetNames.length > 1) lines.push('', paint('bold', name, options));
    else lines.push('');
    for (const line of nodeTable(own, options)) lines.push(line);
    const failures = own.filter(({ first }) => first !== null);
    lines.push('', failures.length === 0 ? 'first failures: none' : 'first failures:');
    for (const line of failures.flatMap((run) => failureLine(run, options))) lines.push(line);
    for (const line of own.flatMap((run) => magnitudesOf(run, options))) lines.push(line);
  }
  const bounds = clips.map(({ node, low, high }) => `${node} (${low} … ${high})`).join(', ');
  const notes = [
    '',
    ...wrap(
      '(overflows, underflows: shares of the outputs; headroom: least bits left of any stage, unrounded; ' +
        `SQNR: of the outputs on what the ${captured === undefined ? 'graph' : 'input'} has in binary64, in dB; ` +
        '*: finite outputs hide the failure)',
      ' ',
      options,
    ),
    ...(clips.length === 0
      ? []
      : ['', ...wrap(`Clip at the bounds of binary16, which hides an overflow: ${bounds}`, '  ', options)]),
    ...leftOut(shown).flatMap(([what, names]) => told(what, names, options)),
    '',
    ...wrap(`verdict: ${paint('bold', graphVerdict(shown), options)}`, '  ', options),
  ];
  return [...lines, ...notes].join('\n');
}

/** How large the results of a run are, where it counted them. */
function magnitudesOf(run: GraphNodeRun, options: RenderOptions): string[] {
  if (run.report?.magnitudes === undefined) return [];
  return ['', ...wrap(label(run), '', options), ...magnitudeLines(run.report, options).slice(1)];
}

/** The most inputs that are told by name. */
const MOST = 8;

/** What was fed, by name and shape. */
export function fedWords(inputs: GraphCheck['inputs']): string {
  const all = Object.entries(inputs).map(([name, shape]) => `${name} [${shape.join(', ')}]`);
  const more = all.length > MOST ? ` and ${all.length - MOST} more` : '';
  return `${all.slice(0, MOST).join(', ')}${more}`;
}

/** What a check has left out, in words, and its names; nothing where there is none. */
export function leftOut({
  unread,
  idle,
  unchecked = [],
  untaken = [],
}: GraphCheck): readonly [string, readonly string[]][] {
  const all: readonly [string, readonly string[]][] = [
    ['Weights that no node reads', unread],
    ['Nodes that no output needs, and that did not run', idle],
    ['Not checked: the nodes within these, whose course a run decides', unchecked],
    ['Not checked: nodes of branches that were not taken', untaken],
  ];
  return all.filter(([, names]) => names.length > 0);
}

/** A line of names, the first of many. */
function told(what: string, names: readonly string[], options: RenderOptions): string[] {
  const more = names.length > 5 ? ` and ${names.length - 5} more` : '';
  return ['', ...wrap(`${what} (${names.length}): ${names.slice(0, 5).join(', ')}${more}`, '  ', options)];
}

/** All targets side by side: for each node what fails there, or the signal to noise of what it gives. */
function sideBySide({ targetNames, runs }: GraphCheck, options: RenderOptions): string[] {
  const rows = new Map<string, Map<string, GraphNodeRun>>();
  for (const run of runs) {
    const own = rows.get(label(run)) ?? new Map<string, GraphNodeRun>();
    rows.set(label(run), own.set(run.target, run));
  }
  const cell = (run: GraphNodeRun | undefined): string => {
    if (run === undefined || run.report === null) return 'no kernel';
    const failed = failureKinds.find((kind) => (run.report?.totals[kind] ?? 0) > 0);
    if (failed !== undefined) return paint('red', `${failed} ${run.report.totals[failed]}`, options);
    return run.sqnr === null ? 'ok' : `${decibels(run.sqnr)} dB`;
  };
  return table(
    [{ title: 'node', align: 'left' }, ...targetNames.map((title) => ({ title }))],
    [...rows].map(([name, own]) => [name, ...targetNames.map((target) => cell(own.get(target)))]),
    options,
  );
}

/** A node's own name, with the part of it that ran. */
export function label({ node, part }: GraphNodeRun): string {
  return part === null ? node : `${node} / ${part}`;
}

/** The kinds of events that any of the nodes raised, but for mere rounding. */
export function raisedKinds(runs: readonly GraphNodeRun[]): EventKind[] {
  return eventKinds.filter((kind) => kind !== 'inexact' && runs.some(({ report }) => (report?.totals[kind] ?? 0) > 0));
}

/** What a node's row says behind its name: operator, counts by kind, room, lost outputs, SQNR. */
export function nodeCells(
  { op, report, headroom, overflows, underflows, sqnr }: GraphNodeRun,
  kinds: readonly EventKind[],
  mark: (count: string, isFailure: boolean) => string = (count) => count,
): string[] {
  if (report === null) return [op, ...kinds.map(() => '–'), '–', '–', '–', 'no kernel'];
  const counts = kinds.map((kind) => {
    const found = report.totals[kind];
    const masked = (report.maskedRows as Readonly<Record<string, number>>)[kind] ?? 0;
    return mark(`${found}${masked > 0 ? '*' : ''}`, failureKinds.includes(kind) && found > 0);
  });
  const share = (value: number | null): string => (value === null ? '–' : percent(value));
  const room = headroom === null ? '–' : bits(headroom.bits);
  return [op, ...counts, room, share(overflows), share(underflows), decibels(sqnr)];
}

function nodeTable(runs: readonly GraphNodeRun[], options: RenderOptions): string[] {
  const kinds = raisedKinds(runs);
  const columns: Column[] = [
    { title: 'node', align: 'left' },
    { title: 'operator', align: 'left' },
    ...kinds.map((title) => ({ title })),
    { title: 'headroom' },
    { title: 'overflows' },
    { title: 'underflows' },
    { title: 'SQNR' },
  ];
  const mark = (found: string, isFailure: boolean): string => paint(isFailure ? 'red' : 'dim', found, options);
  return table(
    columns,
    runs.map((run) => [label(run), ...nodeCells(run, kinds, mark)]),
    options,
  );
}

function failureLine(run: GraphNodeRun, options: RenderOptions): string[] {
  const { first, from } = run;
  if (first === null) return [];
  const kind = first.kind === 'overflow' ? '' : `${first.kind}, `;
  const stands = from.length > 1 ? ` (stands for ${from.length} nodes: ${from[from.length - 1]} … ${from[0]})` : '';
  return wrap(`  ${label(run)}: ${kind}${describeEvent(first, { brief: true })}${stands}`, '      ', options);
}

/** What became of every target, in a sentence. */
export function graphVerdict({ targetNames, runs }: GraphCheck): string {
  return `${targetNames
    .map((name) => {
      const own = runs.filter(({ target, report }) => target === name && report !== null);
      if (own.length === 0) return `${name} has no kernel for these nodes`;
      const failed = own.filter(({ report }) => failureKinds.some((kind) => (report?.totals[kind] ?? 0) > 0));
      const unsure = own.filter(({ report }) => !report?.ok && !failed.some((one) => one.report === report));
      if (failed.length > 0) {
        const nodes = new Set(failed.map(({ node }) => node)).size;
        const all = new Set(own.map(({ node }) => node)).size;
        return `${name} fails in ${nodes} of ${count(all, 'node')}, first in ${failed[0].node}`;
      }
      if (unsure.length > 0) return `${name} has no verdict: NaN or infinities reach ${unsure[0].node}`;
      return `${name} is fine`;
    })
    .join('; ')}.`;
}
