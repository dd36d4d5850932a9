/**
 * Dot products of Arm. BFDOT and BFMMLA round to odd (Arm ARM, FPCR.EBF = 0) or as two-way fused sums (EBF = 1).
 *
 * @module
 */
import { checkInteger, checkObject } from '../errors/index.ts';
import { bfloat16, binary16, e4m3fn, e5m2 } from '../formats/catalogue.ts';
import type { Format } from '../formats/format.ts';
import type { Rounding } from '../rounding/roundTo.ts';
import { chip, exactBlocks, floatChain, half, single, tree, type UnitData } from './build.ts';
import type { Target } from './target.ts';

const ARM = 'Arm Architecture Reference Manual A1.5.4–A1.5.6';

/** Round to odd with overflow to infinity; inputs and outputs flushed, outputs before rounding. */
function odd(): Rounding {
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

/** What software sets in FPMR before it uses the FP8 instructions. */
export interface Fpmr {
  /** FPMR.LSCALE, 0 (default) … 127: products count 2^−lscale-fold. Results in f16 go by its low four bits. */
  readonly lscale?: number;
  /** FPMR.OSM: an overflow becomes infinite (0, default), or the largest number (1). */
  readonly osm?: 0 | 1;
}

/**
 * The FP8 extensions under a setting of FPMR: exact sums of products, scaled, added to the addend and rounded once.
 *
 * @throws {@link BittrueError} for fields out of range
 * @example
 * import { dot } from 'bittrue/kernels';
 * import { armFp8With } from 'bittrue/targets';
 * const a = [448, 448, 448, 448];
 * const shape = { rows: 1, width: 4, unit: 'fdotF16' };
 * dot(a, a, { ...shape, target: armFp8With({}) }).output[0]; // Infinity
 * dot(a, a, { ...shape, target: armFp8With({ osm: 1 }) }).output[0]; // 65504
 * dot(a, a, { ...shape, target: armFp8With({ lscale: 5 }) }).output[0]; // 25088
 */
export function armFp8With(fpmr: Fpmr): Target {
  checkObject('fpmr', fpmr, ['lscale', 'osm']);
  const lscale = checkInteger('fpmr.lscale', fpmr.lscale ?? 0, 0, 127);
  const osm = checkInteger('fpmr.osm', fpmr.osm ?? 0, 0, 1);
  const policy = { overflow: osm === 1 ? 'saturateFinite' : 'infinity' } as const;
  const eight = (name: string, instructions: string, k: number, output: Rounding): UnitData => ({
    name,
    instructions,
    a: [e4m3fn, e5m2],
    k,
    reduction: exactBlocks(k, output, 'together', output.format === binary16 ? -(lscale % 16) : -lscale),
    output,
    confidence: 'documented',
  });
  return chip(() => ({
    name: 'armFp8',
    vendor: 'Arm',
    summary: `FDOT and FMMLA on fp8: exact sums rounded once (FPMR.LSCALE ${lscale}, OSM ${osm})`,
    source: `${ARM}, instruction pages`,
    verified: 'documented',
    matrix: [
      eight('fdot', 'FDOT (4-way) fp8 → f32', 4, single(policy)),
      eight('fdotF16', 'FDOT (2-way) fp8 → f16', 2, half(policy)),
      eight('fmmla', 'FMMLA (8-way) fp8 → f32', 8, single(policy)),
    ],
  }));
}

/** The FP8 extensions with FPMR.LSCALE 0 and OSM 0; see {@link armFp8With}. */
export const armFp8 = /* @__PURE__ */ armFp8With({});
