/**
 * Dot products of Arm. BFDOT and BFMMLA round to odd (Arm ARM, FPCR.EBF = 0) or as two-way fused sums (EBF = 1).
 *
 * @module
 */
import { bfloat16, binary16, e4m3fn, e5m2 } from '../formats/catalogue.ts';
import type { Format } from '../formats/format.ts';
import type { Step } from '../rounding/step.ts';
import { chip, exactBlocks, floatChain, half, single, tree, type UnitData } from './build.ts';

const ARM = 'Arm Architecture Reference Manual A1.5.4–A1.5.6';

/** Round to odd with overflow to infinity; inputs and outputs flushed, outputs before rounding. */
function odd(): Step {
  return single({ rounding: 'toOdd', overflow: 'infinity', subnormals: 'flushBoth', tininess: 'beforeRounding' });
}

/** Pairs summed exactly, rounded, and then added. */
function pairs(name: string, instructions: string, format: Format, k: number): UnitData {
  return {
    name,
    instructions,
    a: [format],
    k,
    reduction: exactBlocks(2, single(), 'after'),
    output: single(),
    verified: 'model',
    confidence: 'one public model; zeros are +0 here',
  };
}

/** BFloat16 and matrix extensions. */
export const armBf16 = /* @__PURE__ */ chip(() => ({
  name: 'armBf16',
  vendor: 'Arm',
  summary: 'BFDOT, BFMMLA (two BFDOT steps in k order) and the two-way FMOPA',
  source: `${ARM}; QEMU, vec_helper.c`,
  verified: 'model',
  matrix: [
    {
      name: 'bfdot',
      instructions: 'BFDOT, BFMMLA with FPCR.EBF = 0',
      a: [bfloat16],
      k: 2,
      product: odd(),
      reduction: { kind: 'tiled', size: 2, within: tree(odd()), across: floatChain(odd()) },
      output: single(),
      confidence: '2.4 million rows against QEMU 7.2',
    },
    pairs('bfdotEbf', 'BFDOT, BFMMLA with FPCR.EBF = 1, to nearest', bfloat16, 2),
    pairs('fmopa', 'SME FMOPA f16 → f32, two-way', binary16, 2),
    {
      name: 'bfmlal',
      instructions: 'BFMLALB, BFMLALT',
      a: [bfloat16],
      k: 1,
      reduction: floatChain(single(), true),
      output: single(),
      confidence: 'one public model',
    },
  ],
}));

/** The FP8 extensions: fused sums with the addend, rounded once; FPMR.LSCALE = 0, overflow to infinity (OSM = 0). */
export const armFp8 = /* @__PURE__ */ chip(() => ({
  name: 'armFp8',
  vendor: 'Arm',
  summary: 'FDOT and FMMLA on fp8: exact sums rounded once (LSCALE 0, OSM 0)',
  source: `${ARM}, instruction pages`,
  verified: 'documented',
  matrix: [
    eight('fdot', 'FDOT (4-way) fp8 → f32', 4, single({ overflow: 'infinity' })),
    eight('fdotF16', 'FDOT (2-way) fp8 → f16', 2, half({ overflow: 'infinity' })),
    eight('fmmla', 'FMMLA (8-way) fp8 → f32', 8, single({ overflow: 'infinity' })),
  ],
}));

function eight(name: string, instructions: string, k: number, output: Step): UnitData {
  return {
    name,
    instructions,
    a: [e4m3fn, e5m2],
    k,
    reduction: exactBlocks(k, output, 'together'),
    output,
    confidence: 'documented',
  };
}
