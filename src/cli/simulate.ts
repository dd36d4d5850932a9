/**
 * `bittrue simulate`: a whole model on chips, side by side.
 *
 * @module
 */
import type { Command } from 'commander';
import { BittrueError, checkInteger } from '../errors/index.ts';
import { readJsonObject } from '../files/json.ts';
import { isGemmPlan } from '../kernels/gemmPlan.ts';
import { embeddedModel, openFile, openOnnx } from '../node/index.ts';
import {
  formatGraphSimulation,
  formatSimulation,
  formatSimulationCsv,
  simulationHtml,
  simulationPlots,
  toJson,
} from '../reports/index.ts';
import { type SimulatedOn, type SimulateOptions, simulate, simulateGraph } from '../studies/index.ts';
import { feedsAsked } from './checkOnnx.ts';
import { EVENTS, OK } from './exit.ts';
import { type Io, look, print } from './io.ts';
import { firstLayersAsked, openFamily } from './openModel.ts';
import { formatOption, numberOption, refuse, targetOrName } from './options.ts';
import { addPictures, checkPictures, drawPictures, type PictureFlags } from './pictures.ts';
import { progressLine } from './progress.ts';
import { readSequences } from './sequences.ts';
import { useThreads } from './threads.ts';

interface Flags extends PictureFlags {
  readonly target?: readonly string[];
  readonly weights?: string;
  readonly cache?: string;
  readonly vectorUnit?: string;
  readonly attentionUnit?: string;
  readonly tile?: string;
  readonly text?: string;
  readonly tokens?: string;
  readonly sequences?: string;
  readonly layers?: string;
  readonly input?: readonly string[];
  readonly length?: readonly string[];
  readonly seed?: string;
  readonly headroom?: boolean;
  readonly csv?: boolean;
  readonly json?: boolean;
}

/** What pages of this command say that they are from. */
const GENERATOR = 'bittrue simulate';

/** Adds the command. */
export function addSimulate(program: Command, io: Io, exit: (status: number | Promise<number>) => void): void {
  const more = (text: string, all: readonly string[] = []): string[] => [...all, text];
  const command = program
    .command('simulate')
    .summary('a whole model on chips, bit for bit: perplexity, events, where it first goes wrong')
    .description(
      'Runs a model on every target named, side by side: linear layers and attention on the matrix unit, the rest on the vector ' +
        'unit, what the chip has no unit for in binary64, by name. Units of 8 bits and fewer read elements under scales of ' +
        'their rows, units with block scales their own blocks. Tells perplexity, events, the first failure, and how errors ' +
        'grow layer by layer.\n' +
        'Exit status: 1 where a node failed or the perplexity is not finite.',
    )
    .argument('[MODEL]', 'model folder, .safetensors, .safetensors.index.json or .onnx (default: the embedded model)')
    .requiredOption(
      '--target <NAME:UNIT>',
      'a chip and the unit of its linear layers, such as h100:fp8Wgmma, or a .json of a target or a GEMM plan; again for another',
      more,
    )
    .option(
      '--weights <RECIPE>',
      "what weights are stored in: mxfp4, nvfp4@fourOverSix, 'block:int4;size=128;scale=binary16'",
    )
    .option('--cache <FORMAT>', 'of keys and values, such as e4m3fn')
    .option('--vector-unit <NAME>', 'of every chip (default: its own)')
    .option('--attention-unit <NAME>', "of attention's products (default: that of linear layers, or one of 16 bits)")
    .option('--tile <N>', 'attention in tiles of so many keys (default: unfused)')
    .option('--text <FILE>', 'run a byte-level model on this text (default: validation.txt beside the weights)')
    .option('--tokens <FILE>', 'run it on the tokens of a JSON file: { "sequences": [[1, 2, …], …] }')
    .option('--layers <N>', 'run the first N layers alone')
    .option('--sequences <N>', 'run on the first N sequences alone')
    .option('--input <NAME=FILE>', 'an input of an .onnx as .npy, or inputs as .npz (default: at random)', more)
    .option('--length <AXIS=N>', 'of an .onnx: the length of an axis that has a name', more)
    .option('--seed <N>', 'of an .onnx: of inputs at random (default: 0)')
    .option('--headroom', 'the room of every stage, which takes much longer')
    .option('--csv', 'print a line a node and chip')
    .option('--json', 'print data');
  addPictures(command).action((file: string | undefined, flags: Flags) => {
    const path = file ?? embeddedModel();
    exit(path.endsWith('.onnx') ? runOnnx(path, flags, io) : run(path, flags, io));
  });
}

/** A target, or the GEMM plan of a JSON file, which has a target of its own. */
function targetOrPlan(text: string): SimulatedOn {
  if (!text.endsWith('.json')) return targetOrName(text);
  const { bittrue: _version, ...given } = readJsonObject(openFile(text));
  return isGemmPlan(given) ? given : targetOrName(text);
}

/** What a model and a graph have in common. */
function asked({ target, weights, cache, vectorUnit, attentionUnit, tile, headroom }: Flags, io: Io): SimulateOptions {
  return {
    targets: (target ?? []).map(targetOrPlan),
    ...(weights === undefined ? {} : { weights }),
    ...(cache === undefined ? {} : { cache: formatOption(io, cache) }),
    ...(vectorUnit === undefined ? {} : { vectorUnit }),
    ...(attentionUnit === undefined ? {} : { attentionUnit }),
    ...(tile === undefined
      ? {}
      : { attentionMethod: { kind: 'flash', tile: checkInteger('--tile', numberOption('--tile', tile), 1, 2 ** 31) } }),
    headroom: headroom ?? false,
  };
}

/** The same for a graph; the exit status. */
async function runOnnx(path: string, flags: Flags, io: Io): Promise<number> {
  if (flags.csv && flags.json) throw new BittrueError('unsupported', '--csv', true, 'no --json, or one of both');
  refuse(flags, ['text', 'tokens', 'sequences', 'layers', 'html', 'svg', 'plot', 'force'], 'a checkpoint');
  const graph = openOnnx(path);
  const feeds = feedsAsked(graph, flags);
  const progress = progressLine(io, '');
  try {
    useThreads();
    const found = await simulateGraph(graph, feeds, { ...asked(flags, io), onProgress: progress.onProgress });
    progress.finish();
    if (flags.json) print(io, toJson(found, 'graph-simulation/1'));
    else if (flags.csv) print(io, formatSimulationCsv(found).replace(/\n$/, ''));
    else print(io, formatGraphSimulation(found, look(io)));
    return found.targets.every(({ ok }) => ok) ? OK : EVENTS;
  } finally {
    progress.finish();
  }
}

function run(path: string, flags: Flags, io: Io): number {
  if (flags.csv && flags.json) throw new BittrueError('unsupported', '--csv', true, 'no --json, or one of both');
  checkPictures(flags, GENERATOR);
  refuse(flags, ['input', 'length', 'seed'], 'an .onnx file');
  const { model: whole } = openFamily(path, io);
  const model = firstLayersAsked(whole, flags.layers);
  const sequences = readSequences(path, model.config, flags);
  const progress = progressLine(io, '');
  try {
    useThreads();
    progress.begin('the model without rounding');
    const found = simulate(model, sequences, {
      ...asked(flags, io),
      onProgress: progress.onProgress,
    });
    progress.finish();
    drawPictures(io, flags, GENERATOR, () => simulationHtml(found), simulationPlots(found));
    if (flags.json) print(io, toJson(found, 'simulation/1'));
    else if (flags.csv) print(io, formatSimulationCsv(found).replace(/\n$/, ''));
    else print(io, formatSimulation(found, look(io)));
    return found.targets.every(({ ok }) => ok) ? OK : EVENTS;
  } finally {
    progress.finish();
  }
}
