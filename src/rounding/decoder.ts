/**
 * What the codes of many numbers stand for.
 *
 * @module
 */
import type { ElementFormat } from '../formats/codebook.ts';
import type { Format } from '../formats/format.ts';
import { decode } from './codes.ts';

/** Formats of at most this many bits are read by a table. */
const TABLE_BITS = 16;

const tables = /* @__PURE__ */ new WeakMap<ElementFormat, Float64Array>();

/** Reads codes, one after the other. */
export function decoder(element: ElementFormat): (code: number) => number {
  const values = valuesOf(element);
  return values === null ? (code) => decode(element as Format, code) : (code) => values[code]!;
}

/** The numbers of all codes, made once; null of a wide format. */
export function valuesOf(element: ElementFormat): Float64Array | null {
  if (element.kind !== 'codebook' && element.bits > TABLE_BITS) return null;
  const known = tables.get(element);
  if (known !== undefined) return known;
  const values =
    element.kind === 'codebook'
      ? Float64Array.from(element.values)
      : Float64Array.from({ length: element.codes }, (_, code) => decode(element, code));
  tables.set(element, values);
  return values;
}
