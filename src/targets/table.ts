/**
 * All targets by name.
 *
 * @module
 */
import { BittrueError, checkAs, isReadable } from '../errors/index.ts';
import { mi100, mi200, mi300 } from './amd.ts';
import { armBf16, armFp8 } from './arm.ts';
import { defineTarget } from './define.ts';
import { blackfin, c55x, cpu16, dsp56800, integerMac } from './dsp.ts';
import {
  bf16,
  bf16Fp32Accumulate,
  bf16Fp32Compute,
  e4m3fnFp16,
  e4m3fnFp32,
  e5m2Fp16,
  fp16,
  fp16Fp32Accumulate,
  fp16Fp32Compute,
  fp16Tile64,
  fp32,
} from './generic.ts';
import { armInt8, avx512Vnni, hexagonHvx } from './integer.ts';
import { targetKey, unknownTarget } from './names.ts';
import { ipu, tpu } from './npu.ts';
import { a2, a100, ada, b200, h100, rtxBlackwell, t4, v100 } from './nvidia.ts';
import { riscv } from './riscv.ts';
import {
  a10,
  a10g,
  a16,
  a30,
  a40,
  a800,
  b100,
  gb200,
  gh200,
  h20,
  h200,
  h800,
  l4,
  l40,
  l40s,
  mi210,
  mi250,
  mi250x,
  mi300a,
  mi300x,
  mi325x,
  rtx3090,
  rtx4090,
  rtx5090,
  rtx6000Ada,
  rtxA6000,
  rtxPro6000,
  titanRtx,
  titanV,
} from './siblings.ts';
import type { Target, TargetName } from './target.ts';
import { withUnit } from './units.ts';
import { armFp16, avx10Bf16, avx512Fp16, neuralEngineFp16, nvidiaFp16, tpuBf16 } from './vector.ts';
import { amx, avx10, avx512Bf16 } from './x86.ts';

/** Every target that has a name here, in the order in which lists show them: a module's own names would come by the alphabet. */
export const targets: Readonly<Record<string, Target>> = /* @__PURE__ */ Object.freeze({
  fp16,
  fp16Fp32Accumulate,
  fp16Fp32Compute,
  bf16,
  bf16Fp32Accumulate,
  bf16Fp32Compute,
  fp32,
  e4m3fnFp16,
  e5m2Fp16,
  e4m3fnFp32,
  fp16Tile64,
  v100,
  t4,
  a100,
  a2,
  ada,
  h100,
  b200,
  rtxBlackwell,
  mi100,
  mi200,
  mi300,
  avx512Bf16,
  avx10,
  amx,
  armBf16,
  armFp8,
  riscv,
  tpu,
  ipu,
  nvidiaFp16,
  armFp16,
  avx512Fp16,
  avx10Bf16,
  tpuBf16,
  neuralEngineFp16,
  avx512Vnni,
  armInt8,
  hexagonHvx,
  integerMac,
  blackfin,
  dsp56800,
  c55x,
  cpu16,
  titanV,
  titanRtx,
  a30,
  a800,
  a10,
  a10g,
  a16,
  a40,
  rtxA6000,
  rtx3090,
  l40s,
  l40,
  l4,
  rtx6000Ada,
  rtx4090,
  h200,
  h800,
  h20,
  gh200,
  b100,
  gb200,
  rtxPro6000,
  rtx5090,
  mi210,
  mi250,
  mi250x,
  mi300a,
  mi300x,
  mi325x,
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
