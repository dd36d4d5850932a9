/**
 * Casts of contiguous numbers in the engine's memory: which loop carries out a step, and how it is run.
 *
 * @module
 */
import type { Core, Pointer } from '../../engine/module.ts';
import { type Block, type LaneBytes, roundingBlock } from '../../engine/roundingBlock.ts';
import type { Rounding } from '../../rounding/roundTo.ts';

/** Which loop of `assembly/casts/cast.ts`, and the step's constants for it. */
export interface CastLoop {
  readonly kind: 'constant' | 'carry' | 'nearestEven' | 'general';
  readonly block: Block;
  readonly lane: LaneBytes;
  readonly shift: number;
}

/** The fastest loop for a step, from and to numbers of so many bytes; null where only the specification knows how. */
export function castLoop(rounding: Rounding, from: LaneBytes, to: LaneBytes): CastLoop | null {
  const { format } = rounding;
  if (from === 4 && to === 4 && format.kind === 'float') {
    const block = roundingBlock(rounding, 4);
    if (block !== null && !block.isGeneral) return { kind: 'constant', block, lane: 4, shift: 0 };
  }
  const block = roundingBlock(rounding, 8);
  if (block === null || format.kind !== 'float') return null;
  const { mantissaBits, emax, emin, infinities } = format;
  if (
    from === 4 &&
    to === 4 &&
    !block.isGeneral &&
    emin === -126 &&
    emax === 127 &&
    infinities === 'ieee' &&
    mantissaBits < 23
  ) {
    if (block.constants.top === Infinity) {
      const narrow: Block = { ...block, lane: 4 };
      return { kind: 'carry', block: narrow, lane: 4, shift: 23 - mantissaBits };
    }
  }
  return { kind: block.isGeneral ? 'general' : 'nearestEven', block, lane: 8, shift: 0 };
}

/** Casts n numbers; the last vector is padded with zeros by way of `spare` (128 bytes). */
export function castNumbers(
  { call, memory }: Core,
  loop: CastLoop,
  isCounting: boolean,
  x: Pointer,
  from: LaneBytes,
  out: Pointer,
  to: LaneBytes,
  n: number,
  step: Pointer,
  tally: Pointer,
  spare: Pointer,
): void {
  const whole = n & ~3;
  const go = (a: Pointer, b: Pointer, count: number): void => {
    if (loop.kind === 'constant') {
      if (isCounting) call.castByConstant32Counting(a, b, count, step, tally);
      else call.castByConstant32(a, b, count, step);
    } else if (loop.kind === 'carry') {
      if (isCounting) call.castCarry32Counting(a, b, count, loop.shift, step, tally);
      else call.castCarry32(a, b, count, loop.shift, step);
    } else if (loop.kind === 'nearestEven') {
      if (isCounting) call.castNearestEven64Counting(a, from, b, to, count, step, tally);
      else call.castNearestEven64(a, from, b, to, count, step);
    } else call.castGenerally64(a, from, b, to, count, step, tally);
  };
  if (whole > 0) go(x, out, whole);
  const rest = n - whole;
  if (rest === 0) return;
  const bytes = new Uint8Array(memory.buffer);
  bytes.fill(0, spare, spare + 32);
  bytes.copyWithin(spare, x + whole * from, x + n * from);
  go(spare, spare + 64, 4);
  bytes.copyWithin(out + whole * to, spare + 64, spare + 64 + rest * to);
}
