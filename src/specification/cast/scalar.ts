/**
 * A cast, number by number.
 *
 * @module
 */
import { Unit } from '../../arithmetic/unit.ts';
import type { Recorder } from '../../events/recorder.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import type { Plan } from '../contract.ts';
import { roundEach } from '../stages.ts';

/** Rounds every row. */
export function castRows(
  { rows, width }: Plan,
  { format, policy }: Rounding,
  x: Float64Array,
  recorder: Recorder,
): Float64Array {
  const unit = new Unit(format, policy);
  const output = new Float64Array(rows * width);
  recorder.stage = 0;
  for (let r = 0; r < rows; r++) {
    recorder.row = r;
    const y = output.subarray(r * width, (r + 1) * width);
    roundEach(unit, x.subarray(r * width, (r + 1) * width), y, recorder);
    recorder.endRow(y.every(Number.isFinite));
  }
  recorder.end();
  return output;
}
