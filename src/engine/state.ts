/**
 * What a thread and its caller tell each other in shared memory.
 *
 * A caller that waits blocks in `Atomics.wait`: no event reaches it. Three parties therefore share one state a thread:
 *
 * - The *thread* carries out parts. It marks its progress after every piece, looks there whether the run was given up, and
 *   answers with a word.
 * - The *watch* (`watch.ts`), a thread of its own that never computes, learns of a thread's death from the runtime: in Node
 *   the port between the two closes, whatever ended the thread (`terminate`, `process.exit`, an error, memory); in a browser
 *   the thread's web lock is granted to the watch. It then sets the word of life to `DEAD` and wakes the caller.
 * - The *caller* (`pool.ts`) looks at the word of life after every piece of its own, and at every tick of its wait. A tick
 *   without progress pings the watch; when {@link SILENT_TICKS} ticks in a row bring neither progress nor an answer, no
 *   one would tell of a death, and the run fails as if one had happened.
 *
 * Computing long is no death: the watch answers while threads compute. Being stopped is none: ticks count the caller's own
 * wakings, and a caller that was stopped with the others wakes once. After a failure the other threads are given up: they
 * stop after their piece, or are ended; the caller returns when all have stopped, and the dead are replaced.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';

/** What a thread is doing, or how its part went; 0 before its first part. */
export const BUSY = 1;
export const DONE = 2;
/** It met something that only the specification can carry out. */
export const REFUSED = 3;
/** The engine's memory has no room. */
export const FULL = 4;
/** It failed; the text tells what it said. */
export const FAILED = 5;
/** It stopped because the run was given up. */
export const STOPPED = 6;

/** A thread that has not yet said that it is there; that is there; that is no more. */
export const STARTING = 0;
export const ALIVE = 1;
export const DEAD = 2;

/** Milliseconds of a tick of a caller's wait. */
export const TICK = 250;
/** Ticks without progress and without an answer of the watch, until the watch counts as lost: 10 s. */
export const SILENT_TICKS = 40;

/** The words of a state; then pairs of the memory that the thread has grown, then text. */
const STATUS = 0;
const LIFE = 1;
const PROGRESS = 2;
const GIVEN_UP = 3;
const PARTS = 4;
const FIRST_PART = 8;
const MOST_PARTS = 64;
const TEXT = (FIRST_PART + 2 * MOST_PARTS) * 4;
const TEXT_BYTES = 512;

/** The state of one thread. */
export type State = Int32Array;

/** A state of a thread that starts. */
export function createState(): State {
  return new Int32Array(new SharedArrayBuffer(TEXT + TEXT_BYTES));
}

/** The caller hands out a part. */
export function begin(state: State): void {
  Atomics.store(state, GIVEN_UP, 0);
  Atomics.store(state, STATUS, BUSY);
}

/** What a thread is doing. */
export function statusOf(state: State): number {
  return Atomics.load(state, STATUS);
}

/** Pieces that a thread has carried out. */
export function progressOf(state: State): number {
  return Atomics.load(state, PROGRESS);
}

/** Waits, one tick at most, while a thread is busy. */
export function waitTick(state: State): 'ok' | 'not-equal' | 'timed-out' {
  return Atomics.wait(state, STATUS, BUSY, TICK);
}

/** Says that a thread has finished; wakes whoever waits for it. */
export function answer(state: State, word: number, text = ''): void {
  const bytes = new TextEncoder().encode(text).subarray(0, TEXT_BYTES - 1);
  new Uint8Array(state.buffer, TEXT).fill(0).set(bytes);
  Atomics.store(state, STATUS, word);
  Atomics.notify(state, STATUS);
}

/** What a thread that failed said. */
export function textOf(state: State): string {
  const bytes = Uint8Array.from(new Uint8Array(state.buffer, TEXT));
  return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
}

/** Says whether a thread lives; no one comes back from the dead. */
export function setLife(state: State, life: number): void {
  if (life === DEAD) Atomics.store(state, LIFE, DEAD);
  else Atomics.compareExchange(state, LIFE, STARTING, life);
  Atomics.notify(state, STATUS);
}

export function lifeOf(state: State): number {
  return Atomics.load(state, LIFE);
}

/** Thrown within a thread whose run was given up. */
export class GivenUp extends Error {}

/** Asks a thread to stop after its piece. */
export function giveUp(state: State): void {
  Atomics.store(state, GIVEN_UP, 1);
}

/** A thread tells that it has carried out a piece. */
export function markPiece(state: State): void {
  Atomics.add(state, PROGRESS, 1);
  if (Atomics.load(state, GIVEN_UP) === 1) throw new GivenUp();
}

/** Records memory that a thread has grown: it outlives the thread. Beyond {@link MOST_PARTS} parts it does not. */
export function recordGrowth(state: State, start: number, bytes: number): void {
  const count = state[PARTS] as number;
  const last = FIRST_PART + 2 * (count - 1);
  const pages = bytes / 65_536;
  const page = start / 65_536;
  if (count > 0 && (state[last] as number) + (state[last + 1] as number) === page) {
    state[last + 1] = (state[last + 1] as number) + pages;
  } else if (count < MOST_PARTS) {
    state.set([page, pages], last + 2);
    Atomics.store(state, PARTS, count + 1);
  }
}

/** The memory that a thread has grown, as [start, bytes]. */
export function grownBy(state: State): [number, number][] {
  return Array.from({ length: Atomics.load(state, PARTS) }, (_, i) => {
    const at = FIRST_PART + 2 * i;
    return [(state[at] as number) * 65_536, (state[at + 1] as number) * 65_536];
  });
}

/** The error of a run that lost a thread, or whose thread failed. */
export function threadError(what: string): BittrueError {
  const wanted = 'threads that live until the run is done; those that ended are replaced, and the engine stays usable';
  return new BittrueError('thread', 'options.engine', what, wanted);
}
