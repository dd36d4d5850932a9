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
 * Counts every array of numbers that the caller gave: the inputs, and what all rows share.
 *
 * @param nonFiniteConstants - how many there are in what all rows share
 * @param seen - how many there are in the inputs, where the run has counted them
 * @param count - how many of an array
 */
export function countInputs(
  plan: Plan,
  raw: unknown,
  nonFiniteConstants: number,
  seen: number | null,
  count: (x: FloatArray) => number,
): InputCounts {
  const allowed = plan.nonFiniteInputs === 'allow';
  const found = plan.record === 'off' ? Number.NaN : (seen ?? countArrays(raw, count));
  return { nonFinite: found + nonFiniteConstants, nonFiniteConstants, allowed };
}

/** How many numbers of all arrays in an object are not finite, however deep. */
export function countArrays(raw: unknown, count: (x: FloatArray) => number): number {
  if (isFloats(raw)) return count(raw);
  if (typeof raw !== 'object' || raw === null) return 0;
  let total = 0;
  for (const key in raw) total += countArrays((raw as Record<string, unknown>)[key], count);
  return total;
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
