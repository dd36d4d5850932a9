/**
 * `bittrue probe`: the first rows to ask of a unit that nobody documented, and the state that `bittrue identify` goes on from.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { BittrueError, checkName } from '../errors/index.ts';
import { defineTask, type IdentifyOptions, Inquiry } from '../identification/identify.ts';
import { checkFolder, writeFiles } from '../node/writeFiles.ts';
import { OK } from './exit.ts';
import { type Layout, layouts, readState, rowFiles, STATE_MARK, stateText } from './inquiryFiles.ts';
import { type Io, printWords } from './io.ts';
import { refuse, wholeOption } from './options.ts';
import { settle } from './probeSettle.ts';

/** The kind of sum, as commander gives it. */
export interface SumFlags {
  readonly k?: string;
  readonly a?: string;
  readonly b?: string;
  readonly output?: string;
  readonly addend?: string;
  readonly scale?: string;
}

interface Flags extends SumFlags {
  readonly budget?: string;
  readonly agree?: string;
  readonly seed?: string;
  readonly zeroSigns: boolean;
  readonly name?: string;
  readonly as: string;
  readonly settle?: string;
}

/** Adds the options that name a kind of sum. */
export function addSumOptions(command: Command): Command {
  return command
    .option('--k <n>', 'elements of one sum: best two or three instructions long')
    .option('--a <FORMAT>', "of A's elements")
    .option('--b <FORMAT>', "of B's elements (default: that of A)")
    .option('--output <FORMAT>', 'of the results')
    .option('--addend <FORMAT>', 'of the addend c (default: that of the results); none: the unit takes none')
    .option('--scale <FORMAT:BLOCK>', 'block scales of A and B, such as e8m0fnu:32');
}

/** The kind of sum that options name. */
export function sumOptions({ k, a, b, output, addend, scale }: SumFlags): IdentifyOptions {
  for (const [flag, given] of [
    ['--k', k],
    ['--a', a],
    ['--output', output],
  ] as const) {
    if (given === undefined) throw new BittrueError('type', flag, given, 'a value: bittrue identify --help');
  }
  const [, format, block] = scale === undefined ? [] : (/^(.*):(\d+)$/.exec(scale) ?? []);
  if (scale !== undefined && (format === undefined || block === undefined)) {
    throw new BittrueError('name', '--scale', scale, 'FORMAT:BLOCK, such as e8m0fnu:32');
  }
  return {
    k: wholeOption('--k', k as string, 1024),
    a: a as string,
    output: output as string,
    ...(b === undefined ? {} : { b }),
    ...(addend === undefined ? {} : { addend: addend === 'none' ? null : addend }),
    ...(format === undefined || block === undefined ? {} : { scale: { format, block: Number(block) } }),
  };
}

/** Refuses to write over answers: a search that was begun goes on by `identify`. */
function checkFresh(path: string): void {
  if (!existsSync(path)) return;
  const { answers } = readState(path);
  if (answers.length === 0) return;
  const wanted = `a folder without answers, or bittrue identify ${path} ANSWERS to go on`;
  throw new BittrueError('file', path, `${answers.length} lists of answers`, wanted);
}

/** Adds the command. */
export function addProbe(program: Command, io: Io, exit: (status: number) => void): void {
  addSumOptions(
    program
      .command('probe')
      .summary('rows to ask of an undocumented unit: the first step of identify')
      .description(
        'Writes into FOLDER the first rows of operands, as codes, and state.json. Ask your chip for the result of each row, c + ' +
          'Σ a·b, put the answers (a hexadecimal code a line, or a .npy file) into a file, and go on with ' +
          'bittrue identify FOLDER/state.json ANSWERS, until it says what the unit computes. docs/your-chip.md shows a round.',
      )
      .argument('<FOLDER>', 'made if it is not there'),
  )
    .option('--budget <n>', 'rows that may be asked in all', '5000')
    .option('--agree <n>', 'rows on which what survives must give the same bits', '100000')
    .option('--seed <s>', 'of the rows', '1')
    .option('--no-zero-signs', '+0 and -0 are the same answer')
    .option('--name <NAME>', 'of the target to find', 'identified')
    .option('--as <LAYOUT>', layouts.join(', '), 'text')
    .option(
      '--settle <TARGET:UNIT>',
      'instead: the rows that would settle what models say of a known unit; all: of every one',
    )
    .action((folder: string, flags: Flags) => {
      if (flags.settle !== undefined) {
        refuse(flags, ['k', 'a', 'b', 'output', 'addend', 'scale'], '--settle alone: the unit says what is asked');
        settle(io, folder, flags.settle);
        return exit(OK);
      }
      checkFresh(join(folder, 'state.json'));
      const layout: Layout = checkName('--as', flags.as, layouts);
      const options: IdentifyOptions = {
        ...sumOptions(flags),
        budget: wholeOption('--budget', flags.budget as string, 10_000_000),
        agree: wholeOption('--agree', flags.agree as string, 10_000_000),
        seed: wholeOption('--seed', flags.seed as string, Number.MAX_SAFE_INTEGER),
        zeroSigns: flags.zeroSigns,
        name: flags.name as string,
      };
      const task = defineTask(options);
      const inquiry = new Inquiry(task);
      const rows = rowFiles(task.question, inquiry.next(), 1, layout);
      const files = { ...rows, 'state.json': { content: stateText(task, layout, []), mark: STATE_MARK } };
      checkFolder(folder, files);
      writeFiles(folder, files);
      printWords(
        io,
        `${inquiry.rows?.length} rows to ask: ${Object.keys(rows)
          .map((name) => join(folder, name))
          .join(', ')}`,
      );
      printWords(io, `then: bittrue identify ${join(folder, 'state.json')} ANSWERS`);
      exit(OK);
    });
}
