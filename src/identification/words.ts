/**
 * Hypotheses and what tells them apart, in words.
 *
 * @module
 */
import { orderText, reductionText } from '../accumulators/describe.ts';
import { type Axis, arithmeticOf, type Point } from './point.ts';
import type { Question } from './question.ts';

/** A parameter's value as text. */
export function valueText(point: Point, axis: Axis): string {
  if (axis === 'order') return orderText(point.order);
  if (axis === 'family' && point.family === 'aligned') return `aligned to ${point.fractionBits} bits, ${point.lost}`;
  return String(point[axis] ?? 'none');
}

/** Values of a parameter between which nothing decides. */
export function wordsOf(axis: Axis, best: Point, others: readonly Point[]): string {
  const values = others.map((point) => valueText(point, axis));
  const told = values.length <= 6 ? values : [...values.slice(0, 3), `… (${values.length - 4} more)`, values.at(-1)];
  return `${axis}: ${valueText(best, axis)} gives the same bits as ${told.join(', ')}`;
}

/** Order and accumulators of a hypothesis. */
export function wordsOfSum(question: Question, point: Point): string {
  return reductionText(arithmeticOf(question, point).reduction, true);
}
