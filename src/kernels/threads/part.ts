/**
 * A part of a run, as a thread of an engine carries it out.
 *
 * @module
 */
import type { Engine } from '../../engine/engine.ts';
import { addKernel } from '../add.ts';
import { castKernel } from '../cast.ts';
import { castCodesKernel } from '../castCodes.ts';
import { dotKernel } from '../dot.ts';
import type { Kernel } from '../kernel.ts';
import { layerNormKernel } from '../layerNorm.ts';
import { matmulKernel } from '../matmul.ts';
import { multiplyKernel } from '../multiply.ts';
import { rmsNormKernel } from '../rmsNorm.ts';
import { softmaxKernel } from '../softmax.ts';
import { sumKernel } from '../sum.ts';
import type { Part } from './share.ts';

// biome-ignore lint/suspicious/noExplicitAny: kernels of all options; the part's own says which.
type AnyKernel = Kernel<any, any, any, any, any>;

const all: readonly AnyKernel[] = [
  addKernel,
  castCodesKernel,
  castKernel,
  dotKernel,
  layerNormKernel,
  matmulKernel,
  multiplyKernel,
  rmsNormKernel,
  softmaxKernel,
  sumKernel,
];
/** The kernels that threads share, by name. */
export const kernels: ReadonlyMap<string, AnyKernel> = new Map(all.map((kernel) => [kernel.name, kernel]));

/**
 * Carries out a part on a thread's own engine; `onPiece` is called after every piece. False where it refuses.
 *
 * @throws Error for a kernel that {@link kernels} does not have
 */
export function carryOut(engine: Engine, part: Part, onPiece: () => void): boolean {
  const { kernel, plan, raw, out, account, first, end, own, bytes } = part;
  const { core, allocator } = engine;
  const known = kernels.get(kernel);
  if (known === undefined) throw new Error(`the threads' registry lacks the kernel ${kernel}`);
  // Other threads grow the memory: growth by nothing asks for the buffer as it is now.
  core.memory.grow(0);
  if (core.memory.buffer.byteLength < bytes) return false;
  for (const buffer of [...own, core.memory.buffer]) allocator.buffers.add(buffer);
  return known.lower?.(plan, engine)?.pass(raw, out, { ...account, onPiece }, first, end) ?? false;
}
