/**
 * The operations of a unit: exact on the operands as they are read, then one rounding.
 *
 * @module
 */
import { BittrueError, checkName } from '../../errors/index.ts';
import type { Policy } from '../../rounding/policy.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import { checkReals, checkRounding, checkStochastic } from './checks.ts';
import type { Stochastic } from './direction.ts';
import { type Exact, exactly, infinity, nan } from './exact.ts';
import { ABSORPTION, DIVIDE_BY_ZERO, INVALID, OVERFLOW, SATURATION, WRAP } from './flags.ts';
import * as exact from './rational.ts';
import { reciprocalSquareRoot, squareRoot } from './roots.ts';
import { project, type Rounded, readOperand } from './round.ts';

/** The operations that `oracleOperation` knows, with their number of operands. */
export const oracleOperations = {
  add: 2,
  subtract: 2,
  multiply: 2,
  divide: 2,
  squareRoot: 1,
  reciprocalSquareRoot: 1,
  fusedMultiplyAdd: 3,
  convert: 1,
} as const;
export type OracleOperation = keyof typeof oracleOperations;
const names = Object.keys(oracleOperations);

/** A result before rounding. `addends` are those of an addition, where one of them may be lost. */
interface Unrounded {
  readonly exact: Exact;
  readonly flags: number;
  readonly addends?: readonly [Exact, Exact];
}

/**
 * One operation, rounded once.
 *
 * @example
 * import { binary16 } from 'bittrue/formats';
 * import { roundTo } from 'bittrue/rounding';
 * import { oracle } from 'bittrue/testing';
 * oracle.operation('add', roundTo(binary16), [2048, 1]); // { value: 2048, flags: 129 }
 */
export function oracleOperation(
  name: OracleOperation,
  rounding: Rounding,
  operands: readonly (number | Exact)[],
  stochastic?: Stochastic,
): Rounded {
  checkName('name', name, names);
  checkRounding('rounding', rounding);
  checkReals('operands', operands);
  if (operands.length !== oracleOperations[name]) {
    throw new BittrueError('shape', 'operands', operands, `${oracleOperations[name]} operands of ${name}`);
  }
  if (stochastic !== undefined) checkStochastic('stochastic', stochastic);
  const { format, policy } = rounding;
  let flushed = 0;
  const read: Exact[] = [];
  for (const x of operands) {
    const { operand, flags } = readOperand(format, policy, exactly(x));
    read.push(operand);
    flushed |= flags;
  }
  const [a, b, c] = read as [Exact, Exact, Exact];
  const result = unrounded(name, policy, a, b, c);
  const { value, flags } = project(format, policy, result.exact, stochastic);
  const raised = flushed | result.flags | flags;
  return { value, flags: result.addends && isAbsorbed(result.addends, value, raised) ? raised | ABSORPTION : raised };
}

function unrounded(name: OracleOperation, policy: Policy, a: Exact, b: Exact, c: Exact): Unrounded {
  switch (name) {
    case 'add':
      return sum(policy, a, b);
    case 'subtract':
      return sum(policy, a, opposite(b));
    case 'multiply':
      return product(a, b);
    case 'divide':
      return quotient(a, b);
    case 'squareRoot':
      return root(a);
    case 'reciprocalSquareRoot':
      return reciprocalRoot(a);
    case 'fusedMultiplyAdd': {
      const p = product(a, b);
      const s = sum(policy, p.exact, c);
      // IEEE 754 §7.2 c: for a NaN addend the machine decides whether ∞ · 0 is told.
      if (c.kind === 'nan') return { exact: nan, flags: policy.fusedInvalid === 'always' ? p.flags : 0 };
      return { ...s, flags: p.flags | s.flags };
    }
    case 'convert':
      return { exact: a, flags: 0 };
  }
}

const invalid: Unrounded = { exact: nan, flags: INVALID };

function sum(policy: Policy, a: Exact, b: Exact): Unrounded {
  if (a.kind === 'nan' || b.kind === 'nan') return { exact: nan, flags: 0 };
  if (a.kind === 'infinite' && b.kind === 'infinite') {
    return a.negative === b.negative ? { exact: a, flags: 0 } : invalid;
  }
  if (a.kind === 'infinite') return { exact: a, flags: 0 };
  if (b.kind === 'infinite') return { exact: b, flags: 0 };
  const total = exact.add(a, b);
  if (!exact.isZero(total)) return { exact: total, flags: 0, addends: [a, b] };
  // IEEE 754 §6.3: equal signs are kept (both addends are zero then); else +0, but −0 toward negative.
  const negative = a.negative === b.negative ? a.negative : policy.rounding === 'towardNegative';
  return { exact: exact.zero(negative), flags: 0 };
}

function product(a: Exact, b: Exact): Unrounded {
  if (a.kind === 'nan' || b.kind === 'nan') return { exact: nan, flags: 0 };
  if (a.kind === 'finite' && b.kind === 'finite') return { exact: exact.multiply(a, b), flags: 0 };
  if ((a.kind === 'finite' && exact.isZero(a)) || (b.kind === 'finite' && exact.isZero(b))) return invalid;
  return { exact: infinity(a.negative !== b.negative), flags: 0 };
}

function quotient(a: Exact, b: Exact): Unrounded {
  if (a.kind === 'nan' || b.kind === 'nan') return { exact: nan, flags: 0 };
  const negative = a.negative !== b.negative;
  if (a.kind === 'infinite') return b.kind === 'infinite' ? invalid : { exact: infinity(negative), flags: 0 };
  if (b.kind === 'infinite') return { exact: exact.zero(negative), flags: 0 };
  if (!exact.isZero(b)) return { exact: exact.divide(a, b), flags: 0 };
  return exact.isZero(a) ? invalid : { exact: infinity(negative), flags: DIVIDE_BY_ZERO };
}

function root(a: Exact): Unrounded {
  if (a.kind === 'nan') return { exact: nan, flags: 0 };
  if (a.kind === 'finite' && exact.isZero(a)) return { exact: a, flags: 0 };
  if (a.negative) return invalid;
  return { exact: a.kind === 'infinite' ? a : squareRoot(a), flags: 0 };
}

function reciprocalRoot(a: Exact): Unrounded {
  if (a.kind === 'nan') return { exact: nan, flags: 0 };
  // IEEE 754 §9.2.1: rSqrt(±0) is ±∞.
  if (a.kind === 'finite' && exact.isZero(a)) return { exact: infinity(a.negative), flags: DIVIDE_BY_ZERO };
  if (a.negative) return invalid;
  return { exact: a.kind === 'infinite' ? exact.zero() : reciprocalSquareRoot(a), flags: 0 };
}

function opposite(a: Exact): Exact {
  if (a.kind === 'nan') return a;
  return a.kind === 'infinite' ? infinity(!a.negative) : exact.negate(a);
}

/** Two finite addends other than zero, and the result is one of them: the other is lost. */
function isAbsorbed([a, b]: readonly [Exact, Exact], value: number, flags: number): boolean {
  if (a.kind !== 'finite' || b.kind !== 'finite' || exact.isZero(a) || exact.isZero(b)) return false;
  if ((flags & (OVERFLOW | SATURATION | WRAP)) !== 0 || !Number.isFinite(value)) return false;
  const result = exact.fromNumber(value);
  return exact.compare(result, a) === 0 || exact.compare(result, b) === 0;
}
