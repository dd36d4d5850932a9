/**
 * Vector units of chips, where their elementwise arithmetic is documented, so that layerNorm runs on them. The order of a
 * sum is the kernel's choice, not the chip's: a sequential one here, which `{ ...target, vector: { ...target.vector,
 * reduction } }` replaces.
 *
 * | target | arithmetic | subnormals | 1/√ |
 * | --- | --- | --- | --- |
 * | nvidiaFp16 | binary16 | kept | correctly rounded (assumed) |
 * | armFp16 | binary16 | kept (FPCR.FZ16 = 0) | FSQRT, FDIV |
 * | avx512Fp16 | binary16 | kept | VSQRTPH, VDIVPH |
 * | avx10Bf16 | bfloat16 | read and written as zero | VSQRT, VDIV |
 * | tpuBf16 | bfloat16 in memory, binary32 inside | none in bfloat16 | correctly rounded (assumed) |
 * | neuralEngineFp16 | binary16 | kept (assumed) | correctly rounded (assumed) |
 *
 * @module
 */
import { bfloat16, binary16, binary32 } from '../formats/catalogue.ts';
import { type Rounding, roundTo } from '../rounding/roundTo.ts';
import { floatChain } from './build.ts';
import { defineTarget } from './define.ts';
import type { ReciprocalSqrt, Target, VectorTarget } from './target.ts';

type Head = Pick<Target, 'name' | 'vendor' | 'summary' | 'source' | 'verified'>;

function vectorChip(
  head: Head,
  { storage, compute }: { readonly storage: Rounding; readonly compute: Rounding },
  reciprocalSqrt: ReciprocalSqrt['kind'],
): VectorTarget {
  return defineTarget({
    ...head,
    vector: {
      load: storage,
      compute,
      accumulate: compute,
      statistics: compute,
      store: storage,
      reduction: floatChain(compute),
      mean: 'reciprocal',
      reciprocalSqrt: { kind: reciprocalSqrt },
    },
  }) as VectorTarget;
}

function uniform(at: Rounding): { storage: Rounding; compute: Rounding } {
  return { storage: at, compute: at };
}

/** Native half arithmetic of NVIDIA GPUs from Pascal on (HADD2, HMUL2). */
export const nvidiaFp16 = /* @__PURE__ */ vectorChip(
  {
    name: 'nvidiaFp16',
    vendor: 'NVIDIA',
    summary: 'native half arithmetic: binary16, subnormals kept; roots and quotients assumed correctly rounded',
    source: 'PTX ISA, add, mul and fma .f16 without .ftz',
    verified: 'documented',
  },
  /* @__PURE__ */ uniform(/* @__PURE__ */ roundTo(binary16)),
  'correctlyRounded',
);

/** FEAT_FP16 of Arm. */
export const armFp16 = /* @__PURE__ */ vectorChip(
  {
    name: 'armFp16',
    vendor: 'Arm',
    summary: 'FEAT_FP16 arithmetic: binary16, subnormals kept (FPCR.FZ16 = 0), FSQRT then FDIV',
    source: 'Arm Architecture Reference Manual, FEAT_FP16; FPRound (flushed results set UFC alone), FPMulAdd',
    verified: 'documented',
  },
  /* @__PURE__ */ uniform(/* @__PURE__ */ roundTo(binary16, { tininess: 'beforeRounding', flushFlags: 'underflow' })),
  'sqrtThenReciprocal',
);

/** AVX512-FP16 of x86. */
export const avx512Fp16 = /* @__PURE__ */ vectorChip(
  {
    name: 'avx512Fp16',
    vendor: 'Intel',
    summary: 'AVX512-FP16 arithmetic: binary16, subnormals kept whatever DAZ and FTZ say, VSQRTPH then VDIVPH',
    source: 'Intel AVX512-FP16 architecture specification, from memory; SDM volume 1, 14.5.2 (∞ · 0 + quiet NaN)',
    verified: 'documented',
  },
  /* @__PURE__ */ uniform(/* @__PURE__ */ roundTo(binary16, { fusedInvalid: 'unlessNaN' })),
  'sqrtThenReciprocal',
);

/** The bf16 arithmetic of AVX10.2. */
export const avx10Bf16 = /* @__PURE__ */ vectorChip(
  {
    name: 'avx10Bf16',
    vendor: 'Intel',
    summary: 'AVX10.2 arithmetic on bfloat16: to nearest, subnormals read and written as zero, MXCSR ignored',
    source: 'Bochs, AVX10.2 handlers (VADDBF16 and its kin)',
    verified: 'model',
  },
  /* @__PURE__ */ uniform(/* @__PURE__ */ roundTo(bfloat16, { subnormals: 'flushBoth' })),
  'sqrtThenReciprocal',
);

/** Google's TPU with bfloat16 in memory. */
export const tpuBf16 = /* @__PURE__ */ vectorChip(
  {
    name: 'tpuBf16',
    vendor: 'Google',
    summary: 'bfloat16 without subnormals in memory, rounded to nearest; binary32 inside, assumed IEEE',
    source: 'cloud.google.com/tpu/docs/bfloat16',
    verified: 'documented',
  },
  {
    storage: /* @__PURE__ */ roundTo(bfloat16, { subnormals: 'flushBoth' }),
    compute: /* @__PURE__ */ roundTo(binary32),
  },
  'correctlyRounded',
);

/** Apple's Neural Engine as observed. */
export const neuralEngineFp16 = /* @__PURE__ */ vectorChip(
  {
    name: 'neuralEngineFp16',
    vendor: 'Apple',
    summary: 'float16 for everything, as observed from outside; rounding and subnormals assumed IEEE',
    source: 'hollance/neural-engine, docs/16-bit.md',
    verified: 'documented',
  },
  /* @__PURE__ */ uniform(/* @__PURE__ */ roundTo(binary16)),
  'correctlyRounded',
);
