/**
 * One of several checks of a model on a thread of its own, while the caller's thread does another.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { ModelCheck, ModelCheckOptions, OnProgress } from '../studies/index.ts';
import type { SequenceOptions } from './sequences.ts';

/** What the thread needs to know: nothing that a message would change. */
export interface CheckOrder {
  /** Where the model lies. */
  readonly path: string;
  /** The target as the user wrote it. */
  readonly target: string;
  readonly from: SequenceOptions;
  readonly layers: string | undefined;
  readonly options: Omit<ModelCheckOptions, 'target' | 'onProgress'>;
}

/** What both threads see: how it stands, and how much is done of how much. */
export const [STATE, DONE, TOTAL] = [0, 1, 2];
/** How it stands; 0: it has not begun. */
export const [RUNNING, ENDED] = [1, 2];

/** Milliseconds between two looks, and without any progress until the thread counts as lost. */
const [LOOK, LOST] = [100, 20_000];

/** A check under way. */
export interface CheckThread {
  /** The check; null where the thread never ran, failed, or was lost: then the caller makes it, with the same result or error. */
  readonly take: (onProgress: OnProgress) => ModelCheck | null;
  readonly end: () => void;
}

/** Starts it; null where there is one processor, or no thread to be had. */
export function startCheck(order: CheckOrder): CheckThread | null {
  const entry = new URL('./checkWorker.js', import.meta.url);
  if (availableParallelism() < 2 || !existsSync(fileURLToPath(entry))) return null;
  const words = new Int32Array(new SharedArrayBuffer(12));
  const { port1, port2 } = new MessageChannel();
  let worker: Worker;
  try {
    worker = new Worker(entry, { workerData: { order, words, port: port2 }, transferList: [port2] });
  } catch {
    port1.close();
    return null;
  }
  // What becomes of it is read from the words: its own error is the caller's to meet again.
  worker.on('error', () => {});
  worker.unref();
  return {
    take(onProgress) {
      // A thread that has not begun by now has nothing that is worth waiting for.
      let seen = -1;
      for (let waited = 0; Atomics.load(words, STATE) === RUNNING && waited < LOST; waited += LOOK) {
        const done = Atomics.load(words, DONE);
        if (done !== seen) waited = 0;
        seen = done;
        onProgress({ phase: 'on another thread', done, total: Atomics.load(words, TOTAL) });
        Atomics.wait(words, STATE, RUNNING, LOOK);
      }
      return Atomics.load(words, STATE) === ENDED ? (receiveMessageOnPort(port1)?.message ?? null) : null;
    },
    end() {
      port1.close();
      void worker.terminate();
    },
  };
}
