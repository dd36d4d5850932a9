/**
 * The check that an argument is a format.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import type { Format } from './format.ts';

/** A format, as `defineFloat`, `defineInteger` and `parseFormat` make it. */
export function checkFormat(argument: string, value: unknown): Format {
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
  if (kind !== 'float' && kind !== 'integer') {
    throw new BittrueError('type', argument, value, 'a format, such as binary16 or parseFormat of its name');
  }
  return value as Format;
}
