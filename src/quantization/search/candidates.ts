/**
 * The clips that a search tries (LLM-FP4, arXiv 2310.16836, §2.4 and its published code).
 *
 * @module
 */
import { exp2, log2 } from '../logarithm.ts';

/** A list of candidates, as data. */
export interface CandidateList {
  /**
   * `bias`: factors γ of the initial bias, b̃ = γ · b̃₀, as the paper: a clip is raised to the power γ, which is hardly a
   * search where b̃₀ is near 0 and runs backwards below. `clip`: factors of the largest magnitude itself.
   */
  readonly of: 'bias' | 'clip';
  readonly gamma1: number;
  readonly gamma2: number;
  /** Intervals between γ1 and γ2. */
  readonly intervals: number;
  /** Whether γ2 itself is tried: the published code leaves it out. */
  readonly last: boolean;
  /** Below this initial bias (α̃ above 2^−guard) factors are of the clip instead; −Infinity: never. */
  readonly guard: number;
}

/** γ1 + i · (γ2 − γ1) / k. */
export function factorsOf({ gamma1, gamma2, intervals, last }: CandidateList): readonly number[] {
  const count = last ? intervals + 1 : intervals;
  return Array.from({ length: count }, (_, i) => gamma1 + (i * (gamma2 - gamma1)) / intervals);
}

/** The scales α̃ to try around an initial one. */
export function candidateScales(initial: number, list: CandidateList, factors = factorsOf(list)): Float64Array {
  const bias = -log2(initial);
  if (list.of === 'clip' || bias < list.guard) return Float64Array.from(factors, (factor) => factor * initial);
  return Float64Array.from(factors, (factor) => (factor === 1 ? initial : exp2(-factor * bias)));
}
