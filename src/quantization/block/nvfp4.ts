/**
 * NVFP4's two-level recipe (TransformerEngine's reference), every operation in binary32:
 *
 * ```text
 * S_enc = min(M · 6 / amax(tensor), max32), 1 where amax or it is 0      S_dec = 1 / S_enc
 * s     = e4m3(amax(block) · (S_enc · (1/6))), saturating                 enc = min(1 / (s · S_dec), max32)
 * q     = e2m1(clamp(x · enc, −6, 6))                                     x̂ = q · s · S_dec
 * ```
 *
 * with M = 448, e4m3's largest number. Where the recipe is silent: a NaN does not count for the tensor's amax, and makes
 * its own block's scale NaN.
 *
 * @module
 */
import { Unit } from '../../arithmetic/index.ts';
import { type BlockFormat, binary32 } from '../../formats/index.ts';
import { encodeValue } from '../../rounding/codes.ts';
import { Rounder, resolvePolicy } from '../../rounding/index.ts';
import type { Tensor } from '../../tensors/index.ts';
import { rowsOf } from '../matrix.ts';
import { type Blocks, blockExtent, emptyBlocks, putElement } from './blocks.ts';

/** A tensor in NVFP4 or a format like it; numbers are rounded to binary32 first. */
export function quantizeNvfp4(x: Tensor, format: BlockFormat): Blocks {
  const { rows, width, data } = rowsOf('x', x);
  const { element, scale: scaleFormat } = format;
  const unit = new Unit(binary32, resolvePolicy(binary32));
  const scales = new Rounder(scaleFormat, resolvePolicy(scaleFormat, { overflow: 'saturate' }));
  const elements = new Rounder(element, resolvePolicy(element, { overflow: 'saturate' }));
  const numbers = Float64Array.from(data, (value) => unit.round(value));

  const encode = tensorEncoding(unit, amaxOf(numbers, 0, numbers.length), scaleFormat.max * element.max);
  const decodeScale = format.tensorScale === null ? 1 : unit.divide(1, encode);
  const blockFactor = unit.multiply(encode, unit.divide(1, element.max));
  const blocks = { ...emptyBlocks(format, rows, width), tensorScale: decodeScale };
  for (let block = 0; block < blocks.scaleCodes.length; block++) {
    const [from, to] = blockExtent(blocks, block);
    const scale = hasNaN(numbers, from, to)
      ? Number.NaN
      : scales.round(unit.multiply(amaxOf(numbers, from, to), blockFactor), 0);
    blocks.scaleCodes[block] = encodeValue(scaleFormat, scale, false);
    if (scale !== scale) continue;
    const factor = Math.min(unit.divide(1, unit.multiply(scale, decodeScale)), binary32.max);
    for (let i = from; i < to; i++) {
      // ±0 · max32 is zero; an infinity is clamped.
      putElement(blocks, block, i, numbers[i] === 0 ? numbers[i] : unit.multiply(numbers[i], factor), elements);
    }
  }
  return blocks;
}

/** S_enc; a tensor without a second level has 1. */
function tensorEncoding(unit: Unit, amax: number, top: number): number {
  if (amax === 0) return 1;
  const found = Math.min(unit.divide(top, amax), binary32.max);
  return found === 0 ? 1 : found;
}

function amaxOf(data: ArrayLike<number>, from: number, to: number): number {
  let amax = 0;
  for (let i = from; i < to; i++) if (Math.abs(data[i]) > amax) amax = Math.abs(data[i]);
  return amax;
}

function hasNaN(data: ArrayLike<number>, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (data[i] !== data[i]) return true;
  return false;
}
