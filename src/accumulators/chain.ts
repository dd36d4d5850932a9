/**
 * What a reduction asks of an accumulator.
 *
 * @module
 */
import type { Recorder } from '../events/recorder.ts';
import type { Format } from '../formats/format.ts';

/** The elements of a sum. */
export interface Terms {
  readonly a: Float64Array;
  /** With it, the terms are the exact products `a[i]·b[i]`. */
  readonly b: Float64Array | null;
  /** The elements' numbers in the whole sum, where they are not their positions here. */
  readonly places: Int32Array | null;
  /** Whether the elements are results of inner reductions: their events bear no index, and the join's number as step. */
  readonly joins: boolean;
  readonly scales: BlockScales | null;
}

/** Factors shared by blocks of elements: element number i has `a[⌊i / block⌋] · b[⌊i / block⌋]`. */
export interface BlockScales {
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly block: number;
}

/** Formats that operands come in, where an accumulator goes by their unnormalised exponents. */
export interface OperandFormats {
  readonly a?: Format;
  readonly b?: Format;
  readonly scale?: Format;
}

/** One running sum, and one addition of two partial results. Each accumulator kind is one of these, in its own file. */
export interface Chain {
  /**
   * `start` plus the elements at `from`, `from + stride`, … (`count` of them, at least one). An element's event bears
   * its number as index and step; so does the event of an aligned sum, by its last element, while that of an exact sum
   * bears no index.
   */
  chain(start: number, terms: Terms, from: number, stride: number, count: number, recorder: Recorder): number;
  /** p + q for partial results; its event bears no index, and the step given. */
  join(p: number, q: number, step: number, recorder: Recorder): number;
}

/** An element's number, or that of the join by which it enters. */
export function placeOf(terms: Terms, i: number): number {
  return terms.places === null ? i : (terms.places[i] as number);
}
