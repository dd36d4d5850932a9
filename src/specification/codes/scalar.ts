/**
 * `castCodes`: the specification.
 *
 * @module
 */
import { ValueUnit } from '../../arithmetic/valueUnit.ts';
import { encodeValue } from '../../rounding/codes.ts';
import { packCodes } from '../../tensors/packing.ts';
import type { CodeArray } from '../../tensors/tensor.ts';
import { castRows } from '../cast/scalar.ts';
import type { Scalar } from '../contract.ts';
import { type CodesPlan, openCodes } from './plan.ts';

/** What `cast` gives, as codes; a NaN that overflow makes has the sign of the number. */
export function codesScalar({ rounding }: CodesPlan): Scalar<CodesPlan, Float64Array, CodeArray> {
  const unit = new ValueUnit(rounding.format, rounding.policy);
  return (plan, x, recorder) => codesOf(plan, x, castRows(plan, unit, x, recorder));
}

function codesOf(plan: CodesPlan, x: Float64Array, values: Float64Array): CodeArray {
  const { rounding, packed, bits, width } = plan;
  const codes = openCodes({ ...plan, packed: false, size: values.length });
  for (let i = 0; i < values.length; i++) {
    codes[i] = encodeValue(rounding.format, values[i] as number, (x[i] as number) < 0);
  }
  if (!packed) return codes;
  return values.length > 0 ? packCodes(codes, width, bits) : openCodes(plan);
}
