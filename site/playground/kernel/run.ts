/**
 * A kernel on a target, and what its report says.
 *
 * @module
 */
import { createEngine, createTensor, type Engine, releaseTensor } from 'bittrue/engine';
import { firstFailure, type Report } from 'bittrue/events';
import { type LayerNormOptions, layerNorm, rmsNorm, softmax, sum, unary } from 'bittrue/kernels';
import { describeEvent, magnitudePlots, plotSvg } from 'bittrue/reports';
import { defineTarget, findTarget, type Target } from 'bittrue/targets';

export const kernels = ['layerNorm', 'rmsNorm', 'softmax', 'sum', 'gelu', 'silu', 'exp', 'tanh'] as const;
export type Kernel = (typeof kernels)[number];

/** What a run is made of. */
export interface Setting {
  readonly kernel: Kernel;
  readonly target: Target;
  /** The static scale of a norm, as SLaNC has it; 1: none. */
  readonly scale: number;
  readonly variance: NonNullable<LayerNormOptions['variance']>;
}

/** A target by its name, or as JSON. */
export function readTarget(name: string, json: string): Target {
  return json.trim() === '' ? findTarget(name) : defineTarget(JSON.parse(json));
}

/** A run’s arrays, kept in an engine's memory where there is one. */
export interface Room {
  readonly engine: Engine | null;
  readonly x: Float32Array;
  readonly out: Float32Array;
}

let engine: Promise<Engine | null> | null = null;

/** Room for so many numbers; without WebAssembly, of ordinary arrays. */
export async function makeRoom(length: number): Promise<Room> {
  engine ??= createEngine().catch(() => null);
  const made = await engine;
  if (made === null) return { engine: null, x: new Float32Array(length), out: new Float32Array(length) };
  return { engine: made, x: createTensor(made, length, 'binary32'), out: createTensor(made, length, 'binary32') };
}

export function freeRoom({ engine: owner, x, out }: Room): void {
  if (owner === null) return;
  releaseTensor(owner, x);
  releaseTensor(owner, out);
}

/** Runs the kernel. `reference`: with the pass that tells errors and room, which takes longer. */
export function runKernel(
  setting: Setting,
  { engine: own, x, out }: Room,
  rows: number,
  width: number,
  reference: boolean,
): { readonly output: ArrayLike<number>; readonly report: Report } {
  const { kernel, target, scale, variance } = setting;
  const given = {
    rows,
    width,
    target,
    engine: own,
    nonFiniteInputs: 'allow',
    ...(reference ? { reference, magnitudes: true } : {}),
  } as const;
  switch (kernel) {
    case 'layerNorm':
      return layerNorm(x, { ...given, out, scale, variance });
    case 'rmsNorm':
      return rmsNorm(x, { ...given, out, scale });
    case 'softmax':
      return softmax(x, { ...given, out });
    case 'sum':
      return sum(x, { ...given, out: out.subarray(0, rows) });
    default:
      return unary(x, { ...given, out, function: kernel });
  }
}

/** First events in words, and how often each kind came. */
export function eventsOf({
  first,
  totals,
}: Report): { readonly kind: string; readonly count: number; readonly words: string }[] {
  return Object.values(first).flatMap((event) =>
    event === undefined || event.kind === 'inexact'
      ? []
      : [{ kind: event.kind, count: totals[event.kind], words: describeEvent(event) }],
  );
}

/** Pictures of where the results of two stages lie: of the first that fails, or the inputs, and of the outputs. */
export function pictures(report: Report, width: number): string[] {
  const wanted = [firstFailure(report)?.stage ?? report.stages[0] ?? '', report.stages.at(-1) ?? ''];
  const plots = magnitudePlots(report);
  const own = wanted.flatMap((stage) => plots.filter(({ title }) => title.startsWith(`${stage}:`)));
  return (own.length > 0 ? own : plots.slice(0, 2)).map((plot) => plotSvg(plot, { width }));
}

/** TypeScript and the command for drawn rows. */
export function asCode(
  { kernel, scale, variance }: Setting,
  name: string,
  json: string,
  data: string,
  rows: number,
  width: number,
): string {
  const target = json.trim() === '' ? `findTarget('${name}')` : `defineTarget(${json.trim()})`;
  const isNorm = kernel === 'layerNorm' || kernel === 'rmsNorm';
  const own = [
    ...(isNorm && scale !== 1 ? [`scale: ${scale}`] : []),
    ...(kernel === 'layerNorm' && variance !== 'twoPass' ? [`variance: '${variance}'`] : []),
    ...(isNorm || kernel === 'softmax' || kernel === 'sum' ? [] : [`function: '${kernel}'`]),
  ];
  const call = isNorm || kernel === 'softmax' || kernel === 'sum' ? kernel : 'unary';
  const find = json.trim() === '' ? 'findTarget' : 'defineTarget';
  return `import { ${[call, find].sort().join(', ')} } from 'bittrue';
import { formatReport } from 'bittrue/reports';

${data}
const { report } = ${call}(x, { rows: ${rows}, width: ${width}, target: ${target}, nonFiniteInputs: 'allow'${own.map((one) => `, ${one}`).join('')} });
console.log(formatReport(report));`;
}
