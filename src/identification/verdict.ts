/**
 * What an identification ends with.
 *
 * @module
 */
import type { Point } from './point.ts';
import type { Row } from './row.ts';

/** How surely a parameter is what it is: by so many rows that each other value of it fails. */
export interface Binding {
  /** The parameter's name in the target's data. */
  readonly parameter: string;
  readonly value: string;
  /** The value that comes nearest, and how many of the rows asked it does not explain; null: it has no other value. */
  readonly nearest: string | null;
  readonly rows: number;
}

/** Another value of a parameter that explains every row. */
export interface Alternative {
  readonly verdict: 'equivalent' | 'indistinguishable';
  /** In words: 'fractionBits 24 and 25 are the same for ...'. */
  readonly words: string;
  /** Rows on which both gave the same bits; 0 where it is proved. */
  readonly rows: number;
}

/** A row that nothing explains. */
export interface Unexplained {
  readonly row: Row;
  readonly answer: number;
  /** What the nearest hypothesis says; null: it does not take the row. */
  readonly nearest: number | null;
}

/** A hypothesis that explains every row. */
export interface Found {
  readonly kind: 'found';
  readonly point: Point;
  readonly bindings: readonly Binding[];
  readonly alternatives: readonly Alternative[];
  /** Rows asked that were drawn after the hypothesis was made and agree with it. */
  readonly fresh: number;
  /** Whether the search for alternatives came to its end within the budget. */
  readonly complete: boolean;
}

/** Nothing explains every row. */
export interface NotFound {
  readonly kind: 'unknown';
  readonly reason: string;
  readonly point: Point | null;
  /** Of all rows asked, how many the nearest hypothesis does not explain. */
  readonly wrong: number;
  readonly rows: readonly Unexplained[];
}

/** What a search gives. */
export type Outcome = Found | NotFound;
