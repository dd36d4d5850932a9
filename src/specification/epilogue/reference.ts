/**
 * The reference pass of epilogues: room of the unrounded operations, error against the real ones.
 *
 * @module
 */
import { ExtentRecorder } from '../../events/extent.ts';
import { outputError } from '../../events/outputError.ts';
import type { Reference } from '../../events/report.ts';
import { binary64 } from '../../formats/binary64.ts';
import { idealRounding } from '../../rounding/ideal.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import { idealUnary, realValues } from '../unary/reference.ts';
import { type EpilogueInputs, type EpiloguePlan, epilogueOperations } from './plan.ts';
import { epilogueScalar } from './scalar.ts';

/** Room and error of a run. */
export function epilogueReference(plan: EpiloguePlan, inputs: EpilogueInputs, output: FloatArray): Reference {
  const { roundings, store, stages, rows, activation } = plan;
  const limits = { ...roundings, store, constants: null, load: null };
  const recorder = new ExtentRecorder(
    stages,
    rows,
    stages.map((stage) => limits[stage]),
  );
  const ideal: EpiloguePlan = {
    ...plan,
    roundings: Object.fromEntries(
      epilogueOperations.map((name) => [name, idealRounding]),
    ) as unknown as EpiloguePlan['roundings'],
    store: store === null ? null : idealRounding,
    activation: activation === null ? null : idealUnary(activation),
  };
  epilogueScalar(ideal)(ideal, inputs, recorder);
  return { ...recorder.room(), error: outputError(plan.outputFormat ?? binary64, output, realEpilogue(plan, inputs)) };
}

/** f(α·x + β·c + bias) of the given numbers, in binary64. */
export function realEpilogue(
  { alpha, beta, bias: way, width, activation }: EpiloguePlan,
  { x, c, bias }: EpilogueInputs,
): Float64Array {
  const sums = x.map((value, i) => {
    const scaled = (alpha ?? 1) * value + (c === null ? 0 : (beta ?? 1) * (c[i] as number));
    return scaled + (bias === null ? 0 : (bias[way === 'rows' ? Math.floor(i / width) : i % width] as number));
  });
  return activation === null ? sums : realValues(activation, sums, activation.compute.format);
}
