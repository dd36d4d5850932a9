/**
 * `bittrue targets`: the accelerators that are known.
 *
 * @module
 */
import type { Command } from 'commander';
import { formatMatrixUnits, formatTarget, formatTargets, toJson } from '../reports/index.ts';
import { targets } from '../targets/index.ts';
import { OK } from './exit.ts';
import { type Io, print } from './io.ts';
import { targetOption } from './options.ts';

/** Adds the command. */
export function addTargets(program: Command, io: Io, exit: (status: number) => void): void {
  program
    .command('targets')
    .summary('the targets, or one of them in full')
    .description('Lists the targets by name, or prints one in full; --json NAME gives a file to start your own from.')
    .argument('[NAME]', 'a target, or a .json file to check')
    .option('--json', 'print data')
    .action((name: string | undefined, { json }: { json?: boolean }) => {
      if (name === undefined) {
        const all = Object.values(targets);
        if (json) print(io, toJson({ targets: all }, 'targets/2'));
        else
          print(
            io,
            [
              formatTargets(
                all.filter(({ vectorUnits, sameAs }) => sameAs === undefined && Object.keys(vectorUnits).length > 0),
              ),
              formatMatrixUnits(all),
            ].join('\n\n'),
          );
      } else {
        const target = targetOption(name);
        print(io, json ? toJson(target, 'target/2') : formatTarget(target));
      }
      exit(OK);
    });
}
