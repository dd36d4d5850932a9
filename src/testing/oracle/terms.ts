/**
 * The terms of a sum, and what happened to them.
 *
 * @module
 */
import type { Format } from '../../formats/format.ts';
import type { Exact } from './exact.ts';

/** What enters a chain: x, or the exact product a·b; with the factors of the element's block. */
export interface Term {
  readonly a: Exact;
  readonly b: Exact | null;
  readonly scale: readonly [Exact, Exact] | null;
}
export interface Place {
  readonly index: number | null;
  readonly step: number;
}

/** Formats of the operands, and the block scales, where an aligned sum needs them. */
export interface OracleOperands {
  readonly a?: Format;
  readonly b?: Format;
  readonly scale?: Format;
}

/** One operation of a sum that raised a flag. */
export interface OracleReduceEvent {
  /** The element that entered, or null for a join. */
  readonly index: number | null;
  readonly step: number;
  readonly flags: number;
  readonly operands: readonly number[];
  readonly result: number;
  /** Of an event of an aligned sum, whose operands do not tell it: the exact sum. */
  readonly exact?: Exact;
}
