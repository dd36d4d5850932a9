/**
 * The power of two under a block, from the bits of its largest magnitude. The rules are described at `ScaleRule`.
 *
 * @module
 */

import { BittrueError, checkPositive } from '../../errors/index.ts';
import { checkElement } from '../../formats/check.ts';
import type { ElementFormat, ScaleRule } from '../../formats/index.ts';
import { checkDigits } from '../../formats/scaleRule.ts';
import { exponentIn } from '../../rounding/exponentIn.ts';
import { exponentOf, powerOfTwo } from '../../rounding/rounder.ts';

/** What a rule needs of an element format: M = `fraction` · 2^`exponent` is its largest number. */
interface Top {
  readonly exponent: number;
  /** In [1, 2). */
  readonly fraction: number;
  /** Digits right of the binary point of numbers in that binade. */
  readonly digits: number;
}

function topOf(element: ElementFormat): Top {
  const exponent = exponentOf(element.max);
  const digits = digitsOf(element, exponent);
  return { exponent, fraction: element.max * 2 ** -exponent, digits };
}

/** A codebook has no digits: the rules that need them refuse it. */
function digitsOf(element: ElementFormat, exponent: number): number {
  if (element.kind === 'codebook') return Number.NaN;
  return element.kind === 'float' ? element.mantissaBits : element.fractionBits + exponent;
}

/** log2 of the smallest scale under which a magnitude is at most `limit`. */
export function limitExponent(limit: number, amax: number): number {
  const [a, b] = [split(amax), split(limit)];
  return a.exponent - b.exponent + Number(a.fraction > b.fraction);
}

/** A positive number as fraction · 2^exponent. */
function split(x: number): { readonly exponent: number; readonly fraction: number } {
  const exponent = exponentIn(x);
  // Twice half of it: binary64 has no 2^1074.
  const half = Math.trunc(exponent / 2);
  return { exponent, fraction: x * powerOfTwo(-half) * powerOfTwo(half - exponent) };
}

/**
 * log2 of the scale of a block, before it is clipped to what the scale format holds.
 *
 * @param amax - the block's largest magnitude, a positive finite number
 * @throws {@link BittrueError} for the rules `amax` and `nvfp4`, whose scales are not powers of two, and for a codebook by a rule that
 *   needs fraction bits
 * @example
 * import { e2m1fn } from 'bittrue/formats';
 * import { scaleExponent } from 'bittrue/quantization';
 * scaleExponent('floor', e2m1fn, 6.5); // 0
 * scaleExponent('rceil', e2m1fn, 6.5); // 1
 * scaleExponent('even', e2m1fn, 6.5); // 0
 */
export function scaleExponent(rule: ScaleRule, element: ElementFormat, amax: number): number {
  const exponentOfScale = exponentBy(rule, checkElement('element', element));
  return exponentOfScale(checkPositive('amax', amax));
}

/** The same of many magnitudes, which are not checked. */
export function exponentBy(rule: ScaleRule, element: ElementFormat): (amax: number) => number {
  checkDigits('rule', rule, element);
  const top = topOf(element);
  const goesUp = carryOf(rule, top);
  return (amax) => {
    const { exponent, fraction } = split(amax);
    return exponent - top.exponent + Number(goesUp(fraction));
  };
}

/** From which fractions on a rule takes the next power of two. */
function carryOf(rule: ScaleRule, top: Top): (fraction: number) => boolean {
  const half = 2 ** -(top.digits + 1);
  switch (rule) {
    case 'floor':
      return () => false;
    case 'ceil':
      return (fraction) => fraction > 1;
    case 'rceil':
      return (fraction) => fraction > top.fraction;
    case 'even':
      return (fraction) => fraction + half >= 2;
    case 'tosa': {
      // The midpoint above M rounds to even: up, out of range, when M's last digit is 1.
      const limit = top.fraction + half;
      const odd = (top.fraction * 2 ** top.digits) % 2 === 1;
      return (fraction) => fraction > limit || (odd && fraction === limit);
    }
    default:
      throw new BittrueError('unsupported', 'rule', rule, 'floor, ceil, rceil, even or tosa');
  }
}
