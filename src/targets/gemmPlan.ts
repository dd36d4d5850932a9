/**
 * What a GEMM does above its unit's instruction, as data: promotion, split K, the output's rounding.
 *
 * @module
 */
import type { Reduction } from '../accumulators/reduction.ts';
import { BittrueError, checkInteger, checkObject, checkText } from '../errors/index.ts';
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
  /** K in so many slices, each a multiple of the unit's K, whose sums are added in order. Default 1. */
  readonly splitK?: number;
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
    'splitK',
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
  const across: Reduction = { kind: 'sequential', accumulator: { kind: 'float', rounding, fused: false } };
  let { reduction } = unit;
  if (given.promoteEvery !== undefined) {
    const size = checkInteger('plan.promoteEvery', given.promoteEvery, 1, 2 ** 31);
    if (size % unit.k !== 0) {
      throw new BittrueError(
        'range',
        'plan.promoteEvery',
        size,
        `a multiple of the ${unit.k} that an instruction takes`,
      );
    }
    reduction = { kind: 'tiled', size, within: reduction, across };
  }
  const splitK = checkInteger('plan.splitK', given.splitK ?? 1, 1, 2 ** 31);
  if (splitK > 1) {
    const k = checkInteger('plan.k', given.k, 1, 2 ** 31);
    const size = Math.ceil(Math.ceil(k / splitK) / unit.k) * unit.k;
    reduction = { kind: 'tiled', size, within: reduction, across };
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

/**
 * Plans of public kernels. cuBLAS is not among them: it takes the residue of K in its first iteration, an order that reductions
 * here cannot say yet.
 */
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
