/**
 * Vector units of chips, where their elementwise arithmetic is documented, so that layerNorm runs on them. The order of a
 * sum is the kernel's choice, not the chip's: a sequential one here, which a target with another `reduction` in the unit
 * replaces.
 *
 * | unit | on | arithmetic | subnormals | 1/√ |
 * | --- | --- | --- | --- | --- |
 * | vectorF16 | NVIDIA, AMD | binary16 | kept | correctly rounded (assumed) |
 * | vectorF32 | NVIDIA | binary32 | kept | sqrt.rn, rcp.rn |
 * | vectorF32 | AMD | binary32 | kept | correctly rounded (assumed) |
 * | vectorBf16 | NVIDIA from Hopper on | bfloat16 | kept | correctly rounded (assumed) |
 * | vectorF16 | Arm | binary16 | kept (FPCR.FZ16 = 0) | FSQRT, FDIV |
 * | vectorF16 | x86 | binary16 | kept | VSQRTPH, VDIVPH |
 * | vectorBf16 | AVX10.2 | bfloat16 | read and written as zero | VSQRT, VDIV |
 * | vectorF16 | RISC-V | binary16 | kept | vfsqrt, vfdiv |
 * | vectorBf16 | TPU | bfloat16 in memory, binary32 inside | none in bfloat16 | correctly rounded (assumed) |
 * | vectorF16 | Neural Engine | binary16 | kept (assumed) | correctly rounded (assumed) |
 *
 * The targets below have a vector unit alone. Those of NVIDIA, AVX10.2 and Google are the units that `h100`, `avx10`, `tpu`
 * and their kin have under the same names.
 *
 * @module
 */
import { bfloat16, binary16, binary32 } from '../formats/catalogue.ts';
import { roundTo } from '../rounding/roundTo.ts';
import { chip, type VectorUnitData } from './build.ts';

const PTX = 'PTX ISA, add, mul and fma without .ftz';
const ROOTS = 'roots and quotients assumed correctly rounded';

/** Half arithmetic of NVIDIA GPUs. */
function nvidiaHalf(): VectorUnitData {
  return {
    name: 'vectorF16',
    instructions: 'HADD2, HMUL2, HFMA2',
    storage: roundTo(binary16),
    reciprocalSqrt: 'correctlyRounded',
    source: PTX,
    verified: 'documented',
    confidence: `documented; ${ROOTS}`,
  };
}

/** The vector units of NVIDIA GPUs; `hasBfloat16` from Hopper (sm_90) on. */
export function nvidiaVectorUnits({ hasBfloat16 = false } = {}): VectorUnitData[] {
  const single: VectorUnitData = {
    name: 'vectorF32',
    instructions: 'FADD, FMUL, FFMA; sqrt.rn, rcp.rn',
    storage: roundTo(binary32),
    reciprocalSqrt: 'sqrtThenReciprocal',
    source: PTX,
    verified: 'documented',
    confidence: 'documented; rsqrt.approx, which is not correctly rounded, is not stated here',
  };
  const brain: VectorUnitData = {
    ...nvidiaHalf(),
    name: 'vectorBf16',
    instructions: 'HADD2.BF16, HMUL2.BF16, HFMA2.BF16',
    storage: roundTo(bfloat16),
  };
  return [nvidiaHalf(), single, ...(hasBfloat16 ? [brain] : [])];
}

/** The vector units of AMD's CDNA: subnormal numbers as compilers set the mode. */
export function amdVectorUnits(): VectorUnitData[] {
  const known = {
    reciprocalSqrt: 'correctlyRounded',
    source: 'AMD CDNA instruction set; LLVM, User Guide for AMDGPU (float_denorm_mode), from memory',
    verified: 'documented',
    confidence: `documented, subnormals kept as compilers set the mode; ${ROOTS}`,
  } as const;
  return [
    { name: 'vectorF16', instructions: 'V_ADD_F16, V_MUL_F16, V_FMA_F16', storage: roundTo(binary16), ...known },
    { name: 'vectorF32', instructions: 'V_ADD_F32, V_MUL_F32, V_FMA_F32', storage: roundTo(binary32), ...known },
  ];
}

/** AVX512-FP16, which processors with AMX tiles or AVX10.2 have too. */
export function x86Half(): VectorUnitData {
  return {
    name: 'vectorF16',
    instructions: 'VADDPH, VMULPH, VSQRTPH, VDIVPH',
    storage: roundTo(binary16, { fusedInvalid: 'unlessNaN' }),
    reciprocalSqrt: 'sqrtThenReciprocal',
    source: 'Intel AVX512-FP16 architecture specification, from memory; SDM volume 1, 14.5.2 (∞ · 0 + quiet NaN)',
    verified: 'documented',
    confidence: 'documented',
  };
}

/** bfloat16 arithmetic of AVX10.2. */
export function x86BrainFloat(): VectorUnitData {
  return {
    name: 'vectorBf16',
    instructions: 'VADDBF16, VMULBF16, VSQRTBF16, VDIVBF16',
    storage: roundTo(bfloat16, { subnormals: 'flushBoth' }),
    reciprocalSqrt: 'sqrtThenReciprocal',
    source: 'Bochs, AVX10.2 handlers (VADDBF16 and its kin)',
    verified: 'model',
    confidence: 'one public model',
  };
}

/** Zvfh. */
export function riscvHalf(): VectorUnitData {
  return {
    name: 'vectorF16',
    instructions: 'vfadd, vfmul, vfsqrt, vfdiv (Zvfh)',
    storage: roundTo(binary16),
    reciprocalSqrt: 'sqrtThenReciprocal',
    source: 'riscv-isa-manual, F and V (IEEE 754, tininess after rounding); Zvfh',
    verified: 'documented',
    confidence: 'documented',
  };
}

/** bfloat16 in the memory of Google's TPU, binary32 inside. */
export function tpuVectorUnit(): VectorUnitData {
  return {
    name: 'vectorBf16',
    instructions: 'elementwise arithmetic on bfloat16 in memory',
    storage: roundTo(bfloat16, { subnormals: 'flushBoth' }),
    compute: roundTo(binary32),
    reciprocalSqrt: 'correctlyRounded',
    source: 'cloud.google.com/tpu/docs/bfloat16',
    verified: 'documented',
    confidence: 'no subnormals in bfloat16: documented; binary32 inside assumed IEEE',
  };
}

/** Native half arithmetic of NVIDIA GPUs from Pascal on (HADD2, HMUL2). */
export const nvidiaFp16 = /* @__PURE__ */ chip(() => ({
  name: 'nvidiaFp16',
  vendor: 'NVIDIA',
  summary: 'native half arithmetic: binary16, subnormals kept; roots and quotients assumed correctly rounded',
  source: PTX,
  verified: 'documented',
  vector: [nvidiaHalf()],
}));

/** FEAT_FP16 of Arm. */
export const armFp16 = /* @__PURE__ */ chip(() => ({
  name: 'armFp16',
  vendor: 'Arm',
  summary: 'FEAT_FP16 arithmetic: binary16, subnormals kept (FPCR.FZ16 = 0), FSQRT then FDIV',
  source: 'Arm Architecture Reference Manual, FEAT_FP16; FPRound (flushed results set UFC alone), FPMulAdd',
  verified: 'documented',
  vector: [
    {
      name: 'vectorF16',
      instructions: 'FADD, FMUL, FSQRT, FDIV on half precision',
      storage: roundTo(binary16, { tininess: 'beforeRounding', flushFlags: 'underflow' }),
      reciprocalSqrt: 'sqrtThenReciprocal',
      confidence: 'documented',
    },
  ],
}));

/** AVX512-FP16 of x86. */
export const avx512Fp16 = /* @__PURE__ */ chip(() => ({
  name: 'avx512Fp16',
  vendor: 'Intel',
  summary: 'AVX512-FP16 arithmetic: binary16, subnormals kept whatever DAZ and FTZ say, VSQRTPH then VDIVPH',
  source: 'Intel AVX512-FP16 architecture specification, from memory; SDM volume 1, 14.5.2 (∞ · 0 + quiet NaN)',
  verified: 'documented',
  vector: [x86Half()],
}));

/** The bf16 arithmetic of AVX10.2. */
export const avx10Bf16 = /* @__PURE__ */ chip(() => ({
  name: 'avx10Bf16',
  vendor: 'Intel',
  summary: 'AVX10.2 arithmetic on bfloat16: to nearest, subnormals read and written as zero, MXCSR ignored',
  source: 'Bochs, AVX10.2 handlers (VADDBF16 and its kin)',
  verified: 'model',
  vector: [x86BrainFloat()],
}));

/** Google's TPU with bfloat16 in memory. */
export const tpuBf16 = /* @__PURE__ */ chip(() => ({
  name: 'tpuBf16',
  vendor: 'Google',
  summary: 'bfloat16 without subnormals in memory, rounded to nearest; binary32 inside, assumed IEEE',
  source: 'cloud.google.com/tpu/docs/bfloat16',
  verified: 'documented',
  vector: [tpuVectorUnit()],
}));

/** Apple's Neural Engine as observed. */
export const neuralEngineFp16 = /* @__PURE__ */ chip(() => ({
  name: 'neuralEngineFp16',
  vendor: 'Apple',
  summary: 'float16 for everything, as observed from outside; rounding and subnormals assumed IEEE',
  source: 'hollance/neural-engine, docs/16-bit.md',
  verified: 'documented',
  vector: [
    {
      name: 'vectorF16',
      instructions: '',
      storage: roundTo(binary16),
      reciprocalSqrt: 'correctlyRounded',
      confidence: 'observed from outside; rounding, subnormals and roots assumed IEEE',
    },
  ],
}));
