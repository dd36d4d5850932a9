/**
 * What quantizers with a scale and a zero point obey, with their inverse.
 *
 * @module
 */
import { checkInteger, checkObject, checkPositive } from '../../errors/index.ts';
import { nextNumber } from '../binary64.ts';
import { spell } from '../check/conversionWords.ts';
import type { Next } from '../conformance/sample.ts';
import type { Law } from './law.ts';

/** A quantizer and its inverse. */
export interface QuantizerPair {
  /** From a number to its code. */
  readonly quantize: (x: number) => number;
  /** From a code to the number that it stands for. */
  readonly dequantize: (code: number) => number;
}

/** One scale and what its codes may be. */
export interface QuantizerLawOptions {
  readonly scale: number;
  /** Default 0. */
  readonly zeroPoint?: number;
  /** The lowest code. */
  readonly low: number;
  /** The highest code. */
  readonly high: number;
}

type QuantizerLaw = Law<QuantizerPair, number>;

/** The share of a step by which arithmetic in binary32 may move a number. */
const SLACK = 2 ** -16;

/**
 * The laws of a quantizer: codes are integers in the range; the error is at most half a step; zero is the zero point, and back;
 * codes survive the way there and back; monotone on adjacent numbers; the ends of the range for what lies beyond.
 *
 * @throws {@link BittrueError} for a scale that is not positive and codes that are no integers
 * @example
 * import { checkLaws, quantizerLaws } from 'bittrue/testing';
 * const pair = {
 *   quantize: (x: number) => Math.max(-128, Math.min(127, Math.floor(x / 0.5))),
 *   dequantize: (code: number) => code * 0.5,
 * };
 * checkLaws(pair, quantizerLaws({ scale: 0.5, low: -128, high: 127 })).broken; // ['halfStep']
 */
export function quantizerLaws(options: QuantizerLawOptions): Law<QuantizerPair, number>[] {
  checkObject('options', options, ['scale', 'zeroPoint', 'low', 'high']);
  const scale = checkPositive('options.scale', options.scale);
  const low = checkInteger('options.low', options.low, -(2 ** 31), 2 ** 31);
  const high = checkInteger('options.high', options.high, low, 2 ** 32);
  const zeroPoint = checkInteger('options.zeroPoint', options.zeroPoint ?? 0, low, high);
  const inside = numbers(scale, low - zeroPoint, high - zeroPoint);
  const beyond = function* (next: Next): Generator<number> {
    for (;;) {
      const steps = 1 + next(1000) + next(64) / 64;
      yield (next(2) === 0 ? high - zeroPoint + steps : low - zeroPoint - steps) * scale;
    }
  };
  const complexity = (x: number): number => String(x).length;
  const law = (
    name: string,
    text: string,
    cases: QuantizerLaw['cases'],
    broken: QuantizerLaw['broken'],
  ): QuantizerLaw => ({ name, text, cases, broken, complexity });
  return [
    law('codes', `codes are integers from ${low} to ${high}`, inside, ({ quantize }, x) => {
      const code = quantize(x);
      return Number.isInteger(code) && code >= low && code <= high ? null : `${spell(x)} gives ${spell(code)}`;
    }),
    law('halfStep', 'quantized and back, a number moves by at most half a step', inside, (pair, x) => {
      const back = pair.dequantize(pair.quantize(x));
      const steps = Math.abs(back - x) / scale;
      return steps <= 0.5 + SLACK ? null : `${spell(x)} comes back as ${spell(back)}, ${steps.toFixed(3)} steps away`;
    }),
    law(
      'zero',
      'zero is the zero point, and the zero point is zero',
      () => [0],
      ({ quantize, dequantize }) => {
        const [code, back] = [quantize(0), dequantize(zeroPoint)];
        return code === zeroPoint && back === 0
          ? null
          : `0 gives ${spell(code)}, and ${zeroPoint} gives ${spell(back)}`;
      },
    ),
    law(
      'roundTrip',
      'a code comes back from its number',
      () => codes(low, high),
      (pair, code) => {
        const again = pair.quantize(pair.dequantize(code));
        return again === code ? null : `code ${code} is ${spell(pair.dequantize(code))}, which gives ${spell(again)}`;
      },
    ),
    law('monotone', 'a number gives no lower code than the binary64 number below it', inside, ({ quantize }, x) => {
      const below = nextNumber(x, -1);
      return quantize(below) <= quantize(x)
        ? null
        : `${spell(below)} gives ${quantize(below)}, but ${spell(x)} gives ${quantize(x)}`;
    }),
    law('saturates', `beyond the range ${low} or ${high} results`, beyond, ({ quantize }, x) => {
      const wanted = x > 0 ? high : low;
      return quantize(x) === wanted ? null : `${spell(x)} gives ${spell(quantize(x))}, not ${wanted}`;
    }),
  ];
}

/** Numbers of a range of steps: whole steps, halves, their neighbours, any. */
function numbers(scale: number, from: number, to: number): (next: Next) => Generator<number> {
  return function* (next) {
    for (;;) {
      const step = from + next(2 * (to - from) + 1) / 2;
      const x = next(3) === 0 ? from * scale + (next(2 ** 32) / 2 ** 32) * (to - from) * scale : step * scale;
      yield next(2) === 0 ? x : nextNumber(x, x > from * scale && x < to * scale ? next(3) - 1 : 0);
    }
  };
}

/** All codes, or as many spread evenly as are worth it. */
function* codes(low: number, high: number): Generator<number> {
  const step = Math.max(1, Math.floor((high - low) / 4096));
  for (let code = low; code <= high; code += step) yield code;
}
