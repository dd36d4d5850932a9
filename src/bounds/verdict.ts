/**
 * What a bound answers.
 *
 * @module
 */
import type { NumericEvent } from '../events/event.ts';
import type { OperandFit } from './operandFit.ts';

/**
 * - `proved`: the claim holds for every finite input of the set, taken before `load`, and any seed;
 * - `overflows`: an input of the set is known that raises overflow, saturation or wrap: the witness;
 * - `unknown`: neither a proof nor a witness was found.
 */
export type Verdict = 'proved' | 'overflows' | 'unknown';

/**
 * - `noEvent`: no stage raises overflow, saturation, wrap, invalid or divideByZero;
 * - `sameResult`: registers that wrap may do so on the way, and the value read from them is right.
 */
export type Claim = 'noEvent' | 'sameResult';

/** An input of the set, and what it raises when the kernel runs on it. */
export interface Witness {
  /** One row, before `load`. */
  readonly x: Float64Array;
  /** Row or column of the weights; 0 where there are none. */
  readonly channel: number;
  /** The first event of the run that makes it fail, with its stage, step and operands. */
  readonly event: NumericEvent;
}

/** One output: a row of the weights of `dot`, a column of those of `matmul`. */
export interface ChannelBounds {
  readonly verdict: Verdict;
  readonly claim: Claim;
  /**
   * The largest magnitude that a register of the sum may hold, roundings included, of the register with the least room;
   * where it would overflow, what it would hold without a limit and without rounding.
   */
  readonly bound: number;
  /** log2 of that register's largest number over the bound: below 0 where it is too narrow, Infinity for a bound of 0. */
  readonly headroomBits: number;
}

/** The answer for a kernel: of its worst channel, with all channels. */
export interface Bounds extends ChannelBounds {
  readonly bittrue: string;
  readonly schema: 'bounds/1';
  readonly semantics: number;
  readonly kernel: string;
  /** Why, in one sentence. */
  readonly reason: string;
  /** With `overflows`. */
  readonly witness?: Witness;
  readonly channels: readonly ChannelBounds[];
  /** Of products: the unit, and how weights and inputs fit its formats. */
  readonly operands?: OperandFit;
}

const severity: Readonly<Record<Verdict, number>> = /* @__PURE__ */ Object.freeze({
  proved: 0,
  unknown: 1,
  overflows: 2,
});

/** The channel that decides: the worst verdict, the weaker claim, then the least room. */
export function worst(channels: readonly ChannelBounds[]): number {
  let at = 0;
  for (let c = 1; c < channels.length; c++) {
    const [one, best] = [channels[c] as ChannelBounds, channels[at] as ChannelBounds];
    const byVerdict = severity[one.verdict] - severity[best.verdict];
    const byClaim = Number(one.claim === 'sameResult') - Number(best.claim === 'sameResult');
    if (
      byVerdict > 0 ||
      (byVerdict === 0 && (byClaim > 0 || (byClaim === 0 && one.headroomBits < best.headroomBits)))
    ) {
      at = c;
    }
  }
  return at;
}
