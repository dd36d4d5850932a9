/**
 * A step's casts between arrays and lanes, with a tally of their own.
 *
 * @module
 */
import type { Lease } from '../../engine/engine.ts';
import type { Pointer } from '../../engine/module.ts';
import { BLOCK_BYTES, type LaneBytes, writeBlock } from '../../engine/roundingBlock.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import { type CastLoop, castLoop, castNumbers } from '../casts/loop.ts';
import { TALLY_BYTES } from '../counters.ts';

/** A step's casts, in and out of the lanes, with a tally of their own. */
export interface Caster {
  cast(x: Pointer, from: LaneBytes, out: Pointer, to: LaneBytes, n: number): void;
}

/** Opens a step's casts, which add to a stage's totals where they count. */
export function caster(parts: Lease, rounding: Rounding, totals: Pointer, isCounting: boolean): Caster {
  const {
    engine: { core },
    take,
  } = parts;
  const own = take(TALLY_BYTES);
  const spare = take(128);
  const word = take(8);
  new Uint8Array(core.memory.buffer, own, TALLY_BYTES).fill(0);
  const loops = new Map<number, { readonly loop: CastLoop; readonly at: Pointer }>();
  const placed = (from: LaneBytes, to: LaneBytes): { readonly loop: CastLoop; readonly at: Pointer } => {
    const known = loops.get(from * 16 + to);
    if (known !== undefined) return known;
    const found = { loop: castLoop(rounding, from, to) as CastLoop, at: take(BLOCK_BYTES) };
    writeBlock(core, found.loop.block, found.at);
    loops.set(from * 16 + to, found);
    return found;
  };
  return {
    cast(x, from, out, to, n) {
      const { loop, at } = placed(from, to);
      castNumbers(core, loop, isCounting, x, from, out, to, n, at, own, spare);
      if (!isCounting) return;
      const drainTally = loop.lane === 4 ? core.call.drainTally32 : core.call.drainTally64;
      drainTally(own, loop.block.overflowAccounting, 16 / loop.lane, totals, word, 0, 0);
    },
  };
}
