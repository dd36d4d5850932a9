/**
 * Sums without rounding, and how far the rounded ones lie from the real ones.
 *
 * @module
 */
import type { Reduction } from '../../accumulators/reduction.ts';
import { accumulatorRounding, lastLeaf } from '../../accumulators/walk.ts';
import type { Format } from '../../formats/format.ts';
import { defineInteger } from '../../formats/integer.ts';
import type { SumPlan } from './plan.ts';

/** The format that a reduction's last accumulator leaves its sum in; of registers beyond 53 bits, binary64's integers. */
export function formatOf(reduction: Reduction): Format {
  const { accumulator } = lastLeaf(reduction);
  if (accumulator.kind === 'integer') return defineInteger({ bits: Math.min(accumulator.bits, 53) });
  return accumulatorRounding(accumulator).format;
}

/** Σ x in binary64 with a running compensation (Neumaier 1974). */
export function realSums({ rows, width }: SumPlan, x: Float64Array): Float64Array {
  return Float64Array.from({ length: rows }, (_, r) => {
    let sum = 0;
    let lost = 0;
    for (let i = r * width; i < (r + 1) * width; i++) {
      const a = x[i] as number;
      const next = sum + a;
      lost += Math.abs(sum) >= Math.abs(a) ? sum - next + a : a - next + sum;
      sum = next;
    }
    return Number.isFinite(sum) ? sum + lost : sum;
  });
}
