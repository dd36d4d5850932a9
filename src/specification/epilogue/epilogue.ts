/**
 * What an epilogue means.
 *
 * @module
 */
import type { FloatArray } from '../../tensors/tensor.ts';
import type { Output, Result, Specification } from '../contract.ts';
import { fitRows, type Numbers, widen, withARow } from '../operands.ts';
import { type Prepared, type PrepareOptions, prepareSpecification } from '../prepare.ts';
import { runSpecification } from '../run.ts';
import {
  type EpilogueInputs,
  type EpilogueOptions,
  type EpiloguePlan,
  type EpilogueStage,
  epilogueInputs,
  epilogueStages,
  planEpilogue,
  type RawEpilogueInputs,
} from './plan.ts';
import { epilogueReference } from './reference.ts';
import { epilogueScalar } from './scalar.ts';

/** The specification. */
export const epilogueSpecification: Specification<EpilogueOptions, EpiloguePlan, EpilogueInputs, RawEpilogueInputs> = {
  name: 'epilogue',
  inputs: epilogueInputs,
  widen: ({ x, c, bias }) => ({ x: widen(x), c: c && widen(c), bias: bias && widen(bias) }),
  fit: fitRows,
  perRun: ['c', 'bias'],
  stages: epilogueStages,
  plan: planEpilogue,
  scalar: epilogueScalar,
  reference: epilogueReference,
};

/**
 * As `epilogue` of `bittrue/kernels`, by the specification alone: the same bits and the same report, without an engine.
 *
 * @throws {@link BittrueError} as `epilogue` of `bittrue/kernels` does, and for an engine
 * @example
 * import { binary16 } from 'bittrue/formats';
 * import { roundTo } from 'bittrue/rounding';
 * import { epilogue } from 'bittrue/specification';
 * const steps = { alpha: 0.5, bias: 'columns', output: roundTo(binary16) } as const;
 * epilogue([131072, 2], { rows: 1, width: 2, epilogue: steps, bias: [0, 1] }).report.first.overflow?.stage; // 'store'
 */
export function epilogue<Out extends FloatArray = Float64Array>(
  sums: Numbers,
  options: EpilogueOptions & Output<Out>,
): Result<Out, EpilogueStage> {
  return runSpecification(epilogueSpecification, options, [sums]);
}

/**
 * As `epilogue.prepare` of `bittrue/kernels`, by the specification alone.
 *
 * @throws {@link BittrueError} for options as `epilogue` does, and in a run for lengths that do not fit
 * @example
 * import { epilogue } from 'bittrue/specification';
 * const plus = epilogue.prepare({ width: 2, epilogue: { bias: 'columns' } });
 * plus([1, 2, 3, 4], { bias: [10, 20] }).output[3]; // 24
 */
epilogue.prepare = (
  options: PrepareOptions<EpilogueOptions, 'rows'>,
): Prepared<[sums: Numbers], EpilogueStage, Pick<EpilogueOptions, 'c' | 'bias'>> => {
  const run = prepareSpecification(epilogueSpecification, options, withARow);
  return (sums, own) => run([sums], own);
};
