/**
 * The check that an argument is a format.
 *
 * @module
 */
import { BittrueError, fieldsOf } from '../errors/index.ts';
import type { AnyBlock, BlockFormat } from './blockFormat.ts';
import type { Codebook } from './codebook.ts';
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

/** A codebook, as `defineCodebook` makes it. */
export function checkCodebook(argument: string, value: unknown): Codebook {
  const { kind, ascending, thresholds } = fieldsOf(value);
  if (kind !== 'codebook' || !Array.isArray(ascending) || !Array.isArray(thresholds)) {
    throw new BittrueError('type', argument, value, 'a codebook, such as nf4');
  }
  return value as Codebook;
}

/** What elements of blocks may be of: a format, or a codebook. */
export function checkElement<E>(argument: string, value: E): E {
  if (fieldsOf(value).kind === 'codebook') checkCodebook(argument, value);
  else checkFormat(argument, value);
  return value;
}

/** A block format of floats or integers under one scale a row's block: what computes with codes needs one. */
export function checkNumericBlock(argument: string, value: AnyBlock): BlockFormat {
  const { element, rows = 1, beside } = checkBlockFormat(argument, value);
  if (rows > 1) throw new BittrueError('unsupported', argument, `blocks of ${rows} rows`, 'blocks of one row');
  if (beside !== undefined) {
    throw new BittrueError('unsupported', argument, `${beside.kind} beside a scale`, 'blocks with a scale alone');
  }
  if (element.kind !== 'codebook') return value as BlockFormat;
  throw new BittrueError('unsupported', argument, `elements of ${element.name}`, 'elements of a float or an integer');
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
