/**
 * What hand-written operations compute in place of the one that was asked for.
 *
 * @module
 */
import type { Setup } from '../conformance/compute.ts';
import type { VectorOperation } from '../conformance/task.ts';
import type { Behaviour } from './behaviour.ts';
import { withSetup } from './rounding.ts';

type Instead = readonly [string, string, NonNullable<Setup['instead']>];

/** The nearest integer, ties to even. */
function toEven(a: number): number {
  const whole = Math.floor(a);
  const rest = a - whole;
  return rest > 0.5 || (rest === 0.5 && whole % 2 !== 0) ? whole + 1 : whole;
}

const known: Partial<Record<VectorOperation, readonly Instead[]>> = {
  add: [
    ['subtracts', 'subtracts', (unit, a, b) => unit.subtract(a, b)],
    ['magnitudesAdded', 'adds the magnitudes', (unit, a, b) => unit.add(Math.abs(a), Math.abs(b))],
  ],
  sub: [
    ['adds', 'adds', (unit, a, b) => unit.add(a, b)],
    ['operandsSwapped', 'takes the first operand from the second', (unit, a, b) => unit.subtract(b, a)],
  ],
  mul: [['productUnsigned', 'loses the sign of the product', (unit, a, b) => Math.abs(unit.multiply(a, b))]],
  div: [
    [
      'byReciprocal',
      'multiplies by the reciprocal: two roundings',
      (unit, a, b) => unit.multiply(a, unit.divide(1, b)),
    ],
    ['operandsSwapped', 'divides the second operand by the first', (unit, a, b) => unit.divide(b, a)],
  ],
  sqrt: [
    [
      'timesReciprocalRoot',
      'multiplies by the reciprocal of the root: three roundings, and NaN at zero and infinity',
      (unit, a) => unit.multiply(a, unit.divide(1, unit.squareRoot(a))),
    ],
    [
      'timesRoundedReciprocalRoot',
      'multiplies by the reciprocal root, rounded once: two roundings, and NaN at zero and infinity',
      (unit, a) => unit.multiply(a, unit.round(1 / Math.sqrt(a))),
    ],
    ['reciprocalRoot', 'gives the reciprocal of the root', (unit, a) => unit.divide(1, unit.squareRoot(a))],
  ],
  roundToInt: [
    ['halfTruncated', 'adds a half and truncates: negative numbers go up', (_, a) => Math.trunc(a + 0.5)],
    ['halfAdded', 'computes floor(x + 0.5)', (_, a) => Math.floor(a + 0.5)],
    ...[16, 32].map(
      (bits): Instead => [
        `throughInt${bits}`,
        `converts to int${bits} and back, which saturates`,
        (_, a) => (a - a === 0 ? Math.min(Math.max(toEven(a), -(2 ** (bits - 1))), 2 ** (bits - 1) - 1) : a),
      ],
    ),
  ],
  mulAdd: [
    ['addendLost', 'leaves out the addend', (unit, a, b) => unit.multiply(a, b)],
    ['addendSubtracted', 'subtracts the addend', (unit, a, b, c) => unit.fusedMultiplyAdd(a, b, -c)],
    ['productSubtracted', 'subtracts the product', (unit, a, b, c) => unit.fusedMultiplyAdd(-a, b, c)],
    [
      'operandsRotated',
      'adds the first operand to the product of the others',
      (unit, a, b, c) => unit.fusedMultiplyAdd(b, c, a),
    ],
  ],
};

/** The deviations of an operation that are another computation. */
export function insteadBehaviours(operation: VectorOperation): Behaviour<Setup>[] {
  return (known[operation] ?? []).map(([name, text, instead]) => withSetup('instead', name, text, { instead }));
}
