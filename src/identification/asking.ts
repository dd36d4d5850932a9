/**
 * Asking rows within a budget: their answers are kept, and some rows are asked once more.
 *
 * @module
 */
import type { Next } from './draws.ts';
import { type Row, shaped } from './row.ts';
import { numbersOf } from './search.ts';
import type { Tools } from './tools.ts';
import type { Unexplained } from './verdict.ts';

/** Rows to ask next, their answers, and in the end a result. */
export type Asking<T> = Generator<readonly Row[], T, readonly number[]>;

/** Thrown where a row was answered in two ways. */
export class Unsteady extends Error {
  readonly rows: readonly Unexplained[];
  constructor(rows: readonly Unexplained[]) {
    super('unsteady');
    this.rows = rows;
  }
}

/** Asks rows and keeps their answers. */
export class Asker {
  private readonly tools: Tools;
  private readonly next: Next;
  private repeats = 0;
  private questions = 0;

  constructor(tools: Tools, next: Next) {
    this.tools = tools;
    this.next = next;
  }

  /** Asks; every hundredth row once more, in another batch and place. Gives the numbers of the new rows. */
  *ask(rows: readonly Row[], repeats = 0): Asking<number[]> {
    const { next } = this;
    const { question, limits, asked } = this.tools;
    const left = Math.max(0, limits.budget - this.questions);
    const given = rows.slice(0, left).map((row) => shaped(question, row));
    if (given.length === 0) return [];
    const again: Row[] = [];
    const least = this.repeats + repeats;
    while (asked.rows.length > 0 && this.repeats < Math.max(least, (this.questions + given.length) / 100)) {
      again.push(asked.rows[next(asked.rows.length)] as Row);
      this.repeats++;
    }
    const batch = [...given];
    for (const row of again) batch.splice(next(batch.length + 1), 0, row);
    const answers = yield batch;
    this.questions += batch.length;
    const first = asked.rows.length;
    const repeated = new Set(again);
    const unsteady: Unexplained[] = [];
    batch.forEach((row, n) => {
      const answer = answers[n] as number;
      if (repeated.has(row)) {
        const before = asked.answers[asked.rows.indexOf(row)] as number;
        if (!Object.is(before, answer)) unsteady.push({ row, answer, nearest: before });
      } else {
        asked.rows.push(row);
        asked.answers.push(answer);
      }
    });
    if (unsteady.length > 0) throw new Unsteady(unsteady);
    return numbersOf(asked).slice(first);
  }
}
