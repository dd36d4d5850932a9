/**
 * Rows for registers of integers.
 *
 * @module
 */
import type { Format } from '../formats/index.ts';
import type { Next } from './draws.ts';
import { elements, sumOf } from './operands.ts';
import type { Question } from './question.ts';
import { type Row, rowOf } from './row.ts';
import { fitted, isValue } from './values.ts';

/** Rows of integers that reach the ends of registers: extreme operands, addends near both ends. */
export function integerRows(question: Question, count: number, next: Next): Row[] {
  const { a, b, addend, k } = question;
  const draw = (format: Format, kind: number): number => {
    const { max } = format;
    const min = isValue(format, -1) ? (format as { min: number }).min : 0;
    if (kind === 0) return fitted(format, min + next(max - min + 1));
    if (kind === 1) return next(2) === 0 ? max : min;
    return fitted(format, min + next(Math.min(4, max)) * (max - min));
  };
  return Array.from({ length: count }, () => {
    const kind = next(3);
    const flip = next(5);
    const [x, y] = [draw(a, 1), draw(b, 1)];
    const places = (next(3) === 0 ? elements(question, 1 + next(4), next) : Array.from({ length: k }, (_, i) => i)).map(
      (at) => {
        // Runs of one sign, so that a register runs full and comes back.
        if (flip > 1) {
          const turn = Math.floor(at / (flip === 2 ? 1 + next(k) : flip)) % 2 === 0;
          return { at, a: turn ? x : draw(a, 0), b: turn ? y : fitted(b, -y) };
        }
        return { at, a: draw(a, kind), b: draw(b, kind) };
      },
    );
    if (addend === null) return rowOf(question, places);
    const most = Math.abs(sumOf(places.slice(0, 1 + next(places.length))));
    const reach = next(2) === 0 ? most : Math.min(2 ** 45, k * Math.abs(a.max) * Math.abs(b.max));
    const ends = [addend.max, (addend as { min?: number }).min ?? -addend.max];
    const own = ends[next(2)] as number;
    const c = next(6) === 0 ? next(2) * own + next(addend.max) : own - Math.sign(own) * next(Math.max(2, reach));
    return rowOf(question, places, fitted(addend, next(8) === 0 ? 0 : c));
  });
}
