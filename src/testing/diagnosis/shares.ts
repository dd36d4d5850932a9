/**
 * Where, of the way between two neighbours, rounding turns from down to up: at half of it, or elsewhere.
 *
 * @module
 */
import type { Conversion, Setup } from '../conformance/compute.ts';
import type { Operand } from '../conformance/operand.ts';
import type { Behaviour } from './behaviour.ts';
import type { Answer } from './families.ts';
import { quantumAt } from './grid.ts';
import { writing } from './writing.ts';

/** A number of steps that went wrong: to the neighbour below, or above. */
export interface Turn {
  readonly steps: number;
  readonly isUp: boolean;
}

/** The turn that a number of steps took to a whole one; none where it was whole, or went farther than to a neighbour. */
export function turnsOf(steps: number, whole: number): Turn[] {
  const [below, above] = [Math.floor(steps), Math.ceil(steps)];
  if (below === above || (whole !== below && whole !== above)) return [];
  return [{ steps, isUp: whole === above }];
}

/** A rule: whether a number of steps goes up, by the share of a step that it has gone. */
export interface Share {
  readonly name: string;
  readonly text: string;
  /** The whole steps that a number of them becomes. */
  readonly round: (steps: number) => number;
}

/** The rules that wrong turns follow: by the share of a step from below, or from zero. Halves are ties, which others tell of. */
export function suggestedShares(turns: readonly Turn[]): Share[] {
  return [true, false].flatMap((isFloor): Share[] => {
    let [early, late] = [Infinity, -Infinity];
    for (const { steps, isUp } of turns) {
      const way = isFloor ? steps : Math.abs(steps);
      const share = way - Math.floor(way);
      // Away from zero is down for a negative number, counted from below.
      const goesUp = isFloor || steps >= 0 ? isUp : !isUp;
      if (goesUp) early = Math.min(early, share);
      else late = Math.max(late, share);
    }
    const isEarly = early < 0.5;
    // A rule has one line: what turns before half of the way, or what does not turn after it.
    if (isEarly === late > 0.5) return [];
    const line = isEarly ? early : late;
    const turnsAt = (share: number): boolean => (isEarly ? share >= line : share > line);
    const words = Number(line.toPrecision(3));
    const from = isFloor ? '' : ', counted from zero';
    return [
      {
        name: `up from ${words}${from}`,
        text: `rounds up from about ${words} of the way between two numbers on, not from half${from}`,
        round: (steps) => {
          const way = isFloor ? steps : Math.abs(steps);
          const whole = Math.floor(way) + (turnsAt(way - Math.floor(way)) ? 1 : 0);
          return isFloor ? whole : Math.sign(steps) * whole;
        },
      },
    ];
  });
}

/** The rules that the wrong answers of a conversion follow. */
export function shareBehaviours({ format }: Conversion, wrong: readonly Answer[]): Behaviour<Setup>[] {
  if (format.bits > 53) return [];
  const stepsOf = (x: number): { readonly steps: number; readonly quantum: number } => {
    const quantum = quantumAt(format, Math.abs(x));
    return { steps: x / quantum, quantum };
  };
  const turns = wrong.flatMap(({ operands, value }): Turn[] => {
    const { x } = operands[0] as Operand;
    if (!(Math.abs(x) <= format.max)) return [];
    const { steps, quantum } = stepsOf(x);
    return turnsOf(steps, value / quantum);
  });
  if (turns.length < 3) return [];
  // Fitted to the answers: of equal explanations it comes last.
  return suggestedShares(turns).map(({ name, text, round }) => ({
    base: 'up from',
    ...writing(format, 'rounding', name, text, ({ value }, x) => {
      if (!(Math.abs(x) <= format.max) || x === 0) return null;
      const { steps, quantum } = stepsOf(x);
      const found = round(steps) * quantum;
      return Math.floor(steps) === steps || Math.abs(found) > format.max
        ? null
        : found === 0
          ? 0 * Math.sign(value || x)
          : found;
    }),
  }));
}
