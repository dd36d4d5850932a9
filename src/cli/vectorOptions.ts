/**
 * Options that `vectors` and `verify` share.
 *
 * @module
 */
import type { Command } from 'commander';
import { profiles, type RoundingMode, roundingModes } from '../rounding/index.ts';
import { type VectorOperation, type VectorTaskOptions, vectorOperations } from '../testing/conformance/index.ts';
import type { Io } from './io.ts';
import { checkOrder, formatOption, isFormat } from './options.ts';

/** The options as commander gives them. */
export interface VectorTaskFlags {
  readonly from?: string;
  readonly rounding?: RoundingMode;
  readonly profile?: string;
}

const FROM =
  'for cast: format of the operands (default: of codes binary32, or binary64 for a binary32 result; decimal numbers are ' +
  'binary64)';

/** Adds FORMAT, OPERATION and the options that say what a table is about. */
export function addVectorTask(command: Command): Command {
  return addTaskOptions(
    command
      .argument('<FORMAT>', 'such as binary16, e4m3fn, binary8p3se, float:e5m4')
      .argument('<OPERATION>', Object.keys(vectorOperations).join(', ')),
  );
}

/** The options alone. */
export function addTaskOptions(
  command: Command,
  modes: readonly RoundingMode[] = roundingModes.filter((mode) => mode !== 'stochastic'),
): Command {
  return command
    .option('--from <FORMAT>', FROM)
    .option('--rounding <MODE>', modes.join(', '))
    .option('--profile <NAME>', Object.keys(profiles).join(', '));
}

/** What the table is about. */
export function vectorTask(
  io: Io,
  format: string,
  operation: string,
  { from, rounding, profile }: VectorTaskFlags,
): VectorTaskOptions {
  checkOrder('FORMAT', [format, operation], isFormat, `COMMAND ${operation} ${format}`);
  formatOption(io, format);
  if (from !== undefined) formatOption(io, from);
  return {
    format,
    operation: operation as VectorOperation,
    ...(from === undefined ? {} : { from }),
    ...(rounding === undefined ? {} : { rounding }),
    ...(profile === undefined ? {} : { profile }),
  };
}
