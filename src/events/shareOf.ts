/**
 * How many of a sum's additions lost an addend.
 *
 * @module
 */

/** Absorptions over additions of two finite numbers other than zero; 0 where there are none. */
export function shareOf(absorptions: number, additions: number): number {
  return additions === 0 ? 0 : absorptions / additions;
}
