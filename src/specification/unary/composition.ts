/**
 * A function as a kernel writes it: a list of operations, each rounded.
 *
 * @module
 */
import { type Transcendental, transcendentals } from '../../arithmetic/functions.ts';
import { BittrueError, checkFinite, checkList, checkName, checkObject, checkText } from '../../errors/index.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import { madeRounding } from '../made.ts';

/** The operations of a unit, with their number of operands; `exact` ones select or split a number, and never round. */
const unitOperations = {
  add: 2,
  subtract: 2,
  multiply: 2,
  divide: 2,
  fusedMultiplyAdd: 3,
  squareRoot: 1,
  reciprocalSquareRoot: 1,
  round: 1,
  scaleByPowerOfTwo: 2,
} as const;
const exactOperations = { negate: 1, absolute: 1, maximum: 2, minimum: 2, floor: 1, nearest: 1 } as const;

/**
 * What a step computes. `exp` … `softplus` are rounded once, as the functions themselves are; `negate`, `absolute`, `maximum`,
 * `minimum` (NaN if any operand is, +0 above −0), `floor` and `nearest` (ties to even; a zero that they make is +0) are exact.
 * `scaleByPowerOfTwo` of p and n is p · 2^n, and NaN with `invalid` for an n that is no integer.
 */
export type CompositionOperation =
  | keyof typeof unitOperations
  | keyof typeof exactOperations
  | Exclude<Transcendental, 'softcap'>;

/** One operation. */
export interface CompositionStep {
  readonly operation: CompositionOperation;
  /** `x`, names of earlier results, and constants, which are rounded once a call, as the unit computes. */
  readonly operands: readonly (string | number)[];
  /** What later steps call the result. The last step's is the function's. */
  readonly to?: string;
  /** Where this step rounds; default as the unit computes. */
  readonly rounding?: Rounding | null;
}

/** A function by its operations, in order. */
export interface Composition {
  readonly kind: 'composition';
  readonly steps: readonly CompositionStep[];
}

/** An operand: a place among the values of an element. x is at 0, constants from 1 on, then one result a step. */
export interface ResolvedStep {
  readonly operation: CompositionOperation;
  readonly operands: readonly number[];
  readonly rounding: Rounding | null;
}

/** A composition with every name resolved. */
export interface ResolvedComposition {
  readonly kind: 'composition';
  readonly constants: readonly number[];
  readonly steps: readonly ResolvedStep[];
  /** As the caller wrote it, for reports. */
  readonly given: Composition;
}

const functions = transcendentals.filter((name) => name !== 'softcap');
const operations = [...Object.keys(unitOperations), ...Object.keys(exactOperations), ...functions];

/** How many operands an operation takes. */
function arity(operation: CompositionOperation): number {
  const known: Readonly<Record<string, number>> = { ...unitOperations, ...exactOperations };
  return known[operation] ?? 1;
}

/** The most steps of a composition: more are no function that a kernel writes. */
const MOST_STEPS = 1000;

/**
 * Checks and resolves a composition given as data.
 *
 * @throws {@link BittrueError} naming the path of the first thing that is wrong
 */
export function defineComposition(value: unknown, argument: string): ResolvedComposition {
  const { steps } = checkObject(argument, value, ['kind', 'steps']);
  const list = checkList(`${argument}.steps`, steps);
  if (list.length === 0 || list.length > MOST_STEPS) {
    throw new BittrueError('shape', `${argument}.steps`, list, `a list of 1 to ${MOST_STEPS} operations`);
  }
  const given = list.map((step, i) => checkStep(step, `${argument}.steps[${i}]`));
  const constants: number[] = [];
  const names = new Map<string, number>([['x', 0]]);
  for (const { operands } of given) {
    for (const x of operands) if (typeof x === 'number' && placeOf(constants, x) === 0) constants.push(x);
  }
  const resolved = given.map(({ operation, operands, to, rounding }, i) => {
    const found = operands.map((operand, j) => {
      const place = typeof operand === 'number' ? placeOf(constants, operand) : names.get(operand);
      if (place !== undefined) return place;
      const path = `${argument}.steps[${i}].operands[${j}]`;
      const known = [...names.keys()].join(', ');
      throw new BittrueError('name', path, operand, `a number, or a result that came before: ${known}`);
    });
    if (to !== undefined) {
      if (names.has(to)) throw new BittrueError('name', `${argument}.steps[${i}].to`, to, 'a name of its own');
      names.set(to, 1 + constants.length + i);
    }
    return Object.freeze({ operation, operands: Object.freeze(found), rounding: rounding ?? null });
  });
  return Object.freeze({
    kind: 'composition',
    constants: Object.freeze(constants),
    steps: Object.freeze(resolved),
    given: Object.freeze({ kind: 'composition', steps: Object.freeze(given) }),
  });
}

/** Where a constant lies, from 1 on; 0: nowhere. The two zeros are two constants. */
function placeOf(constants: readonly number[], x: number): number {
  return 1 + constants.findIndex((known) => Object.is(known, x));
}

function checkStep(value: unknown, argument: string): CompositionStep {
  const { operation, operands, to, rounding } = checkObject(argument, value, [
    'operation',
    'operands',
    'to',
    'rounding',
  ]);
  const name = checkName(`${argument}.operation`, operation, operations) as CompositionOperation;
  const list = checkList(`${argument}.operands`, operands);
  if (list.length !== arity(name)) {
    throw new BittrueError('shape', `${argument}.operands`, list, `${arity(name)} operands of ${name}`);
  }
  const own = list.map((operand, j) =>
    typeof operand === 'string' ? operand : checkFinite(`${argument}.operands[${j}]`, operand),
  );
  return Object.freeze({
    operation: name,
    operands: Object.freeze(own),
    ...(to === undefined ? {} : { to: checkText(`${argument}.to`, to, 'a name') }),
    ...(rounding === undefined || rounding === null
      ? {}
      : { rounding: madeRounding(`${argument}.rounding`, rounding) }),
  });
}
