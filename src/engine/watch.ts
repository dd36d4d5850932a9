/**
 * The watch: a thread that never computes, and tells of the death of others. See `state.ts`.
 *
 * @module
 */
import { type AnyPort, listen, onFree } from './host.ts';
import { DEAD, type State, setLife } from './state.ts';

/** What the watch is told first: where it counts the pings that it answers. */
export interface WatchOpening {
  readonly pulse: Int32Array;
}

/** A thread to be watched. */
export interface Watched {
  readonly state: State;
  /** Leads to the thread, which says that it is there. */
  readonly port: AnyPort;
  readonly lock: string | null;
}

export const PING = 'ping';

/** Serves as the watch: `port` leads to the caller. */
export function serveWatch(port: AnyPort, { pulse }: WatchOpening): (message: unknown) => void {
  port.postMessage('ready');
  return (message) => {
    if (message === PING) Atomics.add(pulse, 0, 1);
    else watchOver(message as Watched);
  };
}

function watchOver({ state, port, lock }: Watched): void {
  listen(port, () => {
    // The thread holds its lock by now.
    if (lock !== null) onFree(lock, () => setLife(state, DEAD));
    port.postMessage('watched');
  });
  // Browsers may close a port that is merely forgotten; Node closes it with its thread.
  if (lock === null) port.on?.('close', () => setLife(state, DEAD));
}
