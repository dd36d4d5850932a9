/**
 * Bounds of softmax, stage by stage.
 *
 * Exponents are at most 0, so no e^x exceeds 1 as the unit rounds it, and that of the largest element is it: the sum is at
 * least 1 wherever the unit and its registers hold 1.
 *
 * @module
 */
import { accumulatorRounding, leaves } from '../accumulators/walk.ts';
import { Exponential } from '../arithmetic/exponential.ts';
import { FAILURES } from '../rounding/flags.ts';
import type { Rounding } from '../rounding/roundTo.ts';
import type { SoftmaxPlan } from '../specification/softmax/plan.ts';
import { Edges } from './edges.ts';
import type { Region } from './inputSet.ts';
import type { StagesBound } from './normBounds.ts';
import { towards } from './outward.ts';
import { rangeReducer } from './rangeReducer.ts';
import { Flags, Ranges } from './ranges.ts';

const sink = /* @__PURE__ */ new Flags();

/** The bound of a row of the region. */
export function boundSoftmax(plan: SoftmaxPlan, region: Region): StagesBound {
  const { unit, width: d } = plan;
  let stage: string | null = null;
  const check = (name: string, fails: boolean): void => {
    if (fails) stage ??= name;
  };
  const ranges = new Ranges();
  const room = (): StagesBound => ({ stage, bound: ranges.bound, headroomBits: ranges.headroomBits });
  if (d === 0) return room();

  const loader = new Edges(unit.load);
  const low = new Float64Array(d);
  const high = new Float64Array(d);
  for (let k = 0; k < d; k++) {
    loader.round(region.low[k] as number, region.high[k] as number);
    low[k] = loader.low;
    high[k] = loader.high;
  }
  check('load', loader.fails);
  // A clamp tells of what it moves, as a saturation.
  if (plan.clamp !== null)
    check('clamp', low.some((x) => x < (plan.clamp?.low ?? 0)) || high.some((x) => x > (plan.clamp?.high ?? 0)));
  const top = { low: low.reduce((a, b) => Math.max(a, b)), high: high.reduce((a, b) => Math.max(a, b)) };

  const subtract = new Edges(unit.compute);
  const rows = new Float64Array(d);
  let fails = plan.exp.kind !== 'correctlyRounded';
  const exp = { low: exponential(plan, 'low'), high: exponential(plan, 'high') };
  let largest = 0;
  for (let k = 0; k < d; k++) {
    subtract.add(low[k] as number, -top.high, Math.min(high[k] as number, top.low), -top.low);
    // The largest element's exponent is 0, and it may be this one wherever its upper end reaches the others' lower ones.
    const [least, most] = [exp.low.exp(subtract.low), exp.high.exp(subtract.high)];
    fails ||= ((exp.low.flags | exp.high.flags) & FAILURES) !== 0;
    largest = Math.max(largest, most);
    rows[k] = ranges.enter({ low: least, high: most, idealLow: least, idealHigh: most, factors: null, wrapped: 0 });
  }
  check('subtract', subtract.fails);
  check('exp', fails);

  const reducer = rangeReducer(unit.reduction, { a: unit.compute.format }, ranges, 'noEvent');
  const sum = ranges.read(reducer.sum(rows, null, d, sink));
  check('sum', ranges.fails);
  const least = holdOne(plan) ? Math.max(1, sum.low) : sum.low;
  if (!(least > 0)) check(plan.normalize === 'divide' ? 'divide' : 'reciprocal', true);
  const last = new Edges(unit.compute);
  if (plan.normalize === 'reciprocal') {
    const reciprocal = new Edges(unit.statistics);
    reciprocal.divide(1, sum.high, 1, least);
    check('reciprocal', reciprocal.fails);
    last.multiply(0, reciprocal.low, largest, reciprocal.high);
    check('multiply', last.fails);
  } else {
    last.divide(0, sum.high, largest, least);
    check('divide', last.fails);
  }
  const store = new Edges(unit.store);
  store.round(last.low, last.high);
  check('store', store.fails);
  return room();
}

function exponential({ unit }: SoftmaxPlan, side: 'low' | 'high'): Exponential {
  const { format, policy } = towards(unit.compute, side);
  return new Exponential(format, policy);
}

/** Whether the unit and every register hold 1, and a sum of magnitudes never loses what it holds. */
function holdOne({ unit }: SoftmaxPlan): boolean {
  const holds = (rounding: Rounding): boolean => {
    const one = new Edges(rounding);
    one.round(1, 1);
    return one.low === 1 && !one.fails;
  };
  return leaves(unit.reduction).every(({ accumulator }) => {
    if (accumulator.kind !== 'float' && accumulator.kind !== 'fixed' && accumulator.kind !== 'exact') return false;
    return holds(accumulatorRounding(accumulator)) && holds(unit.compute);
  });
}
