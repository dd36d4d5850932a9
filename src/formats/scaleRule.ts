/**
 * The rules by which a block's scale follows from its numbers.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import type { ElementFormat } from './codebook.ts';
import type { FloatFormat } from './format.ts';

/**
 * How a block's scale follows from its largest magnitude A, with M and 2^E the element's largest number and its binade:
 *
 * - `floor`: 2^(⌊log2 A⌋ − E), OCP's own; up to the binade's end elements are clipped.
 * - `ceil`: 2^(⌈log2 A⌉ − E).
 * - `rceil`: the smallest power of two with A ≤ M · scale; nothing is clipped (NVIDIA's recipe for MXFP8).
 * - `even`: `floor` after A has been rounded, ties up, to the element's fraction bits.
 * - `tosa`: the smallest power of two for which A, rounded to the element without bounds, is at most M (TOSA 1.0).
 * - `amax`: A / M, the exact quotient rounded once to the scale's format, ties to even.
 * - `nvfp4`: A / M times what a scale for the tensor leaves, by reciprocals in binary32 (NVIDIA's recipe for NVFP4).
 *
 * The first five give powers of two, the last a scale with fraction bits; `amax` gives either.
 */
export const scaleRules = ['floor', 'ceil', 'rceil', 'even', 'tosa', 'amax', 'nvfp4'] as const;
export type ScaleRule = (typeof scaleRules)[number];

/** The rule of a block format that names none. */
export function defaultRule({ mantissaBits }: FloatFormat, tensorScale: FloatFormat | null): ScaleRule {
  if (mantissaBits === 0) return 'floor';
  return tensorScale === null ? 'amax' : 'nvfp4';
}

/** Whether a rule's scales are of that format: powers of two only, or with fraction bits. */
export function fitsScale(rule: ScaleRule, { mantissaBits }: FloatFormat): boolean {
  return rule === 'amax' || (rule === 'nvfp4') === mantissaBits > 0;
}

/** Refuses a rule that rounds to an element's fraction bits where elements have none. */
export function checkDigits(argument: string, rule: ScaleRule, element: ElementFormat): void {
  if (element.kind !== 'codebook' || (rule !== 'even' && rule !== 'tosa')) return;
  throw new BittrueError('unsupported', argument, rule, `another rule: ${element.name} has no fraction bits`);
}
