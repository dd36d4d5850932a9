/**
 * The working parts of a vector unit, made once a run.
 *
 * @module
 */
import { Reducer } from '../../accumulators/reducer.ts';
import { ValueUnit } from '../../arithmetic/valueUnit.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import type { VectorUnit } from '../../targets/target.ts';

/** Units and reducers of a normalisation. */
export interface Units {
  readonly load: ValueUnit;
  readonly compute: ValueUnit;
  readonly center: ValueUnit;
  readonly square: ValueUnit;
  readonly normalize: ValueUnit;
  readonly accumulate: ValueUnit;
  readonly statistics: ValueUnit;
  readonly store: ValueUnit;
  /** Sums the row, and its squares. */
  readonly sum: Reducer;
  readonly squareSum: Reducer;
}

/** Makes the working parts; `square`: the rounding of the numbers that are squared. */
export function createUnits(unit: VectorUnit, square: Rounding = unit.compute): Units {
  const { load, compute, center = compute, normalize = compute, accumulate, statistics, store, reduction } = unit;
  // A unit holds nothing but the flags of its last operation, so stages that round alike have one together.
  const units = new Map<Rounding, ValueUnit>();
  const of = (rounding: Rounding): ValueUnit => {
    const found = units.get(rounding);
    if (found !== undefined) return found;
    const made = new ValueUnit(rounding.format, rounding.policy);
    units.set(rounding, made);
    return made;
  };
  return {
    load: of(load),
    compute: of(compute),
    center: of(center),
    square: of(square),
    normalize: of(normalize),
    accumulate: of(accumulate),
    statistics: of(statistics),
    store: of(store),
    sum: new Reducer(reduction, { a: compute.format }),
    squareSum: new Reducer(reduction, { a: square.format }),
  };
}
