/**
 * Decimal strings, rounded once.
 *
 * @module
 */
import { binary64 } from '../formats/binary64.ts';
import type { Format } from '../formats/format.ts';
import { decimalPair } from './decimalPair.ts';
import { bitLength, type Dyadic, divideDyadic } from './dyadic.ts';
import { FLUSH } from './flags.ts';
import { FullRounder } from './full.ts';
import { flushThreshold } from './keptRounder.ts';
import { type Numeral, parseNumeral } from './numeral.ts';
import type { Pair } from './pair.ts';
import { type PartialPolicy, type Policy, resolvePolicy } from './policy.ts';
import { type Rounded, roundPair } from './round.ts';
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
  const numeral = parseNumeral('text', text);
  return roundNumeral(format, numeral, decimalPair(numeral), resolvePolicy(format, policy));
}

/** A decimal numeral whose pair is known, rounded. */
export function roundNumeral(
  format: Format,
  numeral: Numeral | number,
  { x, residual }: Pair,
  resolved: Policy,
): Rounded {
  if (typeof numeral === 'number' || x === 0) return roundPair(format, x, residual, resolved);
  // What a register keeps of a large number is its lowest digits, which no pair holds.
  if (format.kind === 'integer' && resolved.overflow === 'wrap') {
    return wrapDecimal(format, numeral, resolved) ?? roundPair(format, x, residual, resolved);
  }
  // Below binary64's normal range no pair holds what decides, nor beyond its largest number.
  const isInside = Math.abs(x) >= 2 ** -900 && Math.abs(x) < Number.MAX_VALUE;
  if (format.bits <= 53 || residual === 0 || isInside) return roundPair(format, x, residual, resolved);
  const value = decimalDyadic(numeral, residual);
  const isFlushed = flushThreshold(format, resolved) > 0 && isSubnormal(value);
  if (isFlushed) return { value: x < 0 ? -0 : 0, flags: FLUSH };
  const rounder = new FullRounder(resolved);
  return { value: rounder.roundDyadic(value), flags: rounder.flags };
}

/** A decimal numeral, checked and not zero, in binary digits: as many as any rounding to binary64 can tell. */
function decimalDyadic({ negative, digits, power }: Numeral, residual: number): Dyadic {
  const n = BigInt(`${negative ? '-' : ''}${digits}`);
  // Where `decimalPair` gave up, a power of two as far out will do.
  if (Math.abs(power) > 2000 + digits.length)
    return { n: negative ? -1n : 1n, exponent: residual > 0 === !negative ? 3000 : -3000 };
  if (power >= 0) return { n: n * 5n ** BigInt(power), exponent: power };
  return divideDyadic({ n, exponent: 0 }, { n: 5n ** BigInt(-power), exponent: -power });
}

function isSubnormal({ n, exponent }: Dyadic): boolean {
  return exponent + bitLength(n < 0n ? -n : n) <= binary64.emin;
}
