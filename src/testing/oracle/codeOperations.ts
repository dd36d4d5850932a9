/**
 * Operations on codes, where signalling NaNs are seen.
 *
 * @module
 */
import type { FloatFormat } from '../../formats/format.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import { oracleDecode, oracleEncode, oracleIsSignalling } from './codes.ts';
import { INVALID, OracleError } from './flags.ts';
import { type OracleOperation, oracleOperation } from './operations.ts';
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
  const source = from ?? rounding.format;
  if (source.kind !== 'float') throw new OracleError('an operation on codes of floats');
  const signals = codes.some((code) => oracleIsSignalling(source, code)) ? INVALID : 0;
  const operands = codes.map((code) => oracleDecode(source, code));
  // A conversion reads its operand as a number of the format that it comes from.
  const { value, flags } =
    name === 'convert'
      ? oracleRound(rounding.format, rounding.policy, operands[0] as number, undefined, source)
      : oracleOperation(name, rounding, operands);
  return { code: oracleEncode(rounding.format, value), flags: flags | signals };
}
