/**
 * How a sum is formed, as data: an accumulator (what one running sum does) and an order (which sums there are).
 *
 * @module
 */
import type { Rounding } from '../rounding/roundTo.ts';

/** `acc ← round(acc + x)`; fused: `acc ← round(acc + a·b)` with the product exact. */
export interface FloatAccumulator {
  readonly kind: 'float';
  readonly rounding: Rounding;
  readonly fused?: boolean;
}

/** A fixed-point register: `acc ← round(acc + x)` to an integer format, whose fraction bits are the register's. */
export interface FixedAccumulator {
  readonly kind: 'fixed';
  /** Of an integer format: `int32:fraction=16` saturates or wraps at ±2^15, in steps of 2^−16. */
  readonly rounding: Rounding;
  /** Products enter exactly, each rounded with its sum. */
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
  /**
   * What becomes of a term that is NaN or infinite: an error (default), or the event `invalid` and no addend, so that a
   * long run goes on. Fractions are an error always.
   */
  readonly nonFinite?: 'error' | 'invalid';
}

/**
 * A sum with a running compensation, every operation rounded to `step`: Kahan 1965, or Neumaier 1974 (which also
 * compensates for an addend larger than the sum, and adds the compensation at the end).
 */
export interface CompensatedAccumulator {
  readonly kind: 'kahan' | 'neumaier';
  readonly rounding: Rounding;
}

/** Kulisch's: the sum of all terms is exact, and rounded once at the end of the chain. A zero sum is +0. */
export interface ExactAccumulator {
  readonly kind: 'exact';
  readonly output: Rounding;
  /** Elements of a chain count 2^productExponent-fold (FPMR.LSCALE of Arm), −256 … 256; absent where that is 0. */
  readonly productExponent?: number;
}

/**
 * How an addend joins after the products have been summed (AMD CDNA3). With S the sum of the products and M the larger
 * of its alignment exponent and the addend's, both are cut to multiples of 2^(M − bits), and their sum rounded. A zero
 * addend has exponent −126.
 */
export interface LateAddend {
  readonly sumBits: number;
  readonly addendBits: number;
  readonly lost: 'truncate' | 'floor';
  /** An addend of exponent below M − addendBits − 1 is cut like any other, or contributes nothing. */
  readonly far: 'cut' | 'zero';
  /**
   * Bits that the sum of the two keeps below its own exponent (at least the output's emin) before it is rounded, cut as
   * they were; null or absent: all.
   */
  readonly settle?: number | null;
}

/**
 * The fused sum of tensor and matrix cores. One chain is one fused sum: its terms, and the addend it starts from, are
 * aligned to the largest exponent E, each cut to a multiple of 2^(E − fractionBits), summed exactly, and rounded once.
 * Exponents are those before normalisation: of an operand max(⌊log2|x|⌋, emin of its format), of a product the sum.
 */
export interface AlignedAccumulator {
  readonly kind: 'aligned';
  /** F: bits kept below the alignment exponent, 0–48. */
  readonly fractionBits: number;
  /** What becomes of the bits below: cut toward zero, toward −∞, or jammed into the last bit kept. */
  readonly lost: 'truncate' | 'floor' | 'odd';
  /**
   * E is no less than this (Khattak & Mikaitis; MMA-Sim 2 gives zeros this exponent, which is the same where every other
   * term's is larger); default null, no bound. For an addend among the terms.
   */
  readonly leastExponent?: number | null;
  /**
   * The exponent of a zero. `out` (default): zeros take no part in E. `mmasim1`: every zero has −126, as a factor too, and
   * takes part (MMA-Sim before its version 2, which gave this up).
   */
  readonly zeroRule?: 'out' | 'mmasim1';
  /**
   * Whether a group that cancels to zero takes part in E by its scales' exponent (`scale`; MMA-Sim 2), or not (`out`,
   * default). Groups whose products are all zero, or whose scale is, do not.
   */
  readonly zeroGroups?: 'out' | 'scale';
  /**
   * The sign of a zero result. `positive` (default): always +0. `allNegative`: −0 if every term and the addend are −0, else
   * +0. `rounded`: −0 also where a negative sum other than zero rounds to zero; cancellation and terms cut to nothing give
   * +0.
   */
  readonly zeroSign?: 'positive' | 'allNegative' | 'rounded';
  /** The addend is one of the aligned terms (`together`, default), or joins afterwards. */
  readonly addend?: 'together' | LateAddend;
  /** 2: even and odd elements have sums and exponents of their own, which are then aligned by floor. Default 1. */
  readonly lanes?: 1 | 2;
  /** So many consecutive products form one term, summed exactly; its exponent is that of the block scales. Default 1. */
  readonly group?: number;
  /** Whether a product beyond the output's range counts as infinite, unless a term is so itself. Default `exact`. */
  readonly productOverflow?: 'exact' | 'infinity';
  readonly output: Rounding;
}

/** What one running sum does. */
export type Accumulator =
  | FloatAccumulator
  | FixedAccumulator
  | IntegerAccumulator
  | CompensatedAccumulator
  | ExactAccumulator
  | AlignedAccumulator;

/** A chain, or a tree over single elements. */
export interface OrderedReduction {
  readonly kind: 'sequential' | 'pairwise' | 'butterfly';
  readonly accumulator: Accumulator;
  /** Index order of a chain; default `ascending`. */
  readonly order?: 'ascending' | 'descending';
  /** A tree's leaves: chains of length one from +0 (default), or the elements themselves. */
  readonly leaf?: 'chain' | 'element';
  /**
   * Where a chain begins that nothing is given to start from: at +0 (default), or with its first element as it is, −0
   * included.
   */
  readonly start?: 'zero' | 'first';
  /**
   * A butterfly's lanes, a power of two: what is summed is padded with +0 to them (to twice as many, and so on, where there
   * are more), as a warp with idle threads does.
   */
  readonly lanes?: number;
}

/** Contiguous tiles, each reduced `within`; the results reduced `across`, or each the starting value of the next. */
export interface TiledReduction {
  readonly kind: 'tiled';
  readonly size: number;
  /** Which tile is the shorter one where tiles do not fit; default `last`. */
  readonly short?: 'last' | 'first';
  readonly within: Reduction;
  readonly across: Reduction | 'chain';
}

/** Lane l takes the elements with ⌊i / run⌋ ≡ l mod lanes; the lanes reduced `across`, or each the start of the next. */
export interface StridedReduction {
  readonly kind: 'strided';
  readonly lanes: number;
  /** Neighbours that stay together; default 1. */
  readonly run?: number;
  readonly within: Reduction;
  readonly across: Reduction | 'chain';
}

/**
 * A vector loop and its remainder: as many elements as are a multiple of `multipleOf` go to the head, the rest to the tail.
 * The two results are reduced `across`, or the tail starts from the head's. A part without elements does not exist.
 */
export interface SplitReduction {
  readonly kind: 'split';
  readonly multipleOf: number;
  readonly head: Reduction;
  readonly tail: Reduction;
  readonly across: Reduction | 'chain';
}

/** How a sum is formed. */
export type Reduction = OrderedReduction | TiledReduction | StridedReduction | SplitReduction;
