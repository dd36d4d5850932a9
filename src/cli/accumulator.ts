/**
 * `bittrue accumulator`: how narrow may the accumulator be?
 *
 * @module
 */
import type { Command } from 'commander';
import { type InputSet, type MinimalAccumulatorOptions, minimalAccumulator } from '../bounds/index.ts';
import { defineInputs } from '../bounds/inputSet.ts';
import { BittrueError } from '../errors/index.ts';
import { accumulatorHtml, accumulatorPlots, formatAccumulator, toJson } from '../reports/index.ts';
import { EVENTS, OK } from './exit.ts';
import {
  checkRowWidth,
  checkWidth,
  type InputFlags,
  inputSetOption,
  LAYOUT,
  printWeights,
  type Weights,
  weightsData,
  weightsOption,
} from './inputSet.ts';
import { type Io, look, print } from './io.ts';
import { numberOption, refuse, targetOption } from './options.ts';
import { addPictures, checkPictures, drawPictures, type PictureFlags } from './pictures.ts';
import { withProgress } from './progress.ts';
import { readRows } from './rows.ts';

interface Flags extends InputFlags, PictureFlags {
  readonly target?: string;
  readonly layout?: string;
  readonly unit?: string;
  readonly data?: string;
  readonly floats?: string;
  readonly minSqnr?: string;
  readonly maxAbsorbed?: string;
  readonly json?: boolean;
}

/** What a page of this command names as its generator. */
const GENERATOR = 'bittrue accumulator';

function dataRows(file: string, weights: Weights): Float64Array {
  const { data, width } = readRows(file);
  checkRowWidth('--data', weights, width);
  return Float64Array.from(data);
}

/** Units for operands without a fraction, the narrowest first, and what each holds. */
const usual = [
  { name: 'avx512Vnni:vpdpbusd', inputs: [0, 255], weights: [-128, 127] },
  { name: 'integerMac:acc32Saturate', inputs: [-32768, 32767], weights: [-32768, 32767] },
] as const;

/** The first unit that holds all operands as they are. */
function usualUnit(weights: Weights, inputs: InputSet, data: Float64Array | undefined): string {
  const { low, high } = defineInputs(inputs, weights.k);
  const all = data === undefined ? [low, high] : [low, high, data];
  const holds = (values: readonly Float64Array[], [least, most]: readonly [number, number]): boolean =>
    values.every((one) => one.every((x) => Number.isInteger(x) && x >= least && x <= most));
  const found = usual.find((one) => holds(all, one.inputs) && holds([weights.weights], one.weights));
  if (found !== undefined) return found.name;
  const [least, most] = usual[usual.length - 1].inputs;
  const isOdd = (x: number): boolean => !Number.isInteger(x) || x < least || x > most;
  const odd = weights.weights.find(isOdd);
  const wanted =
    `a unit that holds all ${odd === undefined ? 'inputs' : 'weights'}, such as fp16 with --floats: without it they are ` +
    'integers of 16 bits';
  throw new BittrueError('type', '--target', odd ?? all.flatMap((one) => [...one.filter(isOdd)])[0], wanted);
}

/** Adds the command. */
export function addAccumulator(program: Command, io: Io, exit: (status: number) => void): void {
  const command = program
    .command('accumulator')
    .summary('how narrow may the accumulator be: by proof, and on the data in hand')
    .description(
      'The narrowest accumulator of a layer: the width that is proved for every input of the set, and the one that no ' +
        'row of the data overflows. Exit status 1: no float of the list will do.',
    )
    .argument(
      '<WEIGHTS>',
      'a .npy of [K, N], each column an output channel, FILE#TENSOR of .safetensors, .gguf or .npz, or VALUE*K',
    )
    .requiredOption('--inputs <SET>', 'a format (uint8), an interval (-1..1), or a .npy file of low and high rows')
    .option(...LAYOUT)
    .option(
      '--target <NAME>',
      'its unit gives formats and order: a target, NAME:UNIT, or a .json file (default: the first that holds the ' +
        `operands of ${usual.map(({ name }) => name).join(', ')})`,
    )
    .option('--unit <NAME>', 'the unit of a target that has several')
    .option('--data <FILE>', 'rows in hand, a .npy of [rows, K]')
    .option('--floats <LIST>', 'formats to try as accumulators, such as binary16,bfloat16,binary32')
    .option('--min-sqnr <dB>', 'with --floats and --data: the least SQNR of the outputs')
    .option('--max-absorbed <share>', 'with --floats and --data: the largest share of additions that lose their addend')
    .option('--json', 'print data');
  addPictures(command).action((file: string, flags: Flags) => {
    if (flags.json) refuse(flags, ['plot'], 'no --json, or --svg in place of it');
    checkPictures(flags, GENERATOR);
    const weights = weightsOption('WEIGHTS', file, flags.layout);
    const { unit, data, floats, minSqnr, maxAbsorbed } = flags;
    const formats = floats?.split(',').map((name) => name.trim());
    if (formats === undefined && (minSqnr ?? maxAbsorbed) !== undefined) {
      throw new BittrueError('type', '--floats', undefined, 'formats to try, for a threshold to choose among');
    }
    const inputs = inputSetOption('--inputs', flags.inputs);
    checkWidth(inputs, weights);
    const rows = data === undefined ? undefined : dataRows(data, weights);
    if (unit !== undefined && flags.target === undefined)
      throw new BittrueError('unsupported', '--unit', unit, '--target with it');
    const options: MinimalAccumulatorOptions = {
      weights: weights.weights,
      n: weights.n,
      inputs,
      target: targetOption(flags.target ?? usualUnit(weights, inputs, rows)),
      ...(unit === undefined ? {} : { unit }),
      ...(rows === undefined ? {} : { data: rows }),
      ...(formats === undefined ? {} : { floats: formats }),
      ...(minSqnr === undefined ? {} : { minSqnr: numberOption('--min-sqnr', minSqnr) }),
      ...(maxAbsorbed === undefined ? {} : { maxAbsorbed: numberOption('--max-absorbed', maxAbsorbed) }),
    };
    const answer = withProgress(io, 'the narrowest accumulator', () => minimalAccumulator(options));
    if (flags.json) print(io, toJson({ ...answer, ...weightsData(weights) }, 'minimal-accumulator/1'));
    else {
      printWeights(io, weights);
      print(io, formatAccumulator(answer, look(io)));
      if (flags.target === undefined) print(io, '  (the first unit that holds these operands; --target names another)');
    }
    drawPictures(io, flags, GENERATOR, () => accumulatorHtml(answer), accumulatorPlots(answer));
    exit(formats !== undefined && answer.float.proved === null ? EVENTS : OK);
  });
}
