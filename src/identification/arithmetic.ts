/**
 * How a unit computes a sum of products: what its plan says, names left out.
 *
 * @module
 */
import type { Reduction } from '../accumulators/reduction.ts';
import type { Rounding } from '../rounding/index.ts';
import type { BlockScale } from '../targets/index.ts';

/** How one sum is formed. */
export interface Arithmetic {
  /** How operands are read; `b` null: they are the terms themselves. */
  readonly a: Rounding;
  readonly b: Rounding | null;
  /** The addend as it is read; null: there is none. */
  readonly addend: Rounding | null;
  /** Whether operands that are zero are read as +0. */
  readonly positiveZeros: boolean;
  readonly scale: BlockScale | null;
  /** Rounding of each product; null: products are exact. */
  readonly product: Rounding | null;
  readonly reduction: Reduction;
  readonly output: Rounding;
}
