/**
 * Which numbers are values of a format. A search asks it so often that the roundings are made once.
 *
 * @module
 */
import type { Format } from '../formats/index.ts';
import { roundTo } from '../rounding/index.ts';
import { Rounder } from '../rounding/rounder.ts';

interface Rounders {
  readonly cut: Rounder;
  readonly nearest: Rounder;
}

const made: WeakMap<Format, Rounders> = /* @__PURE__ */ new WeakMap();

function roundersOf(format: Format): Rounders {
  const known = made.get(format);
  if (known !== undefined) return known;
  const zero = format.kind === 'integer' ? ({ nanInput: 'zero' } as const) : {};
  const cut = roundTo(format, { overflow: 'saturate', rounding: 'towardZero', ...zero });
  const nearest = roundTo(format, { overflow: format.kind === 'integer' ? 'saturate' : 'saturateFinite' });
  const found = { cut: new Rounder(format, cut.policy), nearest: new Rounder(format, nearest.policy) };
  made.set(format, found);
  return found;
}

/** The nearest value of a format toward zero. */
export function fitted(format: Format, x: number): number {
  return roundersOf(format).cut.round(x, 0);
}

/** Whether a number is a value of a format. */
export function isValue(format: Format, x: number): boolean {
  if (x !== x) return format.kind === 'float' && format.nan !== 'none';
  return Object.is(roundersOf(format).nearest.round(x, 0), x);
}
