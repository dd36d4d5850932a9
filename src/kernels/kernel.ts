/**
 * The kernel contract, and the one way to run a kernel.
 *
 * @module
 */
import { type Engine, usualEngine } from '../engine/engine.ts';
import { BittrueError, checkBoolean, checkInteger, checkName } from '../errors/index.ts';
import { Recorder, type RecordMode } from '../events/recorder.ts';
import { makeReport, type Reference, type Report } from '../events/report.ts';
import type { Format } from '../formats/format.ts';
import { overlaps } from '../tensors/overlap.ts';
import type { CodeArray, FloatArray } from '../tensors/tensor.ts';
import { type Account, createAccount } from './lowered.ts';
import { countInputs, inputArrays } from './nonFinite.ts';
import { isShared, share } from './share.ts';

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
  /** Whether NaN and infinities among the inputs leave a run `ok`; default `deny`: what is computed of them proves nothing. */
  readonly nonFiniteInputs?: 'deny' | 'allow';
  /** The engine to run on; default one of a single thread. Null: the specification alone, with the same answer. */
  readonly engine?: Engine | null;
}

/** What a kernel may write: numbers, or codes. */
export type OutputArray = FloatArray | CodeArray;

/** Where a kernel's output goes. */
export interface Into<Out extends OutputArray> {
  /**
   * The array to write: a Float64Array, or a Float32Array where the output's format fits in binary32; for codes an array
   * as the kernel would make it. It must not share memory with an input or an option. Default: a new array, of numbers a Float64Array.
   */
  readonly out?: Out;
}

/** The option names of {@link RecordOptions} and {@link Into}. */
export const recordKeys = ['record', 'limit', 'reference', 'nonFiniteInputs', 'engine', 'out'] as const;

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
  readonly nonFiniteInputs: 'deny' | 'allow';
  /** Numbers of the output. */
  readonly size: number;
  /** The format that every number of the output has; null: any binary64 number. */
  readonly outputFormat: Format | null;
  /** What the report tells of the options and the target. */
  readonly configuration: Readonly<Record<string, unknown>>;
}

/** The fast twin of a plan, which threads may share. */
export interface Lowered<Raw, Out extends OutputArray = FloatArray> {
  /** What the work divides into: rows of the input, or pieces of them. */
  readonly items: number;
  /** What has flags of its own: rows of the report, or pieces of them; as many for every item. */
  readonly accounts: number;
  /**
   * Carries out the items from `first` to `end`: fills their part of `out` and of the account, and adds to its counts.
   * False where it met something that only the specification can carry out.
   */
  pass(raw: Raw, out: Out, account: Account, first: number, end: number): boolean;
  /** Tells the recorder what `scalar` would have told, from the account of all items. */
  conclude(raw: Raw, out: Out, account: Account, recorder: Recorder): void;
}

/**
 * A kernel. `plan` checks everything once; `scalar` is the specification; `lower`, where it gives something, is the
 * fast twin with the same bits and the same counts.
 */
export interface Kernel<Options, P extends Plan, Inputs, Raw = Inputs, Own extends OutputArray = FloatArray> {
  readonly name: string;
  /** All stages it can have, in order. */
  readonly stages: readonly string[];
  /** Checks everything once and resolves the target into plain data. */
  plan(options: Options): P;
  /** The inputs as the specification takes them, from the caller's own arrays. */
  widen(raw: Raw, plan: P): Inputs;
  /** The specification: runs the plan over the inputs, and tells the recorder what happened. */
  scalar(plan: P, inputs: Inputs, recorder: Recorder): Own;
  /** Arrays of the plan that all rows share: runs over batches of rows have them in common. */
  constants?(plan: P): readonly (FloatArray | null)[];
  /** A new output, where it is no Float64Array. */
  open?(plan: P, room: (bytes: number) => ArrayBufferLike): Own;
  /** Room and error, from one pass without rounding. */
  reference(plan: P, inputs: Inputs, output: Own): Reference;
  /** The fast twin of a plan; null, or absent, where there is none. */
  lower?(plan: P, engine: Engine): Lowered<Raw, Own> | null;
}

/** What a kernel gives. */
export interface Result<Out extends OutputArray = Float64Array> {
  /** Row-major, as the input; every value is one of the store format's. */
  readonly output: Out;
  readonly report: Report;
}

/** Checks the common options. */
export function planRecord(options: RecordOptions): Pick<Plan, 'record' | 'limit' | 'reference' | 'nonFiniteInputs'> {
  return {
    record: checkName('options.record', options.record ?? 'first', ['off', 'counts', 'first', 'all'] as const),
    limit: checkInteger('options.limit', options.limit ?? 10_000, 0, 2 ** 32),
    reference: checkBoolean('options.reference', options.reference ?? false),
    nonFiniteInputs: checkName('options.nonFiniteInputs', options.nonFiniteInputs ?? 'deny', [
      'deny',
      'allow',
    ] as const),
  };
}

/**
 * Plans and runs a kernel; `check` gives the caller's inputs, once the plan says what they must be. Without a fast twin
 * the specification runs; all events, too, are its alone to tell.
 */
export function run<
  Options extends RecordOptions,
  P extends Plan,
  Inputs,
  Raw,
  Own extends OutputArray,
  Out extends OutputArray,
>(kernel: Kernel<Options, P, Inputs, Raw, Own>, options: Options & Into<Out>, check: (plan: P) => Raw): Result<Out> {
  const plan = kernel.plan(options);
  const raw = check(plan);
  const open = (isSharing: boolean): Own =>
    kernel.open?.(plan, room(isSharing)) ?? (new Float64Array(room(isSharing)(plan.size * 8)) as OutputArray as Own);
  const empty = kernel.open?.({ ...plan, size: 0 }, room(false)) ?? null;
  const out = checkOut(options, plan, raw, empty) as Own | undefined;
  const engine = options.engine === undefined ? usualEngine() : options.engine;
  const lowered = engine === null || plan.record === 'all' ? null : (kernel.lower?.(plan, engine) ?? null);
  const record = (): Recorder => new Recorder(plan.stages, plan.rows, plan.record, plan.limit);
  let recorder = record();
  let output = engine === null || lowered === null ? null : runFast(engine, lowered, plan, raw, out ?? open, recorder);
  if (output === null) {
    recorder = record();
    output = kernel.scalar(plan, kernel.widen(raw, plan), recorder);
    if (out !== undefined) {
      out.set(output);
      output = out;
    }
  }
  if (plan.record === 'off') recorder.forget();
  const reference = plan.reference ? kernel.reference(plan, kernel.widen(raw, plan), output) : undefined;
  const { rows, width, stages, configuration } = plan;
  const inputs = countInputs(plan, raw, kernel.constants?.(plan) ?? [], engine);
  const head = { kernel: kernel.name, configuration, rows, width, stages, inputs };
  return { output: output as OutputArray as Out, report: makeReport(head, recorder, plan.record === 'all', reference) };
}

/** The output of the fast twin; null where it refuses, as the specification will, in its own order. */
function runFast<Raw, Own extends OutputArray>(
  engine: Engine,
  lowered: Lowered<Raw, Own>,
  plan: Plan,
  raw: Raw,
  given: Own | ((isSharing: boolean) => Own),
  recorder: Recorder,
): Own | null {
  const { record, stages } = plan;
  const isSharing = isShared(engine, plan, lowered);
  const out = typeof given === 'function' ? given(isSharing) : given;
  const account = createAccount(stages.length, lowered.accounts, room(isSharing));
  try {
    const shared = isSharing ? share(engine, plan, lowered, raw, out, account) : null;
    if (!(shared ?? lowered.pass(raw, out, account, 0, lowered.items))) return null;
    if (record !== 'off') lowered.conclude(raw, out, account, recorder);
    return out;
  } catch (error) {
    if (error instanceof BittrueError) return null;
    throw error;
  }
}

/** Where a new output lies: in memory that threads share, or not. */
function room(isSharing: boolean): (bytes: number) => ArrayBufferLike {
  return (bytes) => (isSharing ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes));
}

/** Checks the array that the caller wants filled; `like`: of its type, where that is no float. */
function checkOut<Out extends OutputArray>(
  { out, ...options }: Into<Out>,
  plan: Plan,
  raw: unknown,
  like: OutputArray | null,
): Out | undefined {
  if (out === undefined) return undefined;
  if (like !== null) {
    const own = like.constructor;
    if (out?.constructor !== own) throw new BittrueError('type', 'options.out', out, `a ${own.name}`);
  } else if (!(out instanceof Float64Array || out instanceof Float32Array)) {
    throw new BittrueError('type', 'options.out', out, 'a Float64Array or a Float32Array');
  }
  if (out.length !== plan.size) throw new BittrueError('shape', 'options.out', out, `${plan.size} numbers`);
  if (out instanceof Float32Array && !isWithinBinary32(plan.outputFormat)) {
    throw new BittrueError('type', 'options.out', out, 'a Float64Array: the output has numbers beyond binary32');
  }
  // Reports are formed from inputs and options after the output has been written.
  for (const [name, input] of [...Object.entries(options), ...inputArrays(raw).map((input) => ['', input] as const)]) {
    if (ArrayBuffer.isView(input) && overlaps(out, input)) {
      const other = name === '' ? 'an input' : `options.${name}`;
      throw new BittrueError('value', 'options.out', out, `an array that shares no memory with ${other}`);
    }
  }
  return out;
}

/** Whether every number of a format is one of binary32. */
function isWithinBinary32(format: Format | null): boolean {
  if (format === null) return false;
  if (format.kind === 'integer') return format.bits <= 24 && Math.abs(format.fractionBits) <= 100;
  return format.precision <= 24 && format.emax <= 127 && format.emin - format.mantissaBits >= -149;
}
