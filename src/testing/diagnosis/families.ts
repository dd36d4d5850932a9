/**
 * Deviations with a parameter (a format, a number of digits, a range): many values of it are looked at, and those kept that give
 * some of the wrong answers.
 *
 * @module
 */
import type { Operand } from '../conformance/operand.ts';
import type { Behaviour } from './behaviour.ts';
import { spread } from './diagnose.ts';
import { isNegative, isPositive, only } from './places.ts';
import { rangesOf } from './ranges.ts';

/** A case with another implementation's answer. */
export interface Answer {
  readonly operands: readonly Operand[];
  readonly value: number;
}

/** The number that a behaviour alone gives; undefined where there is none. */
export type ValueUnder<Setup> = (behaviour: Behaviour<Setup>) => (operands: readonly Operand[]) => number | undefined;

/** Wrong answers that a candidate is tried on. */
const TRIED = 200;
/** Candidates of a family that are kept, and the least share of wrong answers that they give. */
const KEPT = 6;
const LEAST = 0.05;

interface Candidate<Setup> {
  readonly behaviour: Behaviour<Setup>;
  /** The wrong answers that it gives. */
  readonly given: readonly Answer[];
}

/** The candidates that give the most of some wrong answers, at least two of them. */
function best<Setup>(
  candidates: readonly Behaviour<Setup>[],
  wrong: readonly Answer[],
  valueUnder: ValueUnder<Setup>,
): Candidate<Setup>[] {
  const tried = spread(wrong, TRIED);
  return candidates
    .map((behaviour): Candidate<Setup> => {
      const value = valueUnder(behaviour);
      return { behaviour, given: tried.filter((one) => Object.is(value(one.operands), one.value)) };
    })
    .filter(({ given }) => given.length >= Math.max(2, LEAST * tried.length))
    .sort((a, b) => b.given.length - a.given.length)
    .slice(0, KEPT);
}

/** Of many candidates those that give the most wrong answers. */
export function promising<Setup>(
  candidates: readonly Behaviour<Setup>[],
  wrong: readonly Answer[],
  valueUnder: ValueUnder<Setup>,
): Behaviour<Setup>[] {
  return best(candidates, wrong, valueUnder).map(({ behaviour }) => behaviour);
}

/**
 * Behaviours that hold for some magnitudes alone, or for one sign of these: of each the ranges in which the wrong answers lie
 * that it gives.
 */
export function inRanges<Setup>(
  behaviours: readonly Behaviour<Setup>[],
  wrong: readonly Answer[],
  valueUnder: ValueUnder<Setup>,
): Behaviour<Setup>[] {
  return best(behaviours, wrong, valueUnder).flatMap(({ behaviour, given }) => {
    const numbers = given.map(({ operands }) => (operands[0] as Operand).x);
    const isOfOneSign = numbers.every((x) => x > 0) || numbers.every((x) => x < 0);
    return rangesOf(numbers.map(Math.abs)).flatMap(({ words, holds }) => {
      const within = only(behaviour, words, `of numbers ${words}`, ([operand]) =>
        holds(Math.abs((operand as Operand).x)),
      );
      if (!isOfOneSign) return [within];
      const [sign, isOf] =
        (numbers[0] as number) > 0 ? (['positive', isPositive] as const) : (['negative', isNegative] as const);
      return [
        within,
        only(
          behaviour,
          `${sign} ${words}`,
          `of ${sign} numbers ${words} in magnitude`,
          (operands) => isOf(operands) && holds(Math.abs((operands[0] as Operand).x)),
        ),
      ];
    });
  });
}
