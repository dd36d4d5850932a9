/**
 * A grid: the choices that a sweep combines, as data.
 *
 * @module
 */
import { defineAccumulator } from '../accumulators/defineAccumulator.ts';
import type { Accumulator } from '../accumulators/reduction.ts';
import {
  BittrueError,
  checkAs,
  checkBoolean,
  checkFinite,
  checkInteger,
  checkList,
  checkName,
  checkObject,
  checkText,
} from '../errors/index.ts';
import { parseFormat } from '../formats/index.ts';
import { checkEpilogue } from '../kernels/epilogue.ts';
import { type GemmWithEpilogue, isGemmPlan, openGemmPlan } from '../kernels/gemmPlan.ts';
import type { Epilogue } from '../specification/epilogue/plan.ts';
import { type Numbers, numbers, widen } from '../specification/operands.ts';
import { givenTarget } from '../targets/table.ts';
import type { Target, TargetName } from '../targets/target.ts';
import { accumulatorOf, expandAccumulators } from './accumulatorNames.ts';
import { defineSynthetic, type Synthetic } from './synthetic.ts';

/** The kernels that a sweep runs; `dot` is a `matmul` of one channel. */
export const sweepKernels = ['sum', 'dot', 'matmul', 'rmsNorm', 'layerNorm', 'softmax'] as const;

/** A kernel that a sweep runs. */
export type SweepKernel = (typeof sweepKernels)[number];

/** Orders of additions, each with one accumulator. */
export const sweepOrders = ['sequential', 'descending', 'pairwise', 'butterfly'] as const;

/** An order of additions. */
export type SweepOrder = (typeof sweepOrders)[number];

/** Rows to run on, and for products the weights that they meet. */
export interface SweepData {
  readonly name: string;
  /** How many rows. */
  readonly rows: number;
  /** Numbers a row. */
  readonly width: number;
  /** `rows · width` numbers, row-major; or how to make them up. */
  readonly inputs: Numbers | Synthetic;
  /** For products: `width · channels` numbers, row-major, each column a channel; or how to make them up. */
  readonly weights?: Numbers | Synthetic;
  /** Default 1. */
  readonly channels?: number;
  /** For plans whose epilogue adds a bias: a number a channel; it is taken as it is. */
  readonly bias?: Numbers | Synthetic;
  /** For plans whose epilogue has `beta`: C, `rows · channels` numbers, row-major, as they are. */
  readonly c?: Numbers | Synthetic;
}

/**
 * The choices of every axis; a sweep has one cell for each combination. An axis that is left out has one choice: `null`, which
 * leaves the target as it is, or the scale 1.
 */
export interface SweepGrid {
  readonly kernels: readonly SweepKernel[];
  readonly data: readonly SweepData[];
  /**
   * `NAME`, `NAME:UNIT`, a target as data; for products a GEMM plan, whose epilogue ends the sums; `null`: a unit made of a format
   * and an accumulator alone, exact products.
   */
  readonly targets?: readonly (TargetName | Target | GemmWithEpilogue | null)[];
  /**
   * Of the operands: `int8`, or for products also `int8*int4`, that of the inputs and that of the weights. Without a target,
   * norms of intN compute in int2N: `layerNorm` rounds the differences from the mean to whole numbers, as registers ask.
   */
  readonly formats?: readonly (string | null)[];
  /** Such as `int12..int32:saturate`, `binary16`, `kahan:binary16`, `exact:binary32`; or an accumulator as data. */
  readonly accumulators?: readonly (string | Accumulator | null)[];
  readonly orders?: readonly (SweepOrder | null)[];
  /** Tiles of so many terms, summed one by one; the sums of the tiles added up in turn, in the same accumulator. */
  readonly tiles?: readonly (number | null)[];
  /** Every so many terms the sum so far is added to one in binary32. */
  readonly promotions?: readonly (number | null)[];
  /** Factors of the inputs; of norms the scale that SLaNC means. */
  readonly scales?: readonly number[];
  /**
   * `max` quantizes inputs and weights before the kernel sees them: multiplied so that the largest magnitude of each is its
   * format's largest, and rounded to the format. The error is then of the sums alone. Default `none`.
   */
  readonly fit?: 'none' | 'max';
  /**
   * What `bounds` is asked about: rows whose numbers lie between the least and the largest of the data (default), all numbers
   * of the format, or nothing.
   */
  readonly proof?: 'data' | 'format' | 'none';
  /** Of what is made up; default 0. */
  readonly seed?: number;
  /**
   * Whether cells count the results of every stage by their exponents (`SweepCell.magnitudes`); default false. Products
   * then take about three times as long.
   */
  readonly magnitudes?: boolean;
}

/** Data of a checked grid. */
export interface CheckedData {
  readonly name: string;
  readonly rows: number;
  readonly width: number;
  readonly channels: number;
  readonly inputs: Float64Array | Required<Synthetic>;
  readonly weights: Float64Array | Required<Synthetic> | null;
  /** Absent where there are none. */
  readonly bias?: Float64Array | Required<Synthetic>;
  readonly c?: Float64Array | Required<Synthetic>;
}

/** A target and how a file calls it. */
export interface NamedTarget {
  readonly name: string | null;
  readonly target: Target | null;
  /** Of a plan: what ends its sums. */
  readonly epilogue?: Epilogue;
}

/** An accumulator and how a file calls it. */
export interface NamedAccumulator {
  readonly name: string | null;
  readonly accumulator: Accumulator | null;
}

/** A checked grid: every axis a list. */
export interface Axes {
  readonly data: readonly CheckedData[];
  readonly kernels: readonly SweepKernel[];
  readonly targets: readonly NamedTarget[];
  readonly scales: readonly number[];
  readonly formats: readonly (string | null)[];
  readonly orders: readonly (SweepOrder | null)[];
  readonly tiles: readonly (number | null)[];
  readonly promotions: readonly (number | null)[];
  readonly accumulators: readonly NamedAccumulator[];
}

/** A grid whose axes are checked. */
export interface CheckedGrid {
  readonly axes: Axes;
  readonly fit: 'none' | 'max';
  readonly proof: 'data' | 'format' | 'none';
  readonly seed: number;
  readonly magnitudes: boolean;
}

const keys = [
  'kernels',
  'data',
  'targets',
  'formats',
  'accumulators',
  'orders',
  'tiles',
  'promotions',
  'scales',
  'fit',
  'proof',
  'seed',
  'magnitudes',
];

/** Checks a grid; every fault names its place. */
export function checkGrid(value: unknown): CheckedGrid {
  const given = checkObject('grid', value, keys);
  const axis = <T>(name: string, usual: readonly unknown[], check: (argument: string, one: unknown) => T): T[] => {
    const list = checkList(`grid.${name}`, given[name] ?? usual);
    if (list.length === 0) throw new BittrueError('shape', `grid.${name}`, 'an empty list', 'at least one choice');
    return list.map((one, i) => check(`grid.${name}[${i}]`, one));
  };
  const orNull = <T>(check: (argument: string, one: unknown) => T) => {
    return (argument: string, one: unknown): T | null => (one === null ? null : check(argument, one));
  };
  const size = orNull((argument, one) => checkInteger(argument, one, 1, 2 ** 31));
  const none = [null];
  const axes: Axes = {
    data: axis('data', [], checkData),
    kernels: axis('kernels', [], (argument, one) => checkName(argument, one, sweepKernels)),
    targets: withUnits(axis('targets', none, checkNamedTarget)),
    scales: axis('scales', [1], checkFinite),
    formats: axis('formats', none, orNull(checkFormats)),
    orders: axis(
      'orders',
      none,
      orNull((argument, one) => checkName(argument, one, sweepOrders)),
    ),
    tiles: axis('tiles', none, size),
    promotions: axis('promotions', none, size),
    accumulators: axis('accumulators', none, checkAccumulators).flat(),
  };
  checkNames(axes.data);
  checkTwice(axes);
  checkPlans(axes);
  checkBare(axes);
  return {
    axes,
    fit: checkName('grid.fit', given.fit ?? 'none', ['none', 'max'] as const),
    proof: checkName('grid.proof', given.proof ?? 'data', ['data', 'format', 'none'] as const),
    seed: checkInteger('grid.seed', given.seed ?? 0, 0, Number.MAX_SAFE_INTEGER),
    magnitudes: checkBoolean('grid.magnitudes', given.magnitudes ?? false),
  };
}

function checkData(argument: string, value: unknown): CheckedData {
  const dataKeys = ['name', 'rows', 'width', 'channels', 'inputs', 'weights', 'bias', 'c'];
  const { name, inputs, weights, channels, bias, c, ...given } = checkObject(argument, value, dataKeys);
  const rows = checkInteger(`${argument}.rows`, given.rows, 1, 2 ** 31);
  const width = checkInteger(`${argument}.width`, given.width, 1, 2 ** 31);
  const columns = checkInteger(`${argument}.channels`, channels ?? 1, 1, 2 ** 31);
  return Object.freeze({
    name: checkText(`${argument}.name`, name),
    rows,
    width,
    channels: columns,
    inputs: checkSource(`${argument}.inputs`, inputs, rows * width),
    weights: weights === undefined ? null : checkSource(`${argument}.weights`, weights, width * columns),
    ...(bias === undefined ? {} : { bias: checkSource(`${argument}.bias`, bias, columns) }),
    ...(c === undefined ? {} : { c: checkSource(`${argument}.c`, c, rows * columns) }),
  });
}

/** Numbers, of which none may be NaN or infinite: what is computed of them proves nothing. */
function checkSource(argument: string, value: unknown, length: number): Float64Array | Required<Synthetic> {
  if (typeof value === 'object' && value !== null && 'kind' in value) return defineSynthetic(argument, value);
  const given = Float64Array.from(widen(numbers(argument, value as Numbers, length)));
  const wrong = given.findIndex((x) => !Number.isFinite(x));
  if (wrong >= 0) throw new BittrueError('value', `${argument}[${wrong}]`, given[wrong], 'a finite number');
  return given;
}

function checkNamedTarget(argument: string, value: unknown): NamedTarget {
  if (value === null) return { name: null, target: null };
  if (isGemmPlan(value)) return checkPlan(argument, value);
  const target = givenTarget(argument, value);
  return { name: typeof value === 'string' ? value : target.name, target };
}

/** A plan as a target, and its epilogue. */
function checkPlan(argument: string, given: GemmWithEpilogue): NamedTarget {
  const { target, epilogue: ending } = openGemmPlan(argument, given);
  if (ending === undefined) return { name: target.name, target };
  const at = `${argument}.epilogue`;
  checkEpilogue(at, ending);
  if (ending.bias === 'rows') {
    throw new BittrueError('unsupported', `${at}.bias`, 'rows', 'columns: data have a bias a channel');
  }
  return { name: target.name, target, epilogue: ending };
}

/** Several units of one target as data share its name: theirs is added. */
function withUnits(targets: readonly NamedTarget[]): NamedTarget[] {
  const names = targets.map(({ name }) => name);
  return targets.map((one) => {
    const { name, target, epilogue: ending } = one;
    const isShared = names.indexOf(name) !== names.lastIndexOf(name);
    if (target === null || !isShared || name !== target.name || ending !== undefined) return one;
    return { name: `${name}:${target.defaults.matrix ?? target.defaults.vector}`, target };
  });
}

function checkFormats(argument: string, value: unknown): string {
  const text = checkText(argument, value);
  for (const name of formatsOf(text, argument)) {
    checkAs(
      () => argument,
      () => parseFormat(name),
    );
  }
  return text;
}

/** The formats of the inputs and of the weights. */
export function formatsOf(text: string, argument = 'format'): [string, string] {
  const [a = '', b = a, ...more] = text.split('*');
  if (more.length > 0) throw new BittrueError('type', argument, text, 'one format, or two with * between them');
  return [a, b];
}

function checkAccumulators(argument: string, value: unknown): NamedAccumulator[] {
  if (value === null) return [{ name: null, accumulator: null }];
  if (typeof value !== 'string') {
    const accumulator = defineAccumulator(value, argument);
    return [{ name: JSON.stringify(value), accumulator }];
  }
  return expandAccumulators(argument, value).map((name) => ({ name, accumulator: accumulatorOf(argument, name) }));
}

function checkNames(data: readonly { readonly name: string }[]): void {
  const names = data.map(({ name }) => name);
  const at = firstTwice(names);
  if (at >= 0) throw new BittrueError('name', `grid.data[${at}].name`, names[at], 'a name that no other has');
}

/** The place of the first text that stands further ahead, too; −1 where each stands once. */
function firstTwice(texts: readonly string[]): number {
  const seen = new Set<string>();
  return texts.findIndex((text) => seen.size === seen.add(text).size);
}

/** A choice that stands twice would fill two cells with the same. */
function checkTwice({ data: _, ...axes }: Axes): void {
  for (const [name, list] of Object.entries(axes)) {
    const texts = (list as readonly unknown[]).map((one) => {
      const named = one as { name?: unknown } | null;
      return JSON.stringify(typeof named === 'object' && named !== null ? named.name : one);
    });
    const at = firstTwice(texts);
    if (at >= 0) throw new BittrueError('name', `grid.${name}`, texts[at], 'every choice once');
  }
}

/** A plan is of products, and adds what its data have. */
function checkPlans({ targets, kernels, data }: Axes): void {
  targets.forEach(({ epilogue: ending }, i) => {
    if (ending === undefined) return;
    const other = kernels.find((kernel) => kernel !== 'dot' && kernel !== 'matmul');
    if (other !== undefined) {
      throw new BittrueError(
        'unsupported',
        `grid.targets[${i}]`,
        other,
        'dot and matmul alone, for a plan with an epilogue',
      );
    }
    for (const [field, part] of [
      ['bias', 'bias'],
      ['beta', 'c'],
    ] as const) {
      const without = ending[field] === undefined ? -1 : data.findIndex((one) => one[part] === undefined);
      if (without < 0) continue;
      throw new BittrueError(
        'type',
        `grid.data[${without}].${part}`,
        undefined,
        `numbers for the ${field} of grid.targets[${i}]`,
      );
    }
  });
}

/** Without a target there is nothing to leave as it is. */
function checkBare({ targets, formats, accumulators }: Axes): void {
  if (targets.every(({ target }) => target !== null)) return;
  if (formats.includes(null)) {
    throw new BittrueError('type', 'grid.formats', null, 'formats such as "int8", where the target is null');
  }
  if (accumulators.some(({ accumulator }) => accumulator === null)) {
    throw new BittrueError(
      'type',
      'grid.accumulators',
      null,
      'accumulators such as "binary16", where the target is null',
    );
  }
}
