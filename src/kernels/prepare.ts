/**
 * Kernels that are planned once and run many times.
 *
 * @module
 */
import type { OutputArray, Plan, RecordOptions, StageOf } from '../specification/contract.ts';
import { prepare, type Run } from '../specification/prepare.ts';
import type { Kernel } from './kernel.ts';
import { type PlannedKernel, runPlanned } from './run.ts';

/** A kernel, planned once. `complete` gives the options a number of rows, whichever. */
export function prepareKernel<
  Given,
  Options extends RecordOptions,
  P extends Plan,
  Inputs,
  Raw,
  Own extends OutputArray,
>(
  kernel: Kernel<Options, P, Inputs, Raw, Own>,
  options: Given,
  complete: (options: Given) => Options,
): Run<Options, StageOf<P>> {
  return prepare<Given, Options, P, Inputs, Raw, Own, PlannedKernel<P, Inputs, Raw, Own>>(
    kernel,
    options,
    complete,
    (planned, plan, arrays, all) => runPlanned(kernel, planned, plan, arrays, all),
  );
}
