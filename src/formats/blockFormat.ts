/**
 * What a block format is, as data.
 *
 * @module
 */
import type { ElementFormat } from './codebook.ts';
import type { FloatFormat, Format, IntegerFormat } from './format.ts';
import type { ScaleRule } from './scaleRule.ts';

/**
 * What a block has beside its one scale:
 *
 * - `zeroPoint`: the code that stands for 0 (GPTQ, AWQ): elements are unsigned integers, a number is (code − zero point) · scale.
 * - `signs`: a scale of its own for negative numbers (AFPQ, arXiv 2311.01792).
 * - `choice`: a second grid, which the sign of the scale selects (IF4, IF6: arXiv 2603.28765). A number is then its element times
 *   `ratio`, a binary32 number that makes both grids equally wide, times the scale.
 * - `exponents`: one bit of exponent for every group within the block, of so many numbers at each level (HiFloat4: 8, then 4).
 */
export type Beside =
  | { readonly kind: 'zeroPoint'; readonly format: IntegerFormat }
  | { readonly kind: 'signs' }
  | { readonly kind: 'choice'; readonly element: ElementFormat; readonly ratio: number; readonly inverse: number }
  | { readonly kind: 'exponents'; readonly groups: readonly number[] };

/** A block format, as data. Made by `defineBlock`. */
export interface BlockFormat<E extends ElementFormat = Format> {
  readonly kind: 'block';
  readonly name: string;
  readonly element: E;
  /** Unsigned, or read without its sign. */
  readonly scale: FloatFormat;
  /** A binary32 scale over the tensor, or none. Only the rule `nvfp4` chooses one. */
  readonly tensorScale: FloatFormat | null;
  /** Numbers that share a scale: consecutive ones of the last axis. */
  readonly size: number;
  /** Rows that share it too, in two-dimensional blocks (DeepSeek's 128 × 128). Absent: 1. */
  readonly rows?: number;
  /** Absent: nothing. */
  readonly beside?: Beside;
  /** The rule by which its producers are expected to choose scales. */
  readonly scaleRule: ScaleRule;
  /** Storage of one number, scales and what is beside them included (without the tensor's). */
  readonly bitsPerNumber: number;
}

/** A block format whose elements may be of a codebook. */
export type AnyBlock = BlockFormat<ElementFormat>;
