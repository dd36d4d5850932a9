/**
 * A law as data: what must hold for every case, told in a sentence, with its cases.
 *
 * @module
 */

/** A law over implementations of a kind. Laws about cases of different types stand in one list: hence the methods. */
export interface Law<Implementation, Case = unknown> {
  readonly name: string;
  /** What holds: `no number of e4m3fn is closer than the result`. */
  readonly text: string;
  /** Cases without end, the telling ones first. */
  readonly cases: (next: (n: number) => number) => Iterable<Case>;
  /** Null where it holds; else what happened, in words. */
  broken(implementation: Implementation, given: Case): string | null;
  /** How hard a case is to read: the simplest one that breaks the law is told. */
  complexity(given: Case): number;
}

/** What became of a law. */
export interface LawVerdict {
  readonly name: string;
  readonly text: string;
  readonly ok: boolean;
  readonly tried: number;
  readonly broken: number;
  /** The simplest case that breaks it; null where none does. */
  readonly counterexample: unknown;
  /** That case in words. */
  readonly words: string | null;
}

/** What became of several. */
export interface LawCheck {
  readonly ok: boolean;
  readonly laws: readonly LawVerdict[];
  /** The names of those that are broken. */
  readonly broken: readonly string[];
  readonly seed: number;
}
