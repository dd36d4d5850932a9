/**
 * Where a behaviour may hold: everywhere, for negative numbers, for subnormal results.
 *
 * @module
 */
import type { Operand } from '../conformance/operand.ts';
import type { Behaviour } from './behaviour.ts';

/** A set of operands. */
export type Where = (operands: readonly Operand[]) => boolean;

/** Numbers below zero, −0 and negative NaNs among them. */
export const isNegative: Where = ([operand]) => {
  const { x, nan } = operand as Operand;
  return x !== x ? nan.negative : x < 0 || Object.is(x, -0);
};

/** Numbers above zero, and positive zero. */
export const isPositive: Where = (operands) => !isNegative(operands);

/** Numbers other than zero below a magnitude. */
export function isBelow(least: number): Where {
  return ([operand]) => {
    const a = Math.abs((operand as Operand).x);
    return a > 0 && a < least;
  };
}

/** A behaviour that holds for some cases only. */
export function only<Setup>(
  behaviour: Behaviour<Setup>,
  suffix: string,
  words: string,
  where: Where,
): Behaviour<Setup> {
  const { name, text, base = name } = behaviour;
  return { ...behaviour, name: `${name} ${suffix}`, text: `${text}, ${words}`, base, where };
}
