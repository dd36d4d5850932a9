/**
 * The operands of one sum, as a search makes them.
 *
 * @module
 */
import { type Question, scalesOf } from './question.ts';
import { fitted } from './values.ts';

/** Values of the question's formats. */
export interface Row {
  /** k elements each. */
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly c: number;
  /** ⌈k / block⌉ each; empty where there are no scales. */
  readonly scaleA: Float64Array;
  readonly scaleB: Float64Array;
}

/** One element of a row that is not zero. */
export interface Place {
  readonly at: number;
  readonly a: number;
  readonly b: number;
}

/** A row of a few elements, all others +0 and all scales 1. */
export function rowOf(question: Question, places: Iterable<Place>, c = 0): Row {
  const { k } = question;
  const [a, b] = [new Float64Array(k), new Float64Array(k)];
  for (const place of places) [a[place.at], b[place.at]] = [place.a, place.b];
  const scales = scalesOf(question);
  return { a, b, c, scaleA: new Float64Array(scales).fill(1), scaleB: new Float64Array(scales).fill(1) };
}

/** Whether two results are the same: NaN equals NaN; zeros have signs where the caller says that they count. */
export function isSame(x: number, y: number, zeroSigns: boolean): boolean {
  return Object.is(x, y) || (!zeroSigns && x === y);
}

/** A row as a sum of one operand takes it: of ones times its products, or of squares. */
export function shaped({ lone, a, k }: Question, row: Row): Row {
  if (lone === null) return row;
  if (lone.of === 'squares') return { ...row, b: row.a };
  const terms = row.a.map((x, i) => fitted(a, x * (row.b[i] as number)));
  return { ...row, a: terms, b: new Float64Array(k).fill(1) };
}
