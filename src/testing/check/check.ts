/**
 * What a check of an implementation finds, as data.
 *
 * @module
 */
import type { Diagnosis } from '../diagnosis/diagnose.ts';

/** One answer, of either side. */
export interface Answer {
  readonly value: number;
  /** Hexadecimal; null where the number is none of the format's values, and for binary64. */
  readonly code: string | null;
}

/** A kind of wrong answer, told by its simplest case. */
export interface Difference {
  /** The class of the input and what is wrong about the answer: `tie: one step away from zero`. */
  readonly kind: string;
  /** Wrong answers of this kind. */
  readonly count: number;
  readonly inputs: readonly number[];
  /** The inputs as hexadecimal codes of their format; null where they are plain numbers. */
  readonly codes: readonly string[] | null;
  readonly expected: Answer;
  /** The implementation's; null where it threw or gave nothing that can be read. */
  readonly got: Answer | null;
  /** The case in a sentence. */
  readonly words: string;
}

/** A deviation that these cases would not have shown. */
export interface Unseen {
  readonly name: string;
  readonly text: string;
  /** A format of the operands that shows it. */
  readonly from: string;
}

/** What an implementation seems to do, and what that leaves open. */
export interface Explained extends Diagnosis {
  /** In a sentence: `rounds ties away from zero: explains 165 of 169 wrong answers; …`. */
  readonly sentence: string;
  /** Wrong answers that the deviations do not give, a few of them. */
  readonly unexplained: readonly Difference[];
}

/** The verdict on an implementation. */
export interface Check {
  /** Whether every answer is right. */
  readonly ok: boolean;
  /** What was checked: `binary32 to e4m3fn, tiesToEven, overflow nan`. */
  readonly what: string;
  /** What a case is, in the plural: `answers`; `blocks`, `numbers` where many answers are judged together. */
  readonly counted: string;
  /** Cases compared. */
  readonly cases: number;
  /** Whether these are all there are: of the source, or of a table. */
  readonly exhaustive: boolean;
  /** Cases for which the policy defines no result: a NaN for a format without one. Not compared. */
  readonly undefinedCases: number;
  /** What the implementation does there, a few different answers: `NaN: the implementation throws RangeError: …`. */
  readonly undefinedAnswers: readonly string[];
  readonly wrong: number;
  /** By what the exact number is: `tie`, `subnormal tie`, `overflow`, … */
  readonly classes: Readonly<Record<string, { readonly tried: number; readonly wrong: number }>>;
  /** The simplest wrong answer; null where none is wrong. */
  readonly counterexample: Difference | null;
  /** Wrong answers by kind, the most frequent first. */
  readonly differences: readonly Difference[];
  readonly diagnosis: Explained | null;
  /** Where all is right: deviations that these operands cannot show. */
  readonly unseen: readonly Unseen[];
  readonly seed: number;
}
