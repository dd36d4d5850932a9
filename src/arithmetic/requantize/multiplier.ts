/**
 * A real scale as the multiplier and shift of the integer pipelines.
 *
 * Source: TFLite `QuantizeMultiplier`.
 *
 * @module
 */
import { BittrueError, checkFinite } from '../../errors/index.ts';

/** scale ≈ multiplier · 2^(shift − 31). */
export interface QuantizedMultiplier {
  /** 0, or in [2^30, 2^31). */
  readonly multiplier: number;
  readonly shift: number;
}

/**
 * The multiplier in [2^30, 2^31), rounded half away from zero, and the shift. A scale so small that every int32 times it
 * is zero gives 0, 0.
 *
 * @param scale - a finite number of at least 0, below 2^30
 * @throws {@link BittrueError} for other scales
 * @example
 * import { quantizeMultiplier } from 'bittrue/arithmetic';
 * quantizeMultiplier(0.2); // { multiplier: 1717986918, shift: -2 }
 * quantizeMultiplier(1); // { multiplier: 1073741824, shift: 1 }
 */
export function quantizeMultiplier(scale: number): QuantizedMultiplier {
  if (checkFinite('scale', scale) < 0 || scale >= 2 ** 30)
    throw new BittrueError('range', 'scale', scale, 'a number in [0, 2^30)');
  if (scale < 2 ** -40) return { multiplier: 0, shift: 0 };
  let fraction = scale;
  let shift = 0;
  // Doubling and halving are exact here.
  for (; fraction >= 1; fraction /= 2) shift += 1;
  for (; fraction < 0.5; fraction *= 2) shift -= 1;
  let multiplier = Math.floor(fraction * 2 ** 31 + 0.5);
  if (multiplier === 2 ** 31) {
    multiplier = 2 ** 30;
    shift += 1;
  }
  return shift < -31 ? { multiplier: 0, shift: 0 } : { multiplier, shift };
}
