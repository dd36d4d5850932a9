/**
 * A function of one number over rows, one operation a line.
 *
 * @module
 */
import { checkFinite, checkPositive, checkText } from '../../errors/index.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import type { CompositionOperation } from '../../specification/unary/composition.ts';
import type { UnaryFunction, UnaryMethod } from '../../specification/unary/plan.ts';
import type { VectorUnit } from '../../targets/target.ts';
import {
  checkLength,
  checkNumberList,
  checkRounding,
  checkSize,
  checkVectorUnit,
  kinds,
  listOf,
  maybe,
  name,
  options as shape,
} from './checks.ts';
import type { OracleEvent } from './events.ts';
import { INVALID } from './flags.ts';
import { type OracleFunction, oracleEvaluate, oracleFunctions } from './functions.ts';
import { type OracleOperation, oracleOperation, oracleOperations } from './operations.ts';
import { oracleRound, type Rounded } from './round.ts';
import { larger, roundToEven, timesPowerOfTwo } from './softmax.ts';

/** A function over the rows of a matrix, as the kernel takes it: on a unit, or rounded once. */
export interface OracleUnaryOptions {
  readonly rows: number;
  readonly width: number;
  /** rows × width. */
  readonly x: ArrayLike<number>;
  readonly function: UnaryFunction;
  /** That of softcap; default 1. */
  readonly cap?: number;
  readonly method?: UnaryMethod;
  /** One of these two. */
  readonly unit?: VectorUnit;
  readonly rounding?: Rounding;
}

/** What a function gives. */
export interface OracleUnary {
  readonly output: number[];
  readonly events: OracleEvent[];
  readonly stages: string[];
}

const exactOnes = ['negate', 'absolute', 'maximum', 'minimum', 'floor', 'nearest'];
const checkOptions = shape('a function of one number', {
  rows: checkSize,
  width: checkSize,
  x: checkNumberList,
  function: name(...oracleFunctions, 'reciprocal', 'sqrt', 'rsqrt', 'relu'),
  cap: maybe((argument, value) => checkPositive(argument, value)),
  unit: maybe(checkVectorUnit),
  rounding: maybe(checkRounding),
  method: maybe(
    kinds('a way to a function', {
      correctlyRounded: shape('a way to a function', { kind: () => undefined }),
      composition: shape('a way to a function', {
        kind: () => undefined,
        steps: listOf(
          shape('an operation', {
            operation: name(
              ...oracleFunctions,
              ...Object.keys(oracleOperations),
              ...exactOnes,
              'round',
              'scaleByPowerOfTwo',
            ),
            operands: listOf((argument, value) => {
              if (typeof value !== 'string') checkFinite(argument, value);
            }),
            to: maybe((argument, value) => checkText(argument, value)),
            rounding: maybe(checkRounding),
          }),
        ),
      }),
    }),
  ),
});

/** The function of every number. */
export function oracleUnary(options: OracleUnaryOptions): OracleUnary {
  checkOptions('options', options);
  const { rows, width, x, function: f, cap = 1, method, unit, rounding } = options;
  checkLength('options.x', x, rows * width);
  const compute = (unit?.compute ?? rounding) as Rounding;
  checkRounding('options.rounding', compute);
  const events: OracleEvent[] = [];
  let row = -1;
  let stage = 'constants';
  const note = (index: number | null, step: number, operands: readonly number[], { value, flags }: Rounded): number => {
    if (flags !== 0) events.push({ row, stage, index, step, flags, operands: [...operands], result: value });
    return value;
  };
  const steps = method?.kind === 'composition' ? method.steps : null;
  const constants: { given: number; value: number }[] = [];
  for (const { operands } of steps ?? []) {
    for (const given of operands) {
      if (typeof given !== 'number' || constants.some((known) => Object.is(known.given, given))) continue;
      const k = constants.length;
      constants.push({ given, value: note(null, k, [given], oracleRound(compute.format, compute.policy, given)) });
    }
  }

  const composed = (loaded: number, i: number): number => {
    const known = new Map<string, number>([['x', loaded]]);
    let last = loaded;
    (steps ?? []).forEach(({ operation, operands, to, rounding: own }, j) => {
      const values = operands.map((operand) =>
        typeof operand === 'string'
          ? (known.get(operand) as number)
          : (constants.find(({ given }) => Object.is(given, operand))?.value as number),
      );
      last = note(i, i * (steps ?? []).length + j, values, carryOut(operation, own ?? compute, values));
      if (to !== undefined) known.set(to, last);
    });
    return last;
  };
  const direct = (a: number, i: number): number => {
    switch (f) {
      case 'reciprocal':
        return note(i, i, [1, a], oracleOperation('divide', compute, [1, a]));
      case 'sqrt':
        return note(i, i, [a], oracleOperation('squareRoot', compute, [a]));
      case 'rsqrt':
        return note(i, i, [a], oracleOperation('reciprocalSquareRoot', compute, [a]));
      case 'relu': {
        const kept = Number.isNaN(a) || a > 0 ? a : 0;
        return note(i, i, [kept], oracleOperation('convert', compute, [kept]));
      }
      default:
        return note(i, i, [a], oracleEvaluate(f, compute, a, cap));
    }
  };

  const output: number[] = [];
  const convert = (to: Rounding, values: readonly number[]): number[] =>
    values.map((v, i) => note(i, i, [v], oracleOperation('convert', to, [v])));
  for (row = 0; row < rows; row++) {
    let own = Array.from({ length: width }, (_, i) => x[row * width + i] as number);
    stage = 'load';
    if (unit !== undefined) own = convert(unit.load, own);
    stage = 'function';
    own = own.map(steps === null ? direct : composed);
    stage = 'store';
    if (unit !== undefined) own = convert(unit.store, own);
    for (const y of own) output.push(y);
  }
  const has: [string, boolean][] = [
    ['constants', constants.length > 0],
    ['load', unit !== undefined],
    ['function', true],
    ['store', unit !== undefined],
  ];
  return { output, events, stages: has.filter(([, is]) => is).map(([name]) => name) };
}

/** One operation of a composition. */
function carryOut(operation: CompositionOperation, rounding: Rounding, values: readonly number[]): Rounded {
  const [a, b] = values as [number, number];
  const exact = (value: number): Rounded => ({ value, flags: 0 });
  switch (operation) {
    case 'negate':
      return exact(-a);
    case 'absolute':
      return exact(Math.abs(a));
    case 'maximum':
      return exact(larger(a, b));
    case 'minimum':
      return exact(-larger(-a, -b));
    case 'floor':
      return exact(Number.isFinite(a) ? Math.floor(a) + 0 : a);
    case 'nearest':
      return exact(Number.isFinite(a) ? roundToEven(a) + 0 : a);
    case 'round':
      return oracleOperation('convert', rounding, [a]);
    case 'scaleByPowerOfTwo': {
      if (Number.isInteger(b)) return timesPowerOfTwo(rounding, a, b);
      if (Math.abs(b) === Infinity) return oracleOperation('multiply', rounding, [a, Math.max(b, 0)]);
      const { value, flags } = oracleOperation('convert', rounding, [Number.NaN]);
      return { value, flags: flags | (Number.isNaN(b) ? 0 : INVALID) };
    }
    default:
      if (oracleFunctions.includes(operation as OracleFunction)) {
        return oracleEvaluate(operation as OracleFunction, rounding, a);
      }
      return oracleOperation(operation as OracleOperation, rounding, values);
  }
}
