/**
 * What becomes of a graph's check: a table, data, a page, and the exit status.
 *
 * @module
 */
import { basename, dirname } from 'node:path';
import { BittrueError, checkAs } from '../errors/index.ts';
import { checkFolder, writeFiles } from '../node/writeFiles.ts';
import { formatGraphCheck, formatGraphCheckCsv, graphCheckHtml, missedLines, toJson } from '../reports/index.ts';
import { wrap } from '../reports/text/layout.ts';
import { type GraphCheck, judge } from '../studies/index.ts';
import type { Target } from '../targets/index.ts';
import { EVENTS } from './exit.ts';
import { type Held, isLimited, statusOf } from './failOn.ts';
import { type Io, look, print } from './io.ts';
import { flagOf } from './options.ts';
import { type UnitData, unitData, vectorUnitLine } from './units.ts';

/** How a check is told. */
export interface GraphOutput {
  readonly magnitudes?: boolean;
  readonly csv?: boolean;
  readonly html?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** Tells a check; the exit status by what it is held to. */
export function tellGraphCheck(check: GraphCheck, options: GraphOutput, held: Held, io: Io): number {
  const { limits } = held;
  const missed = checkAs(
    (path) => path.replace(/^limits\.(\w+)$/, (_, name) => flagOf(name)),
    () => judge(check, limits),
  );
  try {
    writePage(options, graphCheckHtml(check));
  } finally {
    // The work is done, whatever became of the file.
    if (options.json) {
      const units = check.targets.flatMap(graphUnits);
      print(io, toJson({ ...check, units, ...(isLimited(limits) ? { limits, missed } : {}) }));
    } else if (options.csv) io.out(formatGraphCheckCsv(check));
    else {
      print(io, formatGraphCheck(check, look(io)));
      for (const target of check.targets) printUnits(io, target);
      for (const line of missedLines(missed, look(io), 'node')) print(io, line);
    }
  }
  const reports = check.runs.map(({ report }) => report);
  if (missed.length > 0 || reports.every((report) => report === null)) return EVENTS;
  return statusOf(held, check, reports, check.ok, options.json || options.csv ? null : io);
}

/** The units that nodes run on where none is named. */
function usualUnits({ vectorUnits, matrixUnits, defaults }: Target) {
  return {
    vector: defaults.vector === undefined ? undefined : vectorUnits[defaults.vector],
    matrix: defaults.matrix === undefined ? undefined : matrixUnits[defaults.matrix],
  };
}

/** The units that ran, and how they are known, as data. */
export function graphUnits(target: Target): UnitData[] {
  const { vector, matrix } = usualUnits(target);
  return [vector, matrix].flatMap((unit) => (unit === undefined ? [] : [unitData(target, unit)]));
}

/** The units that ran, and how they are known. */
export function printUnits(io: Io, target: Target): void {
  const { name } = target;
  const { vector, matrix } = usualUnits(target);
  const lines = [
    ...(vector === undefined ? [] : [vectorUnitLine(target, vector)]),
    ...(matrix === undefined ? [] : [`products on ${name}:${matrix.name}, known by: ${matrix.verified}`]),
  ];
  for (const line of lines.flatMap((one) => wrap(one, '  ', look(io)))) print(io, line);
}

/** What tells that the command wrote a file. */
const MARK = 'content="bittrue check"';

/** Refuses a page that could not be written at the end, and two kinds of text. */
export function checkPage({ magnitudes, html, force, csv, json }: GraphOutput): void {
  if (csv && magnitudes && html === undefined) {
    throw new BittrueError('unsupported', '--magnitudes', '--csv', 'a table, --json or --html, which tell them');
  }
  if (csv && json) throw new BittrueError('unsupported', '--csv', '--json', 'one of the two');
  if (force && html === undefined)
    throw new BittrueError('unsupported', '--force', 'no file to write', '--html with it');
  if (html === undefined) return;
  if (/[\\/]$/.test(html)) throw new BittrueError('file', '--html', html, 'the name of a file, not of a folder');
  checkFolder(dirname(html), { [basename(html)]: { mark: MARK } }, { force: force ?? false, argument: '--html' });
}

function writePage({ html, force }: GraphOutput, content: string): void {
  if (html === undefined) return;
  writeFiles(
    dirname(html),
    { [basename(html)]: { content, mark: MARK } },
    { force: force ?? false, argument: '--html' },
  );
}
