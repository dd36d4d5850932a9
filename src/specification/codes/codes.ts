/**
 * What a cast to codes means.
 *
 * @module
 */

import { Recorder } from '../../events/recorder.ts';
import type { Report } from '../../events/report.ts';
import type { CodeArray, FloatArray } from '../../tensors/tensor.ts';
import { castSpecification } from '../cast/cast.ts';
import { castRows } from '../cast/scalar.ts';
import type { Output, Specification } from '../contract.ts';
import { type Numbers, rowInputs, type Unsized, widen, withWidth } from '../operands.ts';
import { runSpecification } from '../run.ts';
import { type CastCodesOptions, type CodesPlan, openCodes, planCodes } from './plan.ts';
import { codesScalar } from './scalar.ts';

/** The specification. */
export const castCodesSpecification: Specification<CastCodesOptions, CodesPlan, Float64Array, FloatArray, CodeArray> = {
  name: 'castCodes',
  inputs: rowInputs,
  stages: ['cast'],
  widen,
  open: openCodes,
  plan: planCodes,
  scalar: codesScalar,
  // The codes' values are those of `cast`.
  reference(plan, x) {
    const values = castRows(plan, plan.rounding, x, new Recorder(plan.stages, plan.rows, 'off', 0));
    return castSpecification.reference(plan, x, values);
  },
};

/** What `castCodes` gives. */
export interface CodesResult<Codes extends CodeArray = CodeArray> {
  /**
   * Row-major, as the input: one code an element of the narrowest of the three arrays that has room for it; with
   * `packed`, rows of ⌈width · bits / 8⌉ bytes each.
   */
  readonly codes: Codes;
  readonly report: Report;
}

/**
 * As `castCodes` of `bittrue/kernels`, by the specification alone: the same bits and the same report, without an engine.
 *
 * @throws {@link BittrueError} as `castCodes` of `bittrue/kernels` does, and for an engine
 * @example
 * import { e4m3fn } from 'bittrue/formats';
 * import { castCodes } from 'bittrue/specification';
 * castCodes([1, 448], { format: e4m3fn }).codes[1]; // 126
 */
export function castCodes<Codes extends CodeArray = CodeArray>(
  x: Numbers,
  options: Unsized<CastCodesOptions> & Output<Codes>,
): CodesResult<Codes> {
  const { output, report } = runSpecification(castCodesSpecification, withWidth(options, x), [x]);
  return { codes: output as CodeArray as Codes, report };
}
