/**
 * Exact results in decimal digits, for events' exact values and for operands beyond every format.
 *
 * @module
 */

import { checkName, checkNumbers } from '../errors/index.ts';
import { addDyadic, type Dyadic, decimalOf, dyadic, multiplyDyadic } from '../rounding/dyadic.ts';
import { firstDigits, quotientDigits, reciprocalRootDigits, rootDigits } from './digits.ts';
import { exponentialInterval, naturalLogarithmOf2 } from './exponentialInterval.ts';
import { type Transcendental, transcendentals } from './functions.ts';
import { functionDigits } from './functionUnit.ts';

/** The operations that a kernel's event can name. */
const operations = [
  'round',
  'add',
  'subtract',
  'multiply',
  'divide',
  'squareRoot',
  'reciprocalSquareRoot',
  'fusedMultiplyAdd',
  'exponential',
  'exp2',
  'log',
  'log2',
  'tanh',
  'sigmoid',
  'erf',
  'silu',
  'gelu',
  'geluTanh',
  'softplus',
  /** cap · tanh(x / cap); the operand is x, and `exactResult` takes the cap as a second one. */
  'softcap',
  /** p · 2^n; the operands are p and n. */
  'scaleByPowerOfTwo',
  /** (x − y) / z: a code counted from a minimum, in steps. */
  'quantize',
  'integerAdd',
  'integerMultiplyAdd',
  'clamp',
  /** A sum of many terms, rounded as a whole; the operand is its nearest binary64 number. */
  'exactSum',
  /**
   * A sum of aligned terms and an addend, rounded as a whole; the operands are those of the term that the event names, or
   * the addend.
   */
  'alignedSum',
] as const;
export type Operation = (typeof operations)[number];
/** Those whose results are roots of polynomials with rational coefficients. */
export type Algebraic = Exclude<Operation, 'exponential' | Transcendental>;

/** What an event calls a function. */
export function operationOf(name: Transcendental): Exclude<Operation, Algebraic> {
  return name === 'exp' ? 'exponential' : name;
}

/** Largest |x| whose e^x, and largest |n| whose p·2^n, is written down. */
const SHOWN_EXPONENT = 750;
const SHOWN_POWER = 1100;

/**
 * The exact result of an operation as decimal digits: all of them for sums and products, 40 significant ones and an
 * ellipsis for quotients and roots that do not end; null where the result is no finite number, and for sums of many terms,
 * which no event holds.
 */
export function exactResult(operation: Operation, operands: readonly number[]): string | null {
  checkName('operation', operation, operations);
  checkNumbers('operands', operands);
  if (operation === 'exponential') return exponentialDigits(operands);
  const [x, cap] = operands as readonly number[];
  if (!isTranscendental(operation)) return algebraicResult(operation, operands);
  return x === undefined ? null : functionDigits(operation, x, cap ?? 1);
}

function isTranscendental(operation: Operation): operation is Exclude<Operation, Algebraic> & Transcendental {
  return (transcendentals as readonly string[]).includes(operation);
}

/** The same for the other operations: a page that takes no exponentials pays for none. */
export function algebraicResult(operation: Algebraic, operands: readonly number[]): string | null {
  if (operands.some((x) => !Number.isFinite(x))) return null;
  const [x, y, z] = operands.map(dyadic) as [Dyadic, Dyadic, Dyadic];
  switch (operation) {
    case 'round':
    case 'clamp':
      return decimalOf(x);
    case 'alignedSum':
    case 'exactSum':
      return null;
    case 'add':
    case 'integerAdd':
      return decimalOf(addDyadic(x, y));
    case 'subtract':
      return decimalOf(addDyadic(x, { n: -y.n, exponent: y.exponent }));
    case 'multiply':
      return decimalOf(multiplyDyadic(x, y));
    case 'fusedMultiplyAdd':
    case 'integerMultiplyAdd':
      return decimalOf(addDyadic(multiplyDyadic(x, y), z));
    case 'quantize':
      return z === undefined || z.n === 0n ? null : quotientDigits(addDyadic(x, { n: -y.n, exponent: y.exponent }), z);
    case 'scaleByPowerOfTwo': {
      const n = operands[1] as number;
      return Math.abs(n) > SHOWN_POWER || !Number.isInteger(n) ? null : decimalOf({ n: x.n, exponent: x.exponent + n });
    }
    default:
      return withoutEnd(operation, x, y);
  }
}

/** The same where the digits may not end. */
function withoutEnd(
  operation: 'divide' | 'squareRoot' | 'reciprocalSquareRoot',
  x: Dyadic,
  y: Dyadic | undefined,
): string | null {
  switch (operation) {
    case 'divide':
      return y === undefined || y.n === 0n ? null : quotientDigits(x, y);
    case 'squareRoot':
      return x.n < 0n ? null : rootDigits(x);
    case 'reciprocalSquareRoot':
      return x.n <= 0n ? null : reciprocalRootDigits(x);
  }
}

/** e^x, 40 digits of it; null where it has hundreds of zeros before or behind the point, and where x is not finite. */
export function exponentialDigits([x]: readonly number[]): string | null {
  if (x === undefined || !(Math.abs(x) <= SHOWN_EXPONENT)) return null;
  if (x === 0) return '1';
  if (Math.abs(x) < 2 ** -200) return firstDigits(addDyadic({ n: 1n, exponent: 0 }, dyadic(x)));
  const bits = 512;
  const { low, exponent } = exponentialInterval(x, bits, naturalLogarithmOf2(bits));
  return firstDigits({ n: low, exponent });
}
