/**
 * `bittrue slanc`: scales for every norm of a model.
 *
 * @module
 */
import type { Command } from 'commander';
import { type Encoder, encoderGraph, type Model, modelGraph, normSites } from '../models/index.ts';
import { openOnnx } from '../node/index.ts';
import { formatSlanc, toJson } from '../reports/index.ts';
import type { Variant } from '../slanc/index.ts';
import { type SlancScales, slancGraph, slancScales } from '../studies/index.ts';
import { EVENTS, OK } from './exit.ts';
import { type Io, look, print, tell } from './io.ts';
import { encoderIn, openFamily } from './openModel.ts';
import { variantNames } from './options.ts';
import { progressLine } from './progress.ts';

/** Adds the command. */
export function addSlanc(program: Command, io: Io, exit: (status: number | Promise<number>) => void): void {
  program
    .command('slanc')
    .summary('scale factors for every norm of a model, as JSON')
    .description(
      'SLaNC keeps the sum of squares of a norm within FP16: it divides the input of the norm by a constant that follows ' +
        'from the weights before it, which the norm takes out again. Computes that scale for every norm: no data is run. ' +
        'Prints JSON. Exit status: 0 every norm has a scale, 1 some have none, 2 wrong usage or input.',
    )
    .argument('<MODEL>', 'model folder, .safetensors or .safetensors.index.json with config.json beside it, or .onnx')
    .option('--variant <VARIANT>', variantNames.join(', '), 'frobenius')
    .option('--power-of-two', 'round the scales down to powers of two')
    .option('--table', 'print a table for people')
    .option('--json', 'print data (the default)')
    .action((path: string, options: SlancFlags) => {
      const scales = scalesOf(path, options, io);
      exit(
        scales instanceof Promise
          ? scales.then((found) => tellScales(found, options, io))
          : tellScales(scales, options, io),
      );
    });
}

/** The options as commander gives them. */
interface SlancFlags {
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

/** Scales of a model whose norms each stand behind one block, at once; of another one and of a graph by the graph. */
function scalesOf(
  path: string,
  { variant, powerOfTwo = false }: SlancFlags,
  io: Io,
): SlancScales | Promise<SlancScales> {
  const progress = progressLine(io, '');
  let model: Model | null = null;
  let encoder: Encoder | null = null;
  try {
    progress.begin('opening the model');
    encoder = /\.onnx$/i.test(path) ? null : encoderIn(path);
    if (encoder === null && !/\.onnx$/i.test(path)) {
      ({ model } = openFamily(path, io));
      if (normSites(model).every(({ block }) => block !== null)) {
        progress.begin(`scales of the norms of ${model.config.layers} layers`);
        return slancScales(model, { variant, powerOfTwo });
      }
    }
  } finally {
    progress.finish();
  }
  const graph =
    encoder !== null ? encoderGraph(encoder) : model === null ? openOnnx(path) : modelGraph(model, { positions: 1 });
  const line = progressLine(io, '');
  return slancGraph(graph, { variant, powerOfTwo, onProgress: line.onProgress }).finally(() => line.finish());
}
