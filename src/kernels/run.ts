/**
 * The one way to run a kernel: its twin where there is one, else its specification.
 *
 * @module
 */
import { defaultEngine, type Engine, isFull, missingForEngine } from '../engine/engine.ts';
import { BittrueError } from '../errors/error.ts';
import { MagnitudeCounter } from '../events/magnitudes.ts';
import type { Recorder } from '../events/recorder.ts';
import type { Fallback } from '../events/report.ts';
import type { OutputArray, Plan, RecordOptions, Result, StageOf } from '../specification/contract.ts';
import { checkOut, fill, finishReport, newRecorder, type Planned } from '../specification/run.ts';
import type { FloatArray } from '../tensors/tensor.ts';
import { createCounters } from '../twins/counters.ts';
import type { Twin } from '../twins/twin.ts';
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
>(
  kernel: Kernel<Options, P, Inputs, Raw, Own>,
  options: Options & Into<Out>,
  arrays: readonly unknown[],
): Result<Out, StageOf<P>> {
  const plan = kernel.plan(options);
  return runPlanned(kernel, { plan }, plan, arrays, options);
}

/** A plan, what its runs share, and its twin on an engine. */
export interface PlannedKernel<P extends Plan, Inputs, Raw, Own extends OutputArray> extends Planned<P, Inputs, Own> {
  compiled?: { readonly plan: P; readonly engine: Engine; readonly twin: Twin<Raw, Own> | null };
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
): Result<Out, StageOf<P>> {
  const raw = kernel.inputs(plan, arrays, options);
  const open = (isSharing: boolean): Own =>
    kernel.open?.(plan, room(isSharing)) ?? (new Float64Array(room(isSharing)(plan.size * 8)) as OutputArray as Own);
  const out = checkOut(kernel, options, plan, raw);
  const isOpen = options.engine === undefined && !isSmall(plan);
  const engine = isOpen ? defaultEngine() : (options.engine ?? null);
  const results = plan.magnitudes ? (kernel.results?.(plan) ?? null) : null;
  const seesAll = plan.magnitudes && results === null;
  const made = engine === null || plan.record === 'all' ? null : compile(kernel, planned, plan, engine);
  const twin = seesAll && made?.seesMagnitudes !== true ? null : made;
  let recorder = newRecorder(planned, plan);
  const isFast = engine !== null && twin !== null;
  const fast = isFast ? runFast(engine, twin, plan, raw, out ?? open, recorder, seesAll) : 'refused';
  let fallback: Fallback | undefined;
  if (engine === null && isOpen && plan.record !== 'all') fallback = missingForEngine();
  let output: Own;
  if (typeof fast === 'object') {
    output = fast;
    if (results !== null) {
      recorder.magnitudes = new MagnitudeCounter(plan.stages.length);
      recorder.magnitudes.enterAll(0, output as FloatArray, results);
    }
  } else {
    if (fast === 'memory') fallback = fast;
    recorder = newRecorder(planned, plan);
    output = fill(kernel, planned, plan, raw, out, recorder);
  }
  const report = finishReport(kernel, planned, plan, raw, output, recorder, countNonFinite(engine), fallback);
  return { output: output as OutputArray as Out, report };
}

/** The twin of a plan, made once. */
function compile<P extends Plan, Inputs, Raw, Own extends OutputArray>(
  kernel: Kernel<never, P, Inputs, Raw, Own>,
  planned: PlannedKernel<P, Inputs, Raw, Own>,
  plan: P,
  engine: Engine,
): Twin<Raw, Own> | null {
  const { compiled } = planned;
  if (compiled?.plan === plan && compiled.engine === engine) return compiled.twin;
  const twin = kernel.compile?.(plan, engine) ?? null;
  planned.compiled = { plan, engine, twin };
  return twin;
}

/** The output of the fast twin; or why there is none: what it refuses, the specification may too, in its own order. */
function runFast<Raw, Own extends OutputArray>(
  engine: Engine,
  twin: Twin<Raw, Own>,
  plan: Plan,
  raw: Raw,
  given: Own | ((isSharing: boolean) => Own),
  recorder: Recorder,
  seesAll: boolean,
): Own | 'refused' | 'memory' {
  const { record, stages } = plan;
  const isSharing = isShared(engine, plan, twin);
  const out = typeof given === 'function' ? given(isSharing) : given;
  const counters = createCounters(stages.length, twin.flagSlots, room(isSharing), seesAll);
  try {
    const shared = isSharing ? share(engine, plan, twin, raw, out, counters) : null;
    if (!(shared ?? twin.computeRange(raw, out, counters, 0, twin.items))) return 'refused';
    if (record !== 'off') twin.finish(raw, out, counters, recorder);
    // Only now: what was run again for its events has been counted.
    if (counters.magnitudes !== null) recorder.magnitudes = new MagnitudeCounter(stages.length, counters.magnitudes);
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
