/**
 * What the wrong answers of a quantizer suggest: where its range ends, a line between two codes that is not at half of the way, a
 * mode for a part of the range, another scale.
 *
 * @module
 */
import type { Operand } from '../conformance/operand.ts';
import type { Behaviour } from './behaviour.ts';
import { composed } from './behaviour.ts';
import { common, factorsOf } from './decimals.ts';
import { type Answer, inRanges } from './families.ts';
import { change, type Limits, type QuantizerSetup, quantizerModes, quantizeWith } from './quantizers.ts';
import { suggestedShares, type Turn, turnsOf } from './shares.ts';

/** A wrong answer beside the right one. */
export interface Compared extends Answer {
  readonly right: number;
}

/** The deviations that wrong answers suggest. */
export function suggestedQuantizers(
  base: QuantizerSetup,
  limits: Limits,
  wrong: readonly Compared[],
): Behaviour<QuantizerSetup>[] {
  if (wrong.length === 0) return [];
  return [
    ...suggestedLimits(limits, wrong),
    ...shares(base, wrong),
    ...inRanges(quantizerModes(), wrong, (behaviour) => {
      const compute = composed([behaviour], base, (setup) => (x: number) => quantizeWith(setup, x));
      return (operands) => compute(operands)((operands[0] as Operand).x) ?? undefined;
    }),
    ...scales(base, limits, wrong),
  ];
}

/** Lines between codes. */
function shares({ quotient, zeroPoint }: QuantizerSetup, wrong: readonly Compared[]): Behaviour<QuantizerSetup>[] {
  const turns = wrong.flatMap(({ operands, value }): Turn[] => {
    const steps = quotient((operands[0] as Operand).x).x;
    return Math.abs(steps) < 2 ** 52 ? turnsOf(steps, value - zeroPoint) : [];
  });
  if (turns.length < 3) return [];
  return suggestedShares(turns).map((share) => change('rounding', share.name, share.text, () => ({ rounding: share })));
}

/** Another scale, that most wrong codes agree on. */
function scales(
  { zeroPoint }: QuantizerSetup,
  { scale, low, high }: Limits,
  wrong: readonly Compared[],
): Behaviour<QuantizerSetup>[] {
  const inside = wrong.filter(
    ({ value, operands }) => value > low && value < high && Number.isFinite((operands[0] as Operand).x),
  );
  const found = common(
    factorsOf(
      inside.map(({ operands, value }) => ({
        from: (operands[0] as Operand).x / scale,
        to: value - zeroPoint,
        half: 0.5,
      })),
    ),
    inside.length,
  );
  return found.map(({ value, words }) =>
    change('quotient', `quotient × ${words}`, `has quotients ${words} times as large as they should be`, (setup) => ({
      quotient: (x) => ({ x: setup.quotient(x).x * value, residual: 0 }),
    })),
  );
}

/** Where the answers say that the range ends: codes that become the end already, the last code that is given. */
function suggestedLimits({ low, high }: Limits, wrong: readonly Compared[]): Behaviour<QuantizerSetup>[] {
  const found: Behaviour<QuantizerSetup>[] = [];
  let [down, up] = [-Infinity, Infinity];
  let [least, most] = [Infinity, -Infinity];
  for (const { right, value } of wrong) {
    if (value === high && right < high) up = Math.min(up, right);
    if (value === low && right > low) down = Math.max(down, right);
    if (value === value) [least, most] = [Math.min(least, value), Math.max(most, value)];
  }
  const words = [
    ...(down > -Infinity ? [`the lowest code from ${down} down`] : []),
    ...(up < Infinity ? [`the highest code from ${up} on`] : []),
  ];
  if (words.length > 0) {
    found.push(change('limits', 'saturatesEarly', `gives ${words.join(', ')}`, () => ({ jumps: [down, up] })));
  }
  if (most > -Infinity && most !== high) {
    found.push(change('limits', `stops at ${most}`, `stops at ${most}`, () => ({ high: most })));
  }
  if (least < Infinity && least !== low) {
    found.push(change('limits', `stops at ${least}`, `stops at ${least}`, () => ({ low: least })));
    if (most > -Infinity && most !== high) {
      const text = `stops at ${least} and at ${most}`;
      found.push(change('limits', `stops at ${least} and ${most}`, text, () => ({ low: least, high: most })));
    }
  }
  return found;
}
