/**
 * ONNX QuantizeLinear to integers.
 *
 * Source: ONNX operators, QuantizeLinear, and its reference implementation (accelerators.md §8).
 *
 * @module
 */
import { BittrueError, checkInteger, checkObject, checkPositive } from '../../errors/index.ts';
import { binary32 } from '../../formats/catalogue.ts';
import type { Format, IntegerFormat } from '../../formats/format.ts';
import { INEXACT, SATURATION } from '../../rounding/flags.ts';
import { resolvePolicy } from '../../rounding/policy.ts';
import { ValueUnit } from '../valueUnit.ts';
import { clamp, type Requantized } from './fixedPoint.ts';

/** How QuantizeLinear scales. */
export interface QuantizeLinearOptions {
  readonly scale: number;
  /** An integer of the output's range; default 0. */
  readonly zeroPoint?: number;
  /** An integer format without fraction bits, at most 32 bits. */
  readonly output: IntegerFormat;
  /** The format in which x / scale is rounded before it is rounded to an integer; default binary32, as in the reference. */
  readonly division?: Format;
}

const ties = /* @__PURE__ */ resolvePolicy(binary32);

/**
 * clip(rint(x / scale) + zeroPoint): the quotient is rounded to binary32 first, then to an integer with ties to even,
 * then the zero point is added and the sum clamped. Flags: inexact, and those of the clamp.
 *
 * @param x - any number but NaN; infinities saturate
 * @throws {@link BittrueError} for NaN, for options that do not exist, for a scale that is not a positive number, and for a zero point out of range
 * @example
 * import { quantizeLinear } from 'bittrue/arithmetic';
 * import { int8, uint8 } from 'bittrue/formats';
 * quantizeLinear(2.5, { scale: 1, output: int8 }).value; // 2
 * quantizeLinear(1000, { scale: 2, zeroPoint: 128, output: uint8 }); // { value: 255, flags: 36 }
 */
export function quantizeLinear(x: number, options: QuantizeLinearOptions): Requantized {
  checkObject('options', options, ['scale', 'zeroPoint', 'output', 'division']);
  const { scale, zeroPoint = 0, output, division = binary32 } = options;
  if (output?.kind !== 'integer' || output.fractionBits !== 0 || output.bits > 32) {
    throw new BittrueError(
      'unsupported',
      'options.output',
      output,
      'an integer format of at most 32 bits, without fraction',
    );
  }
  checkPositive('options.scale', scale);
  checkInteger('options.zeroPoint', zeroPoint, output.min, output.max);
  if (typeof x !== 'number' || x !== x) throw new BittrueError('value', 'x', x, 'a number: NaN has no integer');
  const unit = new ValueUnit(division, division === binary32 ? ties : resolvePolicy(division));
  const quotient = unit.divide(x, scale);
  const lost = unit.flags & INEXACT;
  if (quotient - quotient !== 0) {
    // An infinite operand is no overflow; a quotient too large for the division's format, which may become NaN there, is.
    // The unit's flags say which.
    return { value: x > 0 ? output.max : output.min, flags: unit.flags | SATURATION };
  }
  const whole = roundEven(quotient);
  return clamp(whole + zeroPoint, output.min, output.max, whole === quotient ? lost : INEXACT);
}

/** The nearest integer, ties to even. */
function roundEven(x: number): number {
  const low = Math.floor(x);
  const rest = x - low;
  if (rest < 0.5 || (rest === 0.5 && low % 2 === 0)) return low;
  return low + 1;
}
