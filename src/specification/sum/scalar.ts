/**
 * Sums of rows: the specification.
 *
 * @module
 */
import { Reducer } from '../../accumulators/reducer.ts';
import { ValueUnit } from '../../arithmetic/valueUnit.ts';
import type { Recorder } from '../../events/recorder.ts';
import type { Scalar } from '../contract.ts';
import { roundEach, storeSum } from '../stages.ts';
import type { SumPlan } from './plan.ts';

/** Runs single rows: the row's number and its numbers give its sum. */
export function sumRow(plan: SumPlan): (recorder: Recorder, r: number, values: Float64Array) => number {
  const { width, reduction, load, store, stages } = plan;
  const reducer = new Reducer(reduction, load === null ? {} : { a: load.format });
  const loader = load === null ? null : new ValueUnit(load.format, load.policy);
  const storer = store === null ? null : new ValueUnit(store.format, store.policy);
  const z = new Float64Array(width);
  return (recorder, r, values) => {
    recorder.row = r;
    if (loader !== null) {
      recorder.stage = 0;
      roundEach(loader, values, z, recorder);
    }
    recorder.stage = stages.indexOf('sum');
    const sum = reducer.sum(loader === null ? values : z, null, width, recorder);
    return storer === null ? sum : storeSum(storer, sum, r, stages.indexOf('store'), recorder);
  };
}

/** Runs every row. */
export function sumRows(plan: SumPlan): Scalar<SumPlan, Float64Array, Float64Array> {
  const row = sumRow(plan);
  return ({ rows, width }, x, recorder) => {
    const output = new Float64Array(rows);
    for (let r = 0; r < rows; r++) {
      const sum = row(recorder, r, x.subarray(r * width, (r + 1) * width));
      output[r] = sum;
      recorder.endRow(Number.isFinite(sum));
    }
    recorder.end();
    return output;
  };
}
