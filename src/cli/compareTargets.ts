/**
 * `bittrue compare`: where two targets give different bits for the same data.
 *
 * @module
 */
import type { Command } from 'commander';
import { BittrueError, checkAs } from '../errors/index.ts';
import { formatTargetComparison, toJson } from '../reports/index.ts';
import { type CompareTargetsOptions, type Contender, compareTargets, randomOperands } from '../studies/index.ts';
import { unitNames } from '../targets/units.ts';
import { EVENTS, OK } from './exit.ts';
import { type Io, look, print } from './io.ts';
import { formatOption, numberOption, targetOption, wholeOption } from './options.ts';
import { withProgress } from './progress.ts';
import { readRows } from './rows.ts';

/** The options as commander gives them. */
interface Flags {
  readonly input?: string;
  readonly with?: string;
  readonly random?: boolean;
  readonly rows?: string;
  readonly width?: string;
  readonly seed?: string;
  readonly limit: string;
  readonly a?: string;
  readonly b?: string;
  readonly json?: boolean;
}

/** Adds the command. */
export function addCompareTargets(program: Command, io: Io, exit: (status: number) => void): void {
  program
    .command('compare')
    .alias('compare-targets')
    .summary('where two targets give different bits for the same dot products')
    .description(
      'Forms the same dot products on two targets and lists where their bits differ; exit 1 if any do. A side is a ' +
        'target and one of its units, such as h100:f16; a target with one matrix unit needs no name, NAME:vector is its ' +
        'default vector unit.',
    )
    .argument('<A>', 'TARGET[:UNIT]')
    .argument('<B>', 'TARGET[:UNIT]')
    .option('--input <x.npy>', 'rows of operands; each meets the row after it, the last the first')
    .option('--with <y.npy>', 'the rows that those of --input meet instead')
    .option('--random', 'operands from a seed; so it is without --input')
    .option('--rows <n>', 'with --random: how many dot products (default: 1000)')
    .option('--width <k>', 'with --random: how long (default: 32)')
    .option('--seed <s>', 'with --random (default: 1)')
    .option('--a <format>', 'of the left operands, where a unit takes several')
    .option('--b <format>', 'of the right operands')
    .option('--limit <n>', 'how many differences to list', '10')
    .option('--json', 'print data')
    .action((a: string, b: string, flags: Flags) => {
      const { x, y, rows, width } = operands(flags);
      const options: CompareTargetsOptions = {
        rows,
        width,
        contenders: [side('A', a), side('B', b)],
        limit: numberOption('--limit', flags.limit),
        ...(flags.a === undefined ? {} : { a: formatOption(io, flags.a) }),
        ...(flags.b === undefined ? {} : { b: formatOption(io, flags.b) }),
      };
      const found = withProgress(io, `${rows} dot products on either side`, () => compareTargets(x, y, options));
      print(io, flags.json ? toJson(found, 'target-comparison/1') : formatTargetComparison(found, look(io)));
      exit(found.different === 0 ? OK : EVENTS);
    });
}

/** Operands a side: a gigabyte of binary64. */
const MOST = 2 ** 27;

/** `h100:f16`, `tpu`, `mine.json:unit`: a unit is named where there are several. */
function side(argument: string, text: string): Contender {
  const [name = '', unit, ...more] = text.split(':');
  if (more.length > 0 || unit === '') throw new BittrueError('name', argument, text, 'TARGET or TARGET:UNIT');
  const target = checkAs(
    (path) => (path === 'target' ? argument : path),
    () => targetOption(name),
  );
  const units = unitNames(target);
  if (unit === undefined ? target.defaults.matrix === undefined : unit !== 'vector' && !units.includes(unit)) {
    const known = units.map((one) => `${name}:${one}`).join(', ');
    throw new BittrueError('name', argument, text, `a target and its unit: one of ${known}`);
  }
  return { target, ...(unit === undefined ? {} : { unit }) };
}

interface Operands {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly rows: number;
  readonly width: number;
}

function operands({ input, with: other, random, rows, width, seed }: Flags): Operands {
  if (input !== undefined && random === true) {
    throw new BittrueError('unsupported', '--random', `--input ${input}`, 'either of them');
  }
  const idle = input === undefined ? { with: other } : { rows, width, seed };
  for (const [name, given] of Object.entries(idle)) {
    if (given === undefined) continue;
    const way = input === undefined ? '--input' : '--random';
    throw new BittrueError('unsupported', `--${name}`, given, `this option with ${way} only`);
  }
  if (input === undefined) {
    const [count, length, from] = [
      wholeOption('--rows', rows ?? '1000', 2 ** 24),
      wholeOption('--width', width ?? '32', 2 ** 24),
      wholeOption('--seed', seed ?? '1', Number.MAX_SAFE_INTEGER),
    ];
    if (count * length > MOST) {
      throw new BittrueError('range', '--rows', `${count} with --width ${length}`, `at most ${MOST} operands a side`);
    }
    return {
      x: randomOperands(from, 0, count * length),
      y: randomOperands(from, 1, count * length),
      rows: count,
      width: length,
    };
  }
  const x = matrix(input);
  if (other !== undefined) {
    const y = matrix(other);
    if (y.rows !== x.rows || y.width !== x.width) {
      const wanted = `${x.rows} rows of ${x.width}, as --input has`;
      throw new BittrueError('shape', '--with', `${y.rows} rows of ${y.width}`, wanted);
    }
    return { ...x, y: y.x };
  }
  const y = new Float64Array(x.x.length);
  y.set(x.x.subarray(x.width));
  y.set(x.x.subarray(0, x.width), x.x.length - x.width);
  return { ...x, y };
}

/** A tensor as rows. */
function matrix(path: string): Omit<Operands, 'y'> {
  const { data, rows, width } = readRows(path);
  return { x: Float64Array.from(data), rows, width };
}
