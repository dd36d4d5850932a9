/**
 * One run on several threads: every thread carries out a range of its items, on the same memory.
 *
 * @module
 */
import { type Engine, lease } from '../engine/engine.ts';
import type { Pointer } from '../engine/module.ts';
import { awaitThread, BUSY, DONE } from '../engine/pool.ts';
import { pointerOf } from '../engine/tensor.ts';
import type { FloatArray } from '../tensors/tensor.ts';
import type { Lowered, Plan } from './kernel.ts';
import type { Account } from './lowered.ts';
import type { Part } from './part.ts';

/** Bytes of ordinary arrays that are copied for threads to see; beyond, the caller's own thread works alone. */
const MOST_COPIED = 2 ** 25;

/** Whether threads share a run's work. */
export function isShared(engine: Engine, plan: Plan, { items }: Lowered<never>): boolean {
  return engine.threads.length > 0 && items > 1 && plan.rows * Math.max(1, plan.width) >= engine.worth;
}

/**
 * Carries out all items, on all threads of the engine; as `pass` otherwise. The account's flags are shared memory. Null
 * where arrays that threads cannot see are too large to be copied.
 */
export function share<Raw>(
  engine: Engine,
  plan: Plan,
  lowered: Lowered<Raw>,
  raw: Raw,
  out: FloatArray,
  account: Account,
): boolean | null {
  return lease(engine, ({ take }) => {
    let copied = 0;
    const isVisible = (x: unknown): boolean =>
      !ArrayBuffer.isView(x) || x.buffer instanceof SharedArrayBuffer || x.byteLength < 4096;
    const room = (x: FloatArray): FloatArray => {
      copied += x.byteLength;
      const at: Pointer = copied > MOST_COPIED ? 0 : take(x.byteLength + 64);
      const { buffer } = engine.core.memory;
      if (at === 0) return x;
      return x instanceof Float32Array
        ? new Float32Array(buffer, at, x.length)
        : new Float64Array(buffer, at, x.length);
    };
    const visible = <T>(x: T): T => {
      if (isVisible(x)) return x;
      const copy = room(x as FloatArray);
      copy.set(x as FloatArray);
      return copy as T;
    };
    const fields = <T>(x: T): T =>
      ArrayBuffer.isView(x)
        ? visible(x)
        : (Object.fromEntries(Object.entries(x as object).map(([key, value]) => [key, visible(value)])) as T);
    const seen = { plan: fields({ ...plan, configuration: {} }), raw: fields(raw) };
    const target = isVisible(out) && out.buffer instanceof SharedArrayBuffer ? out : room(out);
    if (copied > MOST_COPIED) return null;

    const inputs = ArrayBuffer.isView(seen.raw) ? [seen.raw] : Object.values(seen.raw as object);
    const views = [target, ...inputs.filter(ArrayBuffer.isView)] as FloatArray[];
    const own = views.filter((view) => pointerOf(engine, view) !== null).map(({ buffer }) => buffer);
    // No part is empty.
    const parts = Math.min(engine.threads.length + 1, lowered.items);
    const threads = engine.threads.slice(0, parts - 1);
    const start = (part: number): number => Math.floor((lowered.items * part) / parts);
    const counts = threads.map(({ state, post }, i) => {
      const counted = new Float64Array(new SharedArrayBuffer(account.counts.byteLength));
      const part: Part = {
        kernel: plan.kernel,
        ...seen,
        out: target,
        account: { ...account, counts: counted },
        first: start(i + 1),
        end: start(i + 2),
        own,
        bytes: engine.core.memory.buffer.byteLength,
      };
      Atomics.store(state, 0, BUSY);
      post(part);
      return counted;
    });
    let isDone = false;
    let answers: number[] = [];
    try {
      isDone = lowered.pass(seen.raw, target, account, start(0), start(1));
    } finally {
      // Whatever happened here, the others are still writing.
      answers = threads.map(awaitThread);
    }
    if (!isDone || answers.some((word) => word !== DONE)) return false;
    for (const counted of counts) {
      counted.forEach((count, i) => {
        account.counts[i] = (account.counts[i] as number) + count;
      });
    }
    if (target !== out) out.set(target);
    return true;
  });
}
