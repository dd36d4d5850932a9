/**
 * Operations on codes, where signalling NaNs are seen.
 *
 * @module
 */
import { checkName } from '../../errors/index.ts';
import type { FloatFormat } from '../../formats/format.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import { checkFloat, checkIntegers, checkRounding } from './checks.ts';
import { oracleDecode, oracleEncode, oracleIsSignalling } from './codes.ts';
import { INVALID } from './flags.ts';
import { limitsOf } from './limits.ts';
import { type OracleOperation, oracleOperation, oracleOperations } from './operations.ts';
import { oracleRound } from './round.ts';

/**
 * One operation from codes of `from` (default: the step's format) to a code of the step's format.
 * A NaN result is the positive quiet NaN: which one a chip writes is no part of the model.
 */
export function oracleCodeOperation(
  name: OracleOperation,
  rounding: Rounding,
  codes: readonly number[],
  from: FloatFormat | null = null,
): { code: number; flags: number } {
  checkName('name', name, Object.keys(oracleOperations));
  checkRounding('rounding', rounding);
  checkFloat('rounding.format', rounding.format);
  if (from !== null) checkFloat('from', from);
  const source = from ?? (rounding.format as FloatFormat);
  checkIntegers('codes', codes, oracleOperations[name], 0, 2 ** limitsOf(source).bits - 1);
  const signals = codes.some((code) => oracleIsSignalling(source, code)) ? INVALID : 0;
  const operands = codes.map((code) => oracleDecode(source, code));
  // A conversion reads its operand as a number of the format that it comes from.
  const { value, flags } =
    name === 'convert'
      ? oracleRound(rounding.format, rounding.policy, operands[0] as number, undefined, source)
      : oracleOperation(name, rounding, operands);
  return { code: oracleEncode(rounding.format, value), flags: flags | signals };
}
