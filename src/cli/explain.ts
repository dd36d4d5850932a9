/**
 * `bittrue explain`: one number in one format.
 *
 * @module
 */
import type { Command } from 'commander';
import { formatExplanation, toJson } from '../reports/index.ts';
import {
  explain,
  flushFlagsRules,
  overflowPolicies,
  type Policy,
  roundingModes,
  subnormalPolicies,
  tininessRules,
} from '../rounding/index.ts';
import { OK } from './exit.ts';
import { type Io, print } from './io.ts';
import { formatOption } from './options.ts';

/** Adds the command. */
export function addExplain(program: Command, io: Io, exit: (status: number) => void): void {
  program
    .command('explain')
    .summary('one number in one format: code, bits, neighbours, every rounding mode')
    .description('Explains how a number lands in a format. The number is a decimal of any length, rounded once.')
    .argument('<FORMAT>', 'such as binary16, e4m3fn, int8, binary8p3se, float:e5m4')
    .argument('<NUMBER>', 'such as 465, -1.5, 1e-7, Infinity, NaN')
    .option('--rounding <MODE>', roundingModes.filter((mode) => mode !== 'stochastic').join(', '))
    .option('--overflow <POLICY>', overflowPolicies.join(', '))
    .option('--subnormals <POLICY>', subnormalPolicies.join(', '))
    .option('--tininess <RULE>', tininessRules.join(', '))
    .option('--flush-flags <RULE>', flushFlagsRules.join(', '))
    .option('--json', 'print data')
    .action((format: string, number: string, { json, ...policy }: Partial<Policy> & { json?: boolean }) => {
      const told = explain(formatOption(io, format), number, policy);
      print(io, json ? toJson(told, 'explanation/1') : formatExplanation(told, { color: io.color }));
      exit(OK);
    });
}
