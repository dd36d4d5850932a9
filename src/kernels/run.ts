/**
 * The one way to run a kernel: its twin where there is one, else its specification.
 *
 * @module
 */
import { type Engine, isFull, missingForEngine, usualEngine } from '../engine/engine.ts';
import { BittrueError } from '../errors/error.ts';
import { Recorder } from '../events/recorder.ts';
import { type Fallback, makeReport } from '../events/report.ts';
import type { Format } from '../formats/format.ts';
import type { OutputArray, Plan, RecordOptions } from '../specification/contract.ts';
import { overlaps } from '../tensors/overlap.ts';
import { createAccount } from '../twins/account.ts';
import type { Lowered } from '../twins/twin.ts';
import type { Into, Kernel, Result } from './kernel.ts';
import { countInputs, inputArrays } from './nonFinite.ts';
import { isShared, share } from './threads/share.ts';

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
  let fallback: Fallback | undefined;
  if (engine === null && options.engine === undefined && plan.record !== 'all') fallback = missingForEngine();
  const isFast = engine !== null && lowered !== null;
  const fast = isFast ? runFast(engine, lowered, plan, raw, out ?? open, recorder) : 'refused';
  let output: Own;
  if (typeof fast === 'object') output = fast;
  else {
    if (fast === 'memory') fallback = fast;
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
  const why = fallback === undefined ? {} : { fallback };
  const head = { kernel: kernel.name, configuration, rows, width, stages, inputs, ...why };
  return { output: output as OutputArray as Out, report: makeReport(head, recorder, plan.record === 'all', reference) };
}

/** The output of the fast twin; or why there is none: what it refuses, the specification may too, in its own order. */
export function runFast<Raw, Own extends OutputArray>(
  engine: Engine,
  lowered: Lowered<Raw, Own>,
  plan: Plan,
  raw: Raw,
  given: Own | ((isSharing: boolean) => Own),
  recorder: Recorder,
): Own | 'refused' | 'memory' {
  const { record, stages } = plan;
  const isSharing = isShared(engine, plan, lowered);
  const out = typeof given === 'function' ? given(isSharing) : given;
  const account = createAccount(stages.length, lowered.accounts, room(isSharing));
  try {
    const shared = isSharing ? share(engine, plan, lowered, raw, out, account) : null;
    if (!(shared ?? lowered.pass(raw, out, account, 0, lowered.items))) return 'refused';
    if (record !== 'off') lowered.conclude(raw, out, account, recorder);
    return out;
  } catch (error) {
    if (isFull(error)) return 'memory';
    // A lost thread is the caller's to know; what else is refused, the specification tells.
    if (error instanceof BittrueError && error.code !== 'thread') return 'refused';
    throw error;
  }
}

/** Where a new output lies: in memory that threads share, or not. */
export function room(isSharing: boolean): (bytes: number) => ArrayBufferLike {
  return (bytes) => (isSharing ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes));
}

/** Checks the array that the caller wants filled; `like`: of its type, where that is no float. */
export function checkOut<Out extends OutputArray>(
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
export function isWithinBinary32(format: Format | null): boolean {
  if (format === null) return false;
  if (format.kind === 'integer') return format.bits <= 24 && Math.abs(format.fractionBits) <= 100;
  return format.precision <= 24 && format.emax <= 127 && format.emin - format.mantissaBits >= -149;
}
