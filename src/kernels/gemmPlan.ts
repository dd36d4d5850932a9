/**
 * A GEMM plan with what happens to its sums.
 *
 * @module
 */
import { BittrueError, checkAs, fieldsOf, isReadable } from '../errors/index.ts';
import type { Epilogue } from '../specification/epilogue/plan.ts';
import { type GemmPlan, gemmTarget } from '../targets/gemmPlan.ts';
import type { Target } from '../targets/target.ts';

/** A plan with what happens to its sums. */
export interface GemmWithEpilogue extends GemmPlan {
  /** Absent: sums are written as `output` says. */
  readonly epilogue?: Epilogue;
}

/** Whether something is a plan, and no target. */
export function isGemmPlan(given: unknown): given is GemmWithEpilogue {
  return isReadable(given) && fieldsOf(given).target !== undefined;
}

/** A plan, taken apart: where its sums are formed, and what ends them; errors name `argument`. */
export function openGemmPlan(
  argument: string,
  given: GemmWithEpilogue,
): { readonly target: Target; readonly epilogue: Epilogue | undefined } {
  const { epilogue, ...plan } = fieldsOf(given) as unknown as GemmWithEpilogue;
  const target = checkAs(
    (path) => path.replace(/^plan/, argument),
    () => gemmTarget(plan),
  );
  if (epilogue !== undefined && plan.output !== undefined) {
    throw new BittrueError('unsupported', `${argument}.output`, plan.output, 'epilogue.output beside an epilogue');
  }
  return { target, epilogue };
}
