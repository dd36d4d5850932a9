/**
 * How many numbers of a run's inputs are NaN or infinite.
 *
 * @module
 */
import type { InputCounts } from '../events/report.ts';
import type { FloatArray } from '../tensors/tensor.ts';
import type { Plan } from './contract.ts';

/** Which 32-bit word of a binary64 number holds its exponent. */
const HIGH = /* @__PURE__ */ new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 1 : 0;

/**
 * Counts every array of numbers that the caller gave: the inputs, and those among the options, which the plan holds.
 *
 * @param constants - those of the plan that all rows share
 * @param count - how many of an array
 */
export function countInputs(
  plan: Plan,
  raw: unknown,
  constants: readonly (FloatArray | null)[],
  count: (x: FloatArray) => number,
): InputCounts {
  const allowed = plan.nonFiniteInputs === 'allow';
  if (plan.record === 'off') return { nonFinite: Number.NaN, nonFiniteConstants: Number.NaN, allowed };
  const total = (arrays: readonly unknown[]): number =>
    arrays.reduce<number>((sum, x) => sum + (isFloats(x) ? count(x) : 0), 0);
  const own = Object.values(plan);
  return { nonFinite: total([...inputArrays(raw), ...own]), nonFiniteConstants: total(constants), allowed };
}

/** Every array among a run's inputs, however deep. */
export function inputArrays(raw: unknown): ArrayBufferView[] {
  if (ArrayBuffer.isView(raw)) return [raw];
  return typeof raw === 'object' && raw !== null ? Object.values(raw).flatMap(inputArrays) : [];
}

function isFloats(x: unknown): x is FloatArray {
  return x instanceof Float64Array || x instanceof Float32Array;
}

/** How many numbers of an array have an exponent field of all ones. */
export function nonFinite(x: FloatArray): number {
  const words = new Uint32Array(x.buffer, x.byteOffset, x.byteLength / 4);
  return x instanceof Float32Array ? ones(words, 0, 1, 0x7f800000) : ones(words, HIGH, 2, 0x7ff00000);
}

/** How many words, from the first on and so far apart, have all bits of a field. */
function ones(words: Uint32Array, first: number, apart: number, field: number): number {
  let count = 0;
  for (let i = first; i < words.length; i += apart) if ((words[i]! & field) === field) count++;
  return count;
}
