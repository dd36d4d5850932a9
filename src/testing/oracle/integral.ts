/**
 * Comparison, rounding to an integral value, and conversion to integers of a processor.
 *
 * @module
 */
import { checkBoolean, checkName, checkNumber } from '../../errors/index.ts';
import type { RoundingMode } from '../../rounding/policy.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import { checkMode, checkRounding, checkStochastic, fields, integer } from './checks.ts';
import { type Direction, roundToUnits, type Stochastic } from './direction.ts';
import { exactly } from './exact.ts';
import { INEXACT, INVALID } from './flags.ts';
import { integerRange } from './integer.ts';
import { compare, rational, zero } from './rational.ts';
import { project, type Rounded, readOperand } from './round.ts';

/** The order of two operands as the step reads them; null when one is NaN. Quiet: raises `flush` at most. */
export function oracleCompare(rounding: Rounding, a: number, b: number): { order: -1 | 0 | 1 | null; flags: number } {
  checkRounding('rounding', rounding);
  checkNumber('a', a);
  checkNumber('b', b);
  const p = readOperand(rounding.format, rounding.policy, exactly(a));
  const q = readOperand(rounding.format, rounding.policy, exactly(b));
  const flags = p.flags | q.flags;
  const [x, y] = [p.operand, q.operand];
  if (x.kind === 'nan' || y.kind === 'nan') return { order: null, flags };
  if (x.kind === 'finite' && y.kind === 'finite') return { order: compare(x, y), flags };
  const rank = (e: typeof x): number => (e.kind === 'finite' ? 0 : e.negative ? -1 : 1);
  return { order: Math.sign(rank(x) - rank(y)) as -1 | 0 | 1, flags };
}

/**
 * The nearest integral value in the step's mode; a zero keeps the operand's sign.
 *
 * @param signalsInexact IEEE 754's roundToIntegralExact
 */
export function oracleRoundToIntegral(
  rounding: Rounding,
  a: number,
  signalsInexact = false,
  stochastic?: Stochastic,
): Rounded {
  checkRounding('rounding', rounding);
  checkNumber('a', a);
  checkBoolean('signalsInexact', signalsInexact);
  if (stochastic !== undefined) checkStochastic('stochastic', stochastic);
  const { operand, flags } = readOperand(rounding.format, rounding.policy, exactly(a));
  if (operand.kind !== 'finite') {
    const special = project(rounding.format, rounding.policy, operand);
    return { value: special.value, flags: special.flags | flags };
  }
  const direction: Direction = { rounding: rounding.policy.rounding, stochastic };
  const { units, isExact } = roundToUnits(operand, 0, direction);
  const integral = units === 0n ? zero(operand.negative) : rational(operand.negative, units);
  const result = project(rounding.format, rounding.policy, integral, stochastic);
  return { value: result.value, flags: result.flags | flags | (!isExact && signalsInexact ? INEXACT : 0) };
}

const checkRegister = fields('a register', { bits: integer(1, 1024), signed: checkBoolean });

/**
 * A number converted to a register of integers.
 *
 * @param outside what NaN and numbers out of range give, with `invalid`: `x86` the integer indefinite (the most
 *   negative, or all ones when unsigned); `clamp` the nearest end and 0 for NaN (Arm, WebAssembly); `riscv` the nearest
 *   end and the largest for NaN
 */
export function oracleToInteger(
  register: { readonly bits: number; readonly signed: boolean },
  rounding: RoundingMode,
  a: number,
  outside: 'x86' | 'clamp' | 'riscv' = 'x86',
  signalsInexact = false,
): { value: bigint; flags: number } {
  checkRegister('register', register);
  checkMode('rounding', rounding);
  checkNumber('a', a);
  checkName('outside', outside, ['x86', 'clamp', 'riscv']);
  checkBoolean('signalsInexact', signalsInexact);
  const { low, high } = integerRange(register.bits, register.signed);
  const x = exactly(a);
  const indefinite = register.signed ? low : high;
  if (x.kind === 'nan') {
    return { value: outside === 'x86' ? indefinite : outside === 'riscv' ? high : 0n, flags: INVALID };
  }
  if (x.kind === 'finite') {
    const { units, isExact } = roundToUnits(x, 0, { rounding });
    const integer = x.negative ? -units : units;
    if (integer >= low && integer <= high) return { value: integer, flags: !isExact && signalsInexact ? INEXACT : 0 };
  }
  return { value: outside === 'x86' ? indefinite : x.negative ? low : high, flags: INVALID };
}
