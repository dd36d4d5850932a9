/**
 * `bittrue check model.onnx`: which node overflows on a chip?
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import { openNpy } from '../files/index.ts';
import { arrayKind, elementKind } from '../graphs/elementTypes.ts';
import type { Graph, TypedTensor } from '../graphs/index.ts';
import { openFile, openOnnx } from '../node/index.ts';
import { formatGraphCheck, formatGraphCheckCsv, toJson } from '../reports/index.ts';
import { type EventKind, eventKinds } from '../rounding/index.ts';
import { checkGraph, type GraphCheck, type GraphKernels, graphKernels, seededFeeds } from '../studies/index.ts';
import type { TargetName } from '../targets/index.ts';
import { EVENTS, OK } from './exit.ts';
import { type Io, look, print } from './io.ts';
import { targetOption, wholeOption } from './options.ts';
import { progressLine } from './progress.ts';

/** The options of `check` that a graph takes. */
export interface CheckOnnxOptions {
  readonly target?: readonly string[];
  readonly kernels?: string;
  readonly input?: readonly string[];
  readonly length?: readonly string[];
  readonly seed?: string;
  readonly unused?: string;
  readonly failOn?: string;
  readonly csv?: boolean;
  readonly json?: boolean;
}

/** Checks an ONNX file; the exit status. */
export async function checkOnnx(file: string, options: CheckOnnxOptions, io: Io): Promise<number> {
  const targets = (options.target ?? ['fp16']).map((text) => {
    const target = targetOption(text);
    return text.includes('.json') ? target : (text as TargetName);
  });
  const kernels = kernelsAsked(options.kernels ?? 'norms');
  const kinds = kindsAsked(options.failOn);
  if (options.csv && options.json) throw new BittrueError('unsupported', '--csv', '--json', 'one of the two');
  const graph = openOnnx(file, { unused: unusedAsked(options.unused) });
  const given = onceEach(
    '--input',
    (options.input ?? []).map((text) => fedFrom(text, graph)),
  );
  const lengths = onceEach('--length', (options.length ?? []).map(lengthFrom));
  const seed = options.seed === undefined ? 0 : wholeOption('--seed', options.seed, Number.MAX_SAFE_INTEGER);
  const feeds = seededFeeds(graph, { given, lengths, seed });
  const progress = progressLine(io, '');
  let check: GraphCheck;
  try {
    check = await checkGraph(graph, feeds, { targets, kernels, onProgress: progress.onProgress });
  } finally {
    progress.finish();
  }
  if (options.json) print(io, toJson(check));
  else if (options.csv) io.out(formatGraphCheckCsv(check));
  else print(io, formatGraphCheck(check, look(io)));
  if (kinds === null) return check.ok ? OK : EVENTS;
  return check.runs.some(({ report }) => kinds.some((kind) => (report?.totals[kind] ?? 0) > 0)) ? EVENTS : OK;
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

function kindsAsked(text: string | undefined): EventKind[] | null {
  if (text === undefined) return null;
  return text.split(',').map((name) => {
    if (!eventKinds.includes(name as EventKind)) {
      throw new BittrueError('name', '--fail-on', name, `some of ${eventKinds.join(', ')}, with commas between them`);
    }
    return name as EventKind;
  });
}

/** `NAME=FILE.npy` */
function fedFrom(text: string, graph: Graph): [string, TypedTensor] {
  const at = text.indexOf('=');
  const [name, path] = [text.slice(0, at), text.slice(at + 1)];
  const input = graph.inputs.find((one) => one.name === name);
  if (at < 0 || input === undefined) {
    throw new BittrueError(
      'name',
      '--input',
      text,
      `NAME=FILE.npy of an input: ${graph.inputs.map((one) => one.name).join(', ')}`,
    );
  }
  const { shape, length, read } = openNpy(openFile(path));
  const numbers = read(0, length);
  const { type } = input;
  if (elementKind(type) === 'float') return [name, { type, shape, data: Float64Array.from(numbers) }];
  const wrong = numbers.find((one) => !Number.isInteger(one));
  if (wrong !== undefined) throw new BittrueError('value', path, wrong, `integers, for ${name} of ${type}`);
  const data = new (arrayKind(type) as typeof Float64Array)(length);
  const isWide = type === 'int64' || type === 'uint64';
  numbers.forEach((one, i) => {
    (data as unknown as (number | bigint)[])[i] = isWide ? BigInt(one) : one;
  });
  return [name, { type, shape, data }];
}

/** `NAME=LENGTH` */
function lengthFrom(text: string): [string, number] {
  const at = text.lastIndexOf('=');
  if (at < 0) throw new BittrueError('type', '--length', text, 'NAME=LENGTH');
  return [text.slice(0, at), wholeOption('--length', text.slice(at + 1), 2 ** 31)];
}
