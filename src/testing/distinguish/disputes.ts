/**
 * The rows that would settle what models say of a unit: as few as tell every reading from every other.
 *
 * @module
 */

import { defineReduction } from '../../accumulators/define.ts';
import { BittrueError } from '../../errors/index.ts';
import { markMade } from '../../errors/made.ts';
import { factors } from '../../identification/numbers.ts';
import { defineQuestion, type Question } from '../../identification/question.ts';
import { type Row, rowOf } from '../../identification/row.ts';
import { isValue } from '../../identification/values.ts';
import type { DisputedFields } from '../../targets/dispute.ts';
import type { MatrixUnit, Target } from '../../targets/index.ts';
import { withSums } from '../../targets/models.ts';
import { codeText, distinguish } from './distinguish.ts';
import { type Side, sideOf } from './side.ts';

/** What somebody says that a unit computes. */
interface Reading {
  /** `catalogue`, a model, or the value of the sign of zero. */
  readonly by: string;
  readonly sums: DisputedFields;
}

/** A row on which readings differ. */
interface TellingRow {
  readonly row: Row;
  /** The code that each reading gives, hexadecimal. */
  readonly answers: Readonly<Record<string, string>>;
}

/** What would settle a unit. */
export interface Settling {
  readonly question: Question;
  readonly readings: readonly Reading[];
  readonly rows: readonly TellingRow[];
  /** Pairs of readings that no row told apart. */
  readonly untold: readonly (readonly [string, string])[];
}

/** Random rows that are tried where structured ones tell nothing. */
const RANDOM = 8192;

/** What is said of a unit: by the catalogue, by models that dispute it, and of the sign of zero by nobody yet. */
function readingsOf({ disputed }: MatrixUnit): Reading[] {
  const own: Reading = { by: 'catalogue', sums: {} };
  const models = disputed.map(({ model, sums }): Reading => ({ by: model, sums }));
  const isSigned = disputed.some(({ sums }) => sums.zeroSign !== undefined);
  return [own, ...models, ...(isSigned ? [{ by: 'zeroSign rounded', sums: { zeroSign: 'rounded' } } as const] : [])];
}

/**
 * The rows that would settle what models say of a unit, each of the unit's K: every row is the smallest on which two readings
 * differ, and none of them can be left out.
 */
export function settlingRows(target: Target, name: string): Settling {
  const unit = target.matrixUnits[name] as MatrixUnit;
  const { k, output, addend, scale } = unit;
  const [a, b] = [unit.a[0] as Question['a'], unit.b[0] as Question['b']];
  const question = defineQuestion({ k, a, b, output: output.format, addend: addend.format, scale: scaleOf(scale) });
  const readings = readingsOf(unit);
  if (readings.length < 2) {
    throw new BittrueError('unsupported', 'target', `${target.name}:${name}`, 'a unit that models dispute');
  }
  const targets = readings.map(({ sums }) => reading(target, unit, sums));
  const sides = targets.map((one) => sideOf('target', one, 'dot', {}));
  const rows: TellingRow[] = [];
  const untold: (readonly [string, string])[] = [];
  readings.forEach(({ by: one }, i) => {
    readings.slice(0, i).forEach(({ by: other }, j) => {
      if (rows.some(({ answers }) => answers[one] !== answers[other])) return;
      const found = distinguish(targets[j] as Target, targets[i] as Target, 'dot', { rows: RANDOM });
      const [p, q] = [sides[j] as Side, sides[i] as Side];
      const row = (found.verdict === 'different' ? padded(question, found, p, q) : null) ?? tied(question, p, q);
      if (row === null) untold.push([other, one]);
      else rows.push({ row, answers: answersOf(row, readings, sides) });
    });
  });
  return { question, readings, rows: fewest(rows, readings), untold };
}

function scaleOf(scale: MatrixUnit['scale']): { format: Question['a']; block: number } | null {
  return scale === null ? null : { format: scale.format, block: scale.block };
}

/** A target that has nothing but the unit, as a reading has it. */
function reading(target: Target, unit: MatrixUnit, sums: DisputedFields): Target {
  const own = Object.freeze({ ...unit, reduction: defineReduction(withSums(unit.reduction, sums)) });
  const defaults = Object.freeze({ ...target.defaults, matrix: unit.name });
  return markMade(Object.freeze({ ...target, defaults, matrixUnits: Object.freeze({ [unit.name]: own }) }));
}

interface Operands {
  readonly a: readonly number[];
  readonly b: readonly number[] | null;
  readonly c: number | null;
  readonly scaleA: readonly number[] | null;
  readonly scaleB: readonly number[] | null;
}

/** Operands as long as the unit takes them: zeros behind, negative ones where positive ones hide the difference. */
function padded(question: Question, { a, b, c, scaleA, scaleB }: Operands, p: Side, q: Side): Row | null {
  const { k, scale } = question;
  const length = Math.ceil(a.length / k) * k;
  if (length > k) return null;
  const blocks = scale === null ? 0 : Math.ceil(k / scale.block);
  const scales = (given: readonly number[] | null): Float64Array =>
    Float64Array.from({ length: blocks }, (_, i) => given?.[i] ?? 1);
  for (const zero of [0, -0]) {
    const behind = (given: readonly number[], rest: number): Float64Array =>
      Float64Array.from({ length: k }, (_, i) => given[i] ?? rest);
    const row: Row = {
      ...{ a: behind(a, zero), b: behind(b ?? [], Object.is(zero, -0) ? 1 : 0), c: c ?? 0 },
      ...{ scaleA: scales(scaleA), scaleB: scales(scaleB) },
    };
    if (answerOf(row, p) !== answerOf(row, q)) return row;
  }
  return null;
}

/** An addend, a product of half its last place, and one far below, which decides unless it is cut: the first that tells. */
function tied(question: Question, p: Side, q: Side): Row | null {
  const { a, b, k } = question;
  if (k < 2) return null;
  const signs = [1, -1] as const;
  for (let top = 0; top <= 16; top += 4) {
    const rows: Row[] = [];
    for (let half = top - 26; half <= top - 9; half++) {
      for (let tail = half - 1; tail >= half - 28; tail--) {
        const [one, two] = [factors(a, b, half), factors(a, b, tail, true)];
        if (one === null || two === null) continue;
        for (const sign of signs) {
          const places = [
            { at: 0, a: one[0], b: one[1] },
            { at: 1, a: sign * two[0], b: two[1] },
          ];
          if (isValue(a, sign * two[0])) rows.push(rowOf(question, places, 2 ** top));
        }
      }
    }
    const found = rows.find((row) => answerOf(row, p) !== answerOf(row, q));
    if (found !== undefined) return found;
  }
  return null;
}

function answerOf({ a, b, c, scaleA, scaleB }: Row, side: Side): string {
  const [value] = side.run({ rows: 1, width: a.length, a, b, c: Float64Array.of(c), scaleA, scaleB });
  return codeText(side.output.format, value as number);
}

function answersOf(row: Row, readings: readonly Reading[], sides: readonly Side[]): Record<string, string> {
  return Object.fromEntries(readings.map(({ by }, i) => [by, answerOf(row, sides[i] as Side)]));
}

/** The rows without those that tell nothing which the others do not. */
function fewest(rows: readonly TellingRow[], readings: readonly Reading[]): TellingRow[] {
  const told = (some: readonly TellingRow[]): number =>
    new Set(readings.map(({ by }) => some.map(({ answers }) => answers[by]).join())).size;
  return rows.reduce<TellingRow[]>(
    (left, row) => {
      const without = left.filter((one) => one !== row);
      return told(without) === told(left) ? without : left;
    },
    [...rows],
  );
}
