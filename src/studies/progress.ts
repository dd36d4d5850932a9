/**
 * How far a study has come.
 *
 * @module
 */

/** Told from time to time while a study runs; times are the caller's to take. */
export interface Progress {
  /** What runs now, in a few words: `fp16 + SLaNC`. */
  readonly phase: string;
  /** Units of work done, and in all. */
  readonly done: number;
  readonly total: number;
}

/** Called with progress; a study calls it after every piece of work. */
export type OnProgress = (progress: Progress) => void;
