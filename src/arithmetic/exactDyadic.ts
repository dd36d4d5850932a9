/**
 * Operations on exact binary numbers: the slow path of binary64, whose results may need what no pair of binary64
 * numbers holds.
 *
 * @module
 */
import {
  addDyadic,
  type Dyadic,
  divideDyadic,
  dyadic,
  multiplyDyadic,
  reciprocalRootDyadic,
  rootDyadic,
} from '../rounding/dyadic.ts';

/** The operations that a unit carries out exactly where its pairs of numbers do not reach. */
export type PairOperation = 'add' | 'multiply' | 'divide' | 'squareRoot' | 'reciprocalSquareRoot' | 'fusedMultiplyAdd';

/** An operation on finite numbers, exact as far as any rounding can tell; a root's operand is above zero. */
export function exactDyadic(operation: PairOperation, operands: readonly number[]): Dyadic {
  const [a, b, c] = operands.map(dyadic) as [Dyadic, Dyadic, Dyadic];
  switch (operation) {
    case 'add':
      return addDyadic(a, b);
    case 'multiply':
      return multiplyDyadic(a, b);
    case 'divide':
      return divideDyadic(a, b);
    case 'squareRoot':
      return rootDyadic(a);
    case 'reciprocalSquareRoot':
      return reciprocalRootDyadic(a);
    case 'fusedMultiplyAdd':
      return addDyadic(multiplyDyadic(a, b), c);
  }
}
