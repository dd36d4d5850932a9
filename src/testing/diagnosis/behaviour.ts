/**
 * What an implementation might do instead, as data: a name, a sentence, and a change to how results are computed.
 *
 * @module
 */
import type { Operand } from '../conformance/operand.ts';

/** A named deviation. Two of the same group exclude each other. */
export interface Behaviour<Setup> {
  readonly name: string;
  /** What the implementation does, as a clause: `rounds ties away from zero`. */
  readonly text: string;
  readonly group: string;
  /** The name of the same deviation without its range; left out: its own. */
  readonly base?: string;
  readonly change: (setup: Setup) => Setup;
  /** The cases it holds for; left out: all. */
  readonly where?: (operands: readonly Operand[]) => boolean;
}

/**
 * Results under several behaviours at once. Each case is computed by the changes of those behaviours that hold for it,
 * the first one first; what computes is made once for each such set.
 */
export function composed<Setup, Compute>(
  behaviours: readonly Behaviour<Setup>[],
  base: Setup,
  computeWith: (setup: Setup) => Compute,
): (operands: readonly Operand[]) => Compute {
  const made: (Compute | undefined)[] = [];
  return (operands) => {
    let key = 0;
    behaviours.forEach(({ where }, i) => {
      if (where === undefined || where(operands)) key += 2 ** i;
    });
    made[key] ??= computeWith(
      behaviours
        .filter((_, i) => Math.floor(key / 2 ** i) % 2 === 1)
        .reduce((setup, { change }) => change(setup), base),
    );
    return made[key] as Compute;
  };
}
