/**
 * Progress on a terminal, from the first second on: what runs and how far it is, or for how long where nothing tells.
 *
 * @module
 */
import type { OnProgress } from '../studies/index.ts';
import type { Io } from './io.ts';

/** Bars come where a computation takes this long, or will at its present pace. */
const PATIENCE = 1000;
/** Milliseconds before either is known. */
const FIRST = 500;
const INTERVAL = 100;
const CELLS = 24;

/** A line that is drawn over itself; `finish` wipes it away. */
export interface ProgressLine {
  /** Says what runs now, until `onProgress` tells how far it is. */
  readonly begin: (phase: string) => void;
  readonly onProgress: OnProgress;
  readonly finish: () => void;
}

/** A progress line under a title; it shows nothing where `io.progress` is false. */
export function progressLine(io: Io, title: string, now: () => number = Date.now): ProgressLine {
  const start = now();
  let drawn = 0;
  let rest: (() => void) | undefined;
  const calm = (): void => {
    rest?.();
    rest = undefined;
  };
  return {
    begin(phase) {
      if (!io.progress) return;
      calm();
      rest = io.busy?.(`${title}${phase}`, FIRST, CELLS);
    },
    onProgress({ phase, done, total }) {
      calm();
      const time = now();
      if (!io.progress || time - drawn < INTERVAL) return;
      const share = total > 0 ? Math.min(1, done / total) : 1;
      const spent = time - start;
      if (spent < PATIENCE && (spent < FIRST || spent / share < PATIENCE)) return;
      drawn = time;
      const full = Math.round(share * CELLS);
      const bar = '█'.repeat(full) + '░'.repeat(CELLS - full);
      io.err(`\r\u001b[K${bar} ${String(Math.floor(share * 100)).padStart(3)} %  ${title}${phase}`);
    },
    finish() {
      calm();
      if (drawn > 0) io.err('\r\u001b[K');
      drawn = 0;
    },
  };
}

/** Does one computation that tells nothing on its way under a progress line. */
export function withProgress<T>(io: Io, phase: string, compute: () => T): T {
  const progress = progressLine(io, '');
  progress.begin(phase);
  try {
    return compute();
  } finally {
    progress.finish();
  }
}
