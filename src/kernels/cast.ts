/**
 * Cast: every number rounded to a format.
 *
 * @module
 */
import { checkInteger, checkObject } from '../errors/index.ts';
import { ExtentRecorder } from '../events/extent.ts';
import { outputError } from '../events/outputError.ts';
import { idealStep } from '../rounding/ideal.ts';
import { defineStep } from '../rounding/step.ts';
import type { FloatArray } from '../tensors/tensor.ts';
import { lowerCast } from './cast/lower.ts';
import type { CastOptions, CastPlan } from './cast/plan.ts';
import { castRows } from './cast/scalar.ts';
import { type Into, type Kernel, planRecord, type Result, recordKeys } from './kernel.ts';
import { type Numbers, numbers, widen } from './operands.ts';
import { run } from './run.ts';

/** The kernel's contract. */
export const castKernel: Kernel<CastOptions, CastPlan, Float64Array, FloatArray> = {
  name: 'cast',
  stages: ['cast'],
  widen,
  lower: lowerCast,
  plan(options) {
    checkObject('options', options, ['format', 'policy', 'rows', 'width', ...recordKeys]);
    const step = defineStep({ format: options.format, policy: options.policy }, 'options');
    const rows = checkInteger('options.rows', options.rows ?? 1, 0, 2 ** 31);
    const width = checkInteger('options.width', options.width, 0, 2 ** 32);
    return {
      kernel: 'cast',
      rows,
      width,
      stages: ['cast'],
      ...planRecord(options),
      size: rows * width,
      outputFormat: step.format,
      configuration: { step },
      step,
    };
  },
  scalar: (plan, x, recorder) => castRows(plan, plan.step, x, recorder),
  reference(plan, x, output) {
    const recorder = new ExtentRecorder(plan.stages, plan.rows, [plan.step]);
    castRows(plan, idealStep, x, recorder);
    return { ...recorder.room(), error: outputError(plan.step.format, output, x) };
  },
};

/**
 * Every number rounded to a format, with a report of every event. One stage: `cast`.
 *
 * @param x - rows · width numbers, row-major; NaN and infinities are data
 * @throws {@link BittrueError} for shapes that do not fit, and for a NaN where the format has none
 * @example
 * import { e4m3fn } from 'bittrue/formats';
 * import { cast } from 'bittrue/kernels';
 * const { output, report } = cast([1.1, 464, 465], { format: e4m3fn });
 * output[1]; // 448
 * report.totals.overflow; // 1
 * report.first.overflow?.index; // 2
 */
export function cast<Out extends FloatArray = Float64Array>(
  x: Numbers,
  options: Omit<CastOptions, 'width'> & { readonly width?: number } & Into<Out>,
): Result<Out> {
  const rows = options?.rows ?? 1;
  const width = options?.width ?? (rows > 0 ? Math.floor((x?.length ?? 0) / rows) : 0);
  return run(castKernel, { ...options, width }, (plan) => numbers('x', x, plan.rows * plan.width));
}
