/**
 * A whole requantisation as data: from an accumulator's content to the codes of the next layer.
 *
 * @module
 */
import {
  BittrueError,
  checkBoolean,
  checkInteger,
  checkMade,
  checkName,
  checkNumber,
  checkObject,
} from '../../errors/index.ts';
import { checkInt32, clamp, INT32_MAX, INT32_MIN, type Requantized } from './fixedPoint.ts';
import { multiplyByQuantizedMultiplier } from './gemmlowp.ts';
import { multiplyByQuantizedMultiplierSingleRounding, multiplyByReducedMultiplier } from './singleRounding.ts';
import { applyScale16, applyScale32 } from './tosa.ts';

/**
 * How the accumulator is scaled.
 * - `doubleRounding`: `multiplyByQuantizedMultiplier` (gemmlowp, TFLite's reference kernels, CMSIS-NN by default);
 * - `singleRounding`: `multiplyByQuantizedMultiplierSingleRounding`;
 * - `reduced16`: `multiplyByReducedMultiplier` (CMSIS-NN 16-bit activations, 64-bit sums);
 * - `tosa32`, `tosa16`: `applyScale32` with or without `doubleRound`, `applyScale16`.
 */
export type RequantizationScale =
  | {
      readonly kind: 'doubleRounding' | 'singleRounding' | 'reduced16';
      readonly multiplier: number;
      readonly shift: number;
    }
  | { readonly kind: 'tosa32'; readonly multiplier: number; readonly shift: number; readonly doubleRound?: boolean }
  | { readonly kind: 'tosa16'; readonly multiplier: number; readonly shift: number };

/** y = clamp(scale(x − inputZeroPoint) + outputZeroPoint, low, high). */
export interface Requantization {
  readonly scale: RequantizationScale;
  /** Default 0. */
  readonly inputZeroPoint?: number;
  /** Default 0. */
  readonly outputZeroPoint?: number;
  /** The lowest and largest output: the type's, or a fused activation's. */
  readonly low: number;
  readonly high: number;
}

/**
 * Checks and freezes a requantisation given as plain data.
 *
 * @throws {@link BittrueError} naming the path of the first thing that is wrong
 */
export function defineRequantization(value: unknown): Requantization {
  const given = checkObject('requantization', value, ['scale', 'inputZeroPoint', 'outputZeroPoint', 'low', 'high']);
  const low = checkInteger('requantization.low', given.low, INT32_MIN, INT32_MAX);
  return Object.freeze({
    scale: defineScale(given.scale),
    inputZeroPoint: checkInt32('requantization.inputZeroPoint', given.inputZeroPoint ?? 0),
    outputZeroPoint: checkInt32('requantization.outputZeroPoint', given.outputZeroPoint ?? 0),
    low,
    high: checkInteger('requantization.high', given.high, low, INT32_MAX),
  });
}

function defineScale(value: unknown): RequantizationScale {
  const argument = 'requantization.scale';
  const given = checkObject(argument, value, ['kind', 'multiplier', 'shift', 'doubleRound']);
  const names = ['doubleRounding', 'singleRounding', 'reduced16', 'tosa32', 'tosa16'] as const;
  const kind = checkName(`${argument}.kind`, given.kind, names);
  if (kind !== 'tosa32') checkObject(argument, value, ['kind', 'multiplier', 'shift']);
  const multiplier = checkInt32(`${argument}.multiplier`, given.multiplier);
  const shift = checkInteger(`${argument}.shift`, given.shift, -31, 62);
  if (kind !== 'tosa32') return Object.freeze({ kind, multiplier, shift });
  return Object.freeze({
    kind,
    multiplier,
    shift,
    doubleRound: checkBoolean(`${argument}.doubleRound`, given.doubleRound ?? false),
  });
}

/**
 * One accumulator's content as an output code, with the flags of every step: inexact for bits that rounding lost,
 * overflow and saturation for the clamp (a fused activation's too), wrap where a cast to int32 did.
 *
 * @param requantization - made by `defineRequantization`, or the same data
 * @param x - the accumulator: a safe integer, or a bigint for `reduced16`
 * @throws {@link BittrueError} for operands that the pipeline leaves undefined
 * @example
 * import { quantizeMultiplier, requantize } from 'bittrue/arithmetic';
 * const scale = { kind: 'doubleRounding', ...quantizeMultiplier(0.01) } as const;
 * requantize({ scale, outputZeroPoint: -10, low: -128, high: 127 }, 5000).value; // 40
 * requantize({ scale, outputZeroPoint: -10, low: -128, high: 127 }, 20000).value; // 127
 */
export function requantize(requantization: Requantization, x: number | bigint): Requantized {
  checkMade(
    'requantization',
    requantization,
    ['scale', 'low', 'high'],
    'a requantization, as defineRequantization gives it',
  );
  if (typeof x !== 'bigint') checkNumber('x', x);
  const { scale, inputZeroPoint = 0, outputZeroPoint = 0, low, high } = requantization;
  const scaled = scaleAccumulator(scale, inputZeroPoint === 0 ? x : minus(x, inputZeroPoint));
  return clamp(scaled.value + outputZeroPoint, low, high, scaled.flags);
}

/** x − zero, exactly. */
function minus(x: number | bigint, zero: number): number | bigint {
  if (typeof x === 'bigint') return x - BigInt(zero);
  if (!Number.isSafeInteger(x - zero)) throw new BittrueError('range', 'x', x, 'a safe integer');
  return x - zero;
}

function scaleAccumulator(scale: RequantizationScale, x: number | bigint): Requantized {
  const { kind, multiplier, shift } = scale;
  if (kind === 'reduced16') return multiplyByReducedMultiplier(x, multiplier, shift);
  if (typeof x === 'bigint') throw new BittrueError('type', 'x', x, `a number: ${kind} takes no wider integers`);
  switch (kind) {
    case 'doubleRounding':
      return multiplyByQuantizedMultiplier(x, multiplier, shift);
    case 'singleRounding':
      return multiplyByQuantizedMultiplierSingleRounding(x, multiplier, shift);
    case 'tosa32':
      return applyScale32(x, multiplier, shift, scale.doubleRound);
    case 'tosa16':
      return applyScale16(x, multiplier, shift);
  }
}
