/**
 * What a block format is, as data.
 *
 * @module
 */
import type { Beside } from './beside.ts';
import type { ElementFormat } from './codebook.ts';
import type { FloatFormat, Format } from './format.ts';
import type { ScaleRule } from './scaleRule.ts';

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
