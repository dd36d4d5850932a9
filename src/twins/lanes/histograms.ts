/**
 * Results of a fast pass by their magnitudes: the module counts them where they lie, stage by stage.
 *
 * @module
 */
import type { Lease } from '../../engine/engine.ts';
import type { Pointer } from '../../engine/module.ts';
import type { LaneBytes } from '../../engine/roundingBlock.ts';
import { COUNTS, MagnitudeCounter } from '../../events/magnitudes.ts';
import type { Binades } from '../../formats/binades.ts';
import type { Counters } from '../counters.ts';
import { addStage } from '../magnitudes.ts';

/** The histograms of a part of a run. */
export interface Histograms {
  /** Where the module finds a stage's counts. */
  at(stage: number): Pointer;
  /** Says that a stage has results of a format that reaches so far. */
  reach(stage: number, binades: Binades): void;
  /** Counts `numbers` results in each of so many columns, `stride` bytes apart. */
  columns(
    stage: number,
    binades: Binades,
    lane: LaneBytes,
    x: Pointer,
    columns: number,
    stride: number,
    numbers: number,
  ): void;
  /** Counts results that lie side by side. */
  dense(stage: number, binades: Binades, lane: LaneBytes, x: Pointer, numbers: number): void;
  /** Enters all that was counted into the run's counters. */
  close(): void;
}

/** Opens histograms of so many stages where the run counts magnitudes; null: it does not. */
export function openHistograms(
  { engine: { core }, take }: Lease,
  stages: number,
  magnitudes: Counters['magnitudes'],
): Histograms | null {
  if (magnitudes === null) return null;
  const bytes = COUNTS * 8;
  const start = take(stages * bytes);
  new Uint8Array(core.memory.buffer, start, stages * bytes).fill(0);
  const counter = new MagnitudeCounter(stages, magnitudes);
  const columns: Histograms['columns'] = (stage, binades, lane, x, count, stride, numbers) => {
    if (count * numbers === 0) return;
    counter.reach(stage, binades);
    const { call } = core;
    const countMagnitudes = lane === 4 ? call.countMagnitudes32 : call.countMagnitudes64;
    countMagnitudes(x, count, stride, numbers, 2 ** Math.max(binades.least, -1022), start + stage * bytes);
  };
  return {
    at: (stage) => start + stage * bytes,
    reach: (stage, binades) => counter.reach(stage, binades),
    columns,
    dense: (stage, binades, lane, x, numbers) => columns(stage, binades, lane, x, 1, 0, numbers),
    close() {
      for (let stage = 0; stage < stages; stage++) {
        addStage(counter, stage, new Float64Array(core.memory.buffer, start + stage * bytes, COUNTS));
      }
    },
  };
}
