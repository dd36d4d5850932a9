/**
 * The failure that is no overflow: a sum that stops half way, since every addend is too small to move it.
 *
 * @module
 */
import { Reducer } from '../accumulators/reducer.ts';
import { ValueUnit } from '../arithmetic/valueUnit.ts';
import { BittrueError, checkName, fieldsOf } from '../errors/index.ts';
import { sumOf } from './bounds.ts';
import type { DotBoundsOptions, MatmulBoundsOptions, SumBoundsOptions } from './options.ts';
import { Flags } from './ranges.ts';
import type { BoundedSum } from './sumBounds.ts';

/** An input on which a sum stops. */
export interface Stall {
  /** One row, before `load`. */
  readonly x: Float64Array;
  readonly channel: number;
  /** The first element from which on the sum does not change. */
  readonly step: number;
  /** The sum, as the accumulator leaves it. */
  readonly sum: number;
  /** The exact sum of the loaded terms, and the part of it that comes from `step` on: at least half. */
  readonly exact: number;
  readonly rest: number;
}

/**
 * An input of the set, and a step after which the sum no longer changes though at least half of the exact sum is to come;
 * null where the search finds none. 4096 ones in binary16 stop at 2048, and no event but `absorption` tells.
 *
 * Tried are rows whose first elements are large and whose others are as large as can be without moving the sum.
 *
 * @throws {@link BittrueError} as `bounds` does; for kernels other than `sum`, `dot` and `matmul`
 * @example
 * import { stalls } from 'bittrue/bounds';
 * import { fp16 } from 'bittrue/targets';
 * const found = stalls({ kernel: 'sum', width: 5000, inputs: { kind: 'intervals', low: 0, high: 1 }, target: fp16 });
 * found?.sum; // 2048
 * found?.step; // 2048
 * found?.exact; // 5000
 */
export function stalls(options: SumBoundsOptions | DotBoundsOptions | MatmulBoundsOptions): Stall | null {
  checkName('options.kernel', fieldsOf(options).kernel, ['sum', 'dot', 'matmul'] as const);
  const sum = sumOf(options);
  for (let channel = 0; channel < sum.channels; channel++) {
    const found = stallOf(sum, channel);
    if (found !== null) return Object.freeze(found);
  }
  return null;
}

function stallOf(sum: BoundedSum, channel: number): Stall | null {
  const { region, load, product, reduction, operands } = sum;
  const { width } = region;
  if (region.ellipsoid !== null) {
    throw new BittrueError('unsupported', 'inputs.kind', 'a ball', 'intervals or a format, element by element');
  }
  const { weights, start } = sum.channel(channel);
  const loader = load === null ? null : new ValueUnit(load.format, load.policy);
  const multiplier = product === null ? null : new ValueUnit(product.format, product.policy);
  const reducer = new Reducer(reduction, operands);
  const flags = new Flags();
  const loaded = (x: Float64Array): Float64Array => (loader === null ? x : x.map((value) => loader.round(value)));
  const term = (value: number, k: number): number => {
    const w = weights?.[k] ?? 1;
    return multiplier === null ? value * w : multiplier.multiply(value, w);
  };
  /** The sum of the first `count` elements, the others being zero. */
  const total = (values: Float64Array, count: number): number => {
    const kept = values.map((value, k) => (k < count ? value : 0));
    if (multiplier !== null) return reducer.sum(kept.map(term), null, width, flags, start);
    return weights === null
      ? reducer.sum(kept, null, width, flags, start)
      : reducer.sum(kept, weights, width, flags, start);
  };
  const ends = (side: 1 | -1): Float64Array =>
    region.low.map((low, k) => ((weights?.[k] ?? 1) * side < 0 ? low : (region.high[k] as number)));
  for (const side of [1, -1] as const) {
    const most = ends(side);
    for (let large = 1; large <= width / 2; large *= 2) {
      // Large ones first; then, by halves, what is too small for the sum.
      for (let shrink = 1; shrink >= 2 ** -14; shrink /= 2) {
        const x = most.map((value, k) => {
          const low = region.low[k] as number;
          const high = region.high[k] as number;
          return k < large ? value : Math.min(high, Math.max(low, value * shrink));
        });
        const values = loaded(x);
        const found = stopOf(values, width, total, term);
        if (found !== null && flags.fails === false) return { x: Float64Array.from(x), channel, ...found };
        flags.raised = 0;
      }
    }
  }
  return null;
}

/** Where the sum of these values stops for good, if at least half of it is to come. */
function stopOf(
  values: Float64Array,
  width: number,
  total: (values: Float64Array, count: number) => number,
  term: (value: number, k: number) => number,
): Pick<Stall, 'step' | 'sum' | 'exact' | 'rest'> | null {
  const sum = total(values, width);
  let exact = 0;
  for (let k = 0; k < width; k++) exact += term(values[k] as number, k);
  // At most half of it may have come: only then can the rest be half.
  if (exact === 0 || !(Math.abs(sum) <= Math.abs(exact) * 0.75)) return null;
  let [least, most] = [0, width];
  // The first count from which on the sum is the final one: sums of one sign grow with the count.
  while (least < most) {
    const middle = (least + most) >> 1;
    if (total(values, middle) === sum) most = middle;
    else least = middle + 1;
  }
  let rest = 0;
  for (let k = least; k < width; k++) rest += term(values[k] as number, k);
  if (!(Math.abs(rest) >= Math.abs(exact) / 2) || least === width) return null;
  return { step: least, sum, exact, rest };
}
