/**
 * What each named format is for, and the document that defines it: lists for people (`bittrue formats`, docs/formats.md).
 *
 * @module
 */

/** A line about a format. */
export interface FormatSource {
  /** What it is, in a few words. */
  readonly words: string;
  /** The document that defines it. */
  readonly source: string;
}

const ieee = 'IEEE 754-2019 §3.6';
const ofp8 = 'OCP OFP8 v1.0 §3';
const mx = 'OCP MX v1.0 §5';
const noune = 'Noune et al., arXiv 2206.02915';
const ours = 'two’s complement';

/** By the name of the catalogue. */
export const formatSources: Readonly<Record<string, FormatSource>> = {
  binary64: { words: 'double precision', source: ieee },
  binary32: { words: 'single precision', source: ieee },
  binary16: { words: 'half precision, FP16', source: ieee },
  bfloat16: { words: 'binary32 cut to 16 bits', source: 'Google Cloud TPU documentation' },
  tf32: { words: 'TensorFloat-32 without its padding', source: 'NVIDIA A100 white paper' },
  e8m13: { words: 'output of FP8 tensor cores, Ada and Hopper', source: 'Khattak, Mikaitis, arXiv 2512.07004' },
  dlfloat16: { words: 'IBM: one code for NaN and infinity', source: 'Agrawal et al., ARITH 2019; zDNN' },
  e5m2: { words: 'FP8 with infinities', source: ofp8 },
  e4m3fn: { words: 'FP8 of OCP, torch, NVIDIA', source: ofp8 },
  e4m3: { words: 'IEEE-like: not the FP8 of OCP', source: 'ml_dtypes' },
  e3m4: { words: 'IEEE-like', source: 'ml_dtypes' },
  e4m3fnuz: { words: 'FP8 of AMD MI300, bias 8', source: noune },
  e5m2fnuz: { words: 'FP8 of AMD MI300, bias 16', source: noune },
  e4m3b11fnuz: { words: 'bias 11', source: 'ml_dtypes' },
  e8m0fnu: { words: 'scale of MX blocks: powers of two', source: mx },
  ue4m3: { words: 'scale of NVFP4: e4m3fn without a sign', source: 'PTX ISA, tcgen05.mma' },
  ue5m3: { words: 'scale of FP4 blocks, wider than ue4m3', source: 'arXiv 2601.19026, arXiv 2609.02846' },
  e3m2fn: { words: 'FP6', source: mx },
  e2m3fn: { words: 'FP6', source: mx },
  e2m1fn: { words: 'FP4', source: mx },
  e3m0: { words: 'FP4 of powers of two', source: 'LLM-FP4, arXiv 2310.16836' },
  int2: { words: 'integer', source: ours },
  int4: { words: 'integer', source: ours },
  int8: { words: 'integer', source: ours },
  int16: { words: 'integer', source: ours },
  int32: { words: 'integer', source: ours },
  uint2: { words: 'integer', source: 'unsigned' },
  uint4: { words: 'integer', source: 'unsigned' },
  uint8: { words: 'integer', source: 'unsigned' },
  uint16: { words: 'integer', source: 'unsigned' },
  uint32: { words: 'integer', source: 'unsigned' },
  mxint8: { words: 'element of MXINT8: six fraction bits', source: mx },
};

/** Codebooks, by the name of their catalogue. */
export const codebookSources: Readonly<Record<string, FormatSource>> = {
  nf4: { words: 'QLoRA, bitsandbytes', source: 'Dettmers et al., arXiv 2305.14314; csrc/kernels.cu' },
  iq4nl: { words: 'llama.cpp’s IQ4_NL and IQ4_XS', source: 'ggml, kvalues_iq4nl' },
  hifloat8: { words: 'HiFloat8: tapered, 38 binades', source: 'Luo et al., arXiv 2409.16626' },
};

/** Block formats, by the name of their catalogue. */
export const blockSources: Readonly<Record<string, FormatSource>> = {
  mxfp8e4m3: { words: 'MXFP8', source: mx },
  mxfp8e5m2: { words: 'MXFP8', source: mx },
  mxfp6e3m2: { words: 'MXFP6', source: mx },
  mxfp6e2m3: { words: 'MXFP6', source: mx },
  mxfp4: { words: 'MXFP4', source: mx },
  mxint8: { words: 'MXINT8', source: mx },
  nvfp4: { words: 'NVFP4: a scale for the tensor too', source: 'NVIDIA Blackwell' },
  msfp12: { words: 'Microsoft floating point', source: 'Darvish Rouhani et al., NeurIPS 2020' },
  msfp16: { words: 'Microsoft floating point', source: 'Darvish Rouhani et al., NeurIPS 2020' },
  if4: {
    words: 'IF4: floats or integers, by the sign of the scale',
    source: 'arXiv 2603.28765, mit-han-lab/fouroversix',
  },
  if6e2m3: { words: 'IF6 with E2M3', source: 'arXiv 2603.28765, mit-han-lab/fouroversix' },
  if6e3m2: { words: 'IF6 with E3M2', source: 'arXiv 2603.28765, mit-han-lab/fouroversix' },
  hif4: { words: 'HiFloat4: an exponent bit for groups of 8 and 4', source: 'arXiv 2602.11287, its library' },
};
