/**
 * What a command talks to: two streams of text and what they can show. Tests give it arrays.
 *
 * @module
 */

/** Where a command writes. */
export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether results may be coloured. */
  readonly color: boolean;
  /** Whether progress may be drawn on `err`: it is a terminal. */
  readonly progress: boolean;
  /** Everything on standard input. */
  readonly input?: () => string;
}

/** One result, with its line break. */
export function print(io: Io, text: string): void {
  io.out(`${text}\n`);
}
