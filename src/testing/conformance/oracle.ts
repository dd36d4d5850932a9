/**
 * Results of a task from the exact model, which shares no code with the unit.
 *
 * @module
 */
import { BittrueError } from '../../errors/index.ts';
import { type FloatFormat, int32 } from '../../formats/index.ts';
import type { CodeOutcome } from '../../rounding/profileOutcome.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import { oracleEncode } from '../oracle/codes.ts';
import type { Rounded } from '../oracle/index.ts';
import { oracleRoundToIntegral, oracleToInteger } from '../oracle/integral.ts';
import { type OracleOperation, oracleOperation } from '../oracle/operations.ts';
import { oracleRound } from '../oracle/round.ts';
import type { Compute } from './compute.ts';
import { formatOf, type Operand } from './operand.ts';
import { checkTask, type VectorTask } from './task.ts';

const INVALID = 16;

const operations: Partial<Readonly<Record<VectorTask['operation'], OracleOperation>>> = {
  add: 'add',
  sub: 'subtract',
  mul: 'multiply',
  div: 'divide',
  sqrt: 'squareRoot',
  mulAdd: 'fusedMultiplyAdd',
};

/**
 * The task's results by the oracle. It knows policies, not the rules of profiles beyond them: a NaN result has the
 * positive quiet code.
 */
export function oracleCompute(task: VectorTask): Compute {
  checkTask(task);
  const rounding: Rounding = { format: task.format, policy: task.policy };
  return (operands) => {
    const signals = operands.some(({ x, nan }) => x !== x && nan.fraction < 0.5) ? INVALID : 0;
    try {
      const { value, flags } = compute(task, rounding, operands);
      return { value, code: codeOf(task, value), flags: flags | signals };
    } catch (error) {
      // A NaN where the format has no place for it: no result is defined.
      if (error instanceof BittrueError && error.code === 'value') return null;
      throw error;
    }
  };
}

function codeOf({ format, operation }: VectorTask, value: number): number {
  return operation === 'toI32' ? oracleEncode(int32, value) : oracleEncode(format as FloatFormat, value);
}

function compute(
  task: VectorTask,
  rounding: Rounding,
  operands: readonly Operand[],
): Pick<CodeOutcome, 'value' | 'flags'> {
  const xs = operands.map(({ x }) => x);
  const name = operations[task.operation];
  if (name !== undefined) return oracleOperation(name, rounding, xs);
  const x = xs[0] as number;
  if (task.operation === 'roundToInt') return oracleRoundToIntegral(rounding, x);
  if (task.operation !== 'toI32')
    return oracleRound(rounding.format, rounding.policy, x, undefined, formatOf(task.source)) satisfies Rounded;
  const { value, flags } = oracleToInteger({ bits: 32, signed: true }, rounding.policy.rounding, x);
  return { value: Number(value), flags };
}
