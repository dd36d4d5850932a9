/**
 * The check that an argument is a format.
 *
 * @module
 */
import { BittrueError, fieldsOf } from '../errors/index.ts';
import type { Format } from './format.ts';

/** Bits of binary64's codes. */
const WIDEST = 64;

/** A format, as `defineFloat`, `defineInteger` and `parseFormat` make it. */
export function checkFormat(argument: string, value: unknown): Format {
  const { kind, bits, mantissaBits = 0 } = fieldsOf(value);
  if ((kind !== 'float' && kind !== 'integer') || !isWidth(bits) || !isWidth(mantissaBits)) {
    throw new BittrueError('type', argument, value, 'a format, such as binary16 or parseFormat of its name');
  }
  return value as Format;
}

/** A block format, as `defineBlock` makes it. */
export function checkBlockFormat<T>(argument: string, value: T): T {
  if (fieldsOf(value).kind !== 'block')
    throw new BittrueError('type', argument, value, 'a block format, such as mxfp4');
  return value;
}

function isWidth(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= WIDEST;
}
