/**
 * All kernels, by name: what an engine's threads carry out, and what goes through every kernel. No kernel imports it, so that
 * a bundle holds the kernels that it uses.
 *
 * @module
 */
import { addKernel } from './add.ts';
import { attentionKernel } from './attention.ts';
import { castKernel } from './cast.ts';
import { castCodesKernel } from './castCodes.ts';
import { dotKernel } from './dot.ts';
import { epilogueKernel } from './epilogue.ts';
import type { Kernel } from './kernel.ts';
import { layerNormKernel } from './layerNorm.ts';
import { matmulKernel } from './matmul.ts';
import { multiplyKernel } from './multiply.ts';
import { rmsNormKernel } from './rmsNorm.ts';
import { softmaxKernel } from './softmax.ts';
import { sumKernel } from './sum.ts';
import { unaryKernel } from './unary.ts';

// biome-ignore lint/suspicious/noExplicitAny: kernels of all options; the part's own says which.
type AnyKernel = Kernel<any, any, any, any, any>;

const all: readonly AnyKernel[] = [
  addKernel,
  attentionKernel,
  castCodesKernel,
  castKernel,
  dotKernel,
  epilogueKernel,
  layerNormKernel,
  matmulKernel,
  multiplyKernel,
  rmsNormKernel,
  softmaxKernel,
  sumKernel,
  unaryKernel,
];

/** The kernels, by name. */
export const kernels: ReadonlyMap<string, AnyKernel> = new Map(all.map((kernel) => [kernel.name, kernel]));
