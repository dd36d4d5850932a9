/**
 * What the codes of many numbers stand for.
 *
 * @module
 */
import type { ElementFormat } from '../formats/codebook.ts';
import { decode } from './codes.ts';

/** Formats of at most this many bits are read by a table. */
const TABLE_BITS = 12;

/** Reads codes, one after the other. */
export function decoder(element: ElementFormat): (code: number) => number {
  if (element.kind !== 'codebook' && element.bits > TABLE_BITS) return (code) => decode(element, code);
  const values =
    element.kind === 'codebook'
      ? Float64Array.from(element.values)
      : Float64Array.from({ length: element.codes }, (_, code) => decode(element, code));
  return (code) => values[code]!;
}
