/**
 * One run on several threads: every thread carries out a range of its items, on the same memory.
 *
 * @module
 */
import { type Engine, type Lease, lease } from '../../engine/engine.ts';
import type { Pointer } from '../../engine/module.ts';
import { carryOutTogether, give, readyThreads } from '../../engine/pool.ts';
import { pointerOf } from '../../engine/tensor.ts';
import { MagnitudeCounter, magnitudeRoom } from '../../events/magnitudes.ts';
import type { OutputArray, Plan } from '../../specification/contract.ts';
import { addCounts, type Counters } from '../../twins/counters.ts';
import { addMagnitudes } from '../../twins/magnitudes.ts';
import type { Twin } from '../../twins/twin.ts';

/** Bytes of ordinary arrays that are copied for threads to see; beyond, the caller's own thread works alone. */
const MOST_COPIED = 2 ** 25;
/** Bytes that a message may copy. */
const SMALL = 4096;

/** The parts of a run that are sent to threads. */
interface Shown<Raw, Out> extends Pick<Part, 'plan' | 'own'> {
  readonly raw: Raw;
  readonly out: Out;
}

/** Whether threads share a run's work. */
export function isShared(engine: Engine, plan: Plan, { items }: { readonly items: number }): boolean {
  return (
    engine.pool !== null &&
    engine.pool.threads.length > 0 &&
    items > 1 &&
    (plan.work ?? plan.rows * Math.max(1, plan.width)) >= engine.minElementsForThreads
  );
}

/**
 * Carries out all items, on all threads of the engine; as `computeRange` otherwise. The counters' flags are shared memory. Null
 * where arrays that threads cannot see are too large to be copied, or no thread is there.
 *
 * @throws {@link BittrueError} `thread` where a thread died or failed
 */
export function share<Raw, Out extends OutputArray>(
  engine: Engine,
  plan: Plan,
  twin: Twin<Raw, Out>,
  raw: Raw,
  out: Out,
  counters: Counters,
): boolean | null {
  const { pool } = engine;
  const ready = pool === null ? [] : readyThreads(pool);
  if (pool === null || ready.length === 0) return null;
  return lease(engine, (parts) => {
    const seen = show(parts, plan, raw, out);
    if (seen === null) return null;
    // No part is empty.
    const most = Math.min(ready.length + 1, twin.items);
    const start = (part: number): number => Math.floor((twin.items * part) / most);
    const threads = ready.slice(0, most - 1);
    const { rowFlags } = counters;
    const shared = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(bytes);
    const stages = plan.stages.length;
    const counted = threads.map(() => ({
      counts: new Float64Array(shared(counters.counts.byteLength)),
      magnitudes: counters.magnitudes === null ? null : magnitudeRoom(stages, shared),
    }));
    const bytes = engine.core.memory.buffer.byteLength;
    const given: Part[] = counted.map((own, i) => ({
      ...seen,
      kernel: plan.kernel,
      bytes,
      counters: { ...own, rowFlags },
      first: start(i + 1),
      end: start(i + 2),
    }));
    const own = (onPiece: () => void): boolean => {
      for (const [i, thread] of threads.entries()) give(thread, given[i]);
      return twin.computeRange(seen.raw, seen.out, { ...counters, onPiece }, start(0), start(1));
    };
    if (!carryOutTogether(pool, threads, own, parts.abandon)) return false;
    const seenHere = counters.magnitudes === null ? null : new MagnitudeCounter(stages, counters.magnitudes);
    for (const { counts, magnitudes } of counted) {
      addCounts(counters.counts, counts);
      if (seenHere !== null && magnitudes !== null) addMagnitudes(seenHere, new MagnitudeCounter(stages, magnitudes));
    }
    if (seen.out !== out) out.set(seen.out);
    return true;
  });
}

/** What threads can see of a run: arrays of shared memory as they are, others as copies. Null: too much to copy. */
function show<Raw, Out extends OutputArray>(
  { engine, take }: Lease,
  plan: Plan,
  raw: Raw,
  out: Out,
): Shown<Raw, Out> | null {
  let copied = 0;
  const own = new Set<ArrayBufferLike>();
  /** The array, or room for it in the engine's memory. */
  const place = <T extends OutputArray>(x: T): T => {
    if (pointerOf(engine, x) !== null) own.add(x.buffer);
    if (x.buffer instanceof SharedArrayBuffer) return x;
    copied += x.byteLength;
    if (copied > MOST_COPIED) return x;
    const at: Pointer = take(x.byteLength + 64);
    const { buffer } = engine.core.memory;
    own.add(buffer);
    const Type = x.constructor as new (buffer: ArrayBufferLike, at: Pointer, length: number) => T;
    return new Type(buffer, at, x.length);
  };
  const visible = <T>(x: T): T => {
    if (!ArrayBuffer.isView(x)) return x;
    const given = x as unknown as OutputArray;
    // A message copies what is small, but the whole of its buffer.
    const isSmall = given.byteLength < SMALL && !(given.buffer instanceof SharedArrayBuffer);
    const placed = isSmall ? given.slice() : place(given);
    if (placed !== given && !isSmall) placed.set(given);
    return placed as T;
  };
  const fields = <T>(x: T): T =>
    ArrayBuffer.isView(x)
      ? visible(x)
      : (Object.fromEntries(Object.entries(x as object).map(([key, value]) => [key, visible(value)])) as T);
  const shown = { plan: fields({ ...plan, configuration: {} }), raw: fields(raw), out: place(out) };
  return copied > MOST_COPIED ? null : { ...shown, own: [...own] };
}
/** Some items of a run. */
export interface Part {
  readonly kernel: string;
  readonly plan: Plan;
  readonly raw: unknown;
  readonly out: OutputArray;
  readonly counters: Counters;
  readonly first: number;
  readonly end: number;
  /** Buffers that are the engine's memory, whose size is `bytes` at least. */
  readonly own: readonly ArrayBufferLike[];
  readonly bytes: number;
}
