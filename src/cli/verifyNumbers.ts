/**
 * `bittrue verify` on numbers: .npy files, quantizers, requantisations, blocks, and a starter test.
 *
 * @module
 */
import { basename, dirname } from 'node:path';
import type { Requantization } from '../arithmetic/index.ts';
import { quantizeMultiplier } from '../arithmetic/index.ts';
import { BittrueError, checkName } from '../errors/index.ts';
import { checkNumericBlock } from '../formats/check.ts';
import type { Format } from '../formats/index.ts';
import { npyTensor } from '../models/index.ts';
import { openFile } from '../node/index.ts';
import { writeFiles } from '../node/writeFiles.ts';
import { readPairs } from '../testing/conformance/pairs.ts';
import {
  type BlockQuantizerCheck,
  type Check,
  checkBlocks,
  checkTable,
  defineVectorTask,
  parseVectors,
  type Runner,
  starterTest,
  type TableTask,
} from '../testing/index.ts';
import { type Io, print } from './io.ts';
import { anyFormatOption, formatOption, numberOption, refuse } from './options.ts';

/** What `quantize`, `requantize` and .npy files take. */
export interface NumberFlags {
  readonly from?: string;
  readonly rounding?: string;
  readonly profile?: string;
  readonly results?: string;
  readonly scales?: string;
  readonly recipe?: string;
  readonly scale?: string;
  readonly zeroPoint?: string;
  readonly inputZeroPoint?: string;
  readonly randomBits?: string;
  readonly variant?: string;
  readonly falseAlarm?: string;
  readonly low?: string;
  readonly high?: string;
  readonly quotient?: string;
  readonly pipeline?: string;
  readonly multiplier?: string;
  readonly shift?: string;
}

/** Operations of `verify` beside those of `vectors`. */
export const numberOperations = ['quantize', 'requantize'] as const;

const pipelines = ['doubleRounding', 'singleRounding', 'reduced16', 'tosa32', 'tosa16'] as const;

/** Whether a call is about numbers: what a table of codes and flags does not say. */
export function isAboutNumbers(operation: string, file: string, { rounding }: NumberFlags): boolean {
  return (numberOperations as readonly string[]).includes(operation) || /\.npy$/i.test(file) || rounding === BY_CHANCE;
}

const BY_CHANCE = 'stochastic';

/** The verdict on a table of numbers. */
export function verifyNumbers(
  io: Io,
  name: string,
  operation: string,
  file: string,
  flags: NumberFlags,
  text: () => string | Iterable<string>,
): Check | BlockQuantizerCheck {
  if (flags.scales !== undefined) return verifyBlocks(io, name, operation, file, flags);
  const format = formatOption(io, name);
  const task = taskOf(io, format, name, operation, flags);
  if (/\.npy$/i.test(file)) {
    if (flags.results === undefined)
      throw new BittrueError('type', '--results', undefined, 'a .npy file: the results of FILE');
    const [inputs, results] = [numbersOf(file), numbersOf(flags.results)];
    return checkTable(inputs.data, results.data, task);
  }
  if (flags.results !== undefined)
    throw new BittrueError('unsupported', '--results', flags.results, 'with FILE.npy alone');
  const place = file === '-' ? 'standard input' : file;
  const { inputs, results } =
    task.kind === 'stochasticRounding' && format.kind === 'float'
      ? codedPairs(name, flags.from, text(), place)
      : readPairs(text(), place);
  return checkTable(inputs, results, task);
}

/** Rows of a cast, codes or numbers. */
function codedPairs(
  format: string,
  from: string | undefined,
  text: string | Iterable<string>,
  place: string,
): { readonly inputs: number[]; readonly results: number[] } {
  const task = defineVectorTask({ format, operation: 'cast', ...(from === undefined ? {} : { from }) });
  const [inputs, results]: [number[], number[]] = [[], []];
  for (const { operands, value, flags, line } of parseVectors(task, text, place)) {
    if (flags !== null) throw new BittrueError('file', `${place}:${line}`, 'flags', 'a number and a result alone');
    inputs.push((operands[0] as (typeof operands)[number]).x);
    results.push(value);
  }
  return { inputs, results };
}

function taskOf(io: Io, format: Format, name: string, operation: string, flags: NumberFlags): TableTask {
  const number = (flag: keyof NumberFlags, option: string): Record<string, number> =>
    flags[flag] === undefined ? {} : { [flag]: numberOption(option, flags[flag] as string) };
  const from = flags.from === undefined ? {} : { from: formatOption(io, flags.from) };
  const rounding = flags.rounding === undefined ? {} : { rounding: flags.rounding as never };
  const isByChance = operation === 'cast' && flags.rounding === BY_CHANCE;
  if (!isByChance) {
    refuse(flags, ['randomBits', 'variant', 'falseAlarm'], `cast and --rounding ${BY_CHANCE} with it`);
  }
  if (operation === 'quantize') {
    refuse(
      flags,
      ['pipeline', 'multiplier', 'shift', 'inputZeroPoint', 'profile', 'recipe'],
      'another operation with it',
    );
    if (flags.scale === undefined)
      throw new BittrueError('type', '--scale', undefined, 'a number: the scale of the quantizer');
    return {
      kind: 'quantizer',
      to: format,
      scale: numberOption('--scale', flags.scale),
      ...from,
      ...rounding,
      ...number('zeroPoint', '--zero-point'),
      ...number('low', '--low'),
      ...number('high', '--high'),
      ...(flags.quotient === undefined ? {} : { quotient: flags.quotient as never }),
    };
  }
  if (operation === 'requantize') {
    refuse(flags, ['from', 'rounding', 'profile', 'quotient', 'recipe'], 'another operation with it');
    return { kind: 'requantization', requantization: requantizationOf(format, flags) };
  }
  if (operation !== 'cast')
    throw new BittrueError('unsupported', 'OPERATION', operation, 'cast or quantize for .npy files');
  refuse(
    flags,
    ['scale', 'zeroPoint', 'inputZeroPoint', 'low', 'high', 'quotient', 'pipeline', 'multiplier', 'shift', 'recipe'],
    'quantize or requantize with it',
  );
  if (isByChance) {
    refuse(flags, ['profile'], 'another rounding with it');
    const stochastic = {
      ...(flags.randomBits === undefined ? {} : { bits: numberOption('--random-bits', flags.randomBits) }),
      ...(flags.variant === undefined ? {} : { variant: checkName('--variant', flags.variant, ['A', 'B', 'C']) }),
    };
    return { kind: 'stochasticRounding', to: format, policy: { stochastic }, ...number('falseAlarm', '--false-alarm') };
  }
  return {
    kind: 'rounding',
    to: name,
    ...from,
    ...(flags.profile === undefined ? {} : { profile: flags.profile }),
    ...(flags.rounding === undefined ? {} : { policy: { rounding: flags.rounding as never } }),
  };
}

function requantizationOf(format: Format, flags: NumberFlags): Requantization {
  const kind = checkName('--pipeline', flags.pipeline ?? 'doubleRounding', pipelines);
  const given =
    flags.multiplier !== undefined && flags.shift !== undefined
      ? { multiplier: numberOption('--multiplier', flags.multiplier), shift: numberOption('--shift', flags.shift) }
      : flags.scale !== undefined && !kind.startsWith('tosa')
        ? quantizeMultiplier(numberOption('--scale', flags.scale))
        : null;
  if (given === null) {
    throw new BittrueError('type', '--multiplier', flags.multiplier, 'an integer, with --shift, or else --scale');
  }
  const at = (option: string, text: string | undefined, usual: number): number =>
    text === undefined ? usual : numberOption(option, text);
  return {
    scale: { kind, ...given },
    inputZeroPoint: at('--input-zero-point', flags.inputZeroPoint, 0),
    outputZeroPoint: at('--zero-point', flags.zeroPoint, 0),
    low: at('--low', flags.low, format.kind === 'integer' ? format.min : 0),
    high: at('--high', flags.high, format.max),
  };
}

function verifyBlocks(io: Io, name: string, operation: string, file: string, flags: NumberFlags): BlockQuantizerCheck {
  const given = anyFormatOption(io, name);
  if (given.kind !== 'block') throw new BittrueError('unsupported', 'FORMAT', name, 'a block format, such as mxfp4');
  const format = checkNumericBlock('FORMAT', given);
  if (operation !== 'quantize')
    throw new BittrueError('unsupported', 'OPERATION', operation, 'quantize, with --scales');
  if (flags.results === undefined || flags.scales === undefined) {
    throw new BittrueError('type', '--results', flags.results, 'a .npy file of elements, beside --scales');
  }
  refuse(
    flags,
    [
      'from',
      'rounding',
      'profile',
      'scale',
      'zeroPoint',
      'inputZeroPoint',
      'low',
      'high',
      'quotient',
      'pipeline',
      'multiplier',
      'shift',
    ],
    'a format of numbers with it',
  );
  const [numbers, scales, elements] = [file, flags.scales, flags.results].map(numbersOf) as [Numbers, Numbers, Numbers];
  const width = numbers.shape.at(-1) ?? 1;
  // Integers are codes, floats are values; packed pairs of codes are neither.
  const gives = elements.isWhole && scales.isWhole ? 'codes' : 'numbers';
  return checkBlocks(
    numbers.data,
    { scales: scales.data, elements: elements.data, width },
    { format, gives, ...(flags.recipe === undefined ? {} : { recipe: flags.recipe }) },
  );
}

interface Numbers {
  readonly shape: readonly number[];
  readonly data: Float64Array;
  /** Whether the file holds integers. */
  readonly isWhole: boolean;
}

function numbersOf(path: string): Numbers {
  const { type, shape, data } = npyTensor(openFile(path));
  return { shape, data: Float64Array.from(data as ArrayLike<number>, Number), isWhole: /int/.test(type) };
}

/** Writes a starter test; an existing file is left alone. */
export function writeStarter(io: Io, runner: string, output: string | undefined): void {
  const text = starterTest(runner as Runner);
  const path = output ?? 'quantizer.test.mjs';
  writeFiles(dirname(path), { [basename(path)]: { content: text } });
  print(io, `${path} is written: put your function in, then run it`);
}
