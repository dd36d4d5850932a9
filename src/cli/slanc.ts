/**
 * `bittrue slanc`: scales for every norm of a model.
 *
 * @module
 */
import type { Command } from 'commander';
import { formatSlanc, toJson } from '../reports/index.ts';
import type { Variant } from '../slanc/index.ts';
import { type SlancScales, slancScales } from '../studies/index.ts';
import { OK } from './exit.ts';
import { type Io, look, print } from './io.ts';
import { openFamily } from './openModel.ts';
import { variantNames } from './options.ts';
import { progressLine } from './progress.ts';

/** Adds the command. */
export function addSlanc(program: Command, io: Io, exit: (status: number) => void): void {
  program
    .command('slanc')
    .summary('scale factors for every norm of a model, as JSON')
    .description(
      'SLaNC keeps the sum of squares of a norm within FP16: it divides the input of the norm by a constant that follows ' +
        'from the weights before it, which the norm takes out again. Computes that scale for every norm: no data is run. ' +
        'Prints JSON.',
    )
    .argument('<MODEL>', 'model folder, .safetensors or .safetensors.index.json with config.json beside it')
    .option('--variant <VARIANT>', variantNames.join(', '), 'frobenius')
    .option('--power-of-two', 'round the scales down to powers of two')
    .option('--table', 'print a table for people')
    .option('--json', 'print data (the default)')
    .action((path: string, options: { variant: Variant; powerOfTwo?: boolean; table?: boolean; json?: boolean }) => {
      const { variant, powerOfTwo = false } = options;
      const progress = progressLine(io, '');
      let scales: SlancScales;
      try {
        progress.begin('reading the weights');
        const { model } = openFamily(path, io);
        progress.begin(`scales of the norms of ${model.config.layers} layers`);
        scales = slancScales(model, { variant, powerOfTwo });
      } finally {
        progress.finish();
      }
      print(io, options.table && !options.json ? formatSlanc(scales, look(io)) : toJson(scales));
      exit(OK);
    });
}
