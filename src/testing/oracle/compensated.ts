/**
 * Kahan's and Neumaier's sums, one operation a line.
 *
 * @module
 */
import type { CompensatedAccumulator } from '../../accumulators/reduction.ts';
import { approximately, type Exact, exactly } from './exact.ts';
import { type OracleOperation, oracleOperation } from './operations.ts';
import { compareMagnitudes, zero } from './rational.ts';
import type { OracleReduceEvent, Place } from './terms.ts';

/** An addend with its place. */
export interface PlacedTerm {
  readonly x: Exact;
  readonly place: Place;
}

/** start + Σ x, compensated; at least one term. */
export function oracleCompensated(
  { kind, rounding }: CompensatedAccumulator,
  terms: readonly PlacedTerm[],
  start: Exact,
  events: OracleReduceEvent[],
): Exact {
  let place: Place = { index: null, step: 0 };
  const rounded = (name: OracleOperation, p: Exact, q: Exact): Exact => {
    const { value, flags } = oracleOperation(name, rounding, [p, q]);
    if (flags !== 0) events.push({ ...place, flags, operands: [p, q].map(approximately), result: value });
    return exactly(value);
  };
  let sum = start;
  let compensation: Exact = zero();
  for (const term of terms) {
    place = term.place;
    const { x } = term;
    if (kind === 'kahan') {
      const y = rounded('subtract', x, compensation);
      const t = rounded('add', sum, y);
      const grown = rounded('subtract', t, sum);
      compensation = rounded('subtract', grown, y);
      sum = t;
    } else {
      const t = rounded('add', sum, x);
      const difference = isLarger(x, sum) ? rounded('subtract', x, t) : rounded('subtract', sum, t);
      const rest = rounded('add', difference, isLarger(x, sum) ? sum : x);
      compensation = rounded('add', compensation, rest);
      sum = t;
    }
  }
  if (kind === 'kahan') return sum;
  place = { index: null, step: place.step };
  return rounded('add', sum, compensation);
}

/** |p| > |q|; false where either is NaN. */
function isLarger(p: Exact, q: Exact): boolean {
  if (p.kind === 'nan' || q.kind === 'nan') return false;
  if (p.kind === 'infinite') return q.kind !== 'infinite';
  return q.kind !== 'infinite' && compareMagnitudes(p, q) > 0;
}
