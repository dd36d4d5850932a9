/**
 * Rows that nobody asked yet, of every kind in turn: what a hypothesis foretells of them is what it is worth.
 *
 * @module
 */
import { integerRows } from './integerRows.ts';
import { type Generator, generators } from './making.ts';
import { isIntegral } from './question.ts';
import { type Row, shaped } from './row.ts';
import type { Tools } from './tools.ts';

/** Rows of every generator in turn. */
export function freshRows({ question, draw, maker }: Tools, count: number): Row[] {
  if (isIntegral(question)) {
    return [...integerRows(question, Math.ceil(count / 2), draw), ...maker.rows('any', Math.floor(count / 2))];
  }
  return Array.from({ length: Math.max(0, count) }, (_, i) =>
    shaped(question, maker.row(generators[i % generators.length] as Generator)),
  );
}

/** Fresh rows, every other one of the kind on which hypotheses differ most. */
export function huntRows(tools: Tools, count: number): Row[] {
  const { question, maker } = tools;
  if (isIntegral(question)) return freshRows(tools, count);
  const tails = maker.rows('tails', Math.floor(count / 2)).map((row) => shaped(question, row));
  return [...freshRows(tools, count - tails.length), ...tails];
}
