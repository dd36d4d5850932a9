#!/usr/bin/env node
/**
 * The command `bittrue`.
 *
 * @module
 */
import { isatty } from 'node:tty';
import { alone } from './alone.ts';
import { busyLine } from './busy.ts';
import { runProgram, tellInternalError } from './program.ts';
import { readInput, writeErrors, writeOutput } from './streams.ts';
import { terminalColumns, wantsColor } from './terminal.ts';

const io = {
  out: writeOutput,
  err: writeErrors,
  color: wantsColor(process.env, isatty(1)),
  progress: isatty(2),
  busy: busyLine,
  columns: terminalColumns(),
  input: readInput,
  trace: (process.env.BITTRUE_TRACE ?? '0') !== '0',
};

process.on('uncaughtException', (error) => process.exit(tellInternalError(error, io)));
const args = process.argv.slice(2);
const own = Object.hasOwn(alone, args[0] ?? '') ? alone[args[0]] : undefined;
process.exitCode = await (own === undefined
  ? (await import('./run.ts')).runCommand(args, io)
  : runProgram([['Commands:', [await own()]]], args, io));
