/**
 * Mean and sum of squares along any order of additions: elements update a lane, lanes are merged.
 *
 * A `Reducer` carries partial results as numbers. Here each is the number of a lane, and 0 is that of no elements: what pads a
 * butterfly, and what a chain starts from.
 *
 * @module
 */
import type { Chain, Terms } from '../../accumulators/chain.ts';
import { placeOf } from '../../accumulators/chain.ts';
import { Reducer } from '../../accumulators/reducer.ts';
import type { Reduction } from '../../accumulators/reduction.ts';
import type { ValueUnit } from '../../arithmetic/valueUnit.ts';
import type { Recorder } from '../../events/recorder.ts';
import type { Units } from './units.ts';
import type { PlacedForm, PlacedStep, WelfordOperation } from './welford.ts';

/** What a lane, or a row, has found. */
export interface Moments {
  readonly mean: number;
  readonly m2: number;
  readonly count: number;
}

const nothing: Moments = Object.freeze({ mean: 0, m2: 0, count: 0 });

/** Welford's update of rows, in lanes. */
export class WelfordReducer {
  private readonly reducer: Reducer;
  private readonly lanes: Moments[] = [nothing];

  /** `width`: numbers a row; `reciprocals`: 1/n for n from 1 on. */
  constructor(
    reduction: Reduction,
    form: PlacedForm,
    units: Pick<Units, 'statistics' | 'accumulate'>,
    width: number,
    reciprocals: Float64Array,
  ) {
    const { lanes } = this;
    const { update, merge: merging, skipsEmpty } = form;
    const add = (moments: Moments): number => lanes.push(moments) - 1;
    const [element, pair] = [new Float64Array(update.values), new Float64Array(merging.values)];
    const merge = (a: Moments, b: Moments, join: number, recorder: Recorder): Moments => {
      const count = a.count + b.count;
      if (count === 0) return nothing;
      if (skipsEmpty && (a.count === 0 || b.count === 0)) return a.count === 0 ? b : a;
      pair.set([a.mean, a.m2, a.count, b.mean, b.m2, b.count, count, 1]);
      // Merges are numbered behind the elements' operations.
      const first = update.steps.length * width + merging.steps.length * (join - width);
      evaluate(merging.steps, pair, units, null, first, recorder);
      return { mean: pair[merging.mean] as number, m2: pair[merging.m2] as number, count };
    };
    /** The elements of a chain, one after the other. */
    const take = (
      own: Moments,
      terms: Terms,
      from: number,
      stride: number,
      count: number,
      recorder: Recorder,
    ): Moments => {
      const { steps } = update;
      let { mean, m2, count: n } = own;
      for (let k = 0, i = from; k < count; k++, i += stride) {
        const at = placeOf(terms, i);
        n += 1;
        element[0] = terms.a[i] as number;
        element[1] = mean;
        element[2] = m2;
        element[3] = n;
        element[4] = reciprocals[n - 1] as number;
        element[5] = 1;
        evaluate(steps, element, units, at, steps.length * at, recorder);
        mean = element[update.mean] as number;
        m2 = element[update.m2] as number;
      }
      return { mean, m2, count: n };
    };
    const chain: Chain = {
      chain(start: number, terms: Terms, from: number, stride: number, count: number, recorder: Recorder): number {
        let own = lanes[start] as Moments;
        if (!terms.joins) return add(take(own, terms, from, stride, count, recorder));
        for (let k = 0, i = from; k < count; k++, i += stride) {
          own = merge(own, lanes[terms.a[i] as number] as Moments, placeOf(terms, i), recorder);
        }
        return add(own);
      },
      join: (p, q, step, recorder) => add(merge(lanes[p] as Moments, lanes[q] as Moments, step, recorder)),
    };
    this.reducer = new Reducer(reduction, {}, () => chain);
  }

  /** Mean and sum of squares of the first `width` numbers. */
  run(values: Float64Array, width: number, recorder: Recorder): Moments {
    this.lanes.length = 1;
    return this.lanes[this.reducer.sum(values, null, width, recorder)] as Moments;
  }
}

/** Each operation rounded and told, in place. For inner loops. */
function evaluate(
  steps: readonly PlacedStep[],
  values: Float64Array,
  { statistics, accumulate }: Pick<Units, 'statistics' | 'accumulate'>,
  index: number | null,
  first: number,
  recorder: Recorder,
): void {
  for (let k = 0; k < steps.length; k++) {
    const { operation, a, b, c, to, isSquare } = steps[k] as PlacedStep;
    const unit = isSquare ? accumulate : statistics;
    const [x, y, z] = [values[a] as number, values[b] as number, values[c] as number];
    recorder.step = first + k;
    const r = rounded(unit, operation, x, y, z, recorder);
    if (unit.flags !== 0) {
      recorder.note(unit.flags, operation, index, first + k, x, y, operation === 'fusedMultiplyAdd' ? z : 0, r);
    }
    recorder.see(r, unit.binades);
    values[to] = r;
  }
}

function rounded(
  unit: ValueUnit,
  operation: WelfordOperation,
  x: number,
  y: number,
  z: number,
  recorder: Recorder,
): number {
  switch (operation) {
    case 'add':
      return unit.add(x, y, recorder);
    case 'subtract':
      return unit.subtract(x, y, recorder);
    case 'multiply':
      return unit.multiply(x, y, recorder);
    case 'divide':
      return unit.divide(x, y, recorder);
    case 'fusedMultiplyAdd':
      return unit.fusedMultiplyAdd(x, y, z, recorder);
  }
}
