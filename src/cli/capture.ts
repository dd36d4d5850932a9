/**
 * `bittrue capture`: a script that saves activations where a model runs.
 *
 * @module
 */
import type { Command } from 'commander';
import { checkName } from '../errors/index.ts';
import { captureRuntimes, captureScripts } from './captureScripts.ts';
import { OK } from './exit.ts';
import { type Io, print } from './io.ts';

/** Adds the command. */
export function addCapture(program: Command, io: Io, exit: (status: number) => void): void {
  program
    .command('capture')
    .summary('a script that saves what goes into the norms of your model, for check')
    .description(
      'Prints a Python script that saves what goes into every norm, softmax, linear layer and attention of a model where it runs, ' +
        'in the layout that bittrue check reads:\n' +
        'bittrue capture --for pytorch > bittrue_capture.py\n' +
        'The script says at its head how it is used.',
    )
    .requiredOption('--for <RUNTIME>', captureRuntimes.join(' or '))
    .action((options: { readonly for: string }) => {
      print(io, captureScripts[checkName('--for', options.for, captureRuntimes)].trimEnd());
      exit(OK);
    });
}
