/**
 * All targets by name.
 *
 * @module
 */
import { BittrueError, checkAs, isReadable } from '../errors/index.ts';
import * as amd from './amd.ts';
import { armBf16, armFp8 } from './arm.ts';
import { defineTarget } from './define.ts';
import * as dsp from './dsp.ts';
import * as generic from './generic.ts';
import { armInt8, avx512Vnni, hexagonHvx } from './integer.ts';
import { targetKey, unknownTarget } from './names.ts';
import * as npu from './npu.ts';
import * as nvidia from './nvidia.ts';
import * as riscv from './riscv.ts';
import * as siblings from './siblings.ts';
import type { Target, TargetName } from './target.ts';
import { withUnit } from './units.ts';
import { armFp16, avx10Bf16, avx512Fp16, neuralEngineFp16, nvidiaFp16, tpuBf16 } from './vector.ts';
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
  nvidiaFp16,
  armFp16,
  avx512Fp16,
  avx10Bf16,
  tpuBf16,
  neuralEngineFp16,
  avx512Vnni,
  armInt8,
  hexagonHvx,
  ...dsp,
  ...siblings,
});

/**
 * The target of a text: a name in any case, or `NAME:UNIT`, the target with that unit as its default. A vector unit is then the default of
 * products too; `NAME:vector` is the default vector unit.
 *
 * @throws {@link BittrueError} for a name that does not exist, or a unit that the target has not
 * @example
 * import { findTarget } from 'bittrue/targets';
 * findTarget('fp16').summary; // 'binary16 everywhere'
 * findTarget('h100:fp8Wgmma').defaults; // { vector: 'vectorF16', matrix: 'fp8Wgmma' }
 * findTarget('h100:vectorF32').defaults; // { vector: 'vectorF32', matrix: 'vectorF32' }
 * findTarget('h100:fp4'); // throws name
 */
export function findTarget(text: TargetName): Target {
  const [name = '', ...units] = typeof text === 'string' ? text.split(':') : [];
  const names = Object.keys(targets);
  const key = targetKey(name, names);
  if (units.length > 1 || !Object.hasOwn(targets, key)) throw unknownTarget(text, name, names);
  return units[0] === undefined ? targets[key] : withUnit('target', targets[key], units[0]);
}

/** A target from an argument, which may be its text or its data. */
export function givenTarget(argument: string, value: unknown): Target {
  if (typeof value !== 'string' && !isReadable(value)) {
    const expected = 'a target, such as fp16 from bittrue/targets; findTarget has them by name';
    throw new BittrueError('type', argument, value, expected);
  }
  return checkAs(
    (path) => path.replace(/^target/, argument),
    () => (typeof value === 'string' ? findTarget(value) : defineTarget(value)),
  );
}
