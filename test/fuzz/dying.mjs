/**
 * Loaded ahead of a program and of its threads: a thread that is sent `{ death }` meets it within the module's function
 * after so many calls.
 *
 * @module
 */
import { isMainThread, parentPort } from 'node:worker_threads';

/** @type {{ how: string, after: number, milliseconds?: number } | null} */
let death = null;

/** @type {Record<string, (milliseconds: number) => void>} */
const ways = {
  exit: () => process.exit(3), // one of the deaths that this thread may die
  throw: () => {
    throw new Error('thrown by a test');
  },
  uncaught: () => {
    queueMicrotask(() => {
      throw new Error('uncaught, by a test');
    });
    throw new Error('thrown by a test');
  },
  memory: () => {
    const kept = [];
    for (;;) kept.push(new Array(10_000).fill(kept.length));
  },
  slow: (milliseconds) => {
    const end = performance.now() + milliseconds;
    while (performance.now() < end);
  },
};

function meet() {
  if (death === null || death.after-- > 0) return;
  const { how, milliseconds = 0 } = death;
  death = null;
  ways[how]?.(milliseconds);
}

if (!isMainThread && parentPort !== null) {
  const on = parentPort.on.bind(parentPort);
  /** @type {(event: any, listener: (message: any) => void) => any} */
  const mortalOn = (event, listener) =>
    on(event, (/** @type {any} */ message) => {
      if (message?.death !== undefined) death = message.death;
      else listener(message);
    });
  parentPort.on = mortalOn;
  const { Instance } = WebAssembly;
  Object.assign(WebAssembly, {
    /** @type {(module: WebAssembly.Module, imports: WebAssembly.Imports) => unknown} */
    Instance: function Mortal(module, imports) {
      const { exports } = new Instance(module, imports);
      const mortal = Object.entries(exports).map(([name, call]) => [
        name,
        (/** @type {unknown[]} */ ...values) => {
          meet();
          return /** @type {Function} */ (call)(...values);
        },
      ]);
      return { exports: Object.fromEntries(mortal) };
    },
  });
  if (process.env.DEATH === 'before ready') process.exit(0); // dies before it has said that it is ready
}
