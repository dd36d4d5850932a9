/**
 * Lists of numbers as text.
 *
 * @module
 */
import { readNumber } from './numeral';

/** Numbers between commas, blanks or line ends: decimals, or fractions and powers such as `2^-24`, rounded once to binary64. */
export function numbersIn(text: string): number[] {
  const words = text.split(/[\s,;]+/).filter((word) => word !== '');
  return words.map((word) => {
    const plain = Number(word);
    if (!Number.isNaN(plain) || /^[+-]?nan$/i.test(word)) return plain;
    const read = readNumber(word);
    return read.kind === 'code' ? read.code : Number(read.text);
  });
}

/** A number as one would write it: powers of two by their exponents. */
export function spell(x: number): string {
  if (Object.is(x, -0)) return '-0';
  const size = Math.abs(x);
  if (size === 0 || !Number.isFinite(x) || (size >= 2 ** -4 && size <= 4096)) return String(x);
  for (let e = -1074; e < 1024; e++) if (size === 2 ** e) return `${x < 0 ? '-' : ''}2^${e}`;
  return String(x);
}

/** Numbers as the text that gives them back. */
export function listText(values: ArrayLike<number>): string {
  return Array.from(values, spell).join(', ');
}

/** A number as TypeScript has it. */
export function codeNumber(x: number): string {
  return Object.is(x, -0) ? '-0' : String(x);
}

/** Numbers as an array of TypeScript. */
export function codeList(values: readonly number[]): string {
  return `[${values.map(codeNumber).join(', ')}]`;
}
