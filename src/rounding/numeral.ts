/**
 * Decimal numerals of any length, made short: what follows costs no more than a few thousand digits do.
 *
 * @module
 */
import { BittrueError, checkText } from '../errors/index.ts';

/** ±digits · 10^power. No zeros stand in front of the digits; a zero has none. */
export interface Numeral {
  readonly negative: boolean;
  readonly digits: string;
  readonly power: number;
}

/**
 * Digits that decide. The finest grid here, that of binary64's smallest number and its midpoints, has 1,075 decimal
 * places; a number with more than `WHOLE` of its digits before the point is larger than any format's, and a register
 * that wraps keeps of it what its last digits say, since 10^k is a multiple of 2^k.
 */
const WHOLE = 1000;
const MOST = WHOLE + 1500;

/** Powers of ten that nothing tells from larger ones. */
const FARTHEST = 1e15;

/**
 * Reads a decimal numeral. One of more digits than decide becomes another that every rounding takes alike: of too long
 * a whole part the last digits remain, and what is cut off at the end leaves a 1 unless it is zero.
 *
 * @returns a number for `Infinity`, `-Infinity` and `NaN`
 * @throws {@link BittrueError} `type` for a text that is no decimal number
 */
export function parseNumeral(argument: string, text: string): Numeral | number {
  checkText(argument, text, 'a decimal number, such as -1.5e-7');
  if (/^[+-]?(Infinity|NaN)$/.test(text)) return Number(text);
  const match = /^([+-]?)(\d+(?:\.\d*)?|\.\d+)(?:[eE]([+-]?\d+))?$/.exec(text);
  if (!match) throw new BittrueError('type', argument, text, 'a decimal number, such as -1.5e-7');
  const [, sign, number = '', exponent = '0'] = match;
  const [whole = '', fraction = ''] = number.split('.');
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const power = Math.max(-FARTHEST, Math.min(Number(exponent), FARTHEST)) - fraction.length;
  return { negative: sign === '-', ...shortened(digits, power) };
}

function shortened(digits: string, power: number): Pick<Numeral, 'digits' | 'power'> {
  // Where the whole part ends: among the digits, or after them.
  const end = Math.min(digits.length, digits.length + power);
  const kept = end > WHOLE ? `1${digits.slice(end - WHOLE)}` : digits;
  if (kept.length <= MOST) return { digits: kept, power };
  const rest = /[1-9]/.test(kept.slice(MOST)) ? '1' : '';
  return { digits: kept.slice(0, MOST) + rest, power: power + kept.length - MOST - rest.length };
}
