/**
 * The page's side of its thread.
 *
 * @module
 */
import type { Question, Questions } from './worker';

/** A thread that answers; questions wait for those before. */
export interface Thread {
  ask<Kind extends keyof Questions>(
    question: { kind: Kind } & Omit<Questions[Kind], 'answer'>,
  ): Promise<Questions[Kind]['answer']>;
  /** Ends what runs; the next question starts afresh, with the file that was open. */
  restart(): void;
  close(): void;
}

export function startThread(): Thread {
  const waiting = new Map<number, { done: (told: never) => void; failed: (error: Error) => void }>();
  let count = 0;
  let opened: Question | null = null;
  let worker: Worker | null = null;
  const start = (): Worker => {
    const made = new Worker(`${import.meta.env.BASE_URL}threads/kernel.js`, { type: 'module' });
    made.onmessage = ({ data: { id, told, problem } }) => {
      const one = waiting.get(id);
      waiting.delete(id);
      if (problem === undefined) one?.done(told as never);
      else one?.failed(new Error(problem));
    };
    made.onerror = ({ message }) => {
      for (const { failed } of waiting.values()) failed(new Error(message || 'the thread did not start'));
      waiting.clear();
    };
    return made;
  };
  const send = (question: Question): number => {
    const id = count++;
    worker?.postMessage({ id, question });
    return id;
  };
  const close = (): void => {
    worker?.terminate();
    worker = null;
    waiting.clear();
  };
  return {
    ask: (question) =>
      new Promise((done, failed) => {
        const own = question as unknown as Question;
        if (worker === null) {
          worker = start();
          if (opened !== null && own.kind !== 'open') send(opened);
        }
        if (own.kind === 'open') opened = own;
        waiting.set(send(own), { done, failed });
      }),
    restart: close,
    close,
  };
}
