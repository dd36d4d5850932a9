/**
 * What a command talks to: two streams of text and what they can show. Tests give it arrays.
 *
 * @module
 */
import { printable } from '../errors/index.ts';
import { type RenderOptions, WIDTH, wrap } from '../reports/text/layout.ts';

/** Where a command writes. */
export interface Io {
  /** False where no one reads any more (`| head`): more would be for nothing. */
  readonly out: (text: string) => boolean;
  readonly err: (text: string) => void;
  /** Whether results may be coloured. */
  readonly color: boolean;
  /** Whether progress may be drawn on `err`: it is a terminal. */
  readonly progress: boolean;
  /** A moving bar with a title, after some milliseconds, so many cells wide; what it returns wipes it away. */
  readonly busy?: (title: string, patience: number, cells: number) => () => void;
  /** Columns of the terminal that messages are wrapped to; one line a message where it is not given. */
  readonly columns?: number;
  /** Standard input, piece by piece. */
  readonly input?: () => Iterable<string>;
  /** Whether a mistake of ours is told with its trace. */
  readonly trace?: boolean;
}

/** One result, with its line break; false where no one reads any more. */
export function print(io: Io, text: string): boolean {
  return io.out(`${text}\n`);
}

/** Lines of words, broken where the terminal ends. */
export function printWords(io: Io, text: string): void {
  for (const line of text.split('\n')) {
    const indent = /^ */.exec(line)?.[0] ?? '';
    const width = io.columns === undefined ? undefined : Math.min(io.columns, WIDEST);
    for (const part of wrap(line.trimStart(), '  ', { width: width === undefined ? 10_000 : width - indent.length })) {
      print(io, `${indent}${part}`);
    }
  }
}

/** The widest that tables become on a wide terminal. */
const WIDEST = 120;

/** How results look on the terminal: its colours and its width. */
export function look({ color, columns }: Io): RenderOptions {
  return columns === undefined ? { color } : { color, width: Math.min(columns, WIDEST) };
}

/** A message to the user: no control characters, and lines that fit. */
export function tell(io: Pick<Io, 'err' | 'columns'>, text: string): void {
  const message = `bittrue: ${printable(text)}`;
  const lines = io.columns === undefined ? [message] : wrap(message, '  ', { width: Math.min(io.columns, WIDTH) });
  io.err(`${lines.join('\n')}\n`);
}
