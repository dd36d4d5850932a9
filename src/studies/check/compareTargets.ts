/**
 * Where two targets give different bits for the same data.
 *
 * @module
 */

import { reductionText } from '../../accumulators/describe.ts';
import { allocate, BittrueError, checkInteger, checkObject } from '../../errors/index.ts';
import type { Format } from '../../formats/index.ts';
import { formatName } from '../../formats/index.ts';
import { areEqual } from '../../formats/nameOf.ts';
import { dot, type Numbers } from '../../kernels/index.ts';
import { encode, round } from '../../rounding/index.ts';
import { philox } from '../../rounding/philox.ts';
import type { MatrixUnit, Target, VectorUnit } from '../../targets/index.ts';
import { productUnitOf } from '../../targets/units.ts';

/** A target, and which of its units; absent: its `defaults.matrix`. */
export interface Contender {
  readonly target: Target;
  readonly unit?: string;
}

/** What to compare. */
export interface CompareTargetsOptions {
  readonly rows: number;
  readonly width: number;
  readonly contenders: readonly [Contender, Contender];
  /** Addends, one a row. */
  readonly c?: Numbers;
  /** Formats of the operands where a unit has several; default the first that both units have. */
  readonly a?: Format;
  readonly b?: Format;
  /** How many differences to list; default 10. */
  readonly limit?: number;
}

/** One side: what ran, and in which formats. */
export interface ComparedTarget {
  readonly target: string;
  readonly unit: string;
  readonly a: string;
  readonly b: string;
  readonly output: string;
  /** How it forms a sum, in words: 'fused blocks of 16, 25 bits cut, to binary32 towardZero'. */
  readonly sums: string;
  /** Operands that loading changed. */
  readonly rounded: number;
}

/** One dot product whose results differ. */
export interface TargetDifference {
  readonly row: number;
  readonly values: readonly [number, number];
  /** Codes in each side's output format, hexadecimal. */
  readonly codes: readonly [string, string];
  /** The sum in binary64. */
  readonly real: number;
}

/** What a comparison finds. */
export interface TargetComparison {
  readonly rows: number;
  readonly width: number;
  readonly targets: readonly [ComparedTarget, ComparedTarget];
  /** Rows whose results are different numbers; two NaNs are the same. */
  readonly different: number;
  /** Largest difference relative to the real sum. */
  readonly maxRelative: number;
  /** Of the rows that differ, those whose result on this side lies nearer the sum in binary64. */
  readonly nearer: readonly [number, number];
  /** The first differences. */
  readonly first: readonly TargetDifference[];
}

/**
 * Dot products of the rows of x and y on two targets, side by side. The data are rounded to the first side's formats
 * before, so that both sides are given the same numbers.
 *
 * @param x - rows · width numbers, row-major
 * @param y - rows · width numbers, row-major
 * @throws {@link BittrueError} for units that do not exist or need block scales, and shapes that do not fit
 * @example
 * import { compareTargets } from 'bittrue/studies';
 * import { a100, h100 } from 'bittrue/targets';
 * const contenders = [{ target: a100, unit: 'f16' }, { target: h100, unit: 'f16' }] as const;
 * const found = compareTargets([1, 2 ** -12, -1], [1, 2 ** -13, 1], { rows: 1, width: 3, contenders });
 * found.different; // 1
 * found.first[0]?.codes; // ['00000000', '33000000']
 */
export function compareTargets(x: Numbers, y: Numbers, options: CompareTargetsOptions): TargetComparison {
  checkObject('options', options, ['rows', 'width', 'contenders', 'a', 'b', 'c', 'limit']);
  const { rows, width, contenders, c, limit = 10 } = options;
  if (!Array.isArray(contenders) || contenders.length !== 2) {
    throw new BittrueError('type', 'options.contenders', contenders, 'two sides: { target, unit }');
  }
  contenders.forEach((side, i) => {
    checkObject(`options.contenders[${i}]`, side, ['target', 'unit']);
  });
  checkInteger('options.limit', limit, 0, 2 ** 32);
  const units = contenders.map((contender, i) => unitOf(`options.contenders[${i}]`, contender));
  const lists = units.map(operandsOf);
  for (const operand of ['a', 'b'] as const) checkWanted(operand, lists, options[operand]);
  const formats = contenders.map((_, side) => ({
    a: formatOf('a', lists, side, options.a),
    b: formatOf('b', lists, side, options.b),
  }));
  const first = formats[0] as { a: Format; b: Format };
  const shared = [prepared(x, first.a), prepared(y, first.b)] as const;
  const sides = contenders.map(({ target }, side) => {
    const unit = units[side] as MatrixUnit | VectorUnit;
    const { a, b } = formats[side] as { a: Format; b: Format };
    const { name } = unit;
    const addend = c === undefined ? {} : { c };
    const { output, report } = dot(...shared, { rows, width, target, unit: name, a, b, ...addend, record: 'counts' });
    const to = 'output' in unit ? unit.output.format : unit.store.format;
    const sums = reductionText(unit.reduction);
    return { output, to, name, a, b, sums, rounded: report.counts.load?.inexact ?? 0 };
  });
  const [left, right] = sides as [(typeof sides)[number], (typeof sides)[number]];
  const differences: TargetDifference[] = [];
  let different = 0;
  let maxRelative = 0;
  const nearer: [number, number] = [0, 0];
  for (let row = 0; row < rows; row++) {
    const values = [left.output[row] as number, right.output[row] as number] as const;
    if (Object.is(values[0], values[1])) continue;
    different += 1;
    const real = realSum(shared[0], shared[1], row, width, (c?.[row] as number | undefined) ?? 0);
    const relative = Math.abs(values[0] - values[1]) / Math.abs(real);
    if (relative > maxRelative) maxRelative = relative;
    const [one, other] = values.map((value) => Math.abs(value - real)) as [number, number];
    if (one < other) nearer[0] += 1;
    if (other < one) nearer[1] += 1;
    if (differences.length < limit) {
      differences.push({ row, values, codes: [codeOf(left.to, values[0]), codeOf(right.to, values[1])], real });
    }
  }
  const told = sides.map(({ name, a, b, to, sums, rounded }, side) => ({
    target: (contenders[side] as Contender).target.name,
    unit: name,
    a: formatName(a),
    b: formatName(b),
    output: formatName(to),
    sums,
    rounded,
  }));
  return {
    rows,
    width,
    targets: told as unknown as readonly [ComparedTarget, ComparedTarget],
    different,
    maxRelative,
    nearer,
    first: differences,
  };
}

/**
 * Operands for a comparison: of both signs, magnitudes below 1 spread over eight binades. They follow from seed and position
 * alone, by the generator of stochastic rounding, so that a part of them is what the whole has there.
 *
 * @returns `length` numbers
 */
export function randomOperands(seed: number, stage: number, length: number): Float64Array {
  checkInteger('seed', seed, 0, Number.MAX_SAFE_INTEGER);
  checkInteger('stage', stage, 0, 2 ** 32 - 1);
  checkInteger('length', length, 0, 2 ** 31);
  const operands = allocate('length', Float64Array, length);
  for (let index = 0; index < length; index++) {
    const fraction = (philox(seed, { index, step: 0, stage }) + 0.5) / 2 ** 32;
    operands[index] = (2 * fraction - 1) * 2 ** -Math.floor(8 * (philox(seed, { index, step: 1, stage }) / 2 ** 32));
  }
  return operands;
}

/** The unit that is meant. */
function unitOf(argument: string, { target, unit }: Contender): MatrixUnit | VectorUnit {
  const found = productUnitOf(`${argument}.unit`, target, unit);
  if (found.kind === 'matrix' && found.unit.scale !== null) {
    throw new BittrueError('unsupported', `${argument}.unit`, found.unit.name, 'a unit without block scales');
  }
  return found.unit;
}

type Operands = Record<'a' | 'b', readonly Format[]>;

function operandsOf(unit: MatrixUnit | VectorUnit): Operands {
  if ('output' in unit) return unit;
  const load = [unit.load.format];
  return { a: load, b: load };
}

/** A format that neither side takes would do nothing. */
function checkWanted(operand: 'a' | 'b', sides: readonly Operands[], wanted: Format | undefined): void {
  if (wanted === undefined) return;
  const taken = sides.flatMap((side) => side[operand].map(formatName));
  if (!taken.includes(formatName(wanted))) {
    const names = [...new Set(taken)].join(', ');
    throw new BittrueError(
      'unsupported',
      `options.${operand}`,
      formatName(wanted),
      `a format of one of the units: ${names}`,
    );
  }
}

/** The format asked for where the side has it; else the first that both sides have; else the side's first. */
function formatOf(operand: 'a' | 'b', sides: readonly Operands[], side: number, wanted?: Format): Format {
  const own = (sides[side] as Operands)[operand];
  const others = (sides[1 - side] as Operands)[operand].map(formatName);
  const asked = wanted && own.find((format) => areEqual(format, wanted));
  return asked ?? own.find((format) => others.includes(formatName(format))) ?? (own[0] as Format);
}

function prepared(x: Numbers, format: Format): Float64Array {
  const policy = { overflow: 'saturate' } as const;
  return Float64Array.from({ length: x.length }, (_, i) => round(format, x[i] as number, policy));
}

function realSum(x: Float64Array, y: Float64Array, row: number, width: number, start: number): number {
  let sum = start;
  for (let k = row * width; k < (row + 1) * width; k++) sum += (x[k] as number) * (y[k] as number);
  return sum;
}

function codeOf(format: Format, value: number): string {
  return encode(format, value)
    .toString(16)
    .padStart(Math.ceil(format.bits / 4), '0');
}
