/**
 * Sums of rows, by any reduction.
 *
 * @module
 */
import { defineReduction } from '../accumulators/define.ts';
import { idealReduction, reductionLimit } from '../accumulators/ideal.ts';
import type { Accumulator, Reduction } from '../accumulators/reduction.ts';
import { BittrueError, checkInteger, checkObject } from '../errors/index.ts';
import { ExtentRecorder } from '../events/extent.ts';
import { outputError } from '../events/outputError.ts';
import type { Format } from '../formats/format.ts';
import { defineInteger } from '../formats/integer.ts';
import { idealStep } from '../rounding/ideal.ts';
import type { Step } from '../rounding/step.ts';
import type { Target } from '../targets/target.ts';
import type { FloatArray } from '../tensors/tensor.ts';
import {
  type Into,
  type Kernel,
  type Plan,
  planRecord,
  type RecordOptions,
  type Result,
  recordKeys,
  run,
} from './kernel.ts';
import { type Numbers, numbers, widen } from './norm/plan.ts';
import { lowerSum } from './sum/lower.ts';
import { lowerSumProgram } from './sum/program.ts';
import { sumRows } from './sum/scalar.ts';
import { checkTarget, vectorUnit } from './target.ts';

/** Options of `sum`: a target, a reduction, or both. */
export interface SumOptions extends RecordOptions {
  readonly rows: number;
  /** Numbers a row; the sum of none is +0. */
  readonly width: number;
  /** Its vector unit loads and stores; absent: numbers are summed as they are, and sums given as they come. */
  readonly target?: Target;
  /** Default the vector unit's. */
  readonly reduction?: Reduction;
}

/** A checked sum. */
export interface SumPlan extends Plan {
  readonly kernel: 'sum';
  readonly reduction: Reduction;
  readonly load: Step | null;
  readonly store: Step | null;
}

const stages = ['load', 'sum', 'store'] as const;

function planSum(options: SumOptions): SumPlan {
  checkObject('options', options, ['rows', 'width', 'target', 'reduction', ...recordKeys]);
  const rows = checkInteger('options.rows', options.rows, 0, 2 ** 31);
  const width = checkInteger('options.width', options.width, 0, 2 ** 31);
  const target = options.target === undefined ? null : checkTarget(options.target);
  const unit = target === null ? null : vectorUnit(target);
  const given = options.reduction === undefined ? null : defineReduction(options.reduction, 'options.reduction');
  const reduction = given ?? unit?.reduction;
  if (reduction === undefined) throw new BittrueError('type', 'options', options, 'a target, a reduction, or both');
  return {
    kernel: 'sum',
    rows,
    width,
    stages: unit === null ? ['sum'] : stages,
    ...planRecord(options),
    size: rows,
    outputFormat: unit?.store.format ?? null,
    configuration: { ...(target === null ? {} : { target }), reduction },
    reduction,
    load: unit?.load ?? null,
    store: unit?.store ?? null,
  };
}

/** The format that a reduction's last accumulator leaves its sum in; of registers beyond 53 bits, binary64's integers. */
function formatOf(reduction: Reduction): Format {
  if (reduction.kind === 'tiled' || reduction.kind === 'strided') {
    return formatOf(reduction.across === 'chain' ? reduction.within : reduction.across);
  }
  const accumulator: Accumulator = reduction.accumulator;
  switch (accumulator.kind) {
    case 'integer':
      return defineInteger({ bits: Math.min(accumulator.bits, 53) });
    case 'exact':
    case 'aligned':
      return accumulator.output.format;
    default:
      return accumulator.step.format;
  }
}

/** Σ x in binary64 with a running compensation (Neumaier 1974). */
function realSums({ rows, width }: SumPlan, x: Float64Array): Float64Array {
  return Float64Array.from({ length: rows }, (_, r) => {
    let sum = 0;
    let lost = 0;
    for (let i = r * width; i < (r + 1) * width; i++) {
      const a = x[i] as number;
      const next = sum + a;
      lost += Math.abs(sum) >= Math.abs(a) ? sum - next + a : a - next + sum;
      sum = next;
    }
    return Number.isFinite(sum) ? sum + lost : sum;
  });
}

/** The kernel's contract. */
export const sumKernel: Kernel<SumOptions, SumPlan, Float64Array, FloatArray> = {
  name: 'sum',
  stages,
  widen,
  lower: (plan, engine) => lowerSum(plan, engine) ?? lowerSumProgram(plan, engine),
  plan: planSum,
  scalar: sumRows,
  reference(plan, x, output) {
    const limits = plan.stages.map((stage) =>
      stage === 'sum' ? reductionLimit(plan.reduction) : stage === 'store' ? plan.store : null,
    );
    const recorder = new ExtentRecorder(plan.stages, plan.rows, limits);
    const store = plan.store === null ? null : idealStep;
    sumRows({ ...plan, reduction: idealReduction(plan.reduction), store }, x, recorder);
    const format = plan.store?.format ?? formatOf(plan.reduction);
    return { ...recorder.room(), error: outputError(format, output, realSums(plan, x)) };
  },
};

/**
 * The sum of every row, with a report of every event. Stages: `load`, `sum`, `store`; without a target `sum` alone.
 *
 * @param x - rows · width numbers, row-major; NaN and infinities are data, but not for integer registers
 * @returns the sums, one a row
 * @throws {@link BittrueError} for shapes that do not fit, options out of range or unknown, neither target nor reduction,
 *   and terms that are no integers in an integer register
 * @example
 * import { sum } from 'bittrue/kernels';
 * import { fp16 } from 'bittrue/targets';
 * const { output, report } = sum([2048, 1, 1], { rows: 1, width: 3, target: fp16 });
 * output[0]; // 2048
 * report.totals.absorption; // 2
 * const reduction = { kind: 'sequential', accumulator: { kind: 'integer', bits: 8, overflow: 'saturate' } } as const;
 * sum([100, 100, -100], { rows: 1, width: 3, reduction }).output[0]; // 27
 */
export function sum<Out extends FloatArray = Float64Array>(x: Numbers, options: SumOptions & Into<Out>): Result<Out> {
  return run(sumKernel, options, (plan) => numbers('x', x, plan.rows * plan.width));
}
