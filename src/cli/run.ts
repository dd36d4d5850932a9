/**
 * The command line as a function: arguments in, text out, an exit status back.
 *
 * @module
 */
import { Command, CommanderError } from 'commander';
import { BittrueError } from '../errors/index.ts';
import { VERSION } from '../events/index.ts';
import { addCheck } from './check.ts';
import { addCommunicate } from './communicate.ts';
import { addCompareTargets } from './compareTargets.ts';
import { OK, USAGE } from './exit.ts';
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
 * @returns the exit status; every mistake of the user is told in one line on `io.err`
 */
export function runCommand(args: readonly string[], io: Io): number {
  let status: number = OK;
  const program = new Command('bittrue')
    .description('Low-precision arithmetic, bit for bit: what overflows, where, and whether SLaNC cures it.')
    .version(VERSION)
    .exitOverride()
    .configureHelp({ helpWidth: 100 })
    .configureOutput({
      writeOut: io.out,
      writeErr: io.err,
      outputError: (text, write) => write(text.replace(/^error: /, 'bittrue: ')),
    });
  const exit = (result: number): void => {
    status = result;
  };
  for (const add of [
    addCheck,
    addSlanc,
    addQuantize,
    addCommunicate,
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
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? OK : USAGE;
    if (!(error instanceof BittrueError)) throw error;
    io.err(`bittrue: ${error.message}\n`);
    return USAGE;
  }
}

/** `-Infinity` and `-NaN` look like options; digits after a minus sign commander knows. */
function protectNumbers(args: readonly string[]): string[] {
  const specials = args.filter((arg) => /^-(Infinity|NaN)$/.test(arg));
  if (specials.length === 0 || args.includes('--')) return [...args];
  return [...args.filter((arg) => !specials.includes(arg)), '--', ...specials];
}
