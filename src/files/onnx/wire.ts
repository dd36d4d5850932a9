/**
 * The wire format of protocol buffers (protobuf.dev/programming-guides/encoding): messages as runs of numbered fields.
 * Bytes are read a page at a time and the last pages are kept: a file of many small fields costs few reads, although
 * its readers go back to the beginning of messages.
 *
 * @module
 */
import { BittrueError } from '../../errors/index.ts';
import type { ByteSource } from '../source.ts';

/** How a field is written: an integer of 7 bits a byte, 8 bytes, bytes under their length, 4 bytes. */
export type WireType = 0 | 1 | 2 | 5;

/** One field of a message: its number, and where its content lies. */
export interface Field {
  readonly number: number;
  readonly type: WireType;
  readonly begin: number;
  readonly end: number;
}

/** Bytes of a page, and how many pages are kept. */
const PAGE = 2 ** 16;
const PAGES = 64;

/** Bytes of a text that is read without a decoder, which costs microseconds: names of ASCII. */
const SHORT = 64;

/** A file of the wire format. */
export class Wire {
  readonly source: ByteSource;
  /** Of the varint read last: its halves, and where it ends. */
  low = 0;
  high = 0;
  next = 0;
  /** The page that was used last, where it begins, and all that are kept, the one used longest ago first. */
  #page: Uint8Array = new Uint8Array(0);
  #from = 0;
  readonly #pages = new Map<number, Uint8Array>();
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true });

  constructor(source: ByteSource) {
    this.source = source;
  }

  /** The fields between two places, in order. */
  *fields(begin: number, end: number): Generator<Field> {
    for (let at = begin; at < end; ) {
      const tag = this.varint(at, end);
      const number = Math.floor(tag / 8);
      const type = tag % 8;
      if (number === 0) throw this.fault(`field 0 at byte ${at}`);
      if (type !== 0 && type !== 1 && type !== 2 && type !== 5) throw this.fault(`wire type ${type} at byte ${at}`);
      let start = this.next;
      let length = type === 1 ? 8 : 4;
      if (type === 0) {
        this.varint(start, end);
        length = this.next - start;
      } else if (type === 2) {
        length = this.varint(start, end);
        start = this.next;
      }
      at = start + length;
      if (at > end) throw this.fault(`a field beyond byte ${end}`);
      yield { number, type, begin: start, end: at };
    }
  }

  /** An unsigned integer, exact up to 2^53; `low` and `high` hold all 64 bits. */
  varint(from: number, end: number): number {
    let low = 0;
    let high = 0;
    for (let i = 0, at = from; at < end && i < 10; i++) {
      const byte = this.#byte(at++);
      const bits = byte & 127;
      if (i < 4) low |= bits << (7 * i);
      else if (i === 4) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (7 * i - 32);
      if (byte < 128) {
        if (i === 9 && byte > 1) throw this.fault(`a number beyond 64 bits at byte ${from}`);
        this.low = low >>> 0;
        this.high = high >>> 0;
        this.next = at;
        return this.high * 2 ** 32 + this.low;
      }
    }
    throw this.fault(`a number without end at byte ${from}`);
  }

  /** The integer of a field; `low` and `high` hold all 64 bits. */
  integer({ number, type, begin, end }: Field): number {
    if (type !== 0) throw this.fault(`field ${number} at byte ${begin} is no integer`);
    return this.varint(begin, end);
  }

  /** The varint read last with its sign; beyond 2^53 the nearest number. */
  signed(): number {
    return (this.high | 0) * 2 ** 32 + this.low;
  }

  /** The text of a field. */
  text(field: Field): string {
    const { begin, end } = this.message(field);
    const bytes = this.#bytes(begin, end);
    if (bytes.length <= SHORT && bytes.every((byte) => byte < 128)) {
      return bytes.reduce((text, byte) => text + String.fromCharCode(byte), '');
    }
    try {
      return this.#utf8.decode(bytes);
    } catch {
      throw this.fault(`a text at byte ${begin} that is no UTF-8`);
    }
  }

  /** A field that holds bytes: a message, a text, or packed numbers. */
  message(field: Field): Field {
    if (field.type !== 2) throw this.fault(`field ${field.number} at byte ${field.begin} is no message`);
    return field;
  }

  /** Copies bytes of the file. */
  copy(begin: number, end: number, to: Uint8Array, start: number): void {
    to.set(this.#bytes(begin, end), start);
  }

  /** What is told about a file that is no whole model. */
  fault(received: string): BittrueError {
    return new BittrueError('file', this.source.name, received, 'a whole ONNX model');
  }

  /** A range of the file: few bytes from the pages, many from the file itself. */
  #bytes(begin: number, end: number): Uint8Array {
    if (end - begin > PAGE) return this.source.read(begin, end - begin);
    if (begin === end) return new Uint8Array(0);
    this.#turnTo(begin);
    const index = begin - this.#from;
    if (index + end - begin <= this.#page.length) return this.#page.subarray(index, index + end - begin);
    return Uint8Array.from({ length: end - begin }, (_, i) => this.#byte(begin + i));
  }

  #byte(at: number): number {
    const index = at - this.#from;
    if (index >= 0 && index < this.#page.length) return this.#page[index];
    this.#turnTo(at);
    return this.#page[at - this.#from];
  }

  /** Makes the page that holds a byte the current one. */
  #turnTo(at: number): void {
    const number = Math.floor(at / PAGE);
    const from = number * PAGE;
    const page = this.#pages.get(number) ?? this.source.read(from, Math.min(PAGE, this.source.size - from));
    this.#pages.delete(number);
    this.#pages.set(number, page);
    if (this.#pages.size > PAGES) this.#pages.delete(this.#pages.keys().next().value as number);
    this.#page = page;
    this.#from = from;
  }
}
