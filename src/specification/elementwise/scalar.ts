/**
 * `add` and `multiply`: the specification, and the reference pass.
 *
 * @module
 */
import { ValueUnit } from '../../arithmetic/valueUnit.ts';
import { ExtentRecorder } from '../../events/extent.ts';
import { outputError } from '../../events/outputError.ts';
import type { Recorder } from '../../events/recorder.ts';
import type { Reference } from '../../events/report.ts';
import { idealRounding } from '../../rounding/ideal.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import type { Scalar } from '../contract.ts';
import { addEach, areFinite, multiplyEach, roundEach } from '../stages.ts';
import type { ElementwisePlan, Operands } from './plan.ts';

/** Runs a row, or the part of one whose first element has number `from`; `out` is as long as the operands. */
export function elementwiseRow({
  kernel,
  load,
  compute,
  store,
}: ElementwisePlan): (recorder: Recorder, x: Float64Array, y: Float64Array, out: Float64Array, from?: number) => void {
  const unitOf = (rounding: Rounding | null): ValueUnit | null =>
    rounding === null ? null : new ValueUnit(rounding.format, rounding.policy);
  const loader = unitOf(load);
  const computer = unitOf(compute) as ValueUnit;
  const storer = unitOf(store);
  const each = kernel === 'add' ? addEach : multiplyEach;
  return (recorder, x, y, out, from = 0) => {
    let a = x;
    let b = y;
    recorder.stage = 0;
    if (loader !== null) {
      a = new Float64Array(x.length);
      b = new Float64Array(x.length);
      roundEach(loader, x, a, recorder, from);
      recorder.stage = 1;
      roundEach(loader, y, b, recorder, from);
      recorder.stage = 2;
    }
    each(computer, a, b, out, recorder, from);
    if (storer === null) return;
    recorder.stage = 3;
    roundEach(storer, out, out, recorder, from);
  };
}

/** Runs every row. */
export function elementwiseScalar(made: ElementwisePlan): Scalar<ElementwisePlan, Operands, Float64Array> {
  const run = elementwiseRow(made);
  return ({ rows, width }, { x, y }, recorder) => {
    const output = new Float64Array(rows * width);
    for (let r = 0; r < rows; r++) {
      const range = [r * width, (r + 1) * width] as const;
      const out = output.subarray(...range);
      recorder.row = r;
      run(recorder, x.subarray(...range), y.subarray(...range), out);
      recorder.endRow(areFinite(out));
    }
    recorder.end();
    return output;
  };
}

/** Room of the results, of loaded operands without further rounding; error against the real results. */
export function elementwiseReference(plan: ElementwisePlan, { x, y }: Operands, output: FloatArray): Reference {
  const { kernel, compute, store } = plan;
  const limits = store === null ? [compute] : [null, null, compute, store];
  const recorder = new ExtentRecorder(plan.stages, plan.rows, limits);
  const ideal = { ...plan, compute: idealRounding, store: store === null ? null : idealRounding };
  elementwiseScalar(ideal)(ideal, { x, y }, recorder);
  const real = x.map((a, i) => (kernel === 'add' ? a + (y[i] as number) : a * (y[i] as number)));
  return { ...recorder.room(), error: outputError((store ?? compute).format, output, real) };
}
