/**
 * A cast, number by number.
 *
 * @module
 */
import type { ValueUnit } from '../../arithmetic/valueUnit.ts';
import type { Recorder } from '../../events/recorder.ts';
import type { Plan } from '../contract.ts';
import { areFinite, roundEach } from '../stages.ts';

/** Rounds every row. */
export function castRows(
  { rows, width }: Pick<Plan, 'rows' | 'width'>,
  unit: ValueUnit,
  x: Float64Array,
  recorder: Recorder,
): Float64Array {
  const output = new Float64Array(rows * width);
  recorder.stage = 0;
  for (let r = 0; r < rows; r++) {
    recorder.row = r;
    const y = output.subarray(r * width, (r + 1) * width);
    roundEach(unit, x.subarray(r * width, (r + 1) * width), y, recorder);
    recorder.endRow(areFinite(y));
  }
  recorder.end();
  return output;
}
