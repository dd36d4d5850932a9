/**
 * One row through a kernel's specification, for the event that makes it fail.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import type { NumericEvent } from '../events/event.ts';
import type { Recorder } from '../events/recorder.ts';
import { type EventKind, failureKinds } from '../rounding/flags.ts';
import type { Plan } from '../specification/contract.ts';
import { newRecorder } from '../specification/run.ts';

const overflows: readonly EventKind[] = ['overflow', 'saturation', 'wrap'];

/**
 * The first overflow, saturation or wrap of a run, or else the first other event that makes it fail; null where there is
 * none. An error that such an event led to (a NaN where a format has none) ends the run.
 */
export function failureOf<P extends Plan>(
  plan: P,
  scalar: (plan: P, recorder: Recorder) => unknown,
): NumericEvent | null {
  const recorder = newRecorder({ plan }, plan);
  let thrown: unknown = null;
  try {
    scalar(plan, recorder);
  } catch (error) {
    if (!(error instanceof BittrueError)) throw error;
    thrown = error;
  }
  const events = [recorder.firstConstantEvents(), recorder.firstEvents()].flatMap((first) =>
    failureKinds.flatMap((kind) => first[kind] ?? []),
  );
  const order = ({ kind, row, stage, step }: NumericEvent): number[] => [
    overflows.includes(kind) ? 0 : 1,
    row,
    plan.stages.indexOf(stage),
    step,
  ];
  events.sort((p, q) => compare(order(p), order(q)));
  const [first = null] = events;
  if (first === null && thrown !== null) throw thrown;
  return first;
}

function compare(p: readonly number[], q: readonly number[]): number {
  const at = p.findIndex((x, i) => x !== q[i]);
  return at < 0 ? 0 : (p[at] as number) - (q[at] as number);
}
