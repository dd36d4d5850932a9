/**
 * The reference pass of functions of one number: room of the unrounded operations, error against the real function.
 *
 * @module
 */
import { FunctionUnit } from '../../arithmetic/functionUnit.ts';
import { ExtentRecorder } from '../../events/extent.ts';
import { outputError } from '../../events/outputError.ts';
import type { Reference } from '../../events/report.ts';
import { binary64 } from '../../formats/binary64.ts';
import type { Format } from '../../formats/format.ts';
import { idealRounding } from '../../rounding/ideal.ts';
import { defaultPolicy } from '../../rounding/policy.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import { isTranscendental, type UnaryPlan } from './plan.ts';
import { unaryScalar } from './scalar.ts';

/** Room and error of a run. */
export function unaryReference(plan: UnaryPlan, x: Float64Array, output: FloatArray): Reference {
  const { load, compute, store } = plan;
  const limits = { constants: null, load: null, function: compute, store };
  const ideal = idealUnary(plan);
  const recorder = new ExtentRecorder(
    plan.stages,
    plan.rows,
    plan.stages.map((stage) => (stage === 'load' && load === null ? null : limits[stage])),
  );
  unaryScalar(ideal)(ideal, x, recorder);
  const format = (store ?? compute).format;
  return { ...recorder.room(), error: outputError(format, output, realValues(plan, x, format)) };
}

/** A plan whose operations do not round. */
export function idealUnary(plan: UnaryPlan): UnaryPlan {
  const { method, store } = plan;
  return {
    ...plan,
    compute: idealRounding,
    store: store === null ? null : idealRounding,
    method:
      method.kind === 'composition'
        ? { ...method, steps: method.steps.map((step) => ({ ...step, rounding: null })) }
        : method,
  };
}

/** From so many bits on the quick approximations are no measure any more. */
const EXACTING = 32;

/** The function itself on the given numbers, in binary64. */
export function realValues(
  { function: name, cap }: Pick<UnaryPlan, 'function' | 'cap'>,
  x: Float64Array,
  format: Format,
): Float64Array {
  switch (name) {
    case 'reciprocal':
      return x.map((a) => 1 / a);
    case 'sqrt':
      return x.map(Math.sqrt);
    case 'rsqrt':
      return x.map((a) => 1 / Math.sqrt(a));
    case 'relu':
      return x.map((a) => Math.max(a, 0));
  }
  const isExacting = format.kind === 'float' ? format.precision > EXACTING : format.bits > EXACTING;
  const unit = isExacting
    ? new FunctionUnit(binary64, defaultPolicy(binary64))
    : new FunctionUnit(idealRounding.format, idealRounding.policy);
  return x.map((a) => (isTranscendental(name) ? unit.evaluate(name, a, cap) : a));
}
