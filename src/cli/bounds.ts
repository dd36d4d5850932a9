/**
 * `bittrue bounds`: can a kernel overflow for inputs of a set?
 *
 * @module
 */
import type { Command } from 'commander';
import { defineReduction, type Reduction } from '../accumulators/index.ts';
import { type BoundsOptions, bounds } from '../bounds/index.ts';
import { BittrueError } from '../errors/index.ts';
import { formatBounds, toJson } from '../reports/index.ts';
import type { Target, VectorUnit } from '../targets/index.ts';
import { vectorUnitOf } from '../targets/units.ts';
import { EVENTS, OK } from './exit.ts';
import {
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
import { flagOf, numberOption, targetOption, wholeOption } from './options.ts';
import { withProgress } from './progress.ts';
import { printUnit, unitData, vectorUnitNamed } from './units.ts';

interface Flags extends InputFlags {
  readonly target: string;
  readonly unit?: string;
  readonly width?: string;
  readonly register?: string;
  readonly weights?: string;
  readonly layout?: string;
  readonly scale?: string;
  readonly promoteEvery?: string;
  readonly splitK?: string;
  readonly json?: boolean;
}

const kernels = ['sum', 'dot', 'matmul', 'squareSum', 'rmsNorm', 'layerNorm', 'softmax'] as const;

/** Adds the command. */
export function addBounds(program: Command, io: Io, exit: (status: number) => void): void {
  program
    .command('bounds')
    .summary('can a kernel overflow for inputs of a set: a proof, a witness, or neither')
    .description(
      'Proves that no input of the set overflows, or gives one that does. Exit status 0: proved; 1: it overflows, or ' +
        'neither is known.',
    )
    .argument('<KERNEL>', kernels.join(', '))
    .requiredOption(
      '--inputs <SET>',
      'a format (uint8), an interval (-1..1), ball:RADIUS, normOutputs, or a .npy file of low and high rows',
    )
    .option('--target <NAME>', 'a target, NAME:UNIT, or a .json file', 'fp16')
    .option('--unit <NAME>', 'the unit of a target that has several')
    .option('--register <WIDTH>', 'for sum: a register in place of the target, such as int16:wrap or int24:saturate')
    .option('--width <K>', 'numbers a row; default the rows of the weights')
    .option(
      '--weights <FILE>',
      'for dot, matmul: a .npy of [K, N], FILE#TENSOR of a checkpoint, or VALUE*K for K equal weights',
    )
    .option(LAYOUT[0], LAYOUT[1].replace('WEIGHTS', '--weights'))
    .option('--scale <s>', 'for norms and squareSum: the input times s')
    .option('--promote-every <n>', 'for dot, matmul: add the sum so far to a binary32 sum every n products')
    .option('--split-k <n>', 'for dot, matmul: the sum in n parts')
    .option('--json', 'print data')
    .action((kernel: string, flags: Flags) => {
      const { options, weights } = optionsOf(kernel, flags);
      const answer = withProgress(io, kernel, () => bounds(options));
      const unit = unitUsed(options);
      const known = unit === null ? {} : { unit: unitData(unit.target, unit.unit) };
      if (flags.json)
        print(io, toJson({ ...answer, ...known, ...(weights === null ? {} : weightsData(weights)) }, 'bounds/1'));
      else {
        if (weights !== null) printWeights(io, weights);
        print(io, formatBounds(answer, look(io)));
        if (unit !== null) printUnit(io, unit.target, unit.unit);
      }
      exit(answer.verdict === 'proved' ? OK : EVENTS);
    });
}

function optionsOf(kernel: string, flags: Flags): { options: BoundsOptions; weights: Weights | null } {
  if (!(kernels as readonly string[]).includes(kernel)) {
    throw new BittrueError('name', 'KERNEL', kernel, `one of ${kernels.join(', ')}`);
  }
  const target = targetOption(flags.target);
  const common = { kernel, target, inputs: inputSetOption('--inputs', flags.inputs) };
  const isProduct = kernel === 'dot' || kernel === 'matmul';
  for (const name of isProduct
    ? (['width', 'scale', 'register'] as const)
    : (['weights', 'layout', 'unit', 'promoteEvery', 'splitK'] as const)) {
    if (flags[name] === undefined) continue;
    throw new BittrueError('name', flagOf(name), flags[name], `no such option for ${kernel}`);
  }
  if (!isProduct && flags.register === undefined) vectorUnitNamed('--target', flags.target, target, kernel);
  if (isProduct) {
    const weights = weightsOption('--weights', flags.weights, flags.layout);
    checkWidth(common.inputs, weights);
    const { unit, promoteEvery, splitK } = flags;
    const options: BoundsOptions = {
      ...common,
      kernel: 'matmul',
      weights: weights.weights,
      n: weights.n,
      ...(unit === undefined ? {} : { unit }),
      ...(promoteEvery === undefined ? {} : { promoteEvery: wholeOption('--promote-every', promoteEvery, 2 ** 31) }),
      ...(splitK === undefined ? {} : { splitK: wholeOption('--split-k', splitK, 2 ** 31) }),
    };
    return { options, weights };
  }
  if (flags.width === undefined) throw new BittrueError('type', '--width', undefined, 'how many numbers a row has');
  if (flags.register !== undefined) {
    if (kernel !== 'sum') throw new BittrueError('name', '--register', flags.register, `no such option for ${kernel}`);
    const { inputs } = common;
    const width = wholeOption('--width', flags.width, 2 ** 31);
    return { options: { kernel, inputs, width, reduction: registerOption(flags.register) }, weights: null };
  }
  const scale = flags.scale === undefined ? {} : { scale: numberOption('--scale', flags.scale) };
  const width = wholeOption('--width', flags.width, 2 ** 31);
  return { options: { ...common, width, ...scale } as BoundsOptions, weights: null };
}

/** The vector unit of all kernels but products, whose operands name theirs; null for a register. */
function unitUsed(options: BoundsOptions): { target: Target; unit: VectorUnit } | null {
  if (options.kernel === 'matmul' || options.kernel === 'dot' || options.target === undefined) return null;
  const target = options.target as Target;
  return { target, unit: vectorUnitOf('--target', target) };
}

/** A chain in an integer register: its width, and what happens beyond it. */
function registerOption(text: string): Reduction {
  const [, bits, overflow] = /^int(\d+):(saturate|wrap)$/.exec(text) ?? [];
  if (bits === undefined)
    throw new BittrueError('type', '--register', text, 'a register such as int16:wrap or int24:saturate');
  return defineReduction(
    { kind: 'sequential', accumulator: { kind: 'integer', bits: Number(bits), overflow } },
    '--register',
  );
}
