/**
 * An operation of somebody else's against the exact answer.
 *
 * @module
 */
import { BittrueError, checkBoolean, checkFunction, checkName, checkObject } from '../../errors/index.ts';
import { formatName } from '../../formats/formatName.ts';
import type { CodeOutcome } from '../../rounding/profileOutcome.ts';
import { behavioursFor } from '../conformance/behaviours.ts';
import { computeWith, setupOf } from '../conformance/compute.ts';
import { cases } from '../conformance/generate.ts';
import { hexBits, type Operand, operandOf, sourceBits } from '../conformance/operand.ts';
import {
  defineVectorTask,
  type VectorOperation,
  type VectorTask,
  type VectorTaskOptions,
  vectorOperations,
} from '../conformance/task.ts';
import { asking, type CallOptions, callKeys, type Row } from './call.ts';
import {
  type Checked,
  type CompareOptions,
  comparison,
  type EffortOptions,
  effort,
  policyWords,
} from './checkRounding.ts';
import { answerWords, classOf, complexity, hex, operandAt, spell, wrongness } from './conversionWords.ts';
import { examine, type Subject } from './examine.ts';

/** The operations that can be checked, under TestFloat's names. */
export type CheckedOperation = Exclude<VectorOperation, 'cast' | 'toI32' | 'fromI32'>;

/** What an operation should do, and how it is called. */
export interface OperationCheckOptions
  extends CallOptions,
    CompareOptions,
    EffortOptions,
    Pick<VectorTaskOptions, 'format' | 'profile' | 'policy'> {
  readonly operation: CheckedOperation;
}

const operations = Object.keys(vectorOperations).filter(
  (name) => name !== 'cast' && name !== 'toI32' && name !== 'fromI32',
) as CheckedOperation[];

/** Operands of at most this many bits, all together, are tried in full. */
const EXHAUSTIVE_BITS = 16;
/** Groups of deviations that concern flags, which functions do not give. */
const flagGroups: readonly string[] = ['flags', 'tininess', 'integral'];

/**
 * Checks a function that adds, multiplies, divides, … values of a format: all operands of up to 16 bits together, else
 * 20,000 that align, cancel, overflow and underflow, are compared with the exact result rounded once.
 *
 * @param implementation - takes as many numbers (or codes, or arrays of them) as the operation has operands
 * @throws {@link BittrueError} as `checkRounding`
 * @example
 * import { round } from 'bittrue/rounding';
 * import { bfloat16 } from 'bittrue/formats';
 * import { checkOperation } from 'bittrue/testing';
 * // A product rounded before the sum: no fused multiply-add.
 * const fma = (a: number, b: number, c: number) => round(bfloat16, round(bfloat16, a * b) + c);
 * const check = checkOperation(fma, { operation: 'mulAdd', format: 'bfloat16' });
 * check.diagnosis?.behaviours[0]?.name; // 'unfused'
 */
export function checkOperation<Input = number, Result = unknown>(
  implementation: (...inputs: Input[]) => Result,
  options: OperationCheckOptions,
): Checked<Result> {
  checkFunction('implementation', implementation, 'a function of numbers or codes');
  checkObject('options', options, [
    'operation',
    'format',
    'profile',
    'policy',
    ...callKeys,
    'strictNaN',
    'signedZeros',
    'runs',
    'seed',
  ]);
  const { operation, format, profile, policy } = options;
  checkName('options.operation', operation, operations);
  const task = defineVectorTask({
    operation,
    format,
    ...(profile === undefined ? {} : { profile }),
    ...(policy === undefined ? {} : { policy }),
  });
  if (task.format.bits > 53) throw new BittrueError('unsupported', 'options.format', 'binary64', 'a smaller format');
  const ask = asking(implementation as never, task.format, task.format, options);
  return examine(subjectOf(task, options), ask) as Checked<Result>;
}

function subjectOf(task: VectorTask, options: CompareOptions & EffortOptions): Subject<ReturnType<typeof setupOf>> {
  const { format, operation, policy } = task;
  const { strictNaN = false, signedZeros = true, seed = 1 } = options;
  checkBoolean('options.strictNaN', strictNaN);
  checkBoolean('options.signedZeros', signedZeros);
  const arity = vectorOperations[operation];
  const bits = sourceBits(format) * arity;
  const { runs, exhaustive } = effort(options, bits <= EXHAUSTIVE_BITS ? 2 ** bits : Infinity);
  const count = exhaustive ? undefined : runs;
  const exact = computeWith(task, setupOf(task));
  return {
    what: `${formatName(format)} ${operation}, ${policyWords(format, policy)}`,
    seed,
    cases: operandsOf(task, count, seed),
    runs,
    exhaustive,
    exact,
    agrees: comparison(strictNaN, signedZeros),
    classOf: (operands, expected) => classAmong(task, operands, expected),
    wrongness: (expected, row) => wrongness(format, expected, row),
    words: (expected, row) => words(task, expected, row),
    hexOperand: ({ bits: code }) => `0x${hexBits(format, code).toLowerCase()}`,
    hexResult: (code) => hex(format, code),
    complexity,
    simpler: (operands) => simpler(task, operands),
    behaviours: (wrong) => behavioursFor(task, [], wrong).filter(({ group }) => !flagGroups.includes(group)),
    base: setupOf(task),
    compute: (setup) => computeWith(task, setup),
    unseen: () => [],
  };
}

function* operandsOf(task: VectorTask, count: number | undefined, seed: number): Generator<readonly Operand[]> {
  for (const bits of cases(task, 2, count, seed)) yield bits.map((one) => operandOf(task.source, one));
}

/** By the result; operands that are no numbers come first. */
function classAmong({ format }: VectorTask, operands: readonly Operand[], { value, flags }: CodeOutcome): string {
  if (operands.some(({ x }) => x !== x)) return 'NaN operand';
  if (operands.some(({ x }) => Math.abs(x) === Infinity)) return 'infinite operand';
  if (flags === 0) return value === 0 ? 'zero' : 'exact';
  if ((flags & 16) !== 0) return 'invalid';
  if ((flags & 8) !== 0) return 'divide by zero';
  if ((flags & 4) !== 0) return 'overflow';
  if ((flags & 2) !== 0) return value === 0 ? 'below the smallest number' : 'subnormal inexact';
  return classOf(format, value) === 'zero' ? 'zero' : 'inexact';
}

const signs: Readonly<Record<string, string>> = { add: '+', sub: '-', mul: '·', div: '/' };

function words({ operation, format }: VectorTask, expected: CodeOutcome, row: Row): string {
  const [a = '', b = '', c = ''] = row.operands.map(({ x }) => spell(x));
  const sign = signs[operation];
  const what =
    sign !== undefined ? `${a} ${sign} ${b}` : operation === 'mulAdd' ? `${a} · ${b} + ${c}` : `${operation}(${a})`;
  const code = expected.code === expected.code ? ` (${hex(format, expected.code)})` : '';
  return `${what}: right is ${spell(expected.value)}${code}, the implementation ${answerWords(format, row)}`;
}

/** One operand simpler: one, zero, two, its power of two, without its sign. */
function simpler({ source }: VectorTask, operands: readonly Operand[]): (readonly Operand[])[] {
  return operands.flatMap((operand, i) => {
    const a = Math.abs(operand.x);
    const tries = [1, 0, 2, 0.5, a, 2 ** Math.floor(Math.log2(a))].filter((x) => Number.isFinite(x) && x !== operand.x);
    return tries.flatMap((x) => operandAt(source, x).map((one) => operands.map((other, j) => (i === j ? one : other))));
  });
}
