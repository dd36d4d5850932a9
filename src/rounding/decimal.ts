/**
 * Decimal strings, rounded once.
 *
 * @module
 */
import { binary64 } from '../formats/binary64.ts';
import type { Format } from '../formats/format.ts';
import { bitLength, type Dyadic, divideDyadic } from './dyadic.ts';
import { decimalPair, type Pair } from './exact.ts';
import { FLUSH } from './flags.ts';
import { FullRounder } from './full.ts';
import { type PartialPolicy, type Policy, resolvePolicy } from './policy.ts';
import { flushThreshold, type Rounded, roundPair } from './round.ts';
import { wrapDecimal } from './wrapDecimal.ts';

/**
 * A decimal number rounded to a format, once: never by way of binary64.
 *
 * @param text - a decimal numeral with optional exponent, or `Infinity`, `-Infinity`, `NaN`
 * @throws {@link BittrueError} for a text that is no decimal number
 * @example
 * import { binary16 } from 'bittrue/formats';
 * import { round, roundDecimal } from 'bittrue/rounding';
 * roundDecimal(binary16, '1.00048828125000000000000001'); // 1.0009765625
 * round(binary16, Number('1.00048828125000000000000001')); // 1
 */
export function roundDecimal(format: Format, text: string, policy?: PartialPolicy): number {
  return roundDecimalWithFlags(format, text, policy).value;
}

/** As {@link roundDecimal}, with the flags of the rounding. */
export function roundDecimalWithFlags(format: Format, text: string, policy?: PartialPolicy): Rounded {
  return roundNumeral(format, text, decimalPair('text', text), resolvePolicy(format, policy));
}

/** A decimal numeral whose pair is known, rounded. */
export function roundNumeral(format: Format, text: string, { x, residual }: Pair, resolved: Policy): Rounded {
  // What a register keeps of a large number is its lowest digits, which no pair holds.
  if (format.kind === 'integer' && resolved.overflow === 'wrap' && Number.isFinite(x) && x !== 0) {
    return wrapDecimal(format, text, resolved) ?? roundPair(format, x, residual, resolved);
  }
  // Below binary64's normal range no pair holds what decides, nor beyond its largest number.
  const isInside = Math.abs(x) >= 2 ** -900 && Math.abs(x) < Number.MAX_VALUE;
  if (format.bits <= 53 || residual === 0 || isInside) return roundPair(format, x, residual, resolved);
  const value = decimalDyadic(text, x, residual);
  const isFlushed = flushThreshold(format, resolved) > 0 && isSubnormal(value);
  if (isFlushed) return { value: x < 0 ? -0 : 0, flags: FLUSH };
  const rounder = new FullRounder(resolved);
  return { value: rounder.roundDyadic(value), flags: rounder.flags };
}

/** A decimal numeral, checked and not zero, in binary digits: as many as any rounding to binary64 can tell. */
function decimalDyadic(text: string, x: number, residual: number): Dyadic {
  const [digits = '', exponent = '0'] = text.toLowerCase().replace(/^[+-]/, '').split('e');
  const [whole = '', fraction = ''] = digits.split('.');
  const power = Number(exponent) - fraction.length;
  const n = BigInt(`${whole}${fraction}`) * (x < 0 ? -1n : 1n);
  // Where `decimalPair` gave up, a power of two as far out will do.
  if (Math.abs(power) > 2000 + text.length)
    return { n: x < 0 ? -1n : 1n, exponent: residual > 0 === x > 0 ? 3000 : -3000 };
  if (power >= 0) return { n: n * 5n ** BigInt(power), exponent: power };
  return divideDyadic({ n, exponent: 0 }, { n: 5n ** BigInt(-power), exponent: -power });
}

function isSubnormal({ n, exponent }: Dyadic): boolean {
  return exponent + bitLength(n < 0n ? -n : n) <= binary64.emin;
}
