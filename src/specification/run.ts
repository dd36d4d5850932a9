/**
 * The run of a specification alone, and what every run of a kernel has in common.
 *
 * @module
 */
import { checkMemory } from '../errors/allocate.ts';
import { fieldsOf } from '../errors/checks.ts';
import { BittrueError } from '../errors/error.ts';
import { MagnitudeCounter } from '../events/magnitudes.ts';
import { Recorder } from '../events/recorder.ts';
import { type Fallback, makeReport, type Report } from '../events/report.ts';
import type { Format } from '../formats/format.ts';
import { overlaps } from '../tensors/overlap.ts';
import type { FloatArray } from '../tensors/tensor.ts';
import type { Output, OutputArray, Plan, RecordOptions, Result, Scalar, Specification, StageOf } from './contract.ts';
import { countArrays, countInputs, inputArrays, nonFinite } from './nonFinite.ts';

/** A plan, and what its runs share: made when the first of them needs it. */
export interface Planned<P extends Plan, Inputs, Own extends OutputArray> {
  readonly plan: P;
  scalar?: Scalar<P, Inputs, Own>;
  /** How many numbers of the plan's own arrays are not finite. */
  nonFiniteConstants?: number;
  /** Where all runs count, of a plan that runs often; a report holds copies. */
  readonly counts?: Float64Array;
}

/** Plans and runs a specification over the caller's arrays. */
export function runSpecification<
  Options extends RecordOptions,
  P extends Plan,
  Inputs,
  Raw,
  Own extends OutputArray,
  Out extends OutputArray,
>(
  specification: Specification<Options, P, Inputs, Raw, Own>,
  options: Options & Output<Out>,
  arrays: readonly unknown[],
): Result<Out, StageOf<P>> {
  refuseEngine(options);
  const plan = specification.plan(options);
  return runPlanned(specification, { plan }, plan, arrays, options);
}

/** Refuses an engine where the specification runs alone. */
export function refuseEngine(options: unknown): void {
  const { engine } = fieldsOf(options);
  if (engine !== undefined && engine !== null) {
    throw new BittrueError('name', 'options.engine', engine, 'no engine here: bittrue/kernels runs on engines');
  }
}

/** Runs a plan, or the same for another number of rows, over the caller's arrays. */
export function runPlanned<
  Options extends RecordOptions,
  P extends Plan,
  Inputs,
  Raw,
  Own extends OutputArray,
  Out extends OutputArray,
>(
  specification: Specification<Options, P, Inputs, Raw, Own>,
  planned: Planned<P, Inputs, Own>,
  plan: P,
  arrays: readonly unknown[],
  options: Options & Output<Out>,
): Result<Out, StageOf<P>> {
  const raw = specification.inputs(plan, arrays, options);
  const out = checkOut(specification, options, plan, raw);
  const recorder = newRecorder(planned, plan);
  const output = fill(specification, planned, plan, raw, out, recorder);
  const report = finishReport(specification, planned, plan, raw, output, recorder);
  return { output: output as OutputArray as Out, report };
}

/** A recorder of a run. */
export function newRecorder<P extends Plan>(planned: Planned<P, never, OutputArray>, plan: P): Recorder {
  const { stages, rows, record, limit } = plan;
  return new Recorder(stages, rows, record, limit, planned.counts?.fill(0));
}

/** The output of a specification, in the caller's array if there is one. */
export function fill<P extends Plan, Inputs, Raw, Own extends OutputArray>(
  specification: Pick<Specification<never, P, Inputs, Raw, Own>, 'scalar' | 'widen'>,
  planned: Planned<P, Inputs, Own>,
  plan: P,
  raw: Raw,
  out: Own | undefined,
  recorder: Recorder,
): Own {
  planned.scalar ??= specification.scalar(plan);
  if (plan.magnitudes) recorder.magnitudes = new MagnitudeCounter(plan.stages.length);
  const output = planned.scalar(plan, specification.widen(raw, plan), recorder);
  if (out === undefined) return output;
  out.set(output);
  return out;
}

/**
 * The report of a run, whose output is given; the reference pass runs where the plan asks for it.
 *
 * @param count - how many numbers of an array are not finite
 */
export function finishReport<P extends Plan, Inputs, Raw, Own extends OutputArray>(
  {
    name,
    reference,
    widen,
    constants,
  }: Pick<Specification<never, P, Inputs, Raw, Own>, 'name' | 'reference' | 'widen' | 'constants'>,
  planned: Planned<P, Inputs, Own>,
  plan: P,
  raw: Raw,
  output: Own,
  recorder: Recorder,
  count: (x: FloatArray) => number = nonFinite,
  fallback?: Fallback,
): Report<StageOf<P>> {
  const { rows, width, stages, configuration, record } = plan;
  if (record === 'off') recorder.forget();
  const ideal = plan.reference ? reference(plan, widen(raw, plan), output) : undefined;
  planned.nonFiniteConstants ??= record === 'off' ? Number.NaN : countArrays(constants?.(plan) ?? [], count);
  const inputs = countInputs(plan, raw, planned.nonFiniteConstants, recorder.nonFiniteInputs, count);
  const why = fallback === undefined ? {} : { fallback };
  const head = { kernel: name, configuration, rows, width, stages, inputs, ...why };
  return makeReport(head, recorder, record === 'all', ideal) as Report<StageOf<P>>;
}

/** Checks that there is memory, and the array that the caller wants filled. */
export function checkOut<P extends Plan, Own extends OutputArray, Out extends OutputArray>(
  { open }: Pick<Specification<never, P, never, never, Own>, 'open'>,
  options: Output<Out>,
  plan: P,
  raw: unknown,
): Own | undefined {
  const { out } = options;
  // The output, and two bytes of flags for every row of the report.
  checkMemory(`the output of ${plan.kernel}`, plan.size, (out === undefined ? 8 * plan.size : 0) + 2 * plan.rows);
  if (out === undefined) return undefined;
  if (open !== undefined) {
    const own = open({ ...plan, size: 0 }).constructor;
    if (out?.constructor !== own) throw new BittrueError('type', 'options.out', out, `a ${own.name}`);
  } else if (!(out instanceof Float64Array || out instanceof Float32Array)) {
    throw new BittrueError('type', 'options.out', out, 'a Float64Array or a Float32Array');
  }
  if (out.length !== plan.size) throw new BittrueError('shape', 'options.out', out, `${plan.size} numbers`);
  if (out instanceof Float32Array && !isWithinBinary32(plan.outputFormat)) {
    throw new BittrueError('type', 'options.out', out, 'a Float64Array: the output has numbers beyond binary32');
  }
  // Reports are formed from inputs and options after the output has been written.
  for (const name of Object.keys(options)) {
    if (name !== 'out') checkApart(out, fieldsOf(options)[name], () => `options.${name}`);
  }
  for (const input of inputArrays(raw)) checkApart(out, input, () => 'an input');
  return out as OutputArray as Own;
}

/** Checks that the output shares no memory with an array. */
function checkApart(out: OutputArray, other: unknown, name: () => string): void {
  if (ArrayBuffer.isView(other) && overlaps(out, other)) {
    throw new BittrueError('value', 'options.out', out, `an array that shares no memory with ${name()}`);
  }
}

/** Whether every number of a format is one of binary32. */
export function isWithinBinary32(format: Format | null): boolean {
  if (format === null) return false;
  if (format.kind === 'integer') return format.bits <= 24 && Math.abs(format.fractionBits) <= 100;
  return format.precision <= 24 && format.emax <= 127 && format.emin - format.mantissaBits >= -149;
}
