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
import type { PlacedForm, PlacedStep, PlacedSteps } from './welford.ts';

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
    units: { readonly statistics: ValueUnit; readonly accumulate: ValueUnit },
    width: number,
    reciprocals: Float64Array,
  ) {
    const { lanes } = this;
    const add = (moments: Moments): number => lanes.push(moments) - 1;
    const updates = form.update.steps.length;
    const merges = form.merge.steps.length;
    const run = (
      program: PlacedSteps,
      given: readonly number[],
      index: number | null,
      step: number,
      recorder: Recorder,
    ) => evaluate(program, given, units, index, step, recorder);
    const merge = (a: Moments, b: Moments, join: number, recorder: Recorder): Moments => {
      const count = a.count + b.count;
      if (count === 0) return nothing;
      if (form.skipsEmpty && (a.count === 0 || b.count === 0)) return a.count === 0 ? b : a;
      const given = [a.mean, a.m2, a.count, b.mean, b.m2, b.count, count, 1];
      // Merges are numbered behind the elements' operations.
      return { ...run(form.merge, given, null, updates * width + merges * (join - width), recorder), count };
    };
    const chain: Chain = {
      chain(start: number, terms: Terms, from: number, stride: number, count: number, recorder: Recorder): number {
        let own = lanes[start] as Moments;
        for (let k = 0, i = from; k < count; k++, i += stride) {
          const at = placeOf(terms, i);
          if (terms.joins) own = merge(own, lanes[terms.a[i] as number] as Moments, at, recorder);
          else {
            const n = own.count + 1;
            const given = [terms.a[i] as number, own.mean, own.m2, n, reciprocals[n - 1] as number, 1];
            own = { ...run(form.update, given, at, updates * at, recorder), count: n };
          }
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

/** Each operation rounded and told. */
function evaluate(
  { steps, values: size, mean, m2 }: PlacedSteps,
  given: readonly number[],
  units: { readonly statistics: ValueUnit; readonly accumulate: ValueUnit },
  index: number | null,
  first: number,
  recorder: Recorder,
): { mean: number; m2: number } {
  const values = new Float64Array(size);
  values.set(given);
  for (const [k, { operation, operands, to, isSquare }] of (steps as PlacedStep[]).entries()) {
    const unit = isSquare ? units.accumulate : units.statistics;
    const [a, b, c = 0] = operands.map((place) => values[place] as number) as [number, number, number?];
    recorder.step = first + k;
    const r =
      operation === 'fusedMultiplyAdd' ? unit.fusedMultiplyAdd(a, b, c, recorder) : unit[operation](a, b, recorder);
    if (unit.flags !== 0) recorder.note(unit.flags, operation, index, first + k, a, b, c, r);
    recorder.see(r, unit.binades);
    values[to] = r;
  }
  return { mean: values[mean] as number, m2: values[m2] as number };
}
