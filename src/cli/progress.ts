/**
 * A progress line on a terminal: what runs, from the start, and how far it is.
 *
 * @module
 */
import type { OnProgress } from '../studies/index.ts';
import type { Io } from './io.ts';

const PATIENCE = 1000;
const INTERVAL = 100;
const CELLS = 24;

/** A line that is drawn over itself; `finish` wipes it away. */
export interface ProgressLine {
  /** Says at once what runs now, where nothing tells how far it is. */
  readonly begin: (phase: string) => void;
  readonly onProgress: OnProgress;
  readonly finish: () => void;
}

/** A progress line under a title; it shows nothing where `io.progress` is false. Bars come after a second. */
export function progressLine(io: Io, title: string, now: () => number = Date.now): ProgressLine {
  const start = now();
  let drawn = 0;
  return {
    begin(phase) {
      if (!io.progress) return;
      drawn = now();
      io.err(`\r\u001b[K${title}${phase} …`);
    },
    onProgress({ phase, done, total }) {
      const time = now();
      if (!io.progress || time - start < PATIENCE || time - drawn < INTERVAL) return;
      drawn = time;
      const share = total > 0 ? Math.min(1, done / total) : 1;
      const full = Math.round(share * CELLS);
      const bar = '█'.repeat(full) + '░'.repeat(CELLS - full);
      io.err(`\r\u001b[K${bar} ${String(Math.floor(share * 100)).padStart(3)} %  ${title}${phase}`);
    },
    finish() {
      if (drawn > 0) io.err('\r\u001b[K');
    },
  };
}
