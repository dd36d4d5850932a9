/**
 * `bittrue compare`: where two targets give different bits for the same data.
 *
 * @module
 */
import type { Command } from 'commander';
import { BittrueError, checkAs, nearest } from '../errors/index.ts';
import { formatName } from '../formats/index.ts';
import { formatTargetComparison, toJson } from '../reports/index.ts';
import { wrap } from '../reports/text/layout.ts';
import { type CompareTargetsOptions, type Contender, compareTargets, randomOperands } from '../studies/index.ts';
import type { Target } from '../targets/index.ts';
import { productUnitOf, unitNames } from '../targets/units.ts';
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
      const contenders = sides(a, b);
      const { x, y, rows, width, from } = operands(flags);
      const options: CompareTargetsOptions = {
        rows,
        width,
        contenders,
        limit: numberOption('--limit', flags.limit),
        ...(flags.a === undefined ? {} : { a: formatOption(io, flags.a) }),
        ...(flags.b === undefined ? {} : { b: formatOption(io, flags.b) }),
      };
      const found = withProgress(io, `${rows} dot products on either side`, () => compareTargets(x, y, options));
      if (flags.json) print(io, toJson({ ...found, operands: from }, 'target-comparison/1'));
      else {
        print(io, formatTargetComparison(found, look(io)));
        for (const line of [operandLine(from), knownLine(contenders)]) {
          for (const part of wrap(line, '  ', look(io))) print(io, part);
        }
      }
      exit(found.different === 0 ? OK : EVENTS);
    });
}

/** Operands a side: a gigabyte of binary64. */
const MOST = 2 ** 27;

/** `h100:f16`, `tpu`, `mine.json:unit`: a unit is named where there are several. */
interface Side {
  readonly argument: string;
  readonly text: string;
  readonly target: Target;
  readonly unit: string | undefined;
}

function side(argument: string, text: string): Side {
  if (/\.(npy|npz)$/.test(text)) {
    const wanted = `TARGET[:UNIT]; data are an option: bittrue compare A B --input ${text}`;
    throw new BittrueError('name', argument, text, wanted);
  }
  const [, name = '', unit] = /^(.*?)(?::([^:]*))?$/.exec(text) ?? [];
  if (name.includes(':') || unit === '') throw new BittrueError('name', argument, text, 'TARGET or TARGET:UNIT');
  const target = checkAs(
    (path) => (path === 'target' ? argument : path),
    () => targetOption(name),
  );
  return { argument, text: name, target, unit };
}

/** The unit of a side, or those that may be meant: near misses, or those that take what the other side's unit does. */
function contender({ argument, text, target, unit }: Side, other: Side): Contender {
  const units = unitNames(target);
  if (unit === undefined ? target.defaults.matrix !== undefined : unit === 'vector' || units.includes(unit)) {
    return { target, ...(unit === undefined ? {} : { unit }) };
  }
  const near = unit === undefined ? [] : nearest(unit, units);
  const wanted = takenBy(other.target, other.unit ?? other.target.defaults.matrix);
  const fitting = units.filter((one) => takenBy(target, one).some((format) => wanted.includes(format)));
  const told = near.length > 0 ? near : (fitting.length > 0 ? fitting : units).slice(0, 3);
  const all = `TARGET:UNIT, one of its ${units.length} units (bittrue targets ${text})`;
  throw new BittrueError(
    'name',
    argument,
    unit === undefined ? text : `${text}:${unit}`,
    all,
    told.map((one) => `${text}:${one}`),
  );
}

/** The formats of a unit's left operands. */
function takenBy({ matrixUnits, vectorUnits }: Target, unit: string | undefined): string[] {
  if (unit === undefined) return [];
  const [matrix, vector] = [matrixUnits[unit], vectorUnits[unit]];
  return (matrix?.a ?? (vector === undefined ? [] : [vector.load.format])).map(formatName);
}

/** Both sides; files that call their targets alike are told apart by their paths. */
function sides(a: string, b: string): [Contender, Contender] {
  const [left, right] = [side('A', a), side('B', b)];
  const isAlike = left.target.name === right.target.name && left.text !== right.text;
  const [one, other] = [contender(left, right), contender(right, left)];
  if (!isAlike) return [one, other];
  const named = (found: Contender, { text }: Side): Contender => ({
    ...found,
    target: { ...found.target, name: text },
  });
  return [named(one, left), named(other, right)];
}

/** How the units are known. */
function knownLine(contenders: readonly Contender[]): string {
  const known = contenders.map(({ target, unit }) => {
    const found = productUnitOf('unit', target, unit).unit;
    return `${target.name} ${found.name} ${found.verified}`;
  });
  return `known by: ${known.join(', ')} (bittrue targets says what that means)`;
}

interface Operands {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly rows: number;
  readonly width: number;
  readonly from: From;
}

/** Where operands come from. */
type From =
  | { readonly kind: 'random'; readonly seed: number; readonly distribution: string }
  | { readonly kind: 'file'; readonly input: string; readonly with: string | null };

/** What `randomOperands` draws. */
const DISTRIBUTION = 'both signs, magnitudes below 1 spread over eight binades';

function operandLine(from: From): string {
  const rounded = "rounded to the first side's formats before either side reads them";
  if (from.kind === 'random') return `operands: drawn with seed ${from.seed}, ${from.distribution}; ${rounded}`;
  const other = from.with === null ? 'each with the row after it' : `with those of ${from.with}`;
  return `operands: rows of ${from.input}, ${other}; ${rounded}`;
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
      from: { kind: 'random', seed: from, distribution: DISTRIBUTION },
    };
  }
  const x = matrix(input);
  if (other !== undefined) {
    const y = matrix(other);
    if (y.rows !== x.rows || y.width !== x.width) {
      const wanted = `${x.rows} rows of ${x.width}, as --input has`;
      throw new BittrueError('shape', '--with', `${y.rows} rows of ${y.width}`, wanted);
    }
    return { ...x, y: y.x, from: { kind: 'file', input, with: other } };
  }
  const y = new Float64Array(x.x.length);
  y.set(x.x.subarray(x.width));
  y.set(x.x.subarray(0, x.width), x.x.length - x.width);
  return { ...x, y, from: { kind: 'file', input, with: null } };
}

/** A tensor as rows. */
function matrix(path: string): Omit<Operands, 'y' | 'from'> {
  const { data, rows, width } = readRows(path);
  return { x: Float64Array.from(data), rows, width };
}
