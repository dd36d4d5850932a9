/**
 * A kernel's run, and what its reports say.
 *
 * @module
 */
import { availableWorkers, createEngine, createTensor, type Engine, releaseTensor } from 'bittrue/engine';
import { firstFailure, type OutputError, type Report } from 'bittrue/events';
import * as library from 'bittrue/kernels';
import { describeEvent, magnitudePlots, type Plot, plotSvg } from 'bittrue/reports';
import { defineTarget } from 'bittrue/targets';
import { type Asked, isMirrored, kernels, outputLength, secondShape } from './asked';
import { callOf } from './call';
import { addOutliers, drawNormal, pasted, type Rows, SECOND } from './rows';

const MOST = 2 ** 22;
/** Products of a matrix, at most. */
const MOST_PRODUCTS = 2 ** 28;

/** An update's answer. */
export interface Told {
  readonly ok: boolean;
  /** The first outputs. */
  readonly heads: readonly number[];
  /** Scales of blocks, in words. */
  readonly scales: string | null;
  /** Of the bits of all outputs: the same for the same bits. */
  readonly digest: string;
  /** Threads that may share the rows. */
  readonly threads: number;
  /** Numbers of the rows that are no finite binary32 numbers. */
  readonly nonFinite: number;
  readonly events: readonly { readonly kind: string; readonly count: number; readonly words: string }[];
}

/** What takes longer: errors and pictures. */
export interface Explained {
  readonly error: OutputError | null;
  readonly plots: readonly string[];
  /** Of how many rows these are, and of how many there are. */
  readonly rows: readonly [some: number, all: number];
}

/** The engine of this thread, null without WebAssembly, and how many threads share a run's rows, its own among them. */
interface Own {
  readonly engine: Engine | null;
  readonly threads: number;
}
let opened: Promise<Own> | null = null;

/** Opens it: with more threads where memory may be shared. */
function ownEngine(): Promise<Own> {
  const threads = Math.min(4, availableWorkers());
  opened ??= createEngine({ workers: threads, worker: new URL('./rows.js', import.meta.url) })
    .then((engine): Own => ({ engine, threads }))
    .catch(async (): Promise<Own> => ({ engine: await createEngine(), threads: 1 }))
    .catch((): Own => ({ engine: null, threads: 1 }));
  return opened;
}

/** Arrays by what they are for, kept from run to run while their lengths stay. */
const arrays = new Map<string, Float32Array>();

function room(own: Engine | null, name: string, length: number): Float32Array {
  const found = arrays.get(name);
  if (found?.length === length) return found;
  if (found !== undefined && own !== null) releaseTensor(own, found);
  const made = own === null ? new Float32Array(length) : createTensor(own, length, 'binary32');
  arrays.set(name, made);
  return made;
}

interface Operands {
  readonly rows: number;
  readonly width: number;
  readonly x: Float32Array;
  readonly second: Float32Array | null;
}

function whole(name: string, n: number, most: number, least = 1): number {
  if (!Number.isInteger(n) || n < least || n > most)
    throw new Error(`${name}: a whole number from ${least} to ${most}`);
  return n;
}

function finite(name: string, x: number): void {
  if (!Number.isFinite(x)) throw new Error(`${name}: a finite number`);
}

/** The operands that are asked for, in the engine's memory. */
function operandsOf(asked: Asked, own: Engine | null, file: () => Rows | null): Operands {
  const { source, size } = asked;
  const given = source === 'pasted' ? pasted(asked.text) : source === 'file' ? file() : null;
  if (source === 'file' && given === null) throw new Error('drop a file, or choose one');
  if (asked.kernel === 'attention') whole('keys a tile', asked.tile, 65536, 0);
  finite('size', size);
  finite('outlier', asked.outlier);
  finite('size of the second operand', asked.second.size);
  const rows = given?.rows ?? whole('rows', asked.rows, 65536);
  const width = given?.width ?? whole('width', asked.width, 65536);
  if (rows * width > MOST) throw new Error(`${rows} × ${width} numbers; this page runs at most 2^22`);
  const x = room(own, 'x', rows * width);
  if (given !== null) x.set(given.data);
  else if (source === 'alternating') for (let i = 0; i < x.length; i++) x[i] = i % 2 === 0 ? size : -size;
  else {
    drawNormal(x, size);
    addOutliers(x, rows, width, size, asked.outlier);
  }
  const shape = secondShape(asked, rows, width);
  if (shape === null) return { rows, width, x, second: null };
  whole('columns or keys', asked.second.length, 65536);
  if (shape[0] * shape[1] > MOST || rows * shape[0] * shape[1] > MOST_PRODUCTS)
    throw new Error(`${rows} × ${width} with ${shape.join(' × ')}: more than this page runs`);
  const second = room(own, 'second', shape[0] * shape[1]);
  drawNormal(second, asked.second.size, SECOND);
  return { rows, width, x, second };
}

/** A kernel's result; of a GEMM there are two reports. */
type Kernel = (...given: unknown[]) => {
  output: ArrayLike<number>;
  report: Report;
  sums: Report;
  epilogue: Report | null;
};

interface Ran {
  readonly output: ArrayLike<number>;
  readonly reports: readonly Report[];
  /** Scales of blocks, in words. */
  readonly scales: string | null;
}

function runCall(asked: Asked, { rows, width, x, second }: Operands, extra: Readonly<Record<string, unknown>>): Ran {
  const { name, operands, options, preparation } = callOf(asked, rows, width);
  const run = (library as unknown as Readonly<Record<string, Kernel>>)[name] as Kernel;
  const made = preparation?.apply(x, second);
  const given = made?.operands ?? operands.map((one) => (one === 'x' ? x : second));
  const found = run(...given, { ...options, ...made?.options, ...extra });
  const reports = name === 'gemm' ? [found.sums, ...(found.epilogue === null ? [] : [found.epilogue])] : [found.report];
  return {
    output: isMirrored(asked) ? halves(found.output, rows, width) : found.output,
    reports,
    scales: made?.scales ?? null,
  };
}

/** The first half of every row. */
function halves(output: ArrayLike<number>, rows: number, width: number): Float64Array {
  return Float64Array.from({ length: rows * width }, (_, i) => output[i + width * Math.floor(i / width)] as number);
}

/** First events in words, and how often each kind came; what makes a run fail stands first. */
function toldEvents(report: Report): Told['events'] {
  const { first, totals } = report;
  const failing = firstFailure(report)?.kind;
  return Object.values(first)
    .flatMap((event) => (event === undefined || event.kind === 'inexact' ? [] : [event]))
    .sort((p, q) => Number(q.kind === failing) - Number(p.kind === failing))
    .map((event) => ({ kind: event.kind, count: totals[event.kind], words: describeEvent(event) }));
}

/** FNV-1a of the bits of the output, in words of 32; all NaN have the same. */
function digestOf(output: ArrayLike<number>): string {
  let hash = 0x811c9dc5;
  if (output instanceof Float32Array) {
    const words = new Uint32Array(output.buffer, output.byteOffset, output.length);
    for (let i = 0; i < words.length; i++) {
      const word = words[i] as number;
      hash = Math.imul(hash ^ ((word & 0x7fffffff) > 0x7f800000 ? 0x7fc00000 : word), 0x01000193);
    }
  } else {
    const numbers = Float64Array.from(output, (x) => (Number.isNaN(x) ? Number.NaN : x));
    for (const word of new Uint32Array(numbers.buffer)) hash = Math.imul(hash ^ word, 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** Whether the rows are typed, or a file's. */
function isGiven({ source }: Asked): boolean {
  return source === 'pasted' || source === 'file';
}

/** One update. */
export async function update(asked: Asked, file: () => Rows | null): Promise<Told> {
  const { engine, threads } = await ownEngine();
  const operands = operandsOf(asked, engine, file);
  // Sums of integers may be beyond binary32: of products the kernel makes its own output.
  const isSmall = kernels[asked.kernel]?.on !== 'products';
  const out = isSmall ? { out: room(engine, 'out', outputLength(asked, operands.rows, operands.width)) } : {};
  const { output, reports, scales } = runCall(asked, operands, { engine, ...out });
  return {
    ...{ scales, threads, digest: digestOf(output) },
    // Rows that are drawn are finite.
    nonFinite: isGiven(asked) ? operands.x.filter((x) => !Number.isFinite(x)).length : 0,
    ok: reports.every(({ ok }) => ok),
    heads: Array.from({ length: Math.min(8, output.length) }, (_, i) => output[i] as number),
    events: reports.flatMap(toldEvents),
  };
}

/** Errors and pictures of the first rows. */
export async function explain(asked: Asked, file: () => Rows | null, width: number): Promise<Explained> {
  const all = operandsOf(asked, null, file);
  const isPair = kernels[asked.kernel]?.takes === 'pair';
  // So many operations at most: of a matrix or keys every row is as many as these have numbers.
  const [most, each] = all.second === null || isPair ? [16384, all.width] : [2 ** 20, all.second.length];
  const some = Math.max(1, Math.min(all.rows, Math.floor(most / each)));
  const cut: Operands = {
    ...{ rows: some, width: all.width, x: all.x.slice(0, some * all.width) },
    second: isPair ? (all.second?.slice(0, some * all.width) ?? null) : all.second,
  };
  const { output, reports } = runCall(asked, cut, { reference: true, magnitudes: true });
  const last = reports.at(-1) as Report;
  const plots = reports.flatMap((report) => stagePlots(report)).slice(0, 3);
  return {
    error: last.error ?? null,
    plots: [...errorPlot(asked, cut, output), ...plots].map((plot) => plotSvg(plot, { width })),
    rows: [some, all.rows],
  };
}

/** Where the results of a stage that fails lie, or of the last before it that has normal ones; and of the kernel's last. */
function stagePlots(report: Report): Plot[] {
  const plots = magnitudePlots(report);
  const upTo = (stage: string): Plot | undefined => {
    const before = report.stages.slice(0, report.stages.indexOf(stage) + 1);
    return plots.findLast(({ title }) => before.some((one) => title.startsWith(`${one}:`)));
  };
  const failing = firstFailure(report)?.stage ?? report.stages.find((stage) => stage !== 'constants') ?? '';
  const wanted = [upTo(failing), upTo(report.stages.at(-1) ?? '')];
  return [...new Set(wanted)].filter((plot) => plot !== undefined);
}

const binary64 = { format: 'binary64' };
/** A target that rounds nothing but to binary64. */
const wide = () =>
  defineTarget({
    name: 'binary64',
    defaults: { vector: 'vector', matrix: 'sum' },
    matrixUnits: {
      sum: {
        ...{ name: 'sum', a: ['binary64'], k: 1, product: binary64, addend: binary64, output: binary64 },
        reduction: { kind: 'sequential', accumulator: { kind: 'float', rounding: binary64 } },
      },
    },
    vectorUnits: {
      vector: {
        ...{ name: 'vector', load: binary64, compute: binary64, accumulate: binary64, statistics: binary64 },
        store: binary64,
        reduction: { kind: 'sequential', accumulator: { kind: 'float', rounding: binary64 } },
      },
    },
  });

/** How far outputs are from those of the same kernel in binary64: how many by the power of two of their relative error. */
function errorPlot(asked: Asked, operands: Operands, output: ArrayLike<number>): Plot[] {
  const clear: Asked = { ...asked, cure: 'scale', scale: 1, json: JSON.stringify(wide()), format: 'binary64' };
  const exact = runCall(clear, operands, { record: 'off' }).output;
  const counts = new Map<number, number>();
  let [same, lost] = [0, 0];
  for (let i = 0; i < output.length; i++) {
    const [given, wanted] = [output[i] as number, exact[i] as number];
    const error = Math.abs(given - wanted);
    if (given === wanted) same++;
    else if (!Number.isFinite(error) || wanted === 0) lost++;
    else {
      const e = Math.max(-40, Math.min(20, Math.floor(Math.log2(error / Math.abs(wanted)))));
      counts.set(e, (counts.get(e) ?? 0) + 1);
    }
  }
  if (counts.size === 0) return [];
  const others = [
    ...(same === 0 ? [] : [`${same} exact`]),
    ...(lost === 0 ? [] : [`${lost} without a relative error`]),
  ];
  return [
    {
      title: `errors of ${output.length} outputs${others.length === 0 ? '' : `; ${others.join(', ')}`}`,
      x: { title: 'relative error, as a power of two', scale: 'linear' },
      y: { title: 'outputs', scale: 'linear' },
      series: [{ name: '', mark: 'bars', points: [...counts].sort(([p], [q]) => p - q).map(([x, y]) => ({ x, y })) }],
    },
  ];
}
