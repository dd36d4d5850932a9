/**
 * `castCodes`: the specification.
 *
 * @module
 */
import type { Recorder } from '../../events/recorder.ts';
import { encodeValue } from '../../rounding/codes.ts';
import { packCodes } from '../../tensors/packing.ts';
import type { CodeArray } from '../../tensors/tensor.ts';
import { castRows } from '../cast/scalar.ts';
import { type CodesPlan, openCodes } from './plan.ts';

/** What `cast` gives, as codes; a NaN that overflow makes has the sign of the number. */
export function codesScalar(plan: CodesPlan, x: Float64Array, recorder: Recorder): CodeArray {
  const { rounding, packed, bits, width } = plan;
  const values = castRows(plan, rounding, x, recorder);
  const codes = openCodes({ ...plan, packed: false, size: values.length });
  for (let i = 0; i < values.length; i++) {
    codes[i] = encodeValue(rounding.format, values[i] as number, (x[i] as number) < 0);
  }
  return packed && values.length > 0 ? packCodes(codes, width, bits) : codes;
}
