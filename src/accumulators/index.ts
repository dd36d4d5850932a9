/**
 * How a sum is formed: the order of its additions (a *reduction*) and the register that holds it (an *accumulator*).
 *
 * Reductions are sequential, pairwise, butterfly, tiled or strided; accumulators are floats, fixed-point or integer registers,
 * Kahan's and Neumaier's compensated sums, exact sums, and the aligned sums of tensor cores. All are data that JSON can hold:
 * `defineReduction` checks one, and `sum` of `bittrue/kernels` adds up by it.
 *
 * @module
 */
export { defineReduction } from './define.ts';
export { defineAccumulator } from './defineAccumulator.ts';
export type * from './reduction.ts';
