/**
 * What the wrong answers themselves suggest: a factor, a threshold, where the range ends and what lies beyond it.
 *
 * @module
 */
import type { Format } from '../../formats/format.ts';
import { type Conversion, convertWith, type Setup, setupOf } from '../conformance/compute.ts';
import { numberOperand, type Operand } from '../conformance/operand.ts';
import { type Behaviour, composed } from './behaviour.ts';
import { constantBehaviours, decimalBehaviours } from './decimals.ts';
import { type Answer, inRanges, promising, type ValueUnder } from './families.ts';
import { fixedPoints } from './fixedPoints.ts';
import { freely } from './freely.ts';
import { cut, exponentIn, isPowerOfTwo, leastNormal, quantumAt } from './grid.ts';
import { clampAt, overflowTo } from './limits.ts';
import { isBelow, only } from './places.ts';
import { rangesOf, spellShort } from './ranges.ts';
import { reading } from './reading.ts';
import { bitsCleared, constantsInRanges } from './replaced.ts';
import { detours, plainRoundings, stickyLost } from './rounding.ts';
import { shareBehaviours } from './shares.ts';
import { writing } from './writing.ts';

/** The deviations that answers suggest, wrong ones. */
export function suggestedBehaviours(task: Conversion, wrong: readonly Answer[]): Behaviour<Setup>[] {
  if (wrong.length === 0) return [];
  const { format } = task;
  const base = setupOf(task);
  const valueUnder: ValueUnder<Setup> = (behaviour) => {
    const compute = composed([behaviour], base, (setup) => convertWith(task, setup));
    return (operands) => compute(operands)(operands)?.value;
  };
  const compared = comparedWith(task, wrong);
  return [
    ...suggested(task, wrong),
    ...shiftedThreshold(task, wrong),
    ...resized(task, compared),
    ...ends(task, compared),
    ...beyond(task, compared),
    ...shareBehaviours(task, wrong),
    ...inRanges(plainRoundings(format), wrong, valueUnder),
    ...promising(fixedPoints(), wrong, valueUnder),
    ...inRanges(fixedPoints(), wrong, valueUnder),
    ...promising(
      [...bitsCleared(format), ...detours(format, 'all'), ...decimalBehaviours(task), ...guards(format)],
      wrong,
      valueUnder,
    ),
    ...constantBehaviours(task, compared),
    ...constantsInRanges(task, wrong),
  ];
}

/** Where all wrong answers lie between the same two neighbours: the line between them, drawn elsewhere. */
function shiftedThreshold({ format }: Conversion, wrong: readonly Answer[]): Behaviour<Setup>[] {
  if (format.bits > 16) return [];
  const [first] = wrong;
  if (first === undefined) return [];
  const at = Math.abs((first.operands[0] as Operand).x);
  if (!(at < format.max)) return [];
  const step = quantumAt(format, at);
  const lower = cut(at, step);
  const upper = lower + step;
  let [least, most] = [Infinity, -Infinity];
  for (const { operands, value } of wrong) {
    const a = Math.abs((operands[0] as Operand).x);
    if (!(a > lower && a < upper)) return [];
    if (Math.abs(value) === upper) least = Math.min(least, a);
    else if (Math.abs(value) === lower) most = Math.max(most, a);
    else return [];
  }
  // Either all go up too early, or all too late.
  if (least < Infinity === most > -Infinity) return [];
  const goesUp = (a: number): boolean => (least < Infinity ? a >= least : a > most);
  return [
    writing(
      format,
      'threshold between',
      `between ${lower} and ${upper}`,
      `draws the line between ${lower} and ${upper} near ${Number((least < Infinity ? least : most).toPrecision(6))}`,
      (_, x) => {
        const a = Math.abs(x);
        if (!(a > lower && a < upper)) return null;
        return Math.sign(x) * (goesUp(a) ? upper : lower);
      },
    ),
  ];
}

/** A power of two that most wrong answers are off by; the largest magnitude that they reach. */
function suggested(task: Conversion, wrong: readonly Answer[]): Behaviour<Setup>[] {
  const { format, source } = task;
  const powers = new Map<number, number>();
  let reach = 0;
  let reached = 0;
  for (const { operands, value } of wrong) {
    const ratio = Math.abs(value / (operands[0] as Operand).x);
    // Rounding moves the ratio by less than half a binade.
    if (ratio > 0 && ratio < Infinity) {
      const power = Math.round(Math.log2(ratio));
      powers.set(power, (powers.get(power) ?? 0) + 1);
    }
    const a = Math.abs(value);
    if (a === reach) reached += 1;
    else if (a > reach && a < Infinity) [reach, reached] = [a, 1];
  }
  const [power = 0] = [...powers.entries()].sort((a, b) => b[1] - a[1])[0] ?? [];
  const known = [
    0,
    1,
    -1,
    source !== 'binary64' && source.kind === 'float' && format.kind === 'float' ? source.bias - format.bias : 0,
  ];
  const found: Behaviour<Setup>[] = [];
  if (!known.includes(power)) {
    found.push(
      reading('scale', `scaled 2^${power}`, `is off by a constant factor of 2^${power}`, (x) => x * 2 ** power),
    );
  }
  // Once may be anything.
  if (reached > 1 && reach > 0 && reach !== format.max && format.bits <= 53) {
    const words = isPowerOfTwo(reach) ? `2^${exponentIn(reach)}` : String(reach);
    found.push(
      reach < format.max
        ? clampAt(format, reach, `clamps at ${reach}`, `takes ${words} for the largest number and clamps there`)
        : writing(
            format,
            'limit',
            `clamps at ${reach}`,
            `takes ${words}, which the format does not have, for the largest number`,
            ({ value }, x) => (Math.abs(x) >= reach || !Number.isFinite(value) ? Math.sign(x) * reach : null),
          ),
    );
  }
  return found;
}

/** A wrong answer beside the right one. */
interface Compared extends Answer {
  readonly x: number;
  readonly right: number;
}

/**
 * Many bits looked at, and no sticky bit: everywhere, and where numbers are shifted to the grid of subnormals. The most bits come
 * first: of those that give all of the wrong answers they change the fewest right ones.
 */
function guards(format: Format): Behaviour<Setup>[] {
  const subnormal = isBelow(leastNormal(format));
  return Array.from({ length: 20 }, (_, i) => stickyLost(format, 23 - i)).flatMap((one) => [
    one,
    only(one, 'in subnormals', 'where the result is subnormal', subnormal),
  ]);
}

/** Finite operands with both answers. */
function comparedWith(task: Conversion, wrong: readonly Answer[]): Compared[] {
  if (task.format.bits > 53) return [];
  const right = convertWith(task, setupOf(task));
  return wrong.flatMap((one) => {
    const { x } = one.operands[0] as Operand;
    const found = Number.isFinite(x) ? right(one.operands) : null;
    return found === null ? [] : [{ ...one, x, right: found.value }];
  });
}

/** Numbers or results of some magnitudes off by a power of two. */
function resized(task: Conversion, compared: readonly Compared[]): Behaviour<Setup>[] {
  const { format } = task;
  const byPower = new Map<number, number[]>();
  for (const { value, right } of compared) {
    const ratio = value / right;
    if (!(ratio > 0 && ratio < Infinity && isPowerOfTwo(ratio) && ratio !== 1)) continue;
    const power = exponentIn(ratio);
    byPower.set(power, [...(byPower.get(power) ?? []), Math.abs(right)]);
  }
  const [frequent] = [...byPower.entries()].sort((a, b) => b[1].length - a[1].length);
  if (frequent === undefined || frequent[1].length < 2) return [];
  const [power, results] = frequent;
  const factor = 2 ** power;
  const does = power === -1 ? 'halves' : power === 1 ? 'doubles' : `multiplies by 2^${power}`;
  const convert = convertWith(task, setupOf(task));
  const rounded = (x: number): number => convert([numberOperand(x)])?.value ?? Number.NaN;
  return rangesOf(results).flatMap(({ words, holds }) => [
    reading('scale', `numbers ${words} × 2^${power}`, `${does} numbers ${words}`, (x) =>
      holds(Math.abs(x)) ? x * factor : x,
    ),
    writing(format, 'scale', `results ${words} × 2^${power}`, `${does} results ${words}`, ({ value }) =>
      value !== 0 && Number.isFinite(value) && holds(Math.abs(value)) ? rounded(value * factor) : null,
    ),
  ]);
}

/** A range that ends too early or too late. */
function ends(task: Conversion, compared: readonly Compared[]): Behaviour<Setup>[] {
  const { format } = task;
  const { max } = format;
  const convert = convertWith(task, setupOf(task));
  const overflowed = [1, -1].map((sign) => convert([numberOperand(sign * Number.MAX_VALUE)])?.value ?? Number.NaN);
  let [early, saturated, late] = [Infinity, Infinity, 0];
  for (const { x, value, right } of compared) {
    const a = Math.abs(x);
    const over = overflowed[x < 0 ? 1 : 0] as number;
    if (Math.abs(freely(task, x)) > max) {
      if (Math.abs(value) === max && !Object.is(over, value)) late = Math.max(late, a);
    } else if (Object.is(value, over)) early = Math.min(early, a);
    else if (value === Math.sign(x) * max && Math.abs(right) < max) saturated = Math.min(saturated, a);
  }
  const found: Behaviour<Setup>[] = [];
  const from = (limit: number, below: number, name: string, text: string, become: number): void => {
    found.push(
      reading('threshold', name, text, (x) =>
        Math.abs(x) >= limit && Math.abs(x) < below ? Math.sign(x) * become : x,
      ),
    );
  };
  if (early < Infinity) {
    const text = `lets what lies from ${spellShort(early)} on overflow: its range ends too early`;
    from(early, Infinity, 'overflowEarly', text, Number.MAX_VALUE);
  }
  if (saturated < Infinity) {
    const text = `makes ±max of what lies from ${spellShort(saturated)} on`;
    from(saturated, max, 'saturatesEarly', text, max);
    from(saturated, Infinity, 'saturatesEarly finite', `${text}, whatever the finite number`, max);
  }
  if (late > 0) {
    const tie = late === max + quantumAt(format, max) / 2;
    const text = tie
      ? `takes the tie between ${spellShort(max)} and overflow for the largest number: compares with > in place of >=`
      : `lets nothing up to ${spellShort(late)} overflow: its range ends too late`;
    found.push(
      reading('threshold', tie ? 'overflowTieDown' : 'overflowLate', text, (x) =>
        Math.abs(x) > max && Math.abs(x) <= late ? Math.sign(x) * max : x,
      ),
    );
  }
  return found;
}

/** One number in place of whatever overflows. */
function beyond(task: Conversion, compared: readonly Compared[]): Behaviour<Setup>[] {
  const { format } = task;
  const counts = new Map<number, number>();
  for (const { x, value } of compared) {
    const a = Math.abs(value);
    if (Number.isFinite(a) && a !== 0 && a !== format.max && Math.abs(freely(task, x)) > format.max) {
      counts.set(a, (counts.get(a) ?? 0) + 1);
    }
  }
  const [frequent] = [...counts.entries()].sort((a, b) => b[1] - a[1]);
  if (frequent === undefined || frequent[1] < 2) return [];
  const [a] = frequent;
  const isNamed = format.kind === 'float';
  const words =
    isNamed && a === format.minNormal
      ? 'the smallest normal number'
      : isNamed && a === format.minSubnormal
        ? 'the smallest number'
        : spellShort(a);
  return [
    overflowTo(
      task,
      `overflowTo ${spellShort(a)}`,
      `makes ±${words} of what overflows`.replace('±the', 'the'),
      (_, x) => Math.sign(x) * a,
    ),
    overflowTo(task, `overflowTo +${spellShort(a)}`, `makes ${words} of what overflows, without its sign`, () => a),
  ];
}
