/**
 * The contract of a specification: what every kernel's options and plans have in common.
 *
 * @module
 */
import { checkBoolean, checkInteger, checkName } from '../errors/checks.ts';
import type { Recorder, RecordMode } from '../events/recorder.ts';
import type { Reference, Report } from '../events/report.ts';
import type { Binades } from '../formats/binades.ts';
import type { Format } from '../formats/format.ts';
import type { CodeArray, FloatArray } from '../tensors/tensor.ts';

/** Where a kernel's output goes. */
export interface Output<Out extends OutputArray> {
  /**
   * The array to write: a Float64Array, or a Float32Array where the output's format fits in binary32; for codes an array
   * as the kernel would make it. It must not share memory with an input or an option. Default: a new array, of numbers a Float64Array.
   */
  readonly out?: Out;
}

/** What a kernel gives. */
export interface Result<Out extends OutputArray = Float64Array, Stage extends string = string> {
  /** Row-major, as the input; every value is one of the store format's. */
  readonly output: Out;
  readonly report: Report<Stage>;
}

/** What every kernel's options have in common. */
export interface RecordOptions {
  /**
   * Counts only, the first event of each kind too (default), or all events up to `limit`. `off`, for values alone: every
   * count is NaN, and `ok` is false.
   */
  readonly record?: RecordMode;
  /** How many events `record: 'all'` keeps; default 10,000. */
  readonly limit?: number;
  /** Whether to run the reference pass too: headroom, footroom, error. Default false. */
  readonly reference?: boolean;
  /**
   * Whether to count the results of every stage by their exponents: `report.magnitudes`. The engine counts those of casts, sums,
   * products, norms, softmax, `unary`, `add` and `multiply`; Welford's update, compensated sums, a polynomial for e^x and
   * `attention` run by their specification. Default false.
   */
  readonly magnitudes?: boolean;
  /** Whether NaN and infinities among the inputs leave a run `ok`; default `deny`: what is computed of them proves nothing. */
  readonly nonFiniteInputs?: 'deny' | 'allow';
}

/** The option names that every kernel has: those of {@link RecordOptions}, and where a kernel runs and writes. */
export const recordKeys = ['record', 'limit', 'reference', 'magnitudes', 'nonFiniteInputs', 'engine', 'out'] as const;

/** Everything that a run needs, checked and resolved; specification and engine read nothing else. */
export interface Plan {
  readonly kernel: string;
  readonly rows: number;
  readonly width: number;
  /** Operations of a run where they are far from rows · width: a run of few is left to the specification and to one thread. */
  readonly work?: number;
  /** The stages that this run has, in order; their ordinals number the rows of the counts. */
  readonly stages: readonly string[];
  readonly record: RecordMode;
  readonly limit: number;
  readonly reference: boolean;
  readonly magnitudes: boolean;
  readonly nonFiniteInputs: 'deny' | 'allow';
  /** Numbers of the output: `rows · span`. */
  readonly size: number;
  /** Numbers of the output that a row has. */
  readonly span: number;
  /** The format that every number of the output has; null: any binary64 number. */
  readonly outputFormat: Format | null;
  /** What the report tells of the options and the target. */
  readonly configuration: Readonly<Record<string, unknown>>;
}

/** The names of a plan's stages. */
export type StageOf<P extends Plan> = P['stages'][number];

/** What a kernel may write: numbers, or codes. */
export type OutputArray = FloatArray | CodeArray;

/** Runs a plan over inputs, and tells the recorder what happened. The plan is the one that it was made of, of any number of rows. */
export type Scalar<P extends Plan, Inputs, Own extends OutputArray> = (
  plan: P,
  inputs: Inputs,
  recorder: Recorder,
) => Own;

/** What a kernel means. `plan` checks everything once; `scalar` carries it out, number by number. */
export interface Specification<Options, P extends Plan, Inputs, Raw = Inputs, Own extends OutputArray = FloatArray> {
  readonly name: string;
  /** All stages it can have, in order. */
  readonly stages: readonly string[];
  /** Checks everything once and resolves the target into plain data. */
  plan(options: Options): P;
  /** The caller's arrays, checked against the plan. */
  inputs(plan: P, arrays: readonly unknown[], options: Options): Raw;
  /** The inputs as `scalar` takes them, from the caller's own arrays. */
  widen(raw: Raw, plan: P): Inputs;
  /** Makes what all runs of a plan share: units, reducers, rounded constants. It knows no number of rows. */
  scalar(plan: P): Scalar<P, Inputs, Own>;
  /** The plan of a run over other arrays, as many rows as they hold; a size that the options name is kept. */
  fit(plan: P, arrays: readonly unknown[], options: Partial<Options>): P;
  /** Options that are arrays of one run, such as a residual: they may come with the run. */
  readonly perRun?: readonly string[];
  /** How far the output's exponents reach, where a plan has one stage, whose results the output is; else null. */
  results?(plan: P): Binades | null;
  /** Arrays of the plan that all rows share: runs over batches of rows have them in common. */
  constants?(plan: P): readonly (FloatArray | null)[];
  /** A new output, where it is no Float64Array. */
  open?(plan: P, room?: (bytes: number) => ArrayBufferLike): Own;
  /** Room and error, from one pass without rounding. */
  reference(plan: P, inputs: Inputs, output: Own): Reference;
}

/** Checks the common options. */
export function planRecord(
  options: RecordOptions,
): Pick<Plan, 'record' | 'limit' | 'reference' | 'magnitudes' | 'nonFiniteInputs'> {
  return {
    record: checkName('options.record', options.record ?? 'first', ['off', 'counts', 'first', 'all'] as const),
    limit: checkInteger('options.limit', options.limit ?? 10_000, 0, 2 ** 32),
    reference: checkBoolean('options.reference', options.reference ?? false),
    magnitudes: checkBoolean('options.magnitudes', options.magnitudes ?? false),
    nonFiniteInputs: checkName('options.nonFiniteInputs', options.nonFiniteInputs ?? 'deny', [
      'deny',
      'allow',
    ] as const),
  };
}
