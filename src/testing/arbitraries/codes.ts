/**
 * Arbitrary codes of a format.
 *
 * @module
 */
import fc from 'fast-check';
import type { Format } from '../../formats/index.ts';
import { checkCodes } from '../../rounding/binary64.ts';
import { specialCodes } from '../conformance/sample.ts';
import { drawnAs } from './shrunkBy.ts';

/**
 * Codes of a format of up to 53 bits: any, with weight on zeros, ones, the ends of the ranges, infinities and every kind of NaN.
 * Shrinks toward code 0.
 *
 * @throws {@link BittrueError} for a wider format: its codes are no numbers
 * @example
 * import fc from 'fast-check';
 * import { e5m2 } from 'bittrue/formats';
 * import { decode, encode } from 'bittrue/rounding';
 * import { codes } from 'bittrue/testing/arbitraries';
 * const isNaNCode = (code: number) => Number.isNaN(decode(e5m2, code));
 * fc.assert(fc.property(codes(e5m2), (code) => isNaNCode(code) || encode(e5m2, decode(e5m2, code)) === code));
 */
export function codes(format: Format): fc.Arbitrary<number> {
  checkCodes('format', format);
  const top = 2 ** format.bits - 1;
  const edges =
    format.kind === 'float' ? specialCodes(format) : [0, 1, top, Math.floor(top / 2), Math.floor(top / 2) + 1];
  const all = fc.integer({ min: 0, max: top });
  return drawnAs(fc.oneof({ weight: 1, arbitrary: all }, { weight: 3, arbitrary: fc.constantFrom(...edges) }), all);
}
