/**
 * Functions of one number: exp, tanh, GELU and their like.
 *
 * @module
 */
import { fieldsOf } from '../errors/checks.ts';
import type { Result } from '../specification/contract.ts';
import { type Numbers, type Unsized, withWidth } from '../specification/operands.ts';
import type { Prepared } from '../specification/prepare.ts';
import type { UnaryOptions, UnaryPlan, UnaryStage } from '../specification/unary/plan.ts';
import { unarySpecification } from '../specification/unary/unary.ts';
import type { FloatArray } from '../tensors/tensor.ts';
import { compileUnary } from '../twins/functions/unary.ts';
import type { Into, Kernel, On } from './kernel.ts';
import { madeMethod } from './madeMethod.ts';
import { type Named, named } from './named.ts';
import { prepareKernel } from './prepare.ts';
import { run } from './run.ts';

/** The kernel's contract. Its twin is a table of the function: formats of 16 bits and fewer have one. */
export const unaryKernel: Kernel<Named<UnaryOptions>, UnaryPlan, Float64Array, FloatArray> = {
  ...named({
    ...unarySpecification,
    plan: (options: UnaryOptions) => unarySpecification.plan(withMadeSteps(options)),
  }),
  compile: compileUnary,
};

/** The roundings of a composition's steps may be plain data. */
function withMadeSteps(options: UnaryOptions): UnaryOptions {
  const { method } = fieldsOf(options);
  const made = madeMethod(method, 'options.method');
  return made === method ? options : { ...options, method: made as UnaryOptions['method'] & object };
}

/**
 * y_i = f(x_i), rounded as the target rounds, with a report of every event.
 *
 * | stage | operation | rounded to |
 * | --- | --- | --- |
 * | `constants` (compositions) | the constants that it names | compute |
 * | `load` (targets) | x̂_i | load |
 * | `function` | f(x̂_i), rounded once; or the operations of a composition, each rounded | compute |
 * | `store` (targets) | y_i | store |
 *
 * A correctly rounded function is the real one with real constants, in every format and mode: where the value lies too near to a
 * midpoint for binary64, intervals of integers decide. At ±∞ it is the limit, a zero limit with the sign of approach (SiLU and
 * GELU of −∞: −0). log(±0) is −∞ and rsqrt(±0) ±∞, with `divideByZero`; relu(−0) is +0.
 *
 * Operation j of a composition's element i, of `count`, is step i · count + j.
 *
 * @param x - rows · width numbers, row-major; NaN and infinities are data
 * @throws {@link BittrueError} for shapes that do not fit, for options out of range or unknown, for neither or both of target and
 *   format, and for a NaN where a format has none
 * @example
 * import { softcapByExponentials, unary } from 'bittrue/kernels';
 * import { fp32 } from 'bittrue/targets';
 * const cap = { function: 'softcap', cap: 50, target: fp32 } as const;
 * unary([5000, 10], cap).output[0]; // 50
 * const written = unary([5000, 10], { ...cap, method: softcapByExponentials(50) });
 * written.output[0]; // NaN
 * written.report.first.overflow?.operation; // 'exponential'
 */
export function unary<Out extends FloatArray = Float64Array>(
  x: Numbers,
  options: Unsized<Named<UnaryOptions>> & Into<Out>,
): Result<Out, UnaryStage> {
  return run(unaryKernel, withWidth(options, x), [x]);
}

/**
 * Plans once, runs many times: `unary.prepare(options)` is a function of the arrays of a run, whose results are those of
 * `unary`. Without `width` a run is one row of any length.
 *
 * @throws {@link BittrueError} for options as `unary` does, and in a run for lengths that do not fit
 * @example
 * import { binary16 } from 'bittrue/formats';
 * import { unary } from 'bittrue/kernels';
 * const exp = unary.prepare({ function: 'exp', format: binary16 });
 * exp([0]).output[0]; // 1
 */
unary.prepare = (options: Unsized<Named<UnaryOptions>> & On): Prepared<[x: Numbers], UnaryStage> => {
  const run = prepareKernel(unaryKernel, options, (given) => withWidth(given, []));
  return (x, own) => run([x], own);
};
