/**
 * Cast: every number rounded to a format.
 *
 * @module
 */
import { Unit } from '../arithmetic/unit.ts';
import { checkInteger, checkObject } from '../errors/index.ts';
import { ExtentRecorder } from '../events/extent.ts';
import { outputError } from '../events/outputError.ts';
import type { Recorder } from '../events/recorder.ts';
import type { Format } from '../formats/format.ts';
import { idealStep } from '../rounding/ideal.ts';
import type { PartialPolicy } from '../rounding/policy.ts';
import { defineStep, type Step } from '../rounding/step.ts';
import type { FloatArray } from '../tensors/tensor.ts';
import { lowerCast } from './cast/lower.ts';
import { roundEach } from './elementwise.ts';
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

/** Options of `cast`. */
export interface CastOptions extends RecordOptions {
  readonly format: Format;
  /** What differs from the format's defaults. */
  readonly policy?: PartialPolicy;
  /** Rows of the input, for the places of events; default 1. */
  readonly rows?: number;
  /** Numbers a row; default all of them. */
  readonly width: number;
}

export interface CastPlan extends Plan {
  readonly step: Step;
}

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

/** Rounds every row. */
export function castRows(
  { rows, width }: Plan,
  { format, policy }: Step,
  x: Float64Array,
  recorder: Recorder,
): Float64Array {
  const unit = new Unit(format, policy);
  const output = new Float64Array(rows * width);
  recorder.stage = 0;
  for (let r = 0; r < rows; r++) {
    recorder.row = r;
    const y = output.subarray(r * width, (r + 1) * width);
    roundEach(unit, x.subarray(r * width, (r + 1) * width), y, recorder);
    recorder.endRow(y.every(Number.isFinite));
  }
  recorder.end();
  return output;
}

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
