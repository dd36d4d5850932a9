/**
 * What a GEMM does above its unit's instruction, as data: blocks of K and their residue, promotion, split K, the output's rounding.
 *
 * @module
 */
import type { OrderedReduction, Reduction } from '../accumulators/reduction.ts';
import { BittrueError, checkInteger, checkName, checkObject, checkText } from '../errors/index.ts';
import { binary32 } from '../formats/binary32.ts';
import { defineRounding, type Rounding, roundTo } from '../rounding/roundTo.ts';
import { defineTarget } from './define.ts';
import { givenTarget } from './table.ts';
import type { Target, TargetName } from './target.ts';

/** A GEMM of one shape of kernel: how its sums run along K. */
export interface GemmPlan {
  readonly name: string;
  /** A chip and its matrix unit: `h100:fp8Wgmma`, or a target whose default that is. */
  readonly target: Target | TargetName;
  /** Every so many elements of K the unit's sum is added to an outer one, and begins anew. Default never. */
  readonly promoteEvery?: number;
  /** K goes in iterations of so many, a multiple of the unit's K; `residue` needs it. */
  readonly blockK?: number;
  /** Which iteration is the short one where K is no multiple of `blockK`; default `last`. */
  readonly residue?: 'first' | 'last';
  /** K in so many slices, each a multiple of `blockK` or of the unit's K, whose sums are merged. Default 1. */
  readonly splitK?: number;
  /**
   * How slices are merged: added in order from +0 (`inOrder`, default), in order from the first slice's sum (`fromFirst`), or
   * neighbours first (`pairwise`).
   */
  readonly merge?: 'inOrder' | 'fromFirst' | 'pairwise';
  /** The K that is split; `splitK` needs it. */
  readonly k?: number;
  /** The rounding of those additions; default binary32 to nearest. */
  readonly partial?: Rounding;
  /** How the epilogue writes results; default as the unit does. */
  readonly output?: Rounding;
  /** Where the plan is from. */
  readonly source?: string;
}

/** A plan that is checked: its target has one matrix unit, `gemm`. */
const UNIT = 'gemm';

/**
 * A plan as a target whose one matrix unit, `gemm`, runs it: kernels, `distinguish` and studies take it as any other.
 *
 * @throws {@link BittrueError} for a target without a matrix unit that is named, `splitK` without `k`, and unknown fields
 * @example
 * import { dot } from 'bittrue/kernels';
 * import { gemmTarget } from 'bittrue/targets';
 * const plan = { name: 'promoted', target: 'h100:fp8Wgmma', promoteEvery: 128 } as const;
 * dot([1, 2], [3, 4], { rows: 1, width: 2, target: gemmTarget(plan) }).output[0]; // 11
 */
export function gemmTarget(plan: GemmPlan): Target {
  const given = checkObject('plan', plan, [
    'name',
    'target',
    'promoteEvery',
    'blockK',
    'residue',
    'splitK',
    'merge',
    'k',
    'partial',
    'output',
    'source',
  ]) as unknown as GemmPlan;
  const name = checkText('plan.name', given.name);
  const target = givenTarget('plan.target', given.target);
  const unit = target.defaults.matrix === undefined ? undefined : target.matrixUnits[target.defaults.matrix];
  if (unit === undefined) {
    const ways = Object.keys(target.matrixUnits).map((one) => `${target.name}:${one}`);
    throw new BittrueError(
      'name',
      'plan.target',
      target.name,
      'a target with one of its matrix units',
      ways.slice(0, 3),
    );
  }
  const rounding = given.partial === undefined ? roundTo(binary32) : defineRounding(given.partial, 'plan.partial');
  const across: OrderedReduction = { kind: 'sequential', accumulator: { kind: 'float', rounding, fused: false } };
  let { reduction } = unit;
  const blockK = given.blockK === undefined ? unit.k : multipleOf(unit.k, 'plan.blockK', given.blockK);
  const short = checkName('plan.residue', given.residue ?? 'last', ['first', 'last'] as const);
  if (given.blockK !== undefined) {
    reduction = { kind: 'tiled', size: blockK, short, within: reduction, across: 'chain' };
  } else if (short === 'first') throw new BittrueError('unsupported', 'plan.residue', short, 'blockK beside it');
  if (given.promoteEvery !== undefined) {
    const size = multipleOf(unit.k, 'plan.promoteEvery', given.promoteEvery);
    reduction = { kind: 'tiled', size, short, within: reduction, across };
  }
  const merge = checkName('plan.merge', given.merge ?? 'inOrder', ['inOrder', 'fromFirst', 'pairwise'] as const);
  const splitK = checkInteger('plan.splitK', given.splitK ?? 1, 1, 2 ** 31);
  if (splitK > 1) {
    const k = checkInteger('plan.k', given.k, 1, 2 ** 31);
    const size = Math.ceil(Math.ceil(k / splitK) / blockK) * blockK;
    reduction = { kind: 'tiled', size, short, within: reduction, across: merged(merge, across) };
  } else if (given.merge !== undefined) {
    throw new BittrueError('unsupported', 'plan.merge', merge, 'splitK beside it');
  } else if (given.k !== undefined) {
    throw new BittrueError('unsupported', 'plan.k', given.k, 'none where K is not split');
  }
  const output = given.output === undefined ? unit.output : defineRounding(given.output, 'plan.output');
  const own = { ...unit, name: UNIT, reduction, output, verified: 'documented' as const };
  return defineTarget({
    ...target,
    name,
    matrixUnits: { [UNIT]: { ...own, source: given.source ?? unit.source, confidence: `a plan on ${target.name}` } },
    defaults: { ...target.defaults, matrix: UNIT },
  });
}

function multipleOf(k: number, argument: string, value: unknown): number {
  const size = checkInteger(argument, value, 1, 2 ** 31);
  if (size % k === 0) return size;
  throw new BittrueError('range', argument, size, `a multiple of the ${k} that an instruction takes`);
}

function merged(how: 'inOrder' | 'fromFirst' | 'pairwise', inOrder: OrderedReduction): Reduction {
  if (how === 'inOrder') return inOrder;
  return how === 'fromFirst' ? { ...inOrder, start: 'first' } : { ...inOrder, kind: 'pairwise', leaf: 'element' };
}

/** What an algorithm of cuBLAS is called by, of what decides its sums. */
export interface CublasAlgorithm {
  /** A chip and its matrix unit: `a100:f16`. */
  readonly target: Target | TargetName;
  /** `CUBLASLT_ALGO_CONFIG_STAGES_ID`, 1 to 24: 16x1 … 16x6, 32x1 …, to 128x6. */
  readonly stages: number;
  readonly splitK?: number;
  /** The K that is split; `splitK` needs it. */
  readonly k?: number;
  readonly merge?: GemmPlan['merge'];
  readonly output?: Rounding;
}

/**
 * A GEMM of cuBLAS: blocks of K of 16 << ⌊(stages − 1) / 6⌋, the residue of K in the first iteration, slices of a split K merged
 * in binary32, one rounding at the end (source: facebookexperimental/triton, `bitequiv/cublas_match`, 2026, which gives the same
 * bytes as cuBLAS on 99.89 % of the shapes that it covers on sm_90, sm_100, sm_103). Which algorithm cuBLAS takes for a shape is
 * not here: `cublasLtMatmulAlgoConfigGetAttribute` tells.
 *
 * @throws {@link BittrueError} for stages out of range, and as `gemmTarget` does
 * @example
 * import { cublasPlan, gemmTarget } from 'bittrue/targets';
 * cublasPlan({ target: 'a100:f16', stages: 15 }).blockK; // 64
 */
export function cublasPlan(algorithm: CublasAlgorithm): GemmPlan {
  const given = checkObject('algorithm', algorithm, ['target', 'stages', 'splitK', 'k', 'merge', 'output']);
  const stages = checkInteger('algorithm.stages', given.stages, 1, 24);
  const { target, splitK, k, merge, output } = algorithm;
  const plan: GemmPlan = {
    name: `cublas, stages ${stages}${splitK === undefined ? '' : `, split ${splitK}`}`,
    target,
    blockK: 16 << Math.floor((stages - 1) / 6),
    residue: 'first',
    source:
      'facebookexperimental/triton, bitequiv/cublas_match: residue of K first, slices merged in binary32, one rounding',
    ...(splitK === undefined ? {} : { splitK }),
    ...(k === undefined ? {} : { k }),
    ...(merge === undefined ? {} : { merge }),
    ...(output === undefined ? {} : { output }),
  };
  gemmTarget(plan);
  return Object.freeze(plan);
}

/** Plans of public kernels whose sums do not go by the shape; `cublasPlan` makes those of cuBLAS. */
export const gemmPlans: Readonly<Record<'cutlassFp8' | 'cutlassFp8FastAccum' | 'deepGemmFp8', GemmPlan>> =
  /* @__PURE__ */ Object.freeze({
    cutlassFp8: Object.freeze({
      name: 'cutlassFp8',
      target: 'h100:fp8Wgmma',
      promoteEvery: 128,
      source: 'CUTLASS, FP8 main loop of SM90: mma_promotion_interval = 4 instructions of K = 32, added in binary32',
    }),
    cutlassFp8FastAccum: Object.freeze({
      name: 'cutlassFp8FastAccum',
      target: 'h100:fp8Wgmma',
      source: 'CUTLASS, schedules …FP8FastAccum of SM90: instructions chain, nothing is promoted',
    }),
    deepGemmFp8: Object.freeze({
      name: 'deepGemmFp8',
      target: 'h100:fp8Wgmma',
      promoteEvery: 128,
      source: 'DeepSeek-V3 (arXiv 2412.19437), §3.3.2: promotion to binary32 every 128 elements; scales apart',
    }),
  });
