/**
 * Lines of a text that comes in pieces: a table is read whatever its size.
 *
 * @module
 */
import { BittrueError, checkText } from '../../errors/index.ts';

/** A longer line is no row of a table. */
const LONGEST = 2 ** 24;

/**
 * The lines of a text, without their ends (LF or CR LF).
 *
 * @param pieces - the text, or its pieces in order, cut anywhere
 * @param name - the text's name, for errors
 * @param argument - the argument that gives it
 * @throws {@link BittrueError} `file` for a line of more than 2^24 characters, `type` for what is no text
 */
export function* linesOf(pieces: string | Iterable<string>, name: string, argument = 'text'): Generator<string> {
  if (typeof pieces !== 'string' && typeof (pieces as Iterable<string> | null)?.[Symbol.iterator] !== 'function') {
    throw new BittrueError('type', argument, pieces, 'the text of a table, or its pieces');
  }
  let number = 1;
  let rest = '';
  for (const piece of typeof pieces === 'string' ? [pieces] : pieces) {
    checkText(argument, piece);
    let from = 0;
    for (let at = piece.indexOf('\n'); at >= 0; at = piece.indexOf('\n', from)) {
      const line = rest + piece.slice(from, at);
      yield line.endsWith('\r') ? line.slice(0, -1) : line;
      rest = '';
      from = at + 1;
      number++;
    }
    rest += piece.slice(from);
    if (rest.length > LONGEST) {
      throw new BittrueError('file', `${name}:${number}`, `${rest.length} characters`, `lines of up to ${LONGEST}`);
    }
  }
  if (rest !== '') yield rest;
}
