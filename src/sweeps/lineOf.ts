/**
 * JSON that tells all numbers apart.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';

/** One line of JSON: what it has no numbers for is a text of that name. */
export function lineOf(value: unknown, argument = 'value'): string {
  const text = JSON.stringify(value, (key, one) => {
    if (typeof one === 'bigint') throw new BittrueError('type', `${argument}.${key}`, one, 'a number');
    if (typeof one !== 'number') return one;
    return Object.is(one, -0) ? '-0' : Number.isFinite(one) ? one : String(one);
  });
  return `${text}\n`;
}
