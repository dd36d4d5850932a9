/**
 * `bittrue accumulator`: how narrow may the accumulator be?
 *
 * @module
 */
import type { Command } from 'commander';
import { type MinimalAccumulatorOptions, minimalAccumulator } from '../bounds/index.ts';
import { BittrueError } from '../errors/index.ts';
import { formatAccumulator, toJson } from '../reports/index.ts';
import { EVENTS, OK } from './exit.ts';
import { type InputFlags, inputSetOption, weightsOption } from './inputSet.ts';
import { type Io, look, print } from './io.ts';
import { numberOption, targetOption } from './options.ts';
import { withProgress } from './progress.ts';
import { readRows } from './rows.ts';

interface Flags extends InputFlags {
  readonly target: string;
  readonly unit?: string;
  readonly data?: string;
  readonly floats?: string;
  readonly minSqnr?: string;
  readonly maxAbsorbed?: string;
  readonly json?: boolean;
}

/** Rows as long as a channel: numbers that fit otherwise may be those of transposed weights. */
function dataRows(file: string, k: number): Float64Array {
  const { data, width } = readRows(file);
  if (width === k) return Float64Array.from(data);
  const wanted = `rows of K = ${k} numbers: WEIGHTS is [K, N], torch's Linear has [N, K]`;
  throw new BittrueError('shape', '--data', `rows of ${width}`, wanted);
}

/** Adds the command. */
export function addAccumulator(program: Command, io: Io, exit: (status: number) => void): void {
  program
    .command('accumulator')
    .summary('how narrow may the accumulator be: by proof, and on the data in hand')
    .description(
      'The narrowest accumulator of a layer: the width that is proved for every input of the set, and the one that no ' +
        'row of the data overflows. Exit status 1: no float of the list will do.',
    )
    .argument('<WEIGHTS>', 'a .npy of [K, N], each column a channel, or VALUE*K')
    .requiredOption('--inputs <SET>', 'a format (uint8), an interval (-1..1), or a .npy file of low and high rows')
    .option(
      '--target <NAME>',
      'its unit gives formats and order: a target, NAME:UNIT, or a .json file',
      'avx512Vnni:vpdpbusd',
    )
    .option('--unit <NAME>', 'the unit of a target that has several')
    .option('--data <FILE>', 'rows in hand, a .npy of [rows, K]')
    .option('--floats <LIST>', 'formats to try as accumulators, such as binary16,bfloat16,binary32')
    .option('--min-sqnr <dB>', 'with --floats and --data: the least SQNR of the outputs')
    .option('--max-absorbed <share>', 'with --floats and --data: the largest share of additions that lose their addend')
    .option('--json', 'print data')
    .action((file: string, flags: Flags) => {
      const { weights, n } = weightsOption('WEIGHTS', file);
      const { unit, data, floats, minSqnr, maxAbsorbed } = flags;
      const formats = floats?.split(',').map((name) => name.trim());
      if (formats === undefined && (minSqnr ?? maxAbsorbed) !== undefined) {
        throw new BittrueError('type', '--floats', undefined, 'formats to try, for a threshold to choose among');
      }
      const options: MinimalAccumulatorOptions = {
        weights,
        n,
        inputs: inputSetOption('--inputs', flags.inputs),
        target: targetOption(flags.target),
        ...(unit === undefined ? {} : { unit }),
        ...(data === undefined ? {} : { data: dataRows(data, weights.length / n) }),
        ...(formats === undefined ? {} : { floats: formats }),
        ...(minSqnr === undefined ? {} : { minSqnr: numberOption('--min-sqnr', minSqnr) }),
        ...(maxAbsorbed === undefined ? {} : { maxAbsorbed: numberOption('--max-absorbed', maxAbsorbed) }),
      };
      const answer = withProgress(io, 'the narrowest accumulator', () => minimalAccumulator(options));
      print(io, flags.json ? toJson(answer, 'minimal-accumulator/1') : formatAccumulator(answer, look(io)));
      exit(formats !== undefined && answer.float.proved === null ? EVENTS : OK);
    });
}
