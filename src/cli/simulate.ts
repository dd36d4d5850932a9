/**
 * `bittrue simulate`: a whole model on chips, side by side.
 *
 * @module
 */
import type { Command } from 'commander';
import { BittrueError, checkInteger } from '../errors/index.ts';
import { embeddedModel } from '../node/index.ts';
import { formatSimulation, formatSimulationCsv, toJson } from '../reports/index.ts';
import { simulate } from '../studies/index.ts';
import { EVENTS, OK } from './exit.ts';
import { type Io, look, print } from './io.ts';
import { firstLayersAsked, openFamily } from './openModel.ts';
import { formatOption, numberOption, targetOrName } from './options.ts';
import { progressLine } from './progress.ts';
import { readSequences } from './sequences.ts';
import { useThreads } from './threads.ts';

interface Flags {
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
  readonly csv?: boolean;
  readonly json?: boolean;
}

/** Adds the command. */
export function addSimulate(program: Command, io: Io, exit: (status: number) => void): void {
  program
    .command('simulate')
    .summary('a whole model on chips, bit for bit: perplexity, events, where it first goes wrong')
    .description(
      'Runs a model on every target named, side by side: linear layers and attention on the matrix unit, the rest on the vector ' +
        'unit, what the chip has no unit for in binary64, by name. Units of 8 bits and fewer read elements under scales of ' +
        'their rows, units with block scales their own blocks. Tells perplexity, events, the first failure, and how errors ' +
        'grow layer by layer.\n' +
        'Exit status: 1 where a node failed or the perplexity is not finite.',
    )
    .argument('[MODEL]', 'model folder, .safetensors or .safetensors.index.json (default: the embedded model)')
    .requiredOption(
      '--target <NAME:UNIT>',
      'a chip and the unit of its linear layers, such as h100:fp8Wgmma; again for another',
      (text: string, all: readonly string[] = []) => [...all, text],
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
    .option('--csv', 'print a line a node and chip')
    .option('--json', 'print data')
    .action((file: string | undefined, flags: Flags) => {
      exit(run(file ?? embeddedModel(), flags, io));
    });
}

function run(path: string, flags: Flags, io: Io): number {
  if (flags.csv && flags.json) throw new BittrueError('unsupported', '--csv', true, 'no --json, or one of both');
  const { model: whole } = openFamily(path, io);
  const model = firstLayersAsked(whole, flags.layers);
  const sequences = readSequences(path, model.config, flags);
  const { weights, cache, vectorUnit, attentionUnit, tile } = flags;
  const progress = progressLine(io, '');
  try {
    useThreads();
    progress.begin('the model without rounding');
    const found = simulate(model, sequences, {
      targets: (flags.target ?? []).map(targetOrName),
      ...(weights === undefined ? {} : { weights }),
      ...(cache === undefined ? {} : { cache: formatOption(io, cache) }),
      ...(vectorUnit === undefined ? {} : { vectorUnit }),
      ...(attentionUnit === undefined ? {} : { attentionUnit }),
      ...(tile === undefined
        ? {}
        : {
            attentionMethod: { kind: 'flash', tile: checkInteger('--tile', numberOption('--tile', tile), 1, 2 ** 31) },
          }),
      onProgress: progress.onProgress,
    });
    progress.finish();
    if (flags.json) print(io, toJson(found, 'simulation/1'));
    else if (flags.csv) print(io, formatSimulationCsv(found).replace(/\n$/, ''));
    else print(io, formatSimulation(found, look(io)));
    return found.targets.every(({ ok }) => ok) ? OK : EVENTS;
  } finally {
    progress.finish();
  }
}
