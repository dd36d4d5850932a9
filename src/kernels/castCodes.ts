/**
 * Cast to codes: every number rounded to a format, and given as the format stores it.
 *
 * @module
 */

import { type CodesResult, castCodesSpecification, type PreparedCodes } from '../specification/codes/codes.ts';
import type { CastCodesOptions, CodesPlan } from '../specification/codes/plan.ts';
import type { Output } from '../specification/contract.ts';
import { type Numbers, type Unsized, withWidth } from '../specification/operands.ts';
import type { CodeArray, FloatArray } from '../tensors/tensor.ts';
import { compileCodes } from '../twins/casts/codes.ts';
import type { Into, Kernel, On } from './kernel.ts';
import { type Named, named } from './named.ts';
import { prepareKernel } from './prepare.ts';
import { run } from './run.ts';

/** The kernel's contract. */
export const castCodesKernel: Kernel<Named<CastCodesOptions>, CodesPlan, Float64Array, FloatArray, CodeArray> = {
  ...named(castCodesSpecification),
  compile: compileCodes,
};

/**
 * Every number rounded to a format and encoded, with the report that `cast` gives: one stage, `cast`. Codes are those of
 * `encode`: a NaN that overflow makes has the sign of the number, other NaNs are positive and quiet.
 *
 * @param x - rows · width numbers, row-major; NaN and infinities are data
 * @throws {@link BittrueError} for shapes that do not fit, for a NaN where the format has none, and for formats of more
 *   than 32 bits, or 16 packed
 * @example
 * import { e2m1fn, e4m3fn } from 'bittrue/formats';
 * import { castCodes } from 'bittrue/kernels';
 * const { codes, report } = castCodes([1.1, -448, 465], { format: e4m3fn });
 * [...codes]; // [57, 254, 127]
 * report.totals.overflow; // 1
 * [...castCodes([1, -6, 0.5], { format: e2m1fn, packed: true }).codes]; // [242, 1]
 */
export function castCodes<Codes extends CodeArray = CodeArray>(
  x: Numbers,
  options: Unsized<Named<CastCodesOptions>> & Into<Codes>,
): CodesResult<Codes> {
  const { output, report } = run(castCodesKernel, withWidth(options, x), [x]);
  return { codes: output as CodeArray as Codes, report };
}

/**
 * Plans once, runs many times: `castCodes.prepare(options)` is a function of the arrays of a run, whose results are those of
 * `castCodes`. Without `width` a run is one row of any length.
 *
 * @throws {@link BittrueError} for options as `castCodes` does, and in a run for lengths that do not fit
 * @example
 * import { e4m3fn } from 'bittrue/formats';
 * import { castCodes } from 'bittrue/kernels';
 * const encode = castCodes.prepare({ format: e4m3fn });
 * encode([1, 448]).codes[1]; // 126
 */
castCodes.prepare = (options: Unsized<Named<CastCodesOptions>> & On): PreparedCodes => {
  const run = prepareKernel(castCodesKernel, options, (given) => withWidth(given, []));
  return <Codes extends CodeArray = CodeArray>(x: Numbers, own?: Output<Codes>) => {
    const { output, report } = run([x], own);
    return { codes: output as CodeArray as Codes, report };
  };
};
