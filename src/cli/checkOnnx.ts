/**
 * `bittrue check model.onnx`: which node overflows on a chip?
 *
 * @module
 */
import { basename, dirname } from 'node:path';
import { BittrueError, checkAs } from '../errors/index.ts';
import type { Graph, TypedTensor } from '../graphs/index.ts';
import { openOnnx } from '../node/index.ts';
import { checkFolder, writeFiles } from '../node/writeFiles.ts';
import {
  formatBisection,
  formatGraphCheck,
  formatGraphCheckCsv,
  graphCheckHtml,
  missedLines,
  toJson,
} from '../reports/index.ts';
import { wrap } from '../reports/text/layout.ts';
import {
  type Bisection,
  bisectGraph,
  type CheckLimits,
  checkGraph,
  type GraphCheck,
  type GraphKernels,
  graphKernels,
  judge,
  seededFeeds,
} from '../studies/index.ts';
import type { Target, TargetName } from '../targets/index.ts';
import { companionAsked } from './companion.ts';
import { EVENTS, OK } from './exit.ts';
import { baselineAsked, hasRaised, kindsAsked, printNew, sinceBaseline } from './failOn.ts';
import { feedsFrom } from './feeds.ts';
import { type Io, look, print } from './io.ts';
import { flagOf, numberOption, refuse, targetOption, targetOrName, wholeOption } from './options.ts';
import { progressLine } from './progress.ts';
import { vectorUnitLine, vectorUnitNamed } from './units.ts';

/** The options of `check` that a graph takes. */
export interface CheckOnnxOptions {
  readonly target?: readonly string[];
  readonly kernels?: string;
  readonly input?: readonly string[];
  readonly length?: readonly string[];
  readonly seed?: string;
  readonly unused?: string;
  readonly failOn?: string;
  readonly baseline?: string;
  readonly bisect?: string;
  readonly companion?: string;
  readonly csv?: boolean;
  readonly html?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** Checks an ONNX file; the exit status. */
export async function checkOnnx(file: string, options: CheckOnnxOptions, limits: CheckLimits, io: Io): Promise<number> {
  const targets = (options.target ?? ['fp16']).map(targetOrName);
  const kernels = options.kernels === undefined ? null : kernelsAsked(options.kernels);
  const kinds = kindsAsked(options.failOn);
  const baseline = baselineAsked(options.baseline);
  for (const text of options.target ?? []) checkUnits(text, kernels ?? ['norms']);
  checkPage(options);
  if (options.csv && options.json) throw new BittrueError('unsupported', '--csv', '--json', 'one of the two');
  const graph = openOnnx(file, { unused: unusedAsked(options.unused) });
  const given = onceEach(
    '--input',
    (options.input ?? []).flatMap((text) => feedsFrom(text, graph)),
  );
  const lengths = onceEach('--length', (options.length ?? []).map(lengthFrom));
  const seed = options.seed === undefined ? 0 : wholeOption('--seed', options.seed, Number.MAX_SAFE_INTEGER);
  const feeds = seededFeeds(graph, { given, lengths, seed });
  const isLimited = Object.keys(limits).length > 0;
  if (options.bisect !== undefined) {
    if (isLimited) throw new BittrueError('unsupported', '--bisect', 'limits', 'no limits beside it');
    return bisect(graph, feeds, targets, kernels, options, io);
  }
  const progress = progressLine(io, '');
  let check: GraphCheck;
  try {
    const companion = options.companion === undefined ? {} : { companion: companionAsked(options.companion, file) };
    const asked = { targets, kernels: kernels ?? ['norms'], ...companion } as const;
    check = await checkGraph(graph, feeds, { ...asked, onProgress: progress.onProgress });
  } finally {
    progress.finish();
  }
  const missed = checkAs(
    (path) => path.replace(/^limits\.(\w+)$/, (_, name) => flagOf(name)),
    () => judge(check, limits),
  );
  try {
    writePage(options, graphCheckHtml(check));
  } finally {
    // The work is done, whatever became of the file.
    if (options.json) print(io, toJson({ ...check, ...(isLimited ? { limits, missed } : {}) }));
    else if (options.csv) io.out(formatGraphCheckCsv(check));
    else {
      print(io, formatGraphCheck(check, look(io)));
      for (const target of check.targets) printUnits(io, target);
      for (const line of missedLines(missed, look(io), 'node')) print(io, line);
    }
  }
  if (missed.length > 0 || check.runs.every(({ report }) => report === null)) return EVENTS;
  if (baseline !== null) {
    const events = sinceBaseline(baseline, check, kinds);
    if (!options.json && !options.csv) printNew(io, events);
    return events.length === 0 ? OK : EVENTS;
  }
  if (kinds === null) return check.ok ? OK : EVENTS;
  return check.runs.some(({ report }) => hasRaised(report, kinds)) ? EVENTS : OK;
}

/** Which nodes must stay in binary32? Exit 1 where any must. */
async function bisect(
  graph: Graph,
  feeds: Readonly<Record<string, TypedTensor>>,
  targets: readonly (Target | TargetName)[],
  kernels: readonly GraphKernels[] | null,
  options: CheckOnnxOptions,
  io: Io,
): Promise<number> {
  refuse(options, ['companion', 'csv', 'html', 'failOn', 'baseline'], 'no --bisect');
  const [target, ...more] = targets;
  if (more.length > 0) throw new BittrueError('unsupported', '--target', more.length + 1, 'one target with --bisect');
  const tolerance = numberOption('--bisect', options.bisect as string);
  if (!(tolerance > 0)) throw new BittrueError('range', '--bisect', tolerance, 'an error above 0, such as 1e-3');
  const progress = progressLine(io, '');
  let found: Bisection;
  try {
    found = await bisectGraph(graph, feeds, {
      target,
      tolerance,
      kernels: kernels ?? ['all'],
      onProgress: progress.onProgress,
    });
  } finally {
    progress.finish();
  }
  print(io, options.json ? toJson(found) : formatBisection(found, look(io)));
  return found.verdict === 'nothing' ? OK : EVENTS;
}

/** Kernels that no matrix unit runs. */
const onVectors: readonly GraphKernels[] = ['norms', 'softmax', 'sums', 'elementwise'];

/** A matrix unit that is named where no kernel has a use for it is a mistake to tell. */
function checkUnits(text: string, kernels: readonly GraphKernels[]): void {
  const target = targetOption(text);
  if (kernels.every((one) => onVectors.includes(one))) {
    const way = kernels.length === 1 ? (kernels[0] as string) : kernels.join(', ');
    vectorUnitNamed('--target', text, target, `${way} (--kernels all has products too)`);
  }
}

/** The units that ran, and how they are known. */
function printUnits(io: Io, target: Target): void {
  const { vectorUnits, matrixUnits, defaults, name } = target;
  const vector = defaults.vector === undefined ? undefined : vectorUnits[defaults.vector];
  const matrix = defaults.matrix === undefined ? undefined : matrixUnits[defaults.matrix];
  const lines = [
    ...(vector === undefined ? [] : [vectorUnitLine(target, vector)]),
    ...(matrix === undefined ? [] : [`products on ${name}:${matrix.name}, known by: ${matrix.verified}`]),
  ];
  for (const line of lines.flatMap((one) => wrap(one, '  ', look(io)))) print(io, line);
}

/** What tells that the command wrote a file. */
const MARK = 'content="bittrue check"';

/** Refuses a page that could not be written at the end. */
function checkPage({ html, force }: CheckOnnxOptions): void {
  if (force && html === undefined)
    throw new BittrueError('unsupported', '--force', 'no file to write', '--html with it');
  if (html === undefined) return;
  if (/[\\/]$/.test(html)) throw new BittrueError('file', '--html', html, 'the name of a file, not of a folder');
  checkFolder(dirname(html), { [basename(html)]: { mark: MARK } }, { force: force ?? false, argument: '--html' });
}

function writePage({ html, force }: CheckOnnxOptions, content: string): void {
  if (html === undefined) return;
  writeFiles(
    dirname(html),
    { [basename(html)]: { content, mark: MARK } },
    { force: force ?? false, argument: '--html' },
  );
}

/** Values by their names; a name that is given twice is a mistake to tell. */
function onceEach<T>(flag: string, pairs: readonly (readonly [string, T])[]): Record<string, T> {
  const found = new Map<string, T>();
  for (const [name, value] of pairs) {
    if (found.has(name)) throw new BittrueError('name', flag, name, 'every name once');
    found.set(name, value);
  }
  return Object.fromEntries(found);
}

function unusedAsked(text: string | undefined): 'error' | 'keep' {
  if (text === undefined || text === 'error' || text === 'keep') return text ?? 'error';
  throw new BittrueError('name', '--unused', text, 'error or keep');
}

function kernelsAsked(text: string): GraphKernels[] {
  return text.split(',').map((name) => {
    if (!graphKernels.includes(name as GraphKernels)) {
      throw new BittrueError('name', '--kernels', name, `some of ${graphKernels.join(', ')}, with commas between them`);
    }
    return name as GraphKernels;
  });
}

/** `NAME=LENGTH` */
function lengthFrom(text: string): [string, number] {
  const at = text.lastIndexOf('=');
  if (at < 0) throw new BittrueError('type', '--length', text, 'NAME=LENGTH');
  return [text.slice(0, at), wholeOption('--length', text.slice(at + 1), 2 ** 31)];
}
