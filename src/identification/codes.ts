/**
 * Rows as codes, as a unit takes and gives them.
 *
 * @module
 */
import { BittrueError, isReadable } from '../errors/index.ts';
import { type Format, formatName } from '../formats/index.ts';
import { decode, decodeBinary64, encode, encodeBinary64 } from '../rounding/index.ts';
import type { Question } from './question.ts';
import type { Row } from './row.ts';

/** Codes of one format: the narrowest unsigned integers that hold them; beyond 32 bits BigUint64Array. */
export type Codes = Uint8Array | Uint16Array | Uint32Array | BigUint64Array;

/** Many rows to ask, row-major. */
export interface CodeRows {
  readonly rows: number;
  /** Elements of a row. */
  readonly k: number;
  /** rows · k codes of A's format. */
  readonly a: Codes;
  readonly b: Codes;
  /** Addends, one a row; null where the unit takes none. */
  readonly c: Codes | null;
  /** rows · ⌈k / block⌉ codes of the scales' format; null where there are none. */
  readonly scaleA: Codes | null;
  readonly scaleB: Codes | null;
}

/** Room for codes of a format. */
export function codesFor(format: Format, length: number): Codes {
  if (format.bits <= 8) return new Uint8Array(length);
  if (format.bits <= 16) return new Uint16Array(length);
  return format.bits <= 32 ? new Uint32Array(length) : new BigUint64Array(length);
}

/** The codes of values of a format. */
export function encodeAll(format: Format, values: ArrayLike<number>): Codes {
  const codes = codesFor(format, values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (codes instanceof BigUint64Array) {
      codes[i] = format.bits > 53 ? encodeBinary64(value) : BigInt(encode(format, value));
    } else codes[i] = encode(format, value);
  }
  return codes;
}

/**
 * The value of a code, which may come as a number or as a bigint; below 0 it is two's complement, as an Int32Array holds
 * what a Uint32Array does.
 */
export function decodeOne(format: Format, code: unknown, argument: string): number {
  const size = 1n << BigInt(format.bits);
  const big = typeof code === 'bigint' ? code : Number.isSafeInteger(code) ? BigInt(code as number) : size;
  if (big < -size / 2n || big >= size) {
    throw new BittrueError(
      'range',
      argument,
      code,
      `a code of ${formatName(format)}: an integer of ${format.bits} bits`,
    );
  }
  const own = big < 0n ? big + size : big;
  return format.bits > 53 ? decodeBinary64(own) : decode(format, Number(own));
}

/** Rows as codes. */
export function codesOf(question: Question, rows: readonly Row[]): CodeRows {
  const { k, a, b, addend, scale } = question;
  const all = (of: (row: Row) => ArrayLike<number>): number[] => rows.flatMap((row) => Array.from(of(row)));
  return {
    rows: rows.length,
    k,
    a: encodeAll(
      a,
      all((row) => row.a),
    ),
    b: encodeAll(
      b,
      all((row) => row.b),
    ),
    c:
      addend === null
        ? null
        : encodeAll(
            addend,
            all((row) => [row.c]),
          ),
    scaleA:
      scale === null
        ? null
        : encodeAll(
            scale.format,
            all((row) => row.scaleA),
          ),
    scaleB:
      scale === null
        ? null
        : encodeAll(
            scale.format,
            all((row) => row.scaleB),
          ),
  };
}

/** Answers as values; refuses a wrong number of them, and what is no code. */
export function answersOf(
  format: Format,
  answers: unknown,
  rows: number,
): { values: number[]; codes: (number | bigint)[] } {
  const length = isReadable(answers) ? (answers as ArrayLike<unknown>).length : undefined;
  if (length !== rows) {
    const wanted = `${rows} codes of ${formatName(format)}, one a row, as an array or a typed array`;
    throw new BittrueError('shape', 'ask', length ?? answers, wanted);
  }
  const codes = Array.from(answers as ArrayLike<number | bigint>);
  return { codes, values: codes.map((code, i) => decodeOne(format, code, `ask's answer ${i}`)) };
}
