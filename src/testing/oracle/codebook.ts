/**
 * A codebook, read out from its definition: the value that stands between the thresholds around a number.
 *
 * @module
 */
import type { Codebook } from '../../formats/index.ts';
import type { Exact } from './exact.ts';
import { exactly } from './exact.ts';
import { OVERFLOW, SATURATION } from './flags.ts';
import { compare, type Rational } from './rational.ts';
import type { Rounded } from './round.ts';

const number = (x: number): Rational => exactly(x) as Rational;

/** The finite value that a number becomes; beyond the outermost ones it is clipped. */
export function nearestOf({ values, thresholds, ties }: Codebook, x: Exact): Rounded {
  const sorted = values
    .map((value, code) => ({ value, code }))
    .filter(({ value }) => !Number.isNaN(value))
    .sort((a, b) => (a.value === b.value ? 1 / a.value - 1 / b.value : a.value - b.value));
  const finiteAt = sorted.map(({ value }) => Number.isFinite(value));
  const finite = sorted.filter((_, i) => finiteAt[i]).map(({ value }) => value);
  const [lowest, highest] = [finite[0] as number, finite.at(-1) as number];
  const clipped = OVERFLOW | SATURATION;
  if (x.kind === 'nan') throw new Error('NaN has no place among the values');
  if (x.kind === 'infinite') return { value: x.negative ? lowest : highest, flags: clipped };
  const passed = thresholds.filter((threshold) => compare(x, number(threshold)) > 0).length;
  const [own, next] = [sorted[passed], sorted[passed + 1]] as [Entry, Entry | undefined];
  const isTie = next !== undefined && compare(x, number(thresholds[passed] as number)) === 0;
  const { value } = isTie && isUpper(ties, own, next, x.negative) ? next : own;
  const inner = thresholds.filter((_, i) => finiteAt[i] && finiteAt[i + 1]);
  const [first = lowest, last = highest] = [inner[0], inner.at(-1)];
  const isBeyond = compare(x, number(2 * lowest - first)) < 0 || compare(x, number(2 * highest - last)) > 0;
  const within = Math.min(highest, Math.max(lowest, value));
  return { value: within, flags: isBeyond ? clipped : 0 };
}

/** A value and its code. */
interface Entry {
  readonly value: number;
  readonly code: number;
}

/** Whether a number midway becomes the upper of two; of two zeros its sign says. */
function isUpper(ties: Codebook['ties'], lower: Entry, upper: Entry, isNegative: boolean): boolean {
  if (lower.value === upper.value) return !isNegative;
  switch (ties) {
    case 'up':
      return true;
    case 'down':
      return false;
    case 'even':
      return lower.code % 2 !== 0 && upper.code % 2 === 0;
    case 'away':
      return Math.abs(upper.value) > Math.abs(lower.value);
  }
}
