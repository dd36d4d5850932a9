/**
 * The header of a .npy file: magic, version, length, and a Python dictionary literal of which NumPy's reader
 * (numpy.lib.format) takes exactly the keys `descr`, `fortran_order` and `shape`. The literal is parsed, not searched.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import type { ByteSource } from './source.ts';

/** What the header says. */
export interface NpyHeader {
  /** NumPy's name of the element type, such as `<f4`. */
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** First byte of the numbers. */
  readonly start: number;
}

/** NumPy writes up to 64 KiB in version 1, and reads 10,000 bytes unless told otherwise. */
const LONGEST = 2 ** 16;

/**
 * Reads the header.
 *
 * @throws {@link BittrueError} `file` for one that is truncated, too long or no such dictionary
 */
export function readNpyHeader(source: ByteSource): NpyHeader {
  const { name } = source;
  const magic = source.size >= 10 ? [...source.read(0, 6)] : [];
  if (magic.join() !== '147,78,85,77,80,89')
    throw new BittrueError('file', name, 'other bytes', 'the magic of a .npy file');
  const major = source.read(6, 1)[0];
  if (major < 1 || major > 3) throw new BittrueError('unsupported', `${name}: version`, major, '1, 2 or 3');
  const start = major === 1 ? 10 : 12;
  if (source.size < start) throw new BittrueError('file', name, `${source.size} bytes`, 'a whole header');
  const prefix = source.read(8, start - 8);
  const length = prefix.reduceRight((sum, byte) => sum * 256 + byte, 0);
  const most = Math.min(LONGEST, source.size - start);
  if (length > most) {
    throw new BittrueError('file', name, `a header length of ${length} bytes`, `at most ${most} bytes`);
  }
  // Version 3 is UTF-8; what is accepted below is ASCII in all three.
  const text = new TextDecoder('latin1').decode(source.read(start, length));
  return { ...parseLiteral(name, text), start: start + length };
}

/** Blanks, then a string without escapes in either quote, a number, a word or a mark. */
const token = /[ \t\r\n\f]*(?:'([^'\\\n]*)'|"([^"\\\n]*)"|(\d+)|([A-Za-z_]+)|([{}(),:[\]])|$)/y;

/** One token: of `text` the content, else nothing but the mark. */
interface Token {
  readonly kind: 'string' | 'number' | 'word' | 'mark' | 'end';
  readonly text: string;
}

/** The tokens of a literal, one after the other. */
class Literal {
  readonly #argument: string;
  readonly #text: string;
  #at = 0;

  constructor(argument: string, text: string) {
    this.#argument = argument;
    this.#text = text;
  }

  take(): Token {
    token.lastIndex = this.#at;
    const match = token.exec(this.#text);
    if (match === null) throw this.fault();
    this.#at = token.lastIndex;
    const [, single, double, number, word, mark] = match;
    const string = single ?? double;
    if (string !== undefined) return { kind: 'string', text: string };
    if (number !== undefined) return { kind: 'number', text: number };
    if (word !== undefined) return { kind: 'word', text: word };
    return mark === undefined ? { kind: 'end', text: '' } : { kind: 'mark', text: mark };
  }

  /** The list whose bracket was taken last, as it stands. */
  list(): string {
    const from = this.#at - 1;
    let depth = 0;
    for (let at = from; at < this.#text.length; at++) {
      depth += this.#text[at] === '[' ? 1 : this.#text[at] === ']' ? -1 : 0;
      if (depth === 0) return this.#text.slice(from, at + 1);
    }
    throw this.fault();
  }

  /** Takes a mark, or refuses. */
  expect(mark: string): void {
    const { kind, text } = this.take();
    if (kind !== 'mark' || text !== mark) throw this.fault();
  }

  fault(): BittrueError {
    return new BittrueError(
      'file',
      this.#argument,
      this.#text.trim(),
      `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }, and no other from character ${this.#at} on`,
    );
  }
}

/** The three entries, each once, in any order. */
function parseLiteral(name: string, text: string): Omit<NpyHeader, 'start'> {
  const literal = new Literal(`${name} header`, text);
  let descr: string | null = null;
  let fortranOrder: boolean | null = null;
  let shape: number[] | null = null;
  literal.expect('{');
  for (;;) {
    const key = literal.take();
    if (key.kind === 'mark' && key.text === '}') break;
    if (key.kind !== 'string') throw literal.fault();
    literal.expect(':');
    if (key.text === 'descr' && descr === null) descr = descrOf(name, literal);
    else if (key.text === 'fortran_order' && fortranOrder === null) fortranOrder = booleanOf(literal);
    else if (key.text === 'shape' && shape === null) shape = shapeOf(name, literal);
    else throw literal.fault();
    const after = literal.take();
    if (after.kind === 'mark' && after.text === '}') break;
    if (after.kind !== 'mark' || after.text !== ',') throw literal.fault();
  }
  if (literal.take().kind !== 'end' || descr === null || fortranOrder === null || shape === null) throw literal.fault();
  return { descr, fortranOrder, shape };
}

/** A name; a list of fields is a structured type, which is legal and not read. */
function descrOf(name: string, literal: Literal): string {
  const { kind, text } = literal.take();
  if (kind === 'mark' && text === '[') {
    const wanted = "one number an element: save each field as an array of its own, x['a']";
    throw new BittrueError('unsupported', `${name}: descr`, `a structured type, ${literal.list()}`, wanted);
  }
  if (kind !== 'string') throw literal.fault();
  return text;
}

function booleanOf(literal: Literal): boolean {
  const { kind, text } = literal.take();
  if (kind !== 'word' || (text !== 'True' && text !== 'False')) throw literal.fault();
  return text === 'True';
}

/** A tuple of axes: `()`, `(2,)`, `(2, 3)`. A number in brackets alone is no tuple in Python. */
function shapeOf(name: string, literal: Literal): number[] {
  const shape: number[] = [];
  let comma = true;
  literal.expect('(');
  for (;;) {
    const { kind, text } = literal.take();
    if (kind === 'mark' && text === ')') break;
    if (kind !== 'number' || !comma || (text.length > 1 && text.startsWith('0'))) throw literal.fault();
    if (!Number.isSafeInteger(Number(text))) {
      throw new BittrueError('file', `${name}: shape`, text, 'an axis below 2^53');
    }
    shape.push(Number(text));
    const after = literal.take();
    comma = after.kind === 'mark' && after.text === ',';
    if (!comma) {
      if (after.kind !== 'mark' || after.text !== ')' || shape.length === 1) throw literal.fault();
      break;
    }
  }
  return shape;
}

/** How many numbers of so many bits lie behind a header, as its shape says; the file must hold just them. */
export function countHeld({ name, size }: ByteSource, { descr, shape, start }: NpyHeader, bits: number): number {
  const count = shape.reduce((product, axis) => product * axis, 1);
  const [held, length] = [size - start, (count * bits) / 8];
  if (length !== held) {
    const axes = `(${shape.slice(0, 8).join(', ')}${shape.length > 8 ? ', …' : ''})`;
    throw new BittrueError('file', name, `${held} bytes of numbers`, `${length} for ${descr} ${axes}`);
  }
  return count;
}
