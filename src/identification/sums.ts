/**
 * How a function sums: order, precision, and how a mean is formed, found out from what it answers.
 *
 * @module
 */
import { BittrueError, checkFunction, checkInteger, checkName, checkObject } from '../errors/index.ts';
import type { Format } from '../formats/index.ts';
import { type Rounding, roundTo } from '../rounding/index.ts';
import { defineTarget, type Target } from '../targets/index.ts';
import type { Codes } from './codes.ts';
import { drive } from './drive.ts';
import {
  defineTask,
  type Identified,
  type IdentifyOptions,
  Inquiry,
  type Task,
  type Unidentified,
} from './identify.ts';
import { arithmeticOf, type Point, sumRounding } from './point.ts';
import type { LoneSum } from './question.ts';
import { wordsOfSum } from './words.ts';

/** Rows of one sum each: rows · n codes of the elements' format, row-major. */
export interface SumRows {
  readonly rows: number;
  readonly n: number;
  readonly x: Codes;
}

/** What is asked of a function that sums. */
export interface IdentifySumOptions extends Omit<IdentifyOptions, 'k' | 'a' | 'b' | 'output' | 'addend' | 'scale'> {
  /** Numbers of one sum: best a few times the lanes that a machine may have, and one more. 1 … 1024. */
  readonly n: number;
  /** Format of the numbers. */
  readonly format: Format | string;
  /** Format of the results; default that of the numbers. */
  readonly output?: Format | string;
  /** What the function gives; default `sum`. */
  readonly of?: 'sum' | 'mean' | 'squares';
}

/** A sum that gives every answer. */
export interface IdentifiedSum extends Omit<Identified, 'target'> {
  /** A target whose one vector unit, `unit`, sums so; of squares it is null: their products are rounded with the sums. */
  readonly target: Target | null;
  /** How a mean is formed; null where none is. */
  readonly mean: 'divide' | 'reciprocal' | null;
}

/** Gives codes of results, one a row, at once. */
export type AskSum = (rows: SumRows) => ArrayLike<number | bigint>;
/** Gives them later. */
export type AskSumLater = (rows: SumRows) => PromiseLike<ArrayLike<number | bigint>>;

const kinds = ['sum', 'mean', 'squares'] as const;

/** The sums to try, one after the other. */
const lones: Readonly<Record<(typeof kinds)[number], readonly LoneSum[]>> = {
  sum: [{ of: 'elements', finish: 'none' }],
  mean: [
    { of: 'elements', finish: 'divide' },
    { of: 'elements', finish: 'reciprocal' },
  ],
  squares: [{ of: 'squares', finish: 'none' }],
};

/** Every inquiry that may answer, in turn: each gives rows and takes codes. */
function* inquiries(tasks: readonly Task[]): Generator<SumRows, IdentifiedSum | Unidentified, unknown> {
  let nearest: Unidentified | null = null;
  for (const task of tasks) {
    const inquiry = new Inquiry(task);
    while (inquiry.rows !== null) {
      const { rows, k, a } = inquiry.next();
      inquiry.answer(yield { rows, n: k, x: a });
    }
    const verdict = inquiry.verdict();
    const point = inquiry.found();
    if (verdict.verdict === 'identified' && point !== null) return described(task, verdict, point);
    if (verdict.verdict === 'unknown' && (nearest === null || verdict.wrong < nearest.wrong)) nearest = verdict;
  }
  return nearest as Unidentified;
}

function described(task: Task, verdict: Identified, point: Point): IdentifiedSum {
  const { question, name } = task;
  const finish = question.lone?.finish ?? 'none';
  const mean = finish === 'none' ? null : finish;
  if (question.lone?.of === 'squares') return { ...verdict, target: null, mean };
  // Products by 1 are exact: a multiply-add of one is an addition.
  const isAddition = point.family === 'float' && point.product === 'exact';
  const added: Point = isAddition ? { ...point, product: 'sum' } : point;
  const arithmetic = wordsOfSum(question, added);
  return { ...verdict, arithmetic, target: vectorOf(task, point, added, name), mean };
}

/** The sum as a target's vector unit. */
function vectorOf({ question }: Task, point: Point, added: Point, name: string): Target {
  const { product, output } = arithmeticOf(question, point);
  const { reduction } = arithmeticOf(question, added);
  const sum: Rounding = point.family === 'integer' || point.family === 'fixed' ? output : sumRounding(point);
  return defineTarget({
    name,
    summary: `one vector unit, identified from sums of ${question.k} numbers`,
    source: 'bittrue identifySum',
    verified: 'model',
    vectorUnits: {
      unit: {
        load: product ?? roundTo(question.a, question.a.kind === 'float' ? { subnormals: point.loadSubnormals } : {}),
        compute: sum,
        accumulate: sum,
        statistics: sum,
        store: output,
        reduction,
        mean: question.lone?.finish === 'reciprocal' ? 'reciprocal' : 'divide',
      },
    },
  });
}

/**
 * Finds out how a function sums: the order of its additions (lanes, trees, tiles), the precision of each, and how a mean is
 * formed from the sum. The method, and what a verdict is worth, are those of {@link identify}: a sum is Σ x · 1.
 *
 * Sums of squares have no terms of opposite signs, so that nothing swamps: their order is looked for among the usual ones.
 *
 * @param ask - gives one code of the result's format for every row, at once or by a promise, as `identifySum` then does
 * @throws {@link BittrueError} for options out of range, and for answers that are no codes
 * @example
 * import { type AskSum, identifySum } from 'bittrue/identification';
 * // The order of `Array.reduce`, in binary32.
 * const words = new DataView(new ArrayBuffer(4));
 * const toFloat = (code: number): number => (words.setUint32(0, code), words.getFloat32(0));
 * const toCode = (x: number): number => (words.setFloat32(0, x), words.getUint32(0));
 * const ask: AskSum = ({ rows, n, x }) =>
 *   Array.from({ length: rows }, (_, r) => {
 *     const row = Array.from({ length: n }, (_one, i) => toFloat(Number(x[r * n + i])));
 *     return toCode(row.reduce((sum, one) => Math.fround(sum + one), 0));
 *   });
 * const found = identifySum(ask, { n: 6, format: 'binary32', agree: 300 });
 * found.verdict === 'identified' && found.arithmetic; // 'additions in binary32'
 */
export function identifySum(ask: AskSum, options: IdentifySumOptions): IdentifiedSum | Unidentified;
export function identifySum(ask: AskSumLater, options: IdentifySumOptions): Promise<IdentifiedSum | Unidentified>;
export function identifySum(
  ask: AskSum | AskSumLater,
  options: IdentifySumOptions,
): IdentifiedSum | Unidentified | Promise<IdentifiedSum | Unidentified> {
  checkFunction('ask', ask);
  return drive(inquiries(tasksOf(options)), ask);
}

const keys = ['n', 'format', 'output', 'of', 'budget', 'agree', 'seed', 'zeroSigns', 'nanCodes', 'name'];

function tasksOf(options: IdentifySumOptions): Task[] {
  checkObject('options', options, keys);
  const { n, format, output = format, of = 'sum', ...rest } = options;
  checkInteger('options.n', n, 1, 1024);
  checkName('options.of', of, kinds);
  const task = defineTask({ ...rest, k: n, a: format, output, addend: null });
  if (task.question.a.kind !== 'float') {
    throw new BittrueError(
      'unsupported',
      'options.format',
      format,
      'a float format: integers are summed by `identify`',
    );
  }
  return lones[of].map((lone) => ({ ...task, question: Object.freeze({ ...task.question, lone }) }));
}
