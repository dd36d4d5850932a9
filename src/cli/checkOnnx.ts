/**
 * `bittrue check model.onnx`: which node overflows on a chip?
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import type { Graph, TypedTensor } from '../graphs/index.ts';
import { openOnnx } from '../node/index.ts';
import { formatBisection, toJson } from '../reports/index.ts';
import {
  type Bisection,
  bisectGraph,
  type CheckLimits,
  checkGraph,
  type GraphCheck,
  type GraphKernels,
  graphKernels,
  seededFeeds,
} from '../studies/index.ts';
import type { Target, TargetName } from '../targets/index.ts';
import { companionAsked } from './companion.ts';
import { EVENTS, OK } from './exit.ts';
import { baselineAsked, isLimited, kindsAsked } from './failOn.ts';
import { feedsFrom } from './feeds.ts';
import { checkPage, type GraphOutput, graphUnits, printUnits, tellGraphCheck } from './graphOutput.ts';
import { type Io, look, print } from './io.ts';
import { numberOption, refuse, targetOption, targetOrName, wholeOption } from './options.ts';
import { progressLine } from './progress.ts';
import { useThreads } from './threads.ts';
import { vectorUnitNamed } from './units.ts';

/** The options of `check` that a graph takes. */
export interface CheckOnnxOptions extends GraphOutput {
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
}

/** Checks an ONNX file; the exit status. */
export function checkOnnx(file: string, options: CheckOnnxOptions, limits: CheckLimits, io: Io): Promise<number> {
  return checkGraphOf(() => openOnnx(file, { unused: unusedAsked(options.unused) }), options, limits, io, { file });
}

/** What stands beside a graph. */
export interface BesideGraph {
  /** Of axes whose lengths nobody gives. */
  readonly lengths?: Readonly<Record<string, number>>;
  /** Inputs that stand beside those of `--input`. */
  readonly feeds?: Readonly<Record<string, TypedTensor>>;
  /** What a companion runs. */
  readonly file?: string;
}

/** Checks a graph; the exit status. */
export async function checkGraphOf(
  open: () => Graph,
  options: CheckOnnxOptions,
  limits: CheckLimits,
  io: Io,
  { lengths: usualLengths = {}, feeds: own = {}, file }: BesideGraph = {},
): Promise<number> {
  const targets = (options.target ?? ['fp16']).map(targetOrName);
  const kernels = options.kernels === undefined ? null : kernelsAsked(options.kernels);
  const kinds = kindsAsked(options.failOn);
  const baseline = baselineAsked(options.baseline);
  const usual: GraphKernels = options.bisect === undefined ? 'norms' : 'all';
  for (const text of options.target ?? []) checkUnits(text, kernels ?? [usual]);
  checkPage(options);
  const graph = open();
  const feeds = feedsAsked(graph, options, own, usualLengths);
  useThreads();
  if (options.bisect !== undefined) {
    if (isLimited(limits)) throw new BittrueError('unsupported', '--bisect', 'limits', 'no limits beside it');
    return bisect(graph, feeds, targets, kernels, options, io);
  }
  const progress = progressLine(io, '');
  let check: GraphCheck;
  try {
    const companion =
      options.companion === undefined || file === undefined
        ? {}
        : { companion: companionAsked(options.companion, file) };
    const asked = { targets, kernels: kernels ?? ['norms'], ...companion } as const;
    check = await checkGraph(graph, feeds, {
      ...asked,
      magnitudes: options.magnitudes ?? false,
      onProgress: progress.onProgress,
    });
  } finally {
    progress.finish();
  }
  return tellGraphCheck(check, options, { limits, kinds, baseline }, io);
}

/** A graph's inputs: those of files, and the others at random by a seed. */
export function feedsAsked(
  graph: Graph,
  options: Pick<CheckOnnxOptions, 'input' | 'length' | 'seed'>,
  own: Readonly<Record<string, TypedTensor>> = {},
  usualLengths: Readonly<Record<string, number>> = {},
): Readonly<Record<string, TypedTensor>> {
  const given = onceEach('--input', [
    ...Object.entries(own),
    ...(options.input ?? []).flatMap((text) => feedsFrom(text, graph)),
  ]);
  const named = new Set(graph.inputs.flatMap(({ shape }) => shape ?? []));
  const lengths = {
    ...Object.fromEntries(Object.entries(usualLengths).filter(([axis]) => named.has(axis))),
    ...onceEach('--length', (options.length ?? []).map(lengthFrom)),
  };
  const seed = options.seed === undefined ? 0 : wholeOption('--seed', options.seed, Number.MAX_SAFE_INTEGER);
  return seededFeeds(graph, { given, lengths, seed });
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
  refuse(options, ['companion', 'magnitudes', 'csv', 'html', 'failOn', 'baseline'], 'no --bisect');
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
  const made = targetOption(options.target?.[0] ?? 'fp16');
  if (options.json) print(io, toJson({ ...found, units: graphUnits(made) }));
  else {
    print(io, formatBisection(found, look(io)));
    printUnits(io, made);
  }
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
