/**
 * Reading a GGUF header: little-endian numbers and texts one after the other, from pages of the file. Every count is held against the
 * bytes that are left before anything is made of it.
 *
 * @module
 */
import { BittrueError } from '../../errors/index.ts';
import type { ByteSource } from '../source.ts';

/** Bytes of a page. */
const PAGE = 2 ** 16;

/** The longest text that is read; longer ones are skipped, and told by their length. */
const LONGEST = 2 ** 20;

/** Arrays within arrays. */
const DEEPEST = 8;

/** The most elements of an array that are told. */
const TOLD = 16;

/** Bytes of the types of metadata that have a fixed width; texts and arrays have none. */
const widths: Readonly<Record<number, number>> = {
  0: 1,
  1: 1,
  2: 2,
  3: 2,
  4: 4,
  5: 4,
  6: 4,
  7: 1,
  10: 8,
  11: 8,
  12: 8,
};

const TEXT = 8;
const ARRAY = 9;

/** A place in a header that moves on as it is read. */
export class Header {
  readonly #source: ByteSource;
  #page: Uint8Array = new Uint8Array(0);
  #from = 0;
  at = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  fault(received: string, expected = 'a whole GGUF file'): BittrueError {
    return new BittrueError('file', this.#source.name, received, expected);
  }

  /** Bytes that are left. */
  get left(): number {
    return this.#source.size - this.at;
  }

  /** The next bytes, at most a page of them. */
  #take(length: number): DataView {
    if (length > this.left) throw this.fault(`the end at byte ${this.#source.size}, within the header`);
    let index = this.at - this.#from;
    if (index < 0 || index + length > this.#page.length) {
      this.#from = this.at;
      this.#page = this.#source.read(this.at, Math.min(PAGE, this.left));
      index = 0;
    }
    this.at += length;
    return new DataView(this.#page.buffer, this.#page.byteOffset + index, length);
  }

  uint32(): number {
    return this.#take(4).getUint32(0, true);
  }

  /** An integer without sign of 64 bits that counts or places something: within 2^53. */
  count(what: string): number {
    const wide = this.#take(8).getBigUint64(0, true);
    if (wide > BigInt(Number.MAX_SAFE_INTEGER)) throw this.fault(`${what} ${wide}`, 'counts below 2^53');
    return Number(wide);
  }

  /** How many of something follow, each of so many bytes at least. */
  many(what: string, bytes: number): number {
    const count = this.count(what);
    if (count * bytes > this.left)
      throw this.fault(`${count} ${what} in ${this.left} bytes`, 'as many as the file holds');
    return count;
  }

  skip(length: number): void {
    if (length > this.left) throw this.fault(`the end at byte ${this.#source.size}, within the header`);
    this.at += length;
  }

  /** A text, or null for one that is too long to be told. */
  text(): string | null {
    const length = this.many('bytes of a text', 1);
    if (length > LONGEST) {
      this.skip(length);
      return null;
    }
    const bytes = this.#source.read(this.at, length);
    this.at += length;
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
      throw this.fault(`a text at byte ${this.at - length} that is no UTF-8`);
    }
  }

  /** A value of metadata, as text: of arrays the first elements and the length. */
  value(type: number, depth = 0): string {
    if (type === TEXT) return this.text() ?? 'a text of more than 1 MiB';
    if (type === ARRAY) return this.#array(depth);
    const width = widths[type];
    if (width === undefined) throw this.fault(`a value of type ${type} at byte ${this.at}`, 'types 0 to 12');
    const view = this.#take(width);
    if (type === 0) return String(view.getUint8(0));
    if (type === 1) return String(view.getInt8(0));
    if (type === 2) return String(view.getUint16(0, true));
    if (type === 3) return String(view.getInt16(0, true));
    if (type === 4) return String(view.getUint32(0, true));
    if (type === 5) return String(view.getInt32(0, true));
    if (type === 6) return String(view.getFloat32(0, true));
    if (type === 10) return String(view.getBigUint64(0, true));
    if (type === 11) return String(view.getBigInt64(0, true));
    if (type === 12) return String(view.getFloat64(0, true));
    const truth = view.getUint8(0);
    if (truth > 1) throw this.fault(`the truth value ${truth} at byte ${this.at - 1}`, '0 or 1');
    return truth === 1 ? 'true' : 'false';
  }

  #array(depth: number): string {
    if (depth === DEEPEST) throw this.fault(`arrays deeper than ${DEEPEST} at byte ${this.at}`);
    const type = this.uint32();
    const width = widths[type];
    const count = this.many('elements of an array', width ?? (type === ARRAY ? 12 : 8));
    const shown: string[] = [];
    for (let i = 0; i < count && (i < TOLD || width === undefined); i++) {
      if (i >= TOLD && type === TEXT) this.skip(this.many('bytes of a text', 1));
      else {
        const one = this.value(type, depth + 1);
        if (i < TOLD) shown.push(one);
      }
    }
    if (width !== undefined && count > TOLD) this.skip((count - TOLD) * width);
    return `[${shown.join(', ')}${count > TOLD ? `, … ${count} in all` : ''}]`;
  }
}
