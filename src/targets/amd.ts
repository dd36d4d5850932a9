/**
 * AMD matrix cores, CDNA1 to CDNA3 (MFMA). Every result but that of f64 is a binary32.
 *
 * - MI100: exact sums of 4 (bf16: 2) products and the addend, rounded once (both models by now; the published outputs of
 *   arXiv 2403.00232 speak for it).
 * - MI200: trees of 4 (bf16: 2) rounded products, then the addend; everything subnormal is flushed.
 * - MI300: aligned sums of 8 (xf32: 4) products cut toward zero; the addend joins late, both cut toward −∞, and their sum is
 *   cut so again below its own exponent (MMA-Sim 2; its first version, and a model that Khattak & Mikaitis withdrew, have
 *   one cut: `disputed`). fp8: even and odd elements apart, in blocks of 16.
 * - f64 on MI200 and MI300, f32 on all: multiply-adds in ascending order.
 *
 * @module
 */
import type { LateAddend } from '../accumulators/reduction.ts';
import { bfloat16, binary16, binary32, e4m3fnuz, e5m2fnuz, tf32 } from '../formats/catalogue.ts';
import type { Format } from '../formats/format.ts';
import { blocks, chip, doubles, exactBlocks, floatChain, single, tree, type UnitData } from './build.ts';
import type { Dispute } from './dispute.ts';
import { amdVectorUnits } from './vector.ts';

const SOURCE = 'MMA-Sim 2, arXiv 2511.10909v2; Khattak & Mikaitis, MATLAB-tensor-core';
const MODELS = 'two public models agree';

/** A chain of fused multiply-adds, k ascending: binary32 on all of them. */
function f32(): UnitData {
  return {
    name: 'f32',
    instructions: 'v_mfma_f32_*_f32',
    a: [binary32],
    k: 4,
    reduction: floatChain(single(), true),
    output: single(),
    confidence: 'MMA-Sim 2',
  };
}

/** The same in binary64; MI100 has no such instruction. */
function f64(): UnitData {
  return doubles({ instructions: 'v_mfma_f64_*f64', k: 4, confidence: 'MMA-Sim 2' });
}

/** CDNA1. */
export const mi100 = /* @__PURE__ */ chip(() => ({
  name: 'mi100',
  vendor: 'AMD',
  summary: 'CDNA1 matrix cores (gfx908)',
  source: `${SOURCE}; FTTN, arXiv 2403.00232`,
  verified: 'model',
  vector: amdVectorUnits(),
  matrix: [
    f32(),
    exactly('f16', 'v_mfma_f32_*f16', binary16, 16, 4),
    exactly('bf16', 'v_mfma_f32_*bf16', bfloat16, 8, 2),
  ],
}));

function exactly(name: string, instructions: string, format: Format, k: number, group: number): UnitData {
  return {
    name,
    instructions,
    a: [format],
    k,
    reduction: exactBlocks(group, single(), 'together'),
    output: single(),
    confidence: MODELS,
  };
}

/** CDNA2. */
export const mi200 = /* @__PURE__ */ chip(() => ({
  name: 'mi200',
  vendor: 'AMD',
  summary: 'CDNA2 matrix cores (gfx90a)',
  source: `${SOURCE}; MIOpen, MI200 MFMA behavior specifics`,
  verified: 'model',
  vector: amdVectorUnits(),
  matrix: [
    f32(),
    f64(),
    flushing('f16', 'v_mfma_f32_*f16', binary16, 16, 4),
    flushing('bf16_1k', 'v_mfma_f32_*bf16_1k', bfloat16, 16, 4),
    flushing('bf16', 'v_mfma_f32_*bf16', bfloat16, 8, 2),
  ],
}));

function flushing(name: string, instructions: string, format: Format, k: number, group: number): UnitData {
  const flush = single({ subnormals: 'flushBoth' });
  return {
    name,
    instructions,
    a: [format],
    load: { subnormals: 'flushInputs' },
    zeroOperands: 'positive',
    k,
    product: flush,
    reduction: { kind: 'tiled', size: group, within: tree(flush), across: floatChain(flush) },
    addend: single({ subnormals: 'flushInputs' }),
    output: single(),
    confidence: `${MODELS}; the flushing is documented`,
  };
}

/** CDNA3. */
export const mi300 = /* @__PURE__ */ chip(() => ({
  name: 'mi300',
  vendor: 'AMD',
  summary: 'CDNA3 matrix cores (gfx942)',
  source: SOURCE,
  verified: 'model',
  vector: amdVectorUnits(),
  matrix: [
    f32(),
    f64(),
    late('f16', 'v_mfma_f32_*_f16', binary16, 16, 8),
    late('bf16', 'v_mfma_f32_*_bf16', bfloat16, 16, 8),
    late('f16K4', 'v_mfma_f32_*x4_{2,4,16}b_f16', binary16, 4, 4),
    late('bf16K4', 'v_mfma_f32_*x4_{2,4,16}b_bf16', bfloat16, 4, 4),
    { ...late('xf32', 'v_mfma_f32_*_xf32', tf32, 8, 4), load: { rounding: 'towardZero' } },
    {
      ...late('fp8', 'v_mfma_f32_*_{fp8,bf8}_{fp8,bf8}', e4m3fnuz, 32, 16),
      a: [e4m3fnuz, e5m2fnuz],
      reduction: blocks(16, {
        fractionBits: 24,
        lost: 'truncate',
        lanes: 2,
        addend: joining('zero'),
        output: single(),
      }),
      disputed: oneCut('zero'),
    },
  ],
}));

/** MMA-Sim 2: the sum of products keeps a bit more than the result does, which is cut as well. */
function joining(far: LateAddend['far']): LateAddend {
  return { sumBits: 32, addendBits: 24, lost: 'floor', far, settle: 31 };
}

/** MMA-Sim before its version 2. */
function oneCut(far: LateAddend['far']): readonly Dispute[] {
  return [{ model: 'mmasim1', sums: { addend: { sumBits: 31, addendBits: 24, lost: 'floor', far, settle: null } } }];
}

function late(name: string, instructions: string, format: Format, k: number, group: number): UnitData {
  return {
    name,
    instructions,
    a: [format],
    k,
    reduction: blocks(group, {
      fractionBits: 24,
      lost: 'truncate',
      addend: joining('cut'),
      productOverflow: 'infinity',
      output: single(),
    }),
    output: single(),
    confidence: 'MMA-Sim 2; the second cut is disputed',
    disputed: oneCut('cut'),
  };
}
