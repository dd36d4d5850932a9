/**
 * Numbers as engineers write them: decimals, codes (0x7e), fractions (1/3), hexadecimal floats (0x1.8p-14).
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import type { ElementFormat } from '../formats/index.ts';
import { decoder } from '../rounding/decoder.ts';

const WANTED = 'a number: 465, -1.5e-7, 1/3, 0x1.8p-14, Infinity, NaN, or a code such as 0x7e';
/** Decimal places beyond those of every midpoint of every format; what is left is told by one digit more. */
const PLACES = 1200;
/** No format tells numbers beyond 2^±5000 apart. */
const FARTHEST = 5000;

/** A number for `explain`: itself, or a decimal text that every rounding takes as it takes the number. */
export function readNumber(argument: string, text: string, format: ElementFormat): number | string {
  const code = /^0(?:x([0-9a-f]{1,13})|b([01]{1,52}))$/i.exec(text);
  if (code) return codeValue(argument, text, Number.parseInt(code[1] ?? code[2], code[1] ? 16 : 2), format);
  const hex = /^([+-]?)0x([0-9a-f]{0,300})(?:\.([0-9a-f]{0,300}))?p([+-]?\d{1,5})$/i.exec(text);
  if (hex && `${hex[2]}${hex[3] ?? ''}` !== '') return hexFloat(hex);
  const fraction = /^([+-]?)(\d{1,300})\/(\d{1,300})$/.exec(text);
  if (fraction) return quotient(argument, text, fraction);
  if (/^[+-]?(Infinity|NaN|(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?)$/i.test(text)) return text;
  throw new BittrueError('type', argument, text, WANTED);
}

function codeValue(argument: string, text: string, code: number, format: ElementFormat): number {
  if (code < format.codes) return decoder(format)(code);
  const wanted = `a code of ${format.bits} bits, at most 0x${(format.codes - 1).toString(16)}, or a hexadecimal float such as 0x1p-14`;
  throw new BittrueError('range', argument, text, wanted);
}

/** ±m · 2^e is ±m · 5^−e · 10^e where e is negative: a decimal with all its digits. */
function hexFloat([, sign, whole = '', part = '', power]: readonly string[]): string {
  const digits = BigInt(`0x${whole}${part}`);
  const exponent = Math.max(-FARTHEST, Math.min(FARTHEST, Number(power) - 4 * part.length));
  if (exponent >= 0) return `${sign}${digits << BigInt(exponent)}`;
  return `${sign}${digits * 5n ** BigInt(-exponent)}e${exponent}`;
}

/** A quotient cut after many places, and a 1 where something was cut: on the same side of every midpoint. */
function quotient(argument: string, text: string, [, sign, above, below]: readonly string[]): string {
  const divisor = BigInt(below);
  if (divisor === 0n) throw new BittrueError('range', argument, text, 'a fraction whose divisor is not 0');
  const scaled = BigInt(above) * 10n ** BigInt(PLACES);
  const rest = scaled % divisor === 0n ? '' : '1';
  return `${sign}${scaled / divisor}${rest}e-${PLACES + rest.length}`;
}
