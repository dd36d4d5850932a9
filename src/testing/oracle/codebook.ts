/**
 * A codebook, read out from its definition: the value that stands between the thresholds around a number.
 *
 * @module
 */
import type { Codebook } from '../../formats/index.ts';
import type { Exact } from './exact.ts';
import { exactly } from './exact.ts';
import { OVERFLOW, SATURATION } from './flags.ts';
import { compareMagnitudes, isZero, type Rational } from './rational.ts';
import type { Rounded } from './round.ts';

/** −1, 0 or 1, as a lies below, on or above b. */
function compare(a: Rational, b: Rational): number {
  if (isZero(a) && isZero(b)) return 0;
  if (a.negative !== b.negative || isZero(a) || isZero(b)) {
    const sign = (x: Rational): number => (isZero(x) ? 0 : x.negative ? -1 : 1);
    return Math.sign(sign(a) - sign(b));
  }
  return a.negative ? compareMagnitudes(b, a) : compareMagnitudes(a, b);
}

const number = (x: number): Rational => exactly(x) as Rational;

/** The finite value that a number becomes; beyond the outermost ones it is clipped. */
export function nearestOf({ values, thresholds, ties }: Codebook, x: Exact): Rounded {
  const sorted = values
    .map((value, code) => ({ value, code }))
    .filter(({ value }) => !Number.isNaN(value))
    .sort((a, b) => (a.value === b.value ? 1 / a.value - 1 / b.value : a.value - b.value));
  const finite = sorted.map(({ value }) => value).filter(Number.isFinite);
  const [lowest, highest] = [finite[0] as number, finite.at(-1) as number];
  const clipped = { flags: OVERFLOW | SATURATION };
  if (x.kind !== 'finite') {
    if (x.kind === 'nan') throw new Error('NaN has no place among the values');
    return { value: x.negative ? lowest : highest, ...clipped };
  }
  const passed = thresholds.filter((threshold) => compare(x, number(threshold)) > 0).length;
  const found = (sorted[passed] as { value: number; code: number }).value;
  const lies = thresholds[passed] !== undefined && compare(x, number(thresholds[passed])) === 0;
  const next = sorted[passed + 1];
  const own = sorted[passed] as { value: number; code: number };
  let value = found;
  if (lies && next !== undefined) {
    if (own.value === next.value) value = x.negative ? own.value : next.value;
    else if (ties === 'up') value = next.value;
    else if (ties === 'even') value = own.code % 2 === 0 ? own.value : next.code % 2 === 0 ? next.value : own.value;
    else if (ties === 'away') value = Math.abs(next.value) > Math.abs(own.value) ? next.value : own.value;
  }
  const inner = thresholds.filter(
    (_, i) =>
      Number.isFinite((sorted[i] as { value: number }).value) &&
      Number.isFinite((sorted[i + 1] as { value: number }).value),
  );
  const [first, last] = [inner[0] as number, inner.at(-1) as number];
  const isBeyond = compare(x, number(2 * lowest - first)) < 0 || compare(x, number(2 * highest - last)) > 0;
  const within = Math.min(highest, Math.max(lowest, value));
  return { value: Object.is(within, value) ? value : within, flags: isBeyond ? clipped.flags : 0 };
}
