/**
 * A decimal numeral in a register that wraps: exact modulo 2^bits, whatever the exponent.
 *
 * @module
 */
import type { IntegerFormat } from '../formats/format.ts';
import { goesUpExactly } from './direction.ts';
import { INEXACT, WRAP } from './flags.ts';
import type { Numeral } from './numeral.ts';
import { ORIGIN } from './philox.ts';
import type { Policy } from './policy.ts';
import type { Rounded } from './round.ts';
import { intoRegister } from './wideInteger.ts';

/** Decimal places beyond the digits and the fraction bits from which a number is far below half a quantum. */
const FAR = 30;

/**
 * The rounded numeral, or null where it is so small that its pair tells the same.
 *
 * @param numeral - not zero
 */
export function wrapDecimal(format: IntegerFormat, numeral: Numeral, policy: Policy): Rounded | null {
  const { negative, digits, power } = numeral;
  if (power >= 0) {
    // 10^power is a multiple of 2^power: beyond the register's width nothing but zeros is left in it.
    const isMultiple = power >= format.bits;
    const quanta = isMultiple
      ? 1n << BigInt(format.bits)
      : (BigInt(digits) * 10n ** BigInt(power)) << BigInt(format.fractionBits);
    return written(format, quanta, negative, 0);
  }
  if (-power > digits.length + format.fractionBits + FAR) return null;
  const divisor = 10n ** BigInt(-power);
  const scaled = BigInt(digits) << BigInt(format.fractionBits);
  const below = scaled / divisor;
  const rest = scaled - below * divisor;
  if (rest === 0n) return written(format, below, negative, 0);
  const fraction = { numerator: rest, denominator: divisor };
  const isUp = goesUpExactly(policy, below, fraction, negative, ORIGIN);
  return written(format, isUp ? below + 1n : below, negative, INEXACT);
}

function written(format: IntegerFormat, quanta: bigint, negative: boolean, flags: number): Rounded {
  const { value, fits } = intoRegister(format, negative ? -quanta : quanta, true);
  return { value, flags: fits ? flags : flags | WRAP };
}
