/**
 * `bittrue slanc`: scales for every norm of a model.
 *
 * @module
 */
import type { Command } from 'commander';
import { BittrueError } from '../errors/index.ts';
import { encoderGraph } from '../models/index.ts';
import { openOnnx } from '../node/index.ts';
import { formatCapturedSlanc, formatSlanc, toJson } from '../reports/index.ts';
import type { Variant } from '../slanc/index.ts';
import { type CapturedScales, type SlancScales, slancCaptured, slancGraph, slancScales } from '../studies/index.ts';
import { type CaptureFlags, captureAsked, capturedOptions, captureFlags, captureOptions } from './captured.ts';
import { EVENTS, OK } from './exit.ts';
import { type Io, look, print, tell } from './io.ts';
import { encoderIn, firstLayersAsked, openFamily } from './openModel.ts';
import { refuse, targetOption, variantNames } from './options.ts';
import { progressLine } from './progress.ts';
import { useThreads } from './threads.ts';

/** Adds the command. */
export function addSlanc(program: Command, io: Io, exit: (status: number | Promise<number>) => void): void {
  const command = program
    .command('slanc')
    .summary('scale factors for every norm of a model, as JSON')
    .description(
      'SLaNC keeps the sum of squares of a norm within FP16: it divides the input of the norm by a constant that follows ' +
        'from the weights before it, which the norm takes out again. Computes that scale for every norm: no data is run. ' +
        'Prints JSON. Exit status: 0 every norm has a scale, 1 some have none, 2 wrong usage or input.',
    )
    .argument(
      '<MODEL>',
      'model folder, .safetensors or .safetensors.index.json with config.json beside it, .gguf, .onnx, or captured inputs of norms',
    )
    .option('--variant <VARIANT>', variantNames.join(', '), 'frobenius')
    .option('--power-of-two', 'round the scales down to powers of two')
    .option('--layers <N>', 'the norms of the first N layers, and the last one behind them')
    .option('--table', 'print a table for people')
    .option('--json', 'print data (the default)')
    .option('--target <NAME>', 'of captured norms: where they run (default fp16)')
    .action((path: string, options: SlancFlags) => exit(slanc(path, options, io)));
  captureOptions(command);
}

/** Scales of a model, or of the norms of a capture by the weights of `--model`; the exit status. */
function slanc(path: string, options: SlancFlags, io: Io): number | Promise<number> {
  const { target, model } = options;
  const isCapture = captureFlags.some((name) => options[name] !== undefined) || /\.np[yz]$/i.test(path);
  if (!isCapture) {
    refuse(options, ['target'], 'this option with captured norms (--model FOLDER)');
    const scales = scalesOf(path, options, io);
    return scales instanceof Promise
      ? scales.then((found) => tellScales(found, options, io))
      : tellScales(scales, options, io);
  }
  const capture = captureAsked(path, options, io);
  if (capture === null || model === undefined) {
    const wanted = 'the model whose weights give the scales: --model FOLDER, a .gguf or an .onnx file';
    throw new BittrueError('file', capture === null ? 'MODEL' : '--model', capture === null ? path : 'none', wanted);
  }
  const chip = targetOption(target ?? 'fp16');
  return Promise.resolve(scalesOf(model, options, io)).then((scales) => {
    const progress = progressLine(io, '');
    let found: CapturedScales;
    try {
      const { onProgress } = progress;
      found = slancCaptured(scales, capture, { ...capturedOptions(options), target: chip, onProgress });
    } finally {
      progress.finish();
    }
    print(io, options.table && !options.json ? formatCapturedSlanc(found, look(io)) : toJson(found));
    return found.norms.every(({ ok }) => ok) && found.withoutScale.length === 0 ? OK : EVENTS;
  });
}

/** The options as commander gives them. */
interface SlancFlags extends CaptureFlags {
  readonly layers?: string;
  readonly target?: string;
  readonly variant: Variant;
  readonly powerOfTwo?: boolean;
  readonly table?: boolean;
  readonly json?: boolean;
}

/** Prints scales; the exit status. */
function tellScales(scales: SlancScales, options: SlancFlags, io: Io): number {
  print(io, options.table && !options.json ? formatSlanc(scales, look(io)) : toJson(scales));
  const { unscaled = [], norms } = scales;
  if (unscaled.length === 0) return OK;
  tell(io, `${unscaled.length} of ${unscaled.length + norms.length} norms have no scale`);
  return EVENTS;
}

/** Scales of a model, at once; of an encoder and of an ONNX file by and by. */
function scalesOf(
  path: string,
  { variant, powerOfTwo = false, layers }: SlancFlags,
  io: Io,
): SlancScales | Promise<SlancScales> {
  const progress = progressLine(io, '');
  const how = { variant, powerOfTwo, onProgress: progress.onProgress };
  const isOnnx = /\.onnx$/i.test(path);
  try {
    progress.begin('opening the model');
    const encoder = isOnnx ? null : encoderIn(path);
    if (encoder === null && !isOnnx) {
      const model = firstLayersAsked(openFamily(path, io).model, layers);
      useThreads();
      return slancScales(model, how);
    }
    if (layers !== undefined) {
      throw new BittrueError('unsupported', '--layers', layers, 'this option with a model that says the next token');
    }
    const line = progressLine(io, '');
    const graph = encoder === null ? openOnnx(path) : encoderGraph(encoder);
    useThreads();
    return slancGraph(graph, { ...how, onProgress: line.onProgress }).finally(() => line.finish());
  } finally {
    progress.finish();
  }
}
