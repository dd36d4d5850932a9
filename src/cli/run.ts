/**
 * The command line as a function: arguments in, text out, an exit status back.
 *
 * @module
 */
import { Command, CommanderError } from 'commander';
import { BittrueError, printable, renamed } from '../errors/index.ts';
import { VERSION } from '../events/index.ts';
import { addAccumulator } from './accumulator.ts';
import { addBounds } from './bounds.ts';
import { addCheck } from './check.ts';
import { addCommunicate } from './communicate.ts';
import { addCompareTargets } from './compareTargets.ts';
import { INTERNAL, OK, USAGE } from './exit.ts';
import { addExplain } from './explain.ts';
import type { Io } from './io.ts';
import { addQuantize } from './quantize.ts';
import { addSlanc } from './slanc.ts';
import { addTable } from './table.ts';
import { addTargets } from './targets.ts';
import { addVectors } from './vectors.ts';
import { addVerify } from './verify.ts';

/**
 * Runs the command.
 *
 * @param args - what follows the program's name
 * @returns the exit status, a promise of it for what reads as it runs; every mistake of the user is told in one line on `io.err`
 */
export function runCommand(args: readonly string[], io: Io): number | Promise<number> {
  let status: number | Promise<number> = OK;
  const program = new Command('bittrue')
    .description('Low-precision arithmetic, bit for bit: what overflows, where, and whether SLaNC cures it.')
    .version(VERSION)
    .exitOverride()
    .configureHelp({ helpWidth: 100 })
    .configureOutput({
      writeOut: (text) => void io.out(text),
      writeErr: io.err,
      outputError: (text, write) =>
        write(
          `${printable(
            text
              .replace(/^error: /, 'bittrue: ')
              .trimEnd()
              .replace(/\n(?=\()/, ' '),
          )}\n`,
        ),
    });
  const exit = (result: number | Promise<number>): void => {
    status = result;
  };
  const failed = (error: unknown): number => {
    if (error instanceof CommanderError) return error.exitCode === 0 ? OK : USAGE;
    if (!(error instanceof BittrueError)) return tellInternalError(error, io);
    io.err(`bittrue: ${printable(asTyped(error, program, args[0]).message)}\n`);
    return USAGE;
  };
  for (const add of [
    addCheck,
    addSlanc,
    addQuantize,
    addCommunicate,
    addAccumulator,
    addBounds,
    addExplain,
    addTable,
    addTargets,
    addCompareTargets,
    addVectors,
    addVerify,
  ])
    add(program, io, exit);
  try {
    program.parse(protectNumbers(args), { from: 'user' });
    return typeof status === 'number' ? status : (status as Promise<number>).catch(failed);
  } catch (error) {
    return failed(error);
  }
}

/** Options of the library that the command calls otherwise. */
const names: Readonly<Record<string, readonly string[]>> = {
  variant: ['--variant', '--slanc'],
  algorithm: ['--collective'],
  codecs: ['--codec'],
  calibrationRows: ['--rows'],
  strictNaN: ['--strict-nan'],
  outliers: ['--rotate'],
  times: ['--cancelling'],
};

/** An error with the option's name as the user wrote it: `--residual-scale`, where the library says `options.residualScale`. */
function asTyped(error: BittrueError, program: Command, used: string | undefined): BittrueError {
  const command = program.commands.find((one) => one.name() === used);
  const key = /^(?:options\.(?:search\.)?)?(\w+)(?:\[\d+\])?$/.exec(error.argument)?.[1];
  if (command === undefined || key === undefined) return error;
  const kebab = `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const flag = [...(names[key] ?? []), kebab].find((one) => command.options.some(({ long }) => long === one));
  return flag === undefined ? error : renamed(error, flag);
}

/** The last catch: a mistake of ours is neither the user's nor an event. */
export function tellInternalError(error: unknown, { err, trace = false }: Pick<Io, 'err' | 'trace'>): number {
  const words = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  err(`bittrue: internal error: ${printable(words)}${trace ? '' : ' (BITTRUE_TRACE=1 shows where)'}\n`);
  if (trace && error instanceof Error) err(`${error.stack}\n`);
  return INTERNAL;
}

/** `-Infinity` and `-NaN` look like options; digits after a minus sign commander knows. */
function protectNumbers(args: readonly string[]): string[] {
  const specials = args.filter((arg) => /^-(Infinity|NaN)$/.test(arg));
  if (specials.length === 0 || args.includes('--')) return [...args];
  return [...args.filter((arg) => !specials.includes(arg)), '--', ...specials];
}
