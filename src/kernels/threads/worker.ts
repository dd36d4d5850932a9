/**
 * The entry of an engine's threads: takes parts of runs and says how they went, or watches the others.
 *
 * @module
 */
import { attachEngine, type Engine, isFull } from '../../engine/engine.ts';
import { type AnyPort, builtin, holdLock, listen, onUnreadable } from '../../engine/host.ts';
import type { Opening } from '../../engine/pool.ts';
import {
  ALIVE,
  answer,
  DONE,
  FAILED,
  FULL,
  GivenUp,
  markPiece,
  REFUSED,
  STOPPED,
  type State,
  setLife,
} from '../../engine/state.ts';
import { serveWatch, type WatchOpening } from '../../engine/watch.ts';
import { BittrueError } from '../../errors/index.ts';
import { carryOut, type Work } from './part.ts';

/** The other side of this thread, in Node or in a browser. */
const port: AnyPort =
  builtin<{ parentPort: AnyPort | null }>('worker_threads')?.parentPort ?? (globalThis as unknown as AnyPort);

/** The first message says what this thread is for; what then receives the others. */
let receive = (first: unknown): void => {
  const opening = first as Opening | WatchOpening;
  receive = 'pulse' in opening ? serveWatch(port, opening) : serveParts(opening);
};
listen(port, (message) => receive(message));

/** Serves as a thread that carries out parts; it is there when the watch says that it watches. */
function serveParts({ module, memory, state, watch, lock }: Opening): (message: unknown) => void {
  const engine = attachEngine(module, memory, state);
  listen(watch, () => {
    setLife(state, ALIVE);
    port.postMessage('ready');
  });
  const announce = (): void => watch.postMessage('here');
  if (lock === null) announce();
  else holdLock(lock, announce);
  onUnreadable(port, () => answer(state, FAILED, 'its part could not be read'));
  return (message) => answerPart(engine, state, message as Work);
}

function answerPart(engine: Engine, state: State, part: Work): void {
  try {
    answer(state, carryOut(engine, part, () => markPiece(state)) ? DONE : REFUSED);
  } catch (error) {
    if (error instanceof GivenUp) answer(state, STOPPED);
    else if (isFull(error)) answer(state, FULL);
    else if (error instanceof BittrueError) answer(state, REFUSED);
    else answer(state, FAILED, String(error));
  }
}
