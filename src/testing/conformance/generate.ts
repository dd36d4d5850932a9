/**
 * Tables of vectors in TestFloat's line format: operands, result and flags, in hexadecimal.
 *
 * @module
 */
import { checkFunction, checkInteger, checkObject } from '../../errors/index.ts';
import { castSweep, drawCastOperand } from './castOperands.ts';
import { type Compute, unitCompute } from './compute.ts';
import { type Bits, hexBits, operandOf, sourceBits } from './operand.ts';
import { drawOperands, draws, type Next } from './sample.ts';
import { defineVectorTask, taskKeys, type VectorTask, type VectorTaskOptions, vectorOperations } from './task.ts';

/** The flags that TestFloat has: inexact, underflow, overflow, divide by zero, invalid. */
export const TESTFLOAT_FLAGS = 31;

/** How many vectors, and which. */
export interface VectorOptions {
  /**
   * 1 (default): every case of up to 16 operand bits (unary), 8 (binary), 4 (ternary), else 10,000; 2: up to 5 bits
   * (ternary), else 100,000. A cast from a wider format covers every value and midpoint of results of up to 8 bits
   * (level 2: 12) first.
   */
  readonly level?: 1 | 2;
  /** This many random cases instead. */
  readonly count?: number;
  /** An integer 0 … 2^53 − 1; default 1. The same seed gives the same cases. */
  readonly seed?: number;
  /** What computes the results; default: the library's unit. */
  readonly compute?: (task: VectorTask) => Compute;
}

/** Ternary operations are tried in full up to this many bits. */
const TERNARY_BITS = [4, 5] as const;
/** Casts start with every value and midpoint of result formats up to this many bits. */
const SWEEP_BITS = [8, 12] as const;
const SAMPLES = [10_000, 100_000] as const;

/**
 * The lines of a table, one case each: operands and result as upper-case hexadecimal codes, then the flags. Cases whose
 * result the policy does not define (a NaN for a format without one) are left out.
 *
 * @throws {@link BittrueError} as `defineVectorTask`, and for a level, count or seed out of range
 * @example
 * import { vectorLines } from 'bittrue/testing';
 * const lines = [...vectorLines({ format: 'e4m3fn', operation: 'mul' })];
 * lines.length; // 65536
 * lines[0x7e7e]; // '7E 7E 7F 05'
 */
export function vectorLines(options: VectorTaskOptions & VectorOptions): Generator<string> {
  checkObject('options', options, [...taskKeys, 'level', 'count', 'seed', 'compute']);
  const { level = 1, count, seed = 1, compute = unitCompute, ...rest } = options;
  const task = defineVectorTask(rest);
  checkInteger('level', level, 1, 2);
  checkInteger('seed', seed, 0, Number.MAX_SAFE_INTEGER);
  if (count !== undefined) checkInteger('count', count, 1, 2 ** 32 - 1);
  return lines(task, checkFunction('compute', compute, 'a function of a task')(task), cases(task, level, count, seed));
}

function* lines(task: VectorTask, run: Compute, all: Iterable<readonly Bits[]>): Generator<string> {
  for (const bits of all) {
    const found = run(bits.map((one) => operandOf(task.source, one)));
    if (found !== null) yield vectorLine(task, bits, found.code, found.flags);
  }
}

/** One case as a line. */
export function vectorLine(
  { source, result }: VectorTask,
  operands: readonly Bits[],
  code: number,
  flags: number,
): string {
  const fields = [...operands.map((bits) => hexBits(source, bits)), hexBits(result, code)];
  return `${fields.join(' ')} ${(flags & TESTFLOAT_FLAGS).toString(16).toUpperCase().padStart(2, '0')}`;
}

/** The operands of a task's cases. */
export function* cases(task: VectorTask, level: 1 | 2, count: number | undefined, seed: number): Generator<Bits[]> {
  const arity = vectorOperations[task.operation];
  const bits = sourceBits(task.source);
  const most = arity === 1 ? 16 : arity === 2 ? 8 : (TERNARY_BITS[level - 1] as number);
  if (count === undefined && bits <= most) {
    yield* everyCase(2 ** bits, arity);
    return;
  }
  if (task.operation === 'cast' && count === undefined && task.format.bits <= (SWEEP_BITS[level - 1] as number)) {
    for (const one of castSweep(task)) yield [one];
  }
  const samples = count ?? (SAMPLES[level - 1] as number);
  const next = draws(seed);
  for (let i = 0; i < samples; i++) yield drawCase(task, arity, next);
}

function* everyCase(codes: number, arity: number): Generator<Bits[]> {
  const operands = new Array<number>(arity).fill(0);
  for (;;) {
    yield [...operands];
    let last = arity - 1;
    while (last >= 0 && operands[last] === codes - 1) operands[last--] = 0;
    if (last < 0) return;
    operands[last] = (operands[last] as number) + 1;
  }
}

function drawCase(task: VectorTask, arity: number, next: Next): Bits[] {
  if (task.operation === 'cast') return [drawCastOperand(task, next)];
  if (task.operation === 'fromI32') return [drawInteger(next)];
  return drawOperands(task.format, task.operation, arity, next);
}

/** A 32-bit integer: any, or a few steps beside a power of two. */
function drawInteger(next: Next): number {
  if (next(2) === 0) return next(2 ** 32);
  const magnitude = 2 ** next(32) + next(9) - 4;
  return (next(2) === 0 ? magnitude : -magnitude) >>> 0;
}
