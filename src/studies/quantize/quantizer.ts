/**
 * A quantizer of any kind, and what it makes of a tensor.
 *
 * @module
 */
import { type FloatQuantizer, quantizeFloat } from '../../quantization/float.ts';
import { type IntegerQuantizer, quantizeInteger } from '../../quantization/integer.ts';
import { quantizeShifted, type ShiftedQuantizer } from '../../quantization/preshift.ts';
import type { Tensor } from '../../tensors/tensor.ts';

/** Any quantizer of a layer's operand. */
export type Quantizer = IntegerQuantizer | FloatQuantizer | ShiftedQuantizer;

/** The numbers as a quantizer of any kind represents them. */
export function applyQuantizer(quantizer: Quantizer | null, x: Tensor): Float64Array {
  if (quantizer === null) return x.data as Float64Array;
  if (quantizer.kind === 'integer') return quantizeInteger(quantizer, x);
  return quantizer.kind === 'float' ? quantizeFloat(quantizer, x) : quantizeShifted(quantizer, x);
}
