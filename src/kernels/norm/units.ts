/**
 * The working parts of a vector unit, made once a run.
 *
 * @module
 */
import { Reducer } from '../../accumulators/reducer.ts';
import { Unit } from '../../arithmetic/unit.ts';
import type { VectorUnit } from '../../targets/target.ts';

/** Units and reducer of a normalisation. */
export interface Units {
  readonly load: Unit;
  readonly compute: Unit;
  readonly accumulate: Unit;
  readonly statistics: Unit;
  readonly store: Unit;
  readonly reducer: Reducer;
}

/** Makes the working parts. */
export function createUnits({ load, compute, accumulate, statistics, store, reduction }: VectorUnit): Units {
  return {
    load: new Unit(load.format, load.policy),
    compute: new Unit(compute.format, compute.policy),
    accumulate: new Unit(accumulate.format, accumulate.policy),
    statistics: new Unit(statistics.format, statistics.policy),
    store: new Unit(store.format, store.policy),
    reducer: new Reducer(reduction, { a: compute.format }),
  };
}
