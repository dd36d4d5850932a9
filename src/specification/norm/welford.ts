/**
 * Welford's update and the merging of lanes, as data: lists of operations, each rounded.
 *
 * @module
 */
import type { Reduction } from '../../accumulators/reduction.ts';
import { BittrueError, checkList, checkName, checkObject, checkText } from '../../errors/index.ts';

/** What a step of an update or a merge does. */
export type WelfordOperation = 'add' | 'subtract' | 'multiply' | 'divide' | 'fusedMultiplyAdd';
/** Operands that an operation takes. */
const arities = { add: 2, subtract: 2, multiply: 2, divide: 2, fusedMultiplyAdd: 3 } as const satisfies Record<
  WelfordOperation,
  number
>;

/** One operation: `[to, operation, ...operands]`; operands are names, or 1. */
export type WelfordStep = readonly [to: string, operation: WelfordOperation, ...operands: (string | 1)[]];

/** How mean and sum of squares take an element, and how those of two lanes become one. */
export interface WelfordForm {
  /**
   * From `x`, `mean`, `m2`, the count `n` with x, and `reciprocal`, which is 1/n rounded once a call: new `mean` and `m2`.
   * Results called `square` and `m2` round as sums of squares do (`accumulate`), all others as statistics.
   */
  readonly update: readonly WelfordStep[];
  /** From `meanA`, `m2A`, `nA`, those of B, and `n` = nA + nB, which is exact: `mean` and `m2`. */
  readonly merge: readonly WelfordStep[];
  /** A lane without elements: passed over (`skip`), or merged as zeros that count none. */
  readonly empty: 'skip' | 'merge';
}

/** δ = x − m; m += δ·(1/n); M2 += δ·(x − m) (Welford, Technometrics 1962), with the reciprocal rounded. */
const byReciprocal: readonly WelfordStep[] = [
  ['delta', 'subtract', 'x', 'mean'],
  ['part', 'multiply', 'delta', 'reciprocal'],
  ['mean', 'add', 'mean', 'part'],
  ['rest', 'subtract', 'x', 'mean'],
  ['square', 'multiply', 'delta', 'rest'],
  ['m2', 'add', 'm2', 'square'],
];
/** m_a + δ·n_b / n, and M2 by δ·δ·n_a·n_b / n (Chan, Golub, LeVeque 1979). */
const chan: readonly WelfordStep[] = [
  ['delta', 'subtract', 'meanB', 'meanA'],
  ['part', 'multiply', 'delta', 'nB'],
  ['part', 'divide', 'part', 'n'],
  ['mean', 'add', 'meanA', 'part'],
  ['m2', 'add', 'm2A', 'm2B'],
  ['square', 'multiply', 'delta', 'delta'],
  ['square', 'multiply', 'square', 'nA'],
  ['square', 'multiply', 'square', 'nB'],
  ['square', 'divide', 'square', 'n'],
  ['m2', 'add', 'm2', 'square'],
];

/** A form of lists of steps. */
export function welfordForm(
  update: readonly WelfordStep[],
  merge: readonly WelfordStep[],
  empty: WelfordForm['empty'],
): WelfordForm {
  return Object.freeze({ update: Object.freeze(update), merge: Object.freeze(merge), empty });
}

/** The form where none is given. */
export const usualWelford: WelfordForm = /* @__PURE__ */ welfordForm(byReciprocal, chan, 'skip');

/** A step whose operands are places among the values at hand; what it has no third of is its first. */
export interface PlacedStep {
  readonly operation: WelfordOperation;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly to: number;
  /** Whether it rounds as sums of squares do. */
  readonly isSquare: boolean;
}

/** A list of operations with its names resolved: the values given come first, then 1. */
export interface PlacedSteps {
  readonly steps: readonly PlacedStep[];
  readonly values: number;
  readonly mean: number;
  readonly m2: number;
}

/** A form that is checked. */
export interface PlacedForm {
  readonly update: PlacedSteps;
  readonly merge: PlacedSteps;
  readonly skipsEmpty: boolean;
  /** As the caller gave it, for reports. */
  readonly given: WelfordForm;
}

/** What an update, and a merge, starts from, in order. */
const ofUpdate = ['x', 'mean', 'm2', 'n', 'reciprocal'];
const ofMerge = ['meanA', 'm2A', 'nA', 'meanB', 'm2B', 'nB', 'n'];
/** More operations are no update that a kernel writes. */
const MOST_STEPS = 100;

/** Checks a form given as data, and resolves its names. */
export function defineWelford(value: unknown, argument: string): PlacedForm {
  const { update, merge, empty } = checkObject(argument, value, ['update', 'merge', 'empty']);
  const way = checkName(`${argument}.empty`, empty, ['skip', 'merge'] as const);
  const steps = (name: string, list: unknown): WelfordStep[] => {
    const path = `${argument}.${name}`;
    const found = checkList(path, list);
    if (found.length === 0 || found.length > MOST_STEPS) {
      throw new BittrueError('shape', path, found, `a list of 1 to ${MOST_STEPS} operations`);
    }
    return found.map((step, i) => checkStep(step, `${path}[${i}]`));
  };
  const [updates, merges] = [steps('update', update), steps('merge', merge)];
  return {
    update: placed(updates, ofUpdate, `${argument}.update`),
    merge: placed(merges, ofMerge, `${argument}.merge`),
    skipsEmpty: way === 'skip',
    given: welfordForm(updates, merges, way),
  };
}

function checkStep(value: unknown, argument: string): WelfordStep {
  const [to, operation, ...operands] = checkList(argument, value);
  const name = checkName(`${argument}[1]`, operation, Object.keys(arities) as WelfordOperation[]);
  if (operands.length !== arities[name]) {
    throw new BittrueError('shape', argument, operands, `${arities[name]} operands of ${name}`);
  }
  for (const [i, operand] of operands.entries()) if (operand !== 1) checkText(`${argument}[${i + 2}]`, operand);
  return Object.freeze([checkText(`${argument}[0]`, to, 'a name'), name, ...(operands as (string | 1)[])]);
}

function placed(list: readonly WelfordStep[], given: readonly string[], argument: string): PlacedSteps {
  const places = new Map<string | 1, number>([...given, 1 as const].map((name, i) => [name, i]));
  const steps = list.map(([to, operation, ...operands], i) => {
    const found = operands.map((operand, j) => {
      const place = places.get(operand);
      if (place !== undefined) return place;
      const known = [...places.keys()].join(', ');
      throw new BittrueError('name', `${argument}[${i}][${j + 2}]`, operand, `one of ${known}`);
    });
    if (!places.has(to)) places.set(to, places.size);
    const [a, b, c = a] = found as [number, number, number?];
    return { operation, a, b, c, to: places.get(to) as number, isSquare: to === 'square' || to === 'm2' };
  });
  const result = (name: string): number => {
    if (list.some(([to]) => to === name)) return places.get(name) as number;
    throw new BittrueError('shape', argument, list, `an operation that gives ${name}`);
  };
  return { steps, values: places.size, mean: result('mean'), m2: result('m2') };
}

/** Whether a form on a reduction is the plain update of one chain, which has a fast twin. */
export function isPlainWelford({ given }: PlacedForm, reduction: Reduction): boolean {
  const isChain = reduction.kind === 'sequential' && reduction.order !== 'descending';
  return isChain && JSON.stringify(given.update) === JSON.stringify(byReciprocal);
}
