/**
 * How a sum is formed, as data: an accumulator (what one running sum does) and an order (which sums there are).
 *
 * @module
 */
import type { Step } from '../rounding/step.ts';

/** `acc ← round(acc + x)`; fused: `acc ← round(acc + a·b)` with the product exact. */
export interface FloatAccumulator {
  readonly kind: 'float';
  readonly step: Step;
  readonly fused?: boolean;
}

/** An n-bit two's-complement register. Every term is an exact integer; one clamp or wrap where `when` says. */
export interface IntegerAccumulator {
  readonly kind: 'integer';
  /** Width in bits, 2–1024. */
  readonly bits: number;
  readonly overflow: 'saturate' | 'wrap';
  /** Default `everyStep`. */
  readonly when?: 'everyStep' | 'atEnd' | { readonly every: number };
}

/** What one running sum does. */
export type Accumulator = FloatAccumulator | IntegerAccumulator;

/** A chain, or a tree over single elements. */
export interface OrderedReduction {
  readonly kind: 'sequential' | 'pairwise' | 'butterfly';
  readonly accumulator: Accumulator;
}

/** Contiguous tiles, each reduced `within`; the results reduced `across`, or each the starting value of the next. */
export interface TiledReduction {
  readonly kind: 'tiled';
  readonly size: number;
  readonly within: Reduction;
  readonly across: Reduction | 'chain';
}

/** Lane l takes the elements i ≡ l mod lanes. */
export interface StridedReduction {
  readonly kind: 'strided';
  readonly lanes: number;
  readonly within: Reduction;
  readonly across: Reduction;
}

/** How a sum is formed. */
export type Reduction = OrderedReduction | TiledReduction | StridedReduction;
