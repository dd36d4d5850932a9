#!/usr/bin/env node
/**
 * The command `bittrue`.
 *
 * @module
 */
import { isatty } from 'node:tty';
import { busyLine } from './busy.ts';
import { runCommand, tellInternalError } from './run.ts';
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
process.exitCode = await runCommand(process.argv.slice(2), io);
