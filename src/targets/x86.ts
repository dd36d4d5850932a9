/**
 * Dot products of x86: AVX-512, AVX10.2 and AMX. Results are binary32, every operation ties to even, and subnormal
 * numbers are read and written as zero whatever MXCSR says.
 *
 * @module
 */
import { bfloat16, binary16, e4m3fn, e5m2 } from '../formats/catalogue.ts';
import type { Format } from '../formats/format.ts';
import type { Rounding } from '../rounding/roundTo.ts';
import { chip, floatChain, single, tree, type UnitData } from './build.ts';
import { amxIntegerUnits } from './integer.ts';
import { x86BrainFloat, x86Half } from './vector.ts';

function flushed(): Rounding {
  return single({ subnormals: 'flushBoth' });
}

/** Two fused multiply-adds, the odd element first. */
function oddFirst(name: string, instructions: string, format: Format, confidence: string): UnitData {
  const accumulator = { kind: 'float', rounding: flushed(), fused: true } as const;
  return {
    name,
    instructions,
    a: [format],
    k: 2,
    reduction: {
      kind: 'tiled',
      size: 2,
      within: { kind: 'sequential', order: 'descending', accumulator },
      across: 'chain',
    },
    output: single(),
    confidence,
  };
}

/** Two running sums, of even and of odd elements, added to each other and then to the addend. */
function twoSums(name: string, instructions: string, format: Format, confidence: string): UnitData {
  return {
    name,
    instructions,
    a: [format],
    k: 32,
    reduction: {
      kind: 'tiled',
      size: 32,
      within: { kind: 'strided', lanes: 2, within: floatChain(flushed(), true), across: tree(flushed()) },
      across: floatChain(flushed()),
    },
    output: single(),
    confidence,
  };
}

/** AVX512_BF16. */
export const avx512Bf16 = /* @__PURE__ */ chip(() => ({
  name: 'avx512Bf16',
  vendor: 'Intel, AMD',
  summary: 'VDPBF16PS: pairs of bf16, odd element first',
  source: 'Intel SDM, VDPBF16PS; measured on an AMD EPYC',
  verified: 'silicon',
  matrix: [oddFirst('bf16', 'VDPBF16PS', bfloat16, 'outputs of the processor, 32 million rows')],
}));

/** AVX10.2. */
export const avx10 = /* @__PURE__ */ chip(() => ({
  name: 'avx10',
  vendor: 'Intel',
  summary: 'VDPPHPS: pairs of f16, odd element first',
  source: 'Bochs, avx10_2 handlers',
  verified: 'model',
  vector: [x86Half(), x86BrainFloat()],
  matrix: [oddFirst('f16', 'VDPPHPS', binary16, 'one public model')],
}));

/** Advanced Matrix Extensions. */
export const amx = /* @__PURE__ */ chip(() => ({
  name: 'amx',
  vendor: 'Intel',
  summary: 'AMX tiles: bf16, f16 and fp8 into binary32, int8 into int32',
  source: 'Intel SDM, TDPBF16PS and TDPFP16PS; Bochs, amx.cc',
  verified: 'documented',
  // Every processor with AMX has AVX512-FP16.
  vector: [x86Half()],
  matrix: [
    twoSums('bf16', 'TDPBF16PS', bfloat16, 'documented; one public model'),
    twoSums('f16', 'TDPFP16PS', binary16, 'documented; one public model'),
    {
      name: 'fp8',
      instructions: 'TDPBF8PS, TDPBHF8PS, TDPHBF8PS, TDPHF8PS',
      a: [e4m3fn, e5m2],
      k: 64,
      product: flushed(),
      // Of four products p₀+p₁ enters one running sum, p₂+p₃ the other.
      reduction: {
        kind: 'tiled',
        size: 64,
        within: {
          kind: 'tiled',
          size: 2,
          within: tree(flushed()),
          across: { kind: 'strided', lanes: 2, within: floatChain(flushed()), across: tree(flushed()) },
        },
        across: floatChain(flushed()),
      },
      output: single(),
      verified: 'model',
      confidence: 'one public model',
    },
    ...amxIntegerUnits(),
  ],
}));
