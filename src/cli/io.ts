/**
 * What a command talks to: two streams of text and what they can show. Tests give it arrays.
 *
 * @module
 */

/** Where a command writes. */
export interface Io {
  /** False where no one reads any more (`| head`): more would be for nothing. */
  readonly out: (text: string) => boolean;
  readonly err: (text: string) => void;
  /** Whether results may be coloured. */
  readonly color: boolean;
  /** Whether progress may be drawn on `err`: it is a terminal. */
  readonly progress: boolean;
  /** Standard input, piece by piece. */
  readonly input?: () => Iterable<string>;
  /** Whether a mistake of ours is told with its trace. */
  readonly trace?: boolean;
}

/** One result, with its line break; false where no one reads any more. */
export function print(io: Io, text: string): boolean {
  return io.out(`${text}\n`);
}
