/**
 * Stochastic rounding with N random bits, in the three variants of IEEE P3109 §4.7.4.
 *
 * @module
 */
import type { Format } from '../../formats/format.ts';
import type { Policy } from '../../rounding/policy.ts';
import { checkPolicy } from './checks.ts';
import type { Stochastic } from './direction.ts';
import type { Exact } from './exact.ts';
import { oracleRound, type Rounded } from './round.ts';

/**
 * Rounds stochastically with the random integer R in 0 … 2^bits − 1. With ν the fraction of a unit in the last place:
 * A: ⌊ν·2^N⌋ + R ≥ 2^N; B: ⌊ν·2^(N+1)⌋ + 2R + 1 ≥ 2^(N+1); C: ν·2^N to the nearest even integer, + R ≥ 2^N.
 * The rest of the policy holds; `policy.rounding` is ignored. An overflow under `ieee` gives an infinity.
 *
 * @example
 * import { binary16 } from 'bittrue/formats';
 * import { resolvePolicy } from 'bittrue/rounding';
 * import { oracle } from 'bittrue/testing';
 * const policy = resolvePolicy(binary16);
 * oracle.stochastic(binary16, policy, 2048.5, 8, 'A', 191).value; // 2048
 * oracle.stochastic(binary16, policy, 2048.5, 8, 'A', 192).value; // 2050
 */
export function oracleStochastic(
  format: Format,
  policy: Policy,
  x: number | Exact,
  bits: number,
  variant: Stochastic['variant'],
  random: number,
): Rounded {
  checkPolicy('policy', policy);
  return oracleRound(format, { ...policy, rounding: 'stochastic' }, x, { bits, variant, random });
}
