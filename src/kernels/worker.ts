/**
 * The entry of an engine's threads: takes parts of runs, and says how they went.
 *
 * @module
 */
import { attachEngine, type Engine } from '../engine/engine.ts';
import { answer, builtin, DONE, FAILED, type Opening, REFUSED } from '../engine/pool.ts';
import { BittrueError } from '../errors/index.ts';
import { carryOut } from './part.ts';
import type { Part } from './share.ts';

let engine: Engine | undefined;
let state: Int32Array | undefined;

/** The first message opens the engine, every other one is a part. */
function receive(message: Opening | Part): void {
  if ('module' in message) {
    engine = attachEngine(message.module, message.memory);
    state = message.state;
    port.postMessage('ready');
    return;
  }
  let word = FAILED;
  let text = '';
  try {
    word = carryOut(engine as Engine, message) ? DONE : REFUSED;
  } catch (error) {
    if (error instanceof BittrueError) word = REFUSED;
    else text = String(error);
  }
  answer(state as Int32Array, word, text);
}

/** The other side of this thread, in Node or in a browser. */
interface Port {
  postMessage(message: unknown): void;
  on?(event: 'message', listener: (message: Opening | Part) => void): void;
  addEventListener?(event: 'message', listener: (event: { data: Opening | Part }) => void): void;
}

const port: Port =
  builtin<{ parentPort: Port | null }>('worker_threads')?.parentPort ?? (globalThis as unknown as Port);
if (port.on !== undefined) port.on('message', receive);
else port.addEventListener?.('message', ({ data }) => receive(data));
