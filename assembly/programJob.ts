/**
 * Where a program's job, arena, instructions and accumulators have what.
 *
 * @module
 */

/** Fields of a job, in the order of `src/twins/instructions/runner.ts`. */
export const PROGRAM: usize = 0;
export const END: usize = 4;
/** Pointers to what instructions name by number: steps and accumulators. */
export const TABLE: usize = 8;
export const ARENA: usize = 12;
export const X: usize = 16;
export const X_BINADES: usize = 20;
/** Columns of X are so many bytes apart, as a shift; from vector to vector 16, or 0 where all eight are one number. */
export const X_SHIFT: usize = 24;
export const X_VECTOR: usize = 28;
export const Y: usize = 32;
export const Y_BINADES: usize = 36;
export const PANEL: usize = 40;
export const ACC: usize = 44;
export const WIDTH: usize = 48;
export const LENGTH: usize = 52;
/** The rounding of products and where they go in the arena; no step: none. */
export const PRODUCT: usize = 56;
export const PRODUCT_IS_GENERAL: usize = 60;
export const PRODUCTS: usize = 64;
/** The rounding of results; no step: none. */
export const OUTPUT: usize = 68;
export const OUTPUT_IS_GENERAL: usize = 72;
/** Tallies of four vectors in each of three stages, then by stage: totals and behaviours. */
export const TALLIES: usize = 76;
export const TOTALS: usize = 80;
export const BEHAVIOURS: usize = 92;
export const FLAGS: usize = 104;
/** Flags of a register that changed an integer sum: of one that saturates, of one that wraps. */
export const RAISED: usize = 108;

/** Places in the arena. */
export const START: usize = 0;
export const RESULT: usize = 64;
export const GOOD: usize = 192;
/** How often registers that wrap changed a sum, then how often those that saturate did. */
export const CHANGES: usize = 256;
export const CUT: usize = 384;
/** How many terms, and sums on the way, a fused sum has lost wholly, lane by lane. */
export const LOST_WHOLLY: usize = 400;
export const GROUPS: usize = 416;

/** Instructions: operation, where the result goes, where it starts from, number in the table, operands and how many. */
export const OF_ELEMENTS: i32 = 1;
export const OF_VALUES: i32 = 2;
export const ALIGNED: i32 = 3;
export const EXACT: i32 = 4;
export const INTEGER_ELEMENTS: i32 = 5;
export const INTEGER_VALUES: i32 = 6;
export const COMPENSATED: i32 = 7;
export const DOUBLES: i32 = 8;
export const HEAD: usize = 20;

/** Fields of a float accumulator, and of the others: a step, whether it needs the general rounding, then their own. */
export const STEP: usize = 0;
export const IS_GENERAL: usize = 4;
export const LOST: usize = 8;
/** 0: the addend is one of the terms; 1: it joins late and is cut; 2: late, and nothing where it is far below. */
export const LATE: usize = 12;
export const LATE_LOST: usize = 16;
export const LANES: usize = 20;
export const GROUP: usize = 24;
/** What zeros of groups do: 0: those that sum to zero stay out; 1: none does; 2: only those without any product do. */
export const ZERO_GROUPS: usize = 28;
/** Powers of two: 2^−fractionBits, the addend's least binade, the least binade, a zero addend's, the products' limit. */
export const FRACTION: usize = 32;
export const ADDEND_BINADE: usize = 40;
export const LEAST: usize = 48;
export const ZERO_BINADE: usize = 56;
export const LIMIT: usize = 64;
/** 2^−sumBits, 2^−addendBits and half of that; 2^−settle, or 0 where the sum of the two does not settle. */
export const SUM_FRACTION: usize = 72;
export const LATE_FRACTION: usize = 80;
export const FAR: usize = 88;
export const SETTLE: usize = 96;
/** An exact accumulator's factor. */
export const FACTOR: usize = 32;
/** An integer register: whether it saturates, elements between fits; its range, 2^bits and the inverse. */
export const SATURATES: usize = 0;
export const EVERY: usize = 4;
export const LOW: usize = 8;
export const HIGH: usize = 16;
export const MODULUS: usize = 24;
export const INVERSE: usize = 32;

@inline
export function word(at: usize): usize {
  return load<u32>(at);
}
