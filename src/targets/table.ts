/**
 * All targets by name.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import * as amd from './amd.ts';
import { armBf16, armFp8 } from './arm.ts';
import * as dsp from './dsp.ts';
import * as generic from './generic.ts';
import { armInt8, avx512Vnni, hexagonHvx } from './integer.ts';
import * as npu from './npu.ts';
import * as nvidia from './nvidia.ts';
import * as riscv from './riscv.ts';
import * as siblings from './siblings.ts';
import type { Target } from './target.ts';
import * as vector from './vector.ts';
import * as x86 from './x86.ts';

/** Every target that has a name here. */
export const targets: Readonly<Record<string, Target>> = /* @__PURE__ */ Object.freeze({
  ...generic,
  ...nvidia,
  ...amd,
  ...x86,
  armBf16,
  armFp8,
  ...riscv,
  ...npu,
  ...vector,
  avx512Vnni,
  armInt8,
  hexagonHvx,
  ...dsp,
  ...siblings,
});

/**
 * The target of a name.
 *
 * @throws {@link BittrueError} for a name that does not exist
 * @example
 * import { findTarget } from 'bittrue/targets';
 * findTarget('fp16').summary; // 'binary16 everywhere'
 */
export function findTarget(name: string): Target {
  const found = typeof name === 'string' && Object.hasOwn(targets, name) ? targets[name] : undefined;
  if (found === undefined) {
    throw new BittrueError('name', 'target', name, `one of ${Object.keys(targets).join(', ')}`);
  }
  return found;
}
