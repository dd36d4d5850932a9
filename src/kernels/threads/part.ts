/**
 * A part of a run, as a thread of an engine carries it out.
 *
 * @module
 */
import type { Engine } from '../../engine/engine.ts';
import { multiplyPanels, type PanelPart } from '../../engine/exactProducts.ts';
import { kernels } from '../registry.ts';
import type { Part } from './share.ts';

/** What a thread is given: some items of a kernel's run, or some panels of a product in binary64. */
export type Work = Part | PanelPart;

/**
 * Carries out a part on a thread's own engine; `onPiece` is called after every piece. False where it refuses.
 *
 * @throws Error for a kernel that {@link kernels} does not have
 */
export function carryOut(engine: Engine, part: Work, onPiece: () => void): boolean {
  if ('panels' in part) {
    // Other threads grow the memory: growth by nothing asks for it as it is now.
    engine.core.memory.grow(0);
    multiplyPanels(engine.core, part);
    return true;
  }
  const { kernel, plan, raw, out, counters, first, end, own, bytes } = part;
  const { core, allocator } = engine;
  const known = kernels.get(kernel);
  if (known === undefined) throw new Error(`the threads' registry lacks the kernel ${kernel}`);
  // Other threads grow the memory: growth by nothing asks for the buffer as it is now.
  core.memory.grow(0);
  if (core.memory.buffer.byteLength < bytes) return false;
  for (const buffer of [...own, core.memory.buffer]) allocator.buffers.add(buffer);
  return known.compile?.(plan, engine)?.computeRange(raw, out, { ...counters, onPiece }, first, end) ?? false;
}
