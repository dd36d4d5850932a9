/**
 * The command line as a function, with all its commands.
 *
 * @module
 */
import { addAccumulator } from './accumulator.ts';
import { addBounds } from './bounds.ts';
import { addCapture } from './capture.ts';
import { addCheck } from './check.ts';
import { addCommunicate } from './communicate.ts';
import { addCompareTargets } from './compareTargets.ts';
import { addCompletion } from './completion.ts';
import { addExplain } from './explain.ts';
import { addFormats } from './formats.ts';
import { addIdentify } from './identify.ts';
import type { Io } from './io.ts';
import { addMerge } from './merge.ts';
import { addProbe } from './probe.ts';
import { type Group, runProgram } from './program.ts';
import { addQuantize } from './quantize.ts';
import { addRecipes } from './recipes.ts';
import { addSimulate } from './simulate.ts';
import { addSlanc } from './slanc.ts';
import { addSweep } from './sweep.ts';
import { addTable } from './table.ts';
import { addTargets } from './targets.ts';
import { addVectors } from './vectors.ts';
import { addVerify } from './verify.ts';

/** The commands, in the order of their help. */
const groups: readonly Group[] = [
  ['Models:', [addCheck, addSimulate, addCapture, addSlanc, addQuantize, addRecipes, addCommunicate]],
  ['Sums:', [addAccumulator, addBounds, addSweep, addMerge]],
  ['Numbers and chips:', [addExplain, addTable, addFormats, addTargets, addCompareTargets]],
  ['Another implementation:', [addVectors, addVerify, addProbe, addIdentify]],
  ['The command itself:', [addCompletion]],
];

/**
 * Runs the command.
 *
 * @param args - what follows the program's name
 * @returns the exit status, a promise of it for what reads as it runs; every mistake of the user is told in one message on `io.err`
 */
export function runCommand(args: readonly string[], terminal: Io): number | Promise<number> {
  return runProgram(groups, args, terminal);
}
