/**
 * Whether two plans of a GEMM give the same bits.
 *
 * @module
 */
import { checkAs } from '../../errors/index.ts';
import { type GemmPlan, gemmTarget } from '../../targets/gemmPlan.ts';
import { type Distinction, type DistinguishOptions, distinguish } from './distinguish.ts';

/**
 * As {@link distinguish}, of two plans of a GEMM: the verdict, and the smallest operands on which they differ.
 *
 * @throws {@link BittrueError} as `gemmTarget` and `distinguish`
 * @example
 * import { gemmPlans } from 'bittrue/targets';
 * import { comparePlans } from 'bittrue/testing';
 * comparePlans(gemmPlans.cutlassFp8, gemmPlans.deepGemmFp8).verdict; // 'equivalent'
 * const found = comparePlans(gemmPlans.cutlassFp8, gemmPlans.cutlassFp8FastAccum);
 * found.verdict; // 'different'
 */
export function comparePlans(planA: GemmPlan, planB: GemmPlan, options: DistinguishOptions = {}): Distinction {
  const made = (argument: string, plan: GemmPlan) =>
    checkAs(
      (path) => path.replace(/^plan/, argument),
      () => gemmTarget(plan),
    );
  return distinguish(made('planA', planA), made('planB', planB), 'dot', options);
}
