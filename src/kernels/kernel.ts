/**
 * The kernel contract, and the one way to run a kernel.
 *
 * @module
 */
import { checkBoolean, checkInteger, checkName } from '../errors/index.ts';
import { Recorder, type RecordMode } from '../events/recorder.ts';
import { makeReport, type Reference, type Report } from '../events/report.ts';

/** What every kernel's options have in common. */
export interface RecordOptions {
  /** Counts only, the first event of each kind (default), or all events up to `limit`. Counting is always on. */
  readonly record?: RecordMode;
  /** How many events `record: 'all'` keeps; default 10,000. */
  readonly limit?: number;
  /** Whether to run the reference pass too: headroom, footroom, error. Default false. */
  readonly reference?: boolean;
}

/** The option names of {@link RecordOptions}. */
export const recordKeys = ['record', 'limit', 'reference'] as const;

/** Everything that a run needs, checked and resolved; specification and engine read nothing else. */
export interface Plan {
  readonly kernel: string;
  readonly rows: number;
  readonly width: number;
  /** The stages that this run has, in order; their ordinals number the rows of the counts. */
  readonly stages: readonly string[];
  readonly record: RecordMode;
  readonly limit: number;
  readonly reference: boolean;
  /** What the report tells of the options and the target. */
  readonly configuration: Readonly<Record<string, unknown>>;
}

/**
 * A kernel. `plan` checks everything once; `scalar` is the specification; `lower`, where it gives something, is the
 * fast twin with the same bits and the same counts.
 */
export interface Kernel<Options, P extends Plan, Inputs> {
  readonly name: string;
  /** All stages it can have, in order. */
  readonly stages: readonly string[];
  /** Checks everything once and resolves the target into plain data. */
  plan(options: Options): P;
  /** The specification: runs the plan over the inputs, and tells the recorder what happened. */
  scalar(plan: P, inputs: Inputs, recorder: Recorder): Float64Array;
  /** Room and error, from one pass without rounding. */
  reference(plan: P, inputs: Inputs, output: Float64Array): Reference;
  /** The fast twin of a plan; null, or absent, where there is none. */
  lower?(plan: P): ((inputs: Inputs, recorder: Recorder) => Float64Array) | null;
}

/** What a kernel gives. */
export interface Result {
  /** Row-major, as the input; every value is one of the store format's. */
  readonly output: Float64Array;
  readonly report: Report;
}

/** Checks the common options. */
export function planRecord(options: RecordOptions): { record: RecordMode; limit: number; reference: boolean } {
  return {
    record: checkName('options.record', options.record ?? 'first', ['counts', 'first', 'all'] as const),
    limit: checkInteger('options.limit', options.limit ?? 10_000, 0, 2 ** 32),
    reference: checkBoolean('options.reference', options.reference ?? false),
  };
}

/** Plans and runs a kernel; `check` makes its inputs from the caller's, once the plan says what they must be. */
export function run<Options, P extends Plan, Inputs>(
  kernel: Kernel<Options, P, Inputs>,
  options: Options,
  check: (plan: P) => Inputs,
): Result {
  const plan = kernel.plan(options);
  const inputs = check(plan);
  const recorder = new Recorder(plan.stages, plan.rows, plan.record, plan.limit);
  const fast = kernel.lower?.(plan) ?? null;
  const output = fast === null ? kernel.scalar(plan, inputs, recorder) : fast(inputs, recorder);
  const reference = plan.reference ? kernel.reference(plan, inputs, output) : undefined;
  const { rows, width, stages, configuration } = plan;
  const head = { kernel: kernel.name, configuration, rows, width, stages };
  return { output, report: makeReport(head, recorder, plan.record === 'all', reference) };
}
