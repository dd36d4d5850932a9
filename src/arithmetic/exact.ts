/**
 * Operations on exact decimals, for events' exact values and for operands beyond every format.
 *
 * @module
 */
import { type Exact, exact, pairOf, type Pair } from '../rounding/exact.ts';

/** The operations that a kernel's event can name. */
export type Operation =
  | 'round'
  | 'add'
  | 'subtract'
  | 'multiply'
  | 'divide'
  | 'squareRoot'
  | 'reciprocalSquareRoot'
  | 'fusedMultiplyAdd'
  | 'integerAdd'
  | 'integerMultiplyAdd'
  | 'clamp';

/** Digits given of a quotient or a root that has no finite decimal expansion. */
const SHOWN_DIGITS = 40;

/**
 * The exact result of an operation as decimal digits: all of them for sums and products, 40 significant ones and an
 * ellipsis for quotients and roots that do not end; null where the result is no finite number.
 */
export function exactResult(operation: Operation, operands: readonly number[]): string | null {
  if (operands.some((x) => !Number.isFinite(x))) return null;
  const [a, b, c] = operands.map(exact) as [Exact, Exact, Exact];
  switch (operation) {
    case 'round':
    case 'clamp':
      return a.toFixed();
    case 'add':
    case 'integerAdd':
      return a.plus(b).toFixed();
    case 'subtract':
      return a.minus(b).toFixed();
    case 'multiply':
      return a.times(b).toFixed();
    case 'fusedMultiplyAdd':
    case 'integerMultiplyAdd':
      return a.times(b).plus(c).toFixed();
    case 'divide':
      return b.isZero() ? null : shown(a.dividedBy(b), (q) => q.times(b).isEqualTo(a));
    case 'squareRoot':
      return a.isNegative() ? null : shown(a.squareRoot(), (s) => s.times(s).isEqualTo(a));
    case 'reciprocalSquareRoot':
      return a.isNegative() || a.isZero()
        ? null
        : shown(exact(1).dividedBy(a.squareRoot()), (r) => r.times(r).times(a).isEqualTo(1));
  }
}

function shown(value: Exact, isExact: (value: Exact) => boolean): string {
  return isExact(value) ? value.toFixed() : `${value.precision(SHOWN_DIGITS).toFixed()}…`;
}

/** An operation on any finite binary64 numbers, as a pair; the exact result is defined and not zero. */
export function exactPair(
  operation: 'add' | 'multiply' | 'divide' | 'squareRoot' | 'reciprocalSquareRoot' | 'fusedMultiplyAdd',
  operands: readonly number[],
): Pair {
  const [a, b, c] = operands.map(exact) as [Exact, Exact, Exact];
  switch (operation) {
    case 'add':
      return pairOf(a.plus(b));
    case 'multiply':
      return pairOf(a.times(b));
    case 'divide':
      return pairOf(a.dividedBy(b));
    case 'squareRoot':
      return pairOf(a.squareRoot());
    case 'reciprocalSquareRoot':
      return pairOf(exact(1).dividedBy(a).squareRoot());
    case 'fusedMultiplyAdd':
      return pairOf(a.times(b).plus(c));
  }
}
