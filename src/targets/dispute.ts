/**
 * What published models of matrix units disagree on.
 *
 * @module
 */
import type { AlignedAccumulator } from '../accumulators/reduction.ts';

/**
 * Published models: Khattak & Mikaitis (arXiv 2512.07004); MMA-Sim 2 (arXiv 2511.10909v2); MMA-Sim before it, whose rule
 * of zeros its authors gave up; FPy's own model of MMA-Sim's units.
 */
export const models = ['km', 'mmasim', 'mmasim1', 'fpy'] as const;

/** A published model. */
export type Model = (typeof models)[number];

/** Fields of aligned accumulators that models dispute. */
export const disputedFields = ['leastExponent', 'zeroRule', 'zeroGroups', 'zeroSign', 'addend'] as const;

/** What a model has in them. */
export type DisputedFields = Partial<Pick<AlignedAccumulator, (typeof disputedFields)[number]>>;

/** What a model says of a unit's aligned sums where the unit follows another. */
export interface Dispute {
  readonly model: Model;
  readonly sums: DisputedFields;
}
