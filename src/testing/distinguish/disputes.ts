/**
 * The rows that would settle what models say of a unit: as few as tell every reading from every other.
 *
 * @module
 */

import { defineReduction } from '../../accumulators/define.ts';
import { BittrueError } from '../../errors/index.ts';
import { markMade } from '../../errors/made.ts';
import type { Format } from '../../formats/index.ts';
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

/** Two readings that no row told apart. */
export interface Untold {
  readonly readings: readonly [string, string];
  /** Proved, or only not seen. */
  readonly verdict: 'equivalent' | 'indistinguishable';
  /** Why they are the same; null: that is not proved. */
  readonly reason: string | null;
}

/** What would settle a unit. */
export interface Settling {
  readonly question: Question;
  readonly readings: readonly Reading[];
  readonly rows: readonly TellingRow[];
  readonly untold: readonly Untold[];
}

/** Random rows that are tried where structured ones tell nothing, for each pair of formats that the unit takes. */
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
 * differ, and none of them can be left out. Of a unit that takes several formats, those of the formats that leave fewest open.
 */
export function settlingRows(target: Target, name: string): Settling {
  const unit = target.matrixUnits[name] as MatrixUnit;
  const readings = readingsOf(unit);
  if (readings.length < 2) {
    throw new BittrueError('unsupported', 'target', `${target.name}:${name}`, 'a unit that models dispute');
  }
  const targets = readings.map(({ sums }) => reading(target, unit, sums));
  const found: Settling[] = [];
  for (const [a, b] of unit.a.flatMap((one) => unit.b.map((other) => [one, other] as const))) {
    found.push(settlingOf(unit, readings, targets, a, b));
    if (found.at(-1)?.untold.length === 0) break;
  }
  const best = found.reduce((p, q) => (q.untold.length < p.untold.length ? q : p));
  // Proved is what is proved of all formats.
  const isOpen = ({ readings: [p, q] }: Untold): boolean =>
    found.some(({ untold }) => !untold.some(({ readings: [r, s], reason }) => p === r && q === s && reason !== null));
  const untold = best.untold.map((one) =>
    isOpen(one) ? ({ ...one, verdict: 'indistinguishable', reason: null } as const) : one,
  );
  return { ...best, untold };
}

function settlingOf(
  { k, output, addend, scale }: MatrixUnit,
  readings: readonly Reading[],
  targets: readonly Target[],
  a: Format,
  b: Format,
): Settling {
  const question = defineQuestion({ k, a, b, output: output.format, addend: addend.format, scale: scaleOf(scale) });
  const sides = targets.map((one) => sideOf('target', one, 'dot', { a, b }));
  const rows: TellingRow[] = [];
  const untold: Untold[] = [];
  readings.forEach(({ by: one }, i) => {
    readings.slice(0, i).forEach(({ by: other }, j) => {
      if (rows.some(({ answers }) => answers[one] !== answers[other])) return;
      const found = distinguish(targets[j] as Target, targets[i] as Target, 'dot', { a, b, rows: RANDOM });
      if (found.verdict === 'equivalent') {
        untold.push({ readings: [other, one], verdict: found.verdict, reason: found.reason });
        return;
      }
      const [p, q] = [sides[j] as Side, sides[i] as Side];
      const row = (found.verdict === 'different' ? padded(question, found, p, q) : null) ?? tied(question, p, q);
      if (row === null) untold.push({ readings: [other, one], verdict: 'indistinguishable', reason: null });
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

/**
 * An addend, a product of half its last place, or of three halves, and one far below, which decides unless it is cut: the first
 * that tells.
 */
function tied(question: Question, p: Side, q: Side): Row | null {
  if (question.k < 2) return null;
  for (const half of [1, 1.5]) {
    for (let top = 0; top <= 16; top += 4) {
      const rows = [...ties(question, top, half)];
      const [x, y] = [answersTo(rows, p), answersTo(rows, q)];
      const found = rows.find((_, i) => !Object.is(x[i], y[i]));
      if (found !== undefined) return found;
    }
  }
  return null;
}

/** Sums of 2^top, ± half · 2^i and ± 2^j, where i and j are below it. */
function* ties(question: Question, top: number, half: number): Generator<Row> {
  const { a, b } = question;
  for (let i = top - 26; i <= top - 9; i++) {
    for (let j = i - 1; j >= i - 28; j--) {
      const [one, two] = [factors(a, b, i), factors(a, b, j, true)];
      if (one === null || two === null) continue;
      for (const [sign, other] of signs) {
        const [x, y] = [sign * half * one[0], other * two[0]];
        if (!isValue(a, x) || !isValue(a, y)) continue;
        const places = [
          { at: 0, a: x, b: one[1] },
          { at: 1, a: y, b: two[1] },
        ];
        yield rowOf(question, places, 2 ** top);
      }
    }
  }
}

const signs = [
  [1, 1],
  [1, -1],
  [-1, 1],
  [-1, -1],
] as const;

function answersTo(rows: readonly Row[], side: Side): Float64Array {
  const all = (part: 'a' | 'b' | 'scaleA' | 'scaleB'): Float64Array =>
    Float64Array.from(rows.flatMap((row) => [...row[part]]));
  const width = rows[0]?.a.length ?? 1;
  const c = Float64Array.from(rows, (row) => row.c);
  return side.run({
    rows: rows.length,
    width,
    a: all('a'),
    b: all('b'),
    c,
    scaleA: all('scaleA'),
    scaleB: all('scaleB'),
  });
}

function answerOf(row: Row, side: Side): string {
  return codeText(side.output.format, answersTo([row], side)[0] as number);
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
