/**
 * What the fast twins of `sum` tell at the end.
 *
 * @module
 */
import type { Recorder } from '../../events/recorder.ts';
import type { SumPlan } from '../../specification/sum/plan.ts';
import { sumRow } from '../../specification/sum/scalar.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import { type Account, conclude, replayRows } from '../account.ts';

/** Tells a finished run: counts and flags from the account, first events from rows summed again. */
export function concludeSum(plan: SumPlan, x: FloatArray, account: Account, recorder: Recorder): void {
  const { width } = plan;
  recorder.endConstants();
  conclude(recorder, account, () => {
    const replay = sumRow(plan, recorder);
    replayRows(recorder, account, (r) => {
      replay(r, Float64Array.from(x.subarray(r * width, (r + 1) * width)));
    });
  });
}
