/**
 * From a factor to the number that the norm multiplies with.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';

/**
 * 1 / α rounded to binary64, or the largest power of two not above 1 / α: down, so that every bound on the scaled
 * input still holds. The exponent comes from α's bits; a logarithm could miss it next to a power of two.
 *
 * @throws {@link BittrueError} `value` for α = 0 (weights all zero, or a block that is −I), `range` where 1 / α is not a normal number
 */
export function inverseScale(argument: string, alpha: number, powerOfTwo: boolean): number {
  if (alpha === 0) throw new BittrueError('value', argument, 'a factor of 0', 'weights whose factor is not 0');
  if (!(alpha >= 2 ** -1000 && alpha <= 2 ** 1000)) {
    throw new BittrueError('range', argument, `a factor of ${alpha}`, 'a factor in 2^-1000…2^1000');
  }
  if (!powerOfTwo) return 1 / alpha;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, alpha);
  const high = view.getUint32(0);
  const exponent = (high >>> 20) - 1023;
  const exact = (high & 0xfffff) === 0 && view.getUint32(4) === 0;
  view.setFloat64(0, 0);
  view.setUint32(0, (1023 - exponent - (exact ? 0 : 1)) << 20);
  return view.getFloat64(0);
}
