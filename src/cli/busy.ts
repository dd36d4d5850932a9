/**
 * A moving bar while one computation keeps the main thread: what runs, and for how long. A thread of its own draws it,
 * since the computation does not come back to do so.
 *
 * @module
 */
import { Worker } from 'node:worker_threads';

/** States of the word that both threads see. */
const [NEW, DRAWING, STOP, WIPED] = [0, 1, 2, 3];
/** Milliseconds that the main thread waits for the line to be wiped away. */
const WIPING = 500;

// Text for a plain script, so that no file has to be found beside a bundle.
const DRAW = `
const { workerData: { word, title, patience, cells } } = require('node:worker_threads');
const { writeSync } = require('node:fs');
const write = (text) => { try { writeSync(2, text); } catch {} };
const start = Date.now();
if (Atomics.compareExchange(word, 0, ${NEW}, ${DRAWING}) === ${NEW}) {
  let drawn = false;
  for (let wait = patience; Atomics.wait(word, 0, ${DRAWING}, wait) === 'timed-out'; wait = 200) {
    const seconds = (Date.now() - start) / 1000;
    const at = Math.floor(seconds * 8) % (2 * (cells - 4));
    const left = at < cells - 4 ? at : 2 * (cells - 4) - at;
    const bar = '░'.repeat(left) + '█'.repeat(4) + '░'.repeat(cells - 4 - left);
    write('\\r\\u001b[K' + bar + ' ' + seconds.toFixed(0).padStart(3) + ' s  ' + title);
    drawn = true;
  }
  if (drawn) write('\\r\\u001b[K');
  Atomics.store(word, 0, ${WIPED});
  Atomics.notify(word, 0);
}`;

/**
 * Draws on standard error after some milliseconds, until the function that it returns is called.
 *
 * @param title - what runs
 */
export function busyLine(title: string, patience: number, cells: number): () => void {
  const word = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(DRAW, { eval: true, execArgv: [], workerData: { word, title, patience, cells } });
  worker.unref();
  return () => {
    if (Atomics.exchange(word, 0, STOP) !== DRAWING) return;
    Atomics.notify(word, 0);
    Atomics.wait(word, 0, STOP, WIPING);
  };
}
