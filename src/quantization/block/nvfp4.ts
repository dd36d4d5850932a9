/**
 * NVFP4's two-level recipe (TransformerEngine's reference), every operation in binary32:
 *
 * ```text
 * S_enc = min(M · 6 / amax(tensor), max32), 1 where amax or it is 0      S_dec = 1 / S_enc
 * s     = e4m3(amax(block) · (S_enc · (1/6))), saturating                 enc = min(1 / (s · S_dec), max32)
 * q     = e2m1(clamp(x · enc, −6, 6))                                     x̂ = q · s · S_dec
 * ```
 *
 * with M = 448, e4m3's largest number; without a tensor scale S_enc is 1. Where the recipe is silent: a NaN does not count
 * for the tensor's amax, and makes its own block's scale NaN.
 *
 * @module
 */
import { ValueUnit } from '../../arithmetic/valueUnit.ts';
import { type BlockFormat, binary32 } from '../../formats/index.ts';
import { OVERFLOW, resolvePolicy } from '../../rounding/index.ts';
import { type ChooseScale, scaleFlags } from './blockScale.ts';

/** The tensor's scale, and how those of its blocks follow; numbers are rounded to binary32 first. */
export function nvfp4Scales(
  format: BlockFormat,
  data: ArrayLike<number>,
): { readonly tensorScale: number; readonly choose: ChooseScale } {
  const { element, scale: scaleFormat } = format;
  const unit = new ValueUnit(binary32, resolvePolicy(binary32));
  const scales = new ValueUnit(scaleFormat, resolvePolicy(scaleFormat, { overflow: 'saturate' }));
  const encode =
    format.tensorScale === null ? 1 : tensorEncoding(unit, unit.round(amaxOf(data)), scaleFormat.max * element.max);
  const decode = unit.divide(1, encode);
  const blockFactor = unit.multiply(encode, unit.divide(1, element.max));
  const choose: ChooseScale = (amax) => {
    if (amax !== amax) return { scale: amax, flags: 0, factor: null };
    const single = unit.round(amax);
    const scale = scales.round(unit.multiply(single, blockFactor));
    // A finite number that binary32 does not hold overflows on its way; an infinity is none.
    const raised = single === Infinity && amax !== Infinity ? OVERFLOW : scales.flags;
    return {
      scale,
      flags: amax === 0 || amax === Infinity ? 0 : scaleFlags(scaleFormat, scale, raised),
      factor: Math.min(unit.divide(1, unit.multiply(scale, decode)), binary32.max),
    };
  };
  return { tensorScale: decode, choose };
}

/** S_enc. */
function tensorEncoding(unit: ValueUnit, amax: number, top: number): number {
  if (amax === 0) return 1;
  const found = Math.min(unit.divide(top, amax), binary32.max);
  return found === 0 ? 1 : found;
}

/** The largest magnitude, NaN apart. */
function amaxOf(data: ArrayLike<number>): number {
  let amax = 0;
  for (let i = 0; i < data.length; i++) if (Math.abs(data[i]) > amax) amax = Math.abs(data[i]);
  return amax;
}
