/**
 * What a cast to codes means.
 *
 * @module
 */

import { Recorder } from '../../events/recorder.ts';
import type { Report } from '../../events/report.ts';
import type { CodeArray, FloatArray } from '../../tensors/tensor.ts';
import { castSpecification } from '../cast/cast.ts';
import type { Output, Specification } from '../contract.ts';
import { type Numbers, rowInputs, type Unsized, widen, withWidth } from '../operands.ts';
import { prepareSpecification } from '../prepare.ts';
import { runSpecification } from '../run.ts';
import { type CastCodesOptions, type CodesPlan, fitCodes, openCodes, planCodes } from './plan.ts';
import { codesScalar } from './scalar.ts';

/** The specification. */
export const castCodesSpecification: Specification<CastCodesOptions, CodesPlan, Float64Array, FloatArray, CodeArray> = {
  name: 'castCodes',
  inputs: rowInputs,
  stages: ['cast'],
  widen,
  open: openCodes,
  plan: planCodes,
  fit: fitCodes,
  scalar: codesScalar,
  // The codes' values are those of `cast`.
  reference(plan, x) {
    const recorder = new Recorder(plan.stages, plan.rows, 'off', 0);
    return castSpecification.reference(plan, x, castSpecification.scalar(plan)(plan, x, recorder));
  },
};

/** `castCodes`, planned: as {@link Prepared}. */
export type PreparedCodes = <Codes extends CodeArray = CodeArray>(
  x: Numbers,
  run?: Output<Codes>,
) => CodesResult<Codes>;

/** What `castCodes` gives. */
export interface CodesResult<Codes extends CodeArray = CodeArray> {
  /**
   * Row-major, as the input: one code an element of the narrowest of the three arrays that has room for it; with
   * `packed`, rows of ⌈width · bits / 8⌉ bytes each.
   */
  readonly codes: Codes;
  readonly report: Report<'cast'>;
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

/**
 * As `castCodes.prepare` of `bittrue/kernels`, by the specification alone.
 *
 * @throws {@link BittrueError} for options as `castCodes` does, and in a run for lengths that do not fit
 * @example
 * import { e4m3fn } from 'bittrue/formats';
 * import { castCodes } from 'bittrue/specification';
 * const encode = castCodes.prepare({ format: e4m3fn });
 * encode([1, 448]).codes[1]; // 126
 */
castCodes.prepare = (options: Unsized<CastCodesOptions>): PreparedCodes => {
  const run = prepareSpecification(castCodesSpecification, options, (given) => withWidth(given, []));
  return <Codes extends CodeArray = CodeArray>(x: Numbers, own?: Output<Codes>) => {
    const { output, report } = run([x], own);
    return { codes: output as CodeArray as Codes, report };
  };
};
