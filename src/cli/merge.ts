/**
 * `bittrue merge`: the shards of a sweep as one file.
 *
 * @module
 */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Command } from 'commander';
import { BittrueError } from '../errors/index.ts';
import { attempt } from '../node/paths.ts';
import { writeFiles } from '../node/writeFiles.ts';
import { formatSweepCsv, sweepHtml, sweepPlots } from '../reports/index.ts';
import { mergeSweeps, readSweepFile } from '../sweeps/index.ts';
import { OK } from './exit.ts';
import type { Io } from './io.ts';
import { refuse } from './options.ts';
import { addPictures, checkPictures, drawPictures, type PictureFlags, wantsPictures } from './pictures.ts';

interface Flags extends PictureFlags {
  readonly out?: string;
  readonly csv?: boolean;
}

/** Adds the command. */
export function addMerge(program: Command, io: Io, exit: (status: number) => void): void {
  const command = program
    .command('merge')
    .summary('joins the shards of a sweep into the bytes of a single run')
    .description(
      'Joins the files that `bittrue sweep --shard i/n --out FILE` wrote, in any order, into the very bytes of a run in one ' +
        'piece. Files that are cut off, of other grids or versions, or missing: exit status 2, and nothing is written.',
    )
    .argument('<FILES...>', 'every shard of one sweep')
    .option('--out <FILE>', 'where the sweep goes; default standard output')
    .option('--csv', 'comma-separated values');
  addPictures(command).action((paths: readonly string[], flags: Flags) => {
    const { out, csv, force = false } = flags;
    if (csv) refuse(flags, ['plot'], 'no --csv');
    checkPictures(flags, 'bittrue sweep', [out, ...paths]);
    const texts = paths.map((path) => attempt(path, () => readFileSync(path, 'utf8')));
    const whole = mergeSweeps(texts, paths);
    const cells = csv || wantsPictures(flags) ? (readSweepFile(whole)?.cells ?? []) : [];
    const text = csv ? formatSweepCsv(cells) : whole;
    if (out === undefined && (csv || !wantsPictures(flags))) io.out(text);
    if (out !== undefined) {
      if (existsSync(out) && paths.some((path) => realpathSync(path) === realpathSync(out)))
        throw new BittrueError('file', '--out', out, 'another file than those that are joined');
      writeFiles(
        dirname(out),
        { [basename(out)]: { content: text, ...(csv ? {} : { mark: '"schema":"sweep/1"' }) } },
        { force, argument: '--out' },
      );
    }
    if (wantsPictures(flags)) drawPictures(io, flags, 'bittrue sweep', () => sweepHtml(cells), sweepPlots(cells));
    exit(OK);
  });
}
