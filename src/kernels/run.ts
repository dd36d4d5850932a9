/**
 * The one way to run a kernel: its twin where there is one, else its specification.
 *
 * @module
 */
import { type Engine, isFull, missingForEngine, usualEngine } from '../engine/engine.ts';
import { BittrueError } from '../errors/error.ts';
import type { Recorder } from '../events/recorder.ts';
import type { Fallback } from '../events/report.ts';
import type { OutputArray, Plan, RecordOptions, Result } from '../specification/contract.ts';
import { checkOut, conclude, fill, newRecorder, type Planned } from '../specification/run.ts';
import { createAccount } from '../twins/account.ts';
import type { Lowered } from '../twins/twin.ts';
import type { Into, Kernel } from './kernel.ts';
import { countNonFinite } from './nonFinite.ts';
import { isShared, share } from './threads/share.ts';
import { isSmall } from './thresholds.ts';

/**
 * Plans and runs a kernel over the caller's arrays. Without a fast twin the specification runs, and, where the caller names
 * no engine, for a small run too; all events are its alone to tell.
 */
export function run<
  Options extends RecordOptions,
  P extends Plan,
  Inputs,
  Raw,
  Own extends OutputArray,
  Out extends OutputArray,
>(kernel: Kernel<Options, P, Inputs, Raw, Own>, options: Options & Into<Out>, arrays: readonly unknown[]): Result<Out> {
  const plan = kernel.plan(options);
  return runPlanned(kernel, { plan }, plan, arrays, options);
}

/** A plan, what its runs share, and its twin on an engine. */
export interface PlannedKernel<P extends Plan, Inputs, Raw, Own extends OutputArray> extends Planned<P, Inputs, Own> {
  twin?: { readonly plan: P; readonly engine: Engine; readonly lowered: Lowered<Raw, Own> | null };
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
  kernel: Kernel<Options, P, Inputs, Raw, Own>,
  planned: PlannedKernel<P, Inputs, Raw, Own>,
  plan: P,
  arrays: readonly unknown[],
  options: Options & Into<Out>,
): Result<Out> {
  const raw = kernel.inputs(plan, arrays, options);
  const open = (isSharing: boolean): Own =>
    kernel.open?.(plan, room(isSharing)) ?? (new Float64Array(room(isSharing)(plan.size * 8)) as OutputArray as Own);
  const out = checkOut(kernel, options, plan, raw);
  const isOpen = options.engine === undefined && !isSmall(plan);
  const engine = isOpen ? usualEngine() : (options.engine ?? null);
  const lowered = engine === null || plan.record === 'all' ? null : lower(kernel, planned, plan, engine);
  let recorder = newRecorder(plan);
  const isFast = engine !== null && lowered !== null;
  const fast = isFast ? runFast(engine, lowered, plan, raw, out ?? open, recorder) : 'refused';
  let fallback: Fallback | undefined;
  if (engine === null && isOpen && plan.record !== 'all') fallback = missingForEngine();
  let output: Own;
  if (typeof fast === 'object') output = fast;
  else {
    if (fast === 'memory') fallback = fast;
    recorder = newRecorder(plan);
    output = fill(kernel, planned, plan, raw, out, recorder);
  }
  const report = conclude(kernel, planned, plan, raw, output, recorder, countNonFinite(engine), fallback);
  return { output: output as OutputArray as Out, report };
}

/** The twin of a plan, made once. */
function lower<P extends Plan, Inputs, Raw, Own extends OutputArray>(
  kernel: Kernel<never, P, Inputs, Raw, Own>,
  planned: PlannedKernel<P, Inputs, Raw, Own>,
  plan: P,
  engine: Engine,
): Lowered<Raw, Own> | null {
  const { twin } = planned;
  if (twin?.plan === plan && twin.engine === engine) return twin.lowered;
  const lowered = kernel.lower?.(plan, engine) ?? null;
  planned.twin = { plan, engine, lowered };
  return lowered;
}

/** The output of the fast twin; or why there is none: what it refuses, the specification may too, in its own order. */
function runFast<Raw, Own extends OutputArray>(
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
function room(isSharing: boolean): (bytes: number) => ArrayBufferLike {
  return (bytes) => (isSharing ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes));
}
