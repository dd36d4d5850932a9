/**
 * The three inner loops of a search. They are arguments, so that an engine can put faster twins in their place: `cast` and
 * `product` must give the very same bits; `update` may add in another order, since a search decides nothing by its sums
 * alone (see `shortlist.ts`).
 *
 * @module
 */
import type { FloatFormat } from '../../formats/index.ts';
import { divideToGrid } from '../divide.ts';
import { product } from './product.ts';

/** The inner loops, each over plain arrays. */
export interface SearchArithmetic {
  /** `out[i + outFrom − from]` = x[i] / scale rounded to the grid, ties to even, saturating, for from ≤ i < to. */
  readonly cast: (
    format: FloatFormat,
    x: Float64Array,
    scale: number,
    out: Float64Array,
    from: number,
    to: number,
    outFrom?: number,
  ) => void;
  /** y [rows, outputs] = x [rows, inputs] · w [outputs, inputs]ᵀ; every sum one chain in ascending order of the index. */
  readonly product: (x: Float64Array, w: Float64Array, inputs: number, y: Float64Array) => Float64Array;
  /** y[l] += Σ factors[j] · columns[indices[j] · lanes + l], for j < count and l < lanes. */
  readonly update: (
    y: Float64Array,
    lanes: number,
    columns: Float64Array,
    indices: Int32Array,
    factors: Float64Array,
    count: number,
  ) => void;
}

/** Plain TypeScript. */
export const scalarArithmetic: SearchArithmetic = /* @__PURE__ */ Object.freeze({
  cast: divideToGrid,
  product,
  update,
});

/** Four columns at a time, so that y is read and written a quarter as often. */
function update(
  y: Float64Array,
  lanes: number,
  columns: Float64Array,
  indices: Int32Array,
  factors: Float64Array,
  count: number,
): void {
  let j = 0;
  for (; j + 4 <= count; j += 4) {
    const at0 = indices[j] * lanes;
    const at1 = indices[j + 1] * lanes;
    const at2 = indices[j + 2] * lanes;
    const at3 = indices[j + 3] * lanes;
    const f0 = factors[j];
    const f1 = factors[j + 1];
    const f2 = factors[j + 2];
    const f3 = factors[j + 3];
    for (let l = 0; l < lanes; l++) {
      y[l] += f0 * columns[at0 + l] + f1 * columns[at1 + l] + (f2 * columns[at2 + l] + f3 * columns[at3 + l]);
    }
  }
  for (; j < count; j++) {
    const at = indices[j] * lanes;
    const factor = factors[j];
    for (let l = 0; l < lanes; l++) y[l] += factor * columns[at + l];
  }
}
