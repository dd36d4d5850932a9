/**
 * What is asked of a unit: how long a sum is, and the formats of what enters and leaves.
 *
 * @module
 */
import { BittrueError, checkInteger, checkObject } from '../errors/index.ts';
import { type Format, formatName } from '../formats/index.ts';
import { defineFormat } from '../rounding/roundTo.ts';

/** Scales that blocks of operands share along K. */
export interface QuestionScale {
  readonly format: Format;
  /** Operands to one scale. */
  readonly block: number;
}

/** What is summed where there is one operand, and what becomes of the sum. */
export interface LoneSum {
  /** The elements themselves, or their squares. */
  readonly of: 'elements' | 'squares';
  /** The sum as it is; over n; times round(1/n). Both in the precision of the sum. */
  readonly finish: 'none' | 'divide' | 'reciprocal';
}

/** One kind of sum: c + Σ a_k · b_k for k elements. */
export interface Question {
  /** Elements of one sum. */
  readonly k: number;
  readonly a: Format;
  readonly b: Format;
  readonly output: Format;
  /** Format of the addend c; null: the unit takes none, every sum starts from +0. */
  readonly addend: Format | null;
  readonly scale: QuestionScale | null;
  /** Where A is the only operand: B is ones, or A again. */
  readonly lone: LoneSum | null;
}

/** The same as a caller gives it: formats may be names. */
export interface QuestionOptions {
  /** Elements of one sum: best two or three instructions long, so that their chaining is seen. 1 … 1024. */
  readonly k: number;
  /** Format of A's elements. */
  readonly a: Format | string;
  /** Format of B's elements; default that of A. */
  readonly b?: Format | string;
  /** Format of the results. */
  readonly output: Format | string;
  /** Format of the addend; default that of the results; null: there is none. */
  readonly addend?: Format | string | null;
  /** Block scales of A and B; default none. */
  readonly scale?: { readonly format: Format | string; readonly block: number } | null;
}

/** The names of {@link QuestionOptions}. */
export const questionKeys = ['k', 'a', 'b', 'output', 'addend', 'scale'] as const;
/** Elements of the longest sum that is asked for. */
export const LONGEST = 1024;

/** Checks a question. */
export function defineQuestion(options: QuestionOptions, argument = 'options'): Question {
  const { k, a, b = a, output, addend, scale } = options;
  const formatA = defineFormat(a, `${argument}.a`);
  const formatB = defineFormat(b, `${argument}.b`);
  const result = defineFormat(output, `${argument}.output`);
  if ((formatA.bits > 53 || formatB.bits > 53) && formatA.bits !== formatB.bits) {
    const wanted = 'binary64 on both sides: no unit of the algebra mixes it with narrower formats';
    throw new BittrueError('unsupported', `${argument}.b`, formatName(formatB), wanted);
  }
  return Object.freeze({
    k: checkInteger(`${argument}.k`, k, 1, LONGEST),
    a: formatA,
    b: formatB,
    output: result,
    addend: addend === null ? null : defineFormat(addend ?? result, `${argument}.addend`),
    scale: scale === undefined || scale === null ? null : defineScale(scale, `${argument}.scale`),
    lone: null,
  });
}

function defineScale(value: unknown, argument: string): QuestionScale {
  const { format, block } = checkObject(argument, value, ['format', 'block']);
  return Object.freeze({
    format: defineFormat(format, `${argument}.format`),
    block: checkInteger(`${argument}.block`, block, 1, LONGEST),
  });
}

/** Scales to one row of A. */
export function scalesOf({ k, scale }: Question): number {
  return scale === null ? 0 : Math.ceil(k / scale.block);
}

/** Whether nothing but integers enters and leaves. */
export function isIntegral({ a, b, output }: Question): boolean {
  return [a, b, output].every(({ kind }) => kind === 'integer');
}
