/**
 * Whether two plans of a GEMM give the same bits.
 *
 * @module
 */
import { checkAs } from '../../errors/index.ts';
import { type GemmWithEpilogue, openGemmPlan } from '../../kernels/gemmPlan.ts';
import { checkDistinguishOptions, type Distinction, type DistinguishOptions, distinguishSides } from './distinguish.ts';
import { endingOf } from './ending.ts';
import { checkAlike, endedSide, type Side, sideOf } from './side.ts';

/**
 * As {@link distinguish}, of two plans of a GEMM, each with its epilogue: the verdict, and the smallest operands on which they differ.
 *
 * What an epilogue adds to a sum, C or a bias, is the operand `c`; plans that add both get the same number for both. Plans that
 * add another number of operands compute different things, and are refused. Two epilogues are `equivalent` where their
 * operations, factors as they are rounded, and roundings are the same, a multiplication by 1 and an output in the format that
 * numbers are in left out.
 *
 * @throws {@link BittrueError} as `gemmTarget`, `gemm` and `distinguish`
 * @example
 * import { gemmPlans } from 'bittrue/targets';
 * import { comparePlans } from 'bittrue/testing';
 * comparePlans(gemmPlans.cutlassFp8, gemmPlans.deepGemmFp8).verdict; // 'equivalent'
 * const found = comparePlans(gemmPlans.cutlassFp8, gemmPlans.cutlassFp8FastAccum);
 * found.verdict; // 'different'
 */
export function comparePlans(
  planA: GemmWithEpilogue,
  planB: GemmWithEpilogue,
  options: DistinguishOptions = {},
): Distinction {
  checkDistinguishOptions(options);
  const left = planSide('planA', planA, options);
  const right = planSide('planB', planB, options);
  checkAlike(left, right, ['planA', 'planB']);
  return distinguishSides('dot', left, right, options);
}

function planSide(argument: string, given: GemmWithEpilogue, options: DistinguishOptions): Side {
  const { target, epilogue } = openGemmPlan(argument, given);
  const side = sideOf(argument, target, 'dot', options);
  if (epilogue === undefined) return side;
  const ending = checkAs(
    (path) => path.replace(/^options\.epilogue/, `${argument}.epilogue`),
    () => endingOf(epilogue, side.output),
  );
  return endedSide(side, ending);
}
