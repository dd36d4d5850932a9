/**
 * What `expect(…)` has beside its own, once the matchers are added.
 *
 * @module
 */
import type { Format } from '../../formats/format.ts';
import type { RoundingCheckOptions } from '../check/checkRounding.ts';

/** The matchers as methods; `R` is what the runner's own give. */
export interface NumberMatchers<R = unknown> {
  /** Numbers are equal to the last bit: −0 is not +0, NaN is NaN. */
  toBeBitEqual(expected: number | ArrayLike<number>): R;
  /** Numbers lie within some units in the last place of a format. */
  toBeWithinUlp(expected: number | ArrayLike<number>, ulps: number, format: Format | string): R;
  /** A function rounds as a format does; await it where the function gives promises. */
  toRoundAs(to: Format | string, options?: Omit<RoundingCheckOptions, 'to'>): R;
  /** A kernel's report is `ok`: no overflow, invalid, saturation and their like. */
  toHaveNoEvents(): R;
  /** A run overflows first at a stage, and where given at a row and element. */
  toOverflowAt(stage: string, place?: { readonly row?: number; readonly index?: number }): R;
}
