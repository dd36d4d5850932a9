/**
 * Which lanes carry out what stands between the two products, if any do.
 *
 * @module
 */
import { type LaneBytes, roundingBlock } from '../../engine/roundingBlock.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import type { AttentionPlan } from '../../specification/attention/plan.ts';
import { isWithinBinary32 } from '../../specification/run.ts';
import { castLoop } from '../casts/loop.ts';
import { hasNoNaN } from '../counters.ts';
import { roundingsOf } from '../lanes/sums.ts';
import { chooseLane, WIDEST } from '../lanes/tile.ts';
import { hasNarrowQuotients } from '../softmax/softmax.ts';

/** Bytes of a number in the lanes of scores and shares, and of outputs; and of the numbers that the products give. */
export interface Lanes {
  readonly scores: LaneBytes;
  readonly outputs: LaneBytes;
  readonly scoreBytes: LaneBytes;
}

/** Larger numbers of a mask would not have an exact sum. */
const LARGEST_MASK = 2 ** 500;

/** The lanes of a plan; null where it has none. */
export function lanesOf(plan: AttentionPlan): Lanes | null {
  const { scoring, tile, keys, width } = plan;
  if (Math.min(tile, keys) > WIDEST || width > WIDEST || scoring.output.format.kind !== 'float') return null;
  const scoreBytes = isWithinBinary32(scoring.output.format) ? 4 : 8;
  const scores = ([4, 8] as const).find((lane) => holdsScores(plan, lane, scoreBytes));
  const outputs = ([4, 8] as const).find((lane) => holdsOutputs(plan, lane));
  return scores === undefined || outputs === undefined ? null : { scores, outputs, scoreBytes };
}

/** Whether lanes hold every number of a rounding. */
function holds({ format }: Rounding, lane: LaneBytes): boolean {
  return lane === 4 ? isWithinBinary32(format) : format.kind === 'float' && format.precision <= 25;
}

function holdsScores(plan: AttentionPlan, lane: LaneBytes, scoreBytes: LaneBytes): boolean {
  const { unit, roundings, valuing, divide, normalize, scale, mask } = plan;
  const { compute, reduction } = unit;
  const sums = roundingsOf(reduction);
  if (sums === null) return false;
  const factors: [Rounding, Rounding][] = scale === 1 ? [] : [[roundings.scores, compute]];
  const isDivided = divide === 'before';
  if (isDivided && normalize === 'reciprocal') factors.push([compute, roundings.sum]);
  if (chooseLane([compute, ...sums], factors, [lane]) === null) return false;
  if (isDivided && normalize === 'divide' && !hasQuotients(lane, compute, [roundings.sum, ...sums])) return false;
  if (!Object.values(roundings).every((own) => holds(own, lane)) || !holds(unit.load, lane)) return false;
  if (mask !== null && !mask.every((x) => isMaskable(x, lane))) return false;
  return (
    castLoop(roundings.scores, scoreBytes, lane) !== null &&
    castLoop(roundings.probabilities, lane, lane) !== null &&
    castLoop(valuing.a, lane, lane) !== null
  );
}

function isMaskable(x: number, lane: LaneBytes): boolean {
  if (!Number.isFinite(x)) return true;
  return lane === 4 ? Math.fround(x) === x && Math.abs(x) <= 2 ** 100 : Math.abs(x) <= LARGEST_MASK;
}

function hasQuotients(lane: LaneBytes, of: Rounding, by: readonly Rounding[]): boolean {
  if (lane === 4) return by.every((own) => hasNarrowQuotients(of, own));
  return [of, ...by].every((own) => roundingBlock(own, 8) !== null);
}

function holdsOutputs(plan: AttentionPlan, lane: LaneBytes): boolean {
  const { unit, roundings, valuing, isFlash, divide, normalize } = plan;
  const { output, addend } = valuing;
  if (output.format.kind !== 'float' || !holds(output, lane)) return false;
  const sums = roundingsOf(unit.reduction) ?? [];
  const steps = [unit.store];
  const factors: [Rounding, Rounding][] = [];
  if (isFlash) {
    steps.push(addend);
    factors.push([unit.compute, output]);
  }
  if (divide === 'after') {
    steps.push(unit.compute);
    if (![roundings.sum, ...sums].every((own) => holds(own, lane))) return false;
    if (normalize === 'reciprocal') factors.push([output, roundings.sum]);
    else if (!hasQuotients(lane, output, [roundings.sum, ...sums])) return false;
  }
  return chooseLane(steps, factors, [lane]) !== null;
}

/** Whether some rounding on the way has no NaN to give, so that one must go through the specification. */
export function lacksNaN({ unit, roundings, scoring, valuing }: AttentionPlan): boolean {
  const own = [scoring, valuing].flatMap(({ a, b, addend, output, product }) => [
    ...[a, b, addend, output],
    ...(product === null ? [] : [product]),
  ]);
  const sums = roundingsOf(unit.reduction) ?? [];
  return [unit.load, unit.compute, unit.store, ...Object.values(roundings), ...own, ...sums].some(hasNoNaN);
}
