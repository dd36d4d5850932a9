/**
 * What an operand or a result can be before it is rounded: an exact number, an infinity or a NaN.
 *
 * @module
 */
import { checkExact, checkReal } from './checks.ts';
import { fromNumber, type Rational, toNumber } from './rational.ts';

/** Infinity with its sign. */
export interface Infinite {
  readonly kind: 'infinite';
  readonly negative: boolean;
}

/** NaN; the oracle knows no payloads. */
export interface NotANumber {
  readonly kind: 'nan';
}

/** An extended real with signed zeros, or NaN. */
export type Exact = Rational | Infinite | NotANumber;

export const nan: NotANumber = { kind: 'nan' };

export function infinity(negative: boolean): Infinite {
  return { kind: 'infinite', negative };
}

/** A binary64 number as what it exactly is. */
export function exactly(x: number | Exact): Exact {
  if (typeof x !== 'number') {
    checkReal('x', x);
    return x;
  }
  if (Number.isNaN(x)) return nan;
  return Number.isFinite(x) ? fromNumber(x) : infinity(x < 0);
}

/** The nearest binary64 number. */
export function approximately(x: Exact): number {
  checkExact('x', x);
  if (x.kind === 'nan') return Number.NaN;
  if (x.kind === 'infinite') return x.negative ? -Infinity : Infinity;
  return toNumber(x);
}
