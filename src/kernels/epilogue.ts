/**
 * What a GEMM does with its sums before it writes them.
 *
 * @module
 */
import { checkAs } from '../errors/index.ts';
import type { Result } from '../specification/contract.ts';
import { epilogueSpecification } from '../specification/epilogue/epilogue.ts';
import type {
  Epilogue,
  EpilogueInputs,
  EpilogueOptions,
  EpiloguePlan,
  EpilogueStage,
  RawEpilogueInputs,
} from '../specification/epilogue/plan.ts';
import { type Numbers, withARow } from '../specification/operands.ts';
import type { Prepared, PrepareOptions } from '../specification/prepare.ts';
import type { FloatArray } from '../tensors/tensor.ts';
import { compileEpilogue } from '../twins/epilogue/epilogue.ts';
import type { Into, Kernel, On } from './kernel.ts';
import { withMadeRoundings } from './madeEpilogue.ts';
import { prepareKernel } from './prepare.ts';
import { run } from './run.ts';

/** The kernel's contract. */
export const epilogueKernel: Kernel<EpilogueOptions, EpiloguePlan, EpilogueInputs, RawEpilogueInputs> = {
  ...epilogueSpecification,
  plan: (options) => epilogueSpecification.plan(withMadeRoundings(options)),
  compile: compileEpilogue,
};

/**
 * y = f(α · sum + β · C + bias), each operation rounded, with a report of every event.
 *
 * | stage | operation | rounded to |
 * | --- | --- | --- |
 * | `constants` | α, β; the bias; constants of a composition | as the operation that reads it; `load`; `activation` |
 * | `load` | Ĉ | `load` |
 * | `scale` | s = sum · α | `roundings.scale` |
 * | `source` | t = Ĉ · β | `roundings.source` |
 * | `add` | u = s + t; with `fused` sum · α + t, rounded once | `roundings.add` |
 * | `bias` | v = u + bias | `roundings.bias` |
 * | `activation` | f(v), rounded once; or the operations of a composition, each rounded | `roundings.activation` |
 * | `store` | y | `output` |
 *
 * Only the stages that the epilogue names are there. A row of the report is a row of the output, an event's index its column.
 * Rows from 64 columns on, of binary32 numbers, run in lanes: 0.02 µs an output, 0.1 with GELU in 16 bits, 1 with GELU in binary32,
 * whose digits the specification forms.
 *
 * @param sums - rows · width numbers, row-major, as the product gives them
 * @throws {@link BittrueError} for shapes that do not fit, for C without `beta`, a bias that the epilogue does not have, roundings of
 *   operations that are not there, and unknown fields
 * @example
 * import { epilogue } from 'bittrue/kernels';
 * const steps = { alpha: 2, beta: 1, bias: 'columns', activation: { function: 'relu' } } as const;
 * epilogue([3, -4], { rows: 1, width: 2, epilogue: steps, c: [10, 1], bias: [0.5, 0.5] }).output[0]; // 16.5
 */
export function epilogue<Out extends FloatArray = Float64Array>(
  sums: Numbers,
  options: EpilogueOptions & Into<Out>,
): Result<Out, EpilogueStage> {
  return run(epilogueKernel, options, [sums]);
}

/**
 * Plans once, runs many times: `epilogue.prepare(options)` is a function of the arrays of a run, whose results are those of
 * `epilogue`. C and the bias may come with each run.
 *
 * @throws {@link BittrueError} for options as `epilogue` does, and in a run for lengths that do not fit
 * @example
 * import { epilogue } from 'bittrue/kernels';
 * const plus = epilogue.prepare({ width: 2, epilogue: { bias: 'columns' } });
 * plus([1, 2, 3, 4], { bias: [10, 20] }).output[3]; // 24
 */
epilogue.prepare = (
  options: PrepareOptions<EpilogueOptions, 'rows'> & On,
): Prepared<[sums: Numbers], EpilogueStage, Pick<EpilogueOptions, 'c' | 'bias'>> => {
  const run = prepareKernel(epilogueKernel, options, withARow);
  return (sums, own) => run([sums], own);
};

/** Checks an epilogue, whatever it runs on; errors name `argument`. */
export function checkEpilogue(argument: string, given: Epilogue): void {
  checkAs(
    (path) => path.replace(/^options\.epilogue/, argument),
    () => epilogue.prepare({ width: 1, epilogue: given }),
  );
}
