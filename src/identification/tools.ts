/**
 * What a search works with: the question, how long to go on, what was asked, hypotheses and rows.
 *
 * @module
 */
import { draws, type Next } from './draws.ts';
import { Maker } from './making.ts';
import type { Question } from './question.ts';
import { type Asked, Search } from './search.ts';

/** How long a search goes on. */
export interface Limits {
  /** Rows that may be asked. */
  readonly budget: number;
  /** Rows on which survivors must agree. */
  readonly agree: number;
  readonly seed: number;
  /** Whether +0 and −0 are different results. */
  readonly zeroSigns: boolean;
}

/** The tools of one search. */
export interface Tools {
  readonly question: Question;
  readonly limits: Limits;
  readonly asked: Asked;
  readonly search: Search;
  /** The random numbers that rows are made of. */
  readonly draw: Next;
  readonly maker: Maker;
}

/** The tools for a question. */
export function toolsOf(question: Question, limits: Limits, asked: Asked): Tools {
  const search = new Search(question, asked, limits.zeroSigns);
  const draw = draws(`rows ${limits.seed}`);
  return { question, limits, asked, search, draw, maker: new Maker(question, draw) };
}
