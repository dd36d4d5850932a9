/**
 * Which hypotheses explain rows that were measured before, when nothing more can be asked.
 *
 * @module
 */
import { type Format, formatName } from '../formats/index.ts';
import { areEqual } from '../formats/nameOf.ts';
import { roundTo } from '../rounding/index.ts';
import { type MatrixUnit, targets } from '../targets/index.ts';
import type { Arithmetic } from './arithmetic.ts';
import type { Question } from './question.ts';
import { isSame } from './row.ts';
import { type Settled, settleRows } from './settleRows.ts';
import { simulator } from './simulate.ts';
import type { Measured } from './text.ts';
import type { Limits } from './tools.ts';
import { wordsOfSum } from './words.ts';

/** What rows say. */
export interface Explained extends Omit<Settled, 'point'> {
  readonly rows: number;
  /** Units of the catalogue that explain every row, `NAME:UNIT`. */
  readonly known: readonly string[];
  /** Those that come nearest, and how many rows they leave. */
  readonly nearest: readonly { readonly name: string; readonly wrong: number }[];
  /** The best hypothesis in words, where it explains every row; else null. */
  readonly arithmetic: string | null;
}

/** Which hypotheses explain measured rows. */
export function explainRows(question: Question, measured: Measured, limits: Limits): Explained {
  const { rows, answers } = measured;
  const units = unitsBeside(question, measured, limits.zeroSigns);
  const { point, ...found } = settleRows(question, limits, { rows: [...rows], answers: [...answers] });
  return {
    rows: rows.length,
    known: units.filter(({ wrong }) => wrong === 0).map(({ name }) => name),
    nearest: units
      .filter(({ wrong }) => wrong > 0)
      .sort((p, q) => p.wrong - q.wrong)
      .slice(0, 4),
    arithmetic: found.wrong > 0 || point === null ? null : wordsOfSum(question, point),
    ...found,
  };
}

/** The units of the catalogue that take a question's operands, and how many measured rows each does not explain. */
export function unitsBeside(
  question: Question,
  { rows, answers }: Measured,
  zeroSigns: boolean,
): { readonly name: string; readonly wrong: number }[] {
  return unitsFor(question).map(({ name, arithmetic }) => {
    const answer = simulator(question, arithmetic);
    const wrong = rows.filter((row, i) => !isSame(answer(row) ?? Number.NaN, answers[i] as number, zeroSigns)).length;
    return { name, wrong };
  });
}

/** The units of the catalogue that take a question's operands. */
function unitsFor(question: Question): { name: string; arithmetic: Arithmetic }[] {
  const [a, b, output] = [question.a, question.b, question.output].map(formatName);
  const has = (formats: readonly Format[], name: string | undefined): boolean =>
    formats.some((one) => formatName(one) === name);
  return Object.values(targets).flatMap((target) =>
    Object.values(target.matrixUnits)
      .filter(
        (unit) =>
          has(unit.a, a) && has(unit.b, b) && formatName(unit.output.format) === output && sameScale(unit, question),
      )
      .map((unit) => ({ name: `${target.name}:${unit.name}`, arithmetic: arithmeticOfUnit(question, unit) })),
  );
}

function sameScale({ scale }: MatrixUnit, question: Question): boolean {
  if (scale === null || question.scale === null) return scale === question.scale;
  return scale.block === question.scale.block && areEqual(scale.format, question.scale.format);
}

function arithmeticOfUnit({ a, b }: Question, unit: MatrixUnit): Arithmetic {
  const { addend, scale, product, reduction, output } = unit;
  const positiveZeros = unit.zeroOperands === 'positive';
  return {
    a: roundTo(a, unit.load),
    b: roundTo(b, unit.load),
    addend,
    positiveZeros,
    scale,
    product,
    reduction,
    output,
  };
}
