/**
 * How the lines of a table are written: what separates their fields, and whether codes have `0x` before them.
 *
 * @module
 */
import { sourceBits } from './operand.ts';
import { type VectorTask, vectorOperations } from './task.ts';

/** `marked`: codes begin with 0x, other fields are decimal numbers; `bare`: all fields are hexadecimal. */
export type Notation = 'marked' | 'bare';

/** One line of a table, in its fields. */
export interface Fields {
  readonly line: number;
  readonly fields: readonly string[];
  readonly by: 'commas' | 'tabs' | 'blanks';
}

export const HEXADECIMAL = /^[0-9a-f]+$/i;
export const PREFIXED = /^0x[0-9a-f]+$/i;
export const DECIMAL = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
export const SPECIAL = /^([+-]?)(inf|infinity|nan)$/i;

/** The fields of a line: semicolons separate them, else commas, else tabs, else blanks. */
export function fieldsOf(content: string, line: number): Fields {
  const separator = [';', ',', '\t'].find((one) => content.includes(one));
  const fields = content.split(separator ?? /\s+/).map((field) => field.trim());
  if (separator !== '\t') return { line, fields, by: separator === undefined ? 'blanks' : 'commas' };
  // Tabs and blanks in one line are blanks of two widths.
  const isMixed = fields.some((field) => /\s/.test(field));
  return isMixed ? { line, fields: content.split(/\s+/), by: 'blanks' } : { line, fields, by: 'tabs' };
}

/** Hexadecimal digits of a full code in a column. */
export function digitsAt({ source, result, operation }: VectorTask, column: number): number {
  return Math.ceil(sourceBits(column < vectorOperations[operation] ? source : result) / 4);
}

/** What one line says about the notation; null where it could be either. */
export function notationOf(task: VectorTask, { fields, by }: Fields): Notation | null {
  const told = fields.slice(0, vectorOperations[task.operation] + 1);
  // 0x, a point, a sign, inf and nan are no bare code.
  if (told.some((field) => PREFIXED.test(field) || SPECIAL.test(field) || (DECIMAL.test(field) && /[.+-]/.test(field))))
    return 'marked';
  if (told.some((field) => HEXADECIMAL.test(field) && !DECIMAL.test(field))) return 'bare';
  if (told.every((field, i) => field.length === digitsAt(task, i))) return null;
  return by === 'blanks' ? 'bare' : 'marked';
}

/** Whether a first line is a heading in words: `fp32,fp8`, but not codes whose length is wrong. */
export function isHeading(task: VectorTask, { fields }: Fields): boolean {
  if (fields.some((field) => PREFIXED.test(field) || DECIMAL.test(field) || SPECIAL.test(field))) return false;
  const areCodes = fields.every((field, i) => /\d/.test(field) || field.length === digitsAt(task, i));
  return !(areCodes && fields.every((field) => HEXADECIMAL.test(field)));
}

/** Lines that may wait for one that tells the notation. */
const MOST_WAITING = 10_000;

/**
 * The lines of a table, each with its notation. It is one for all lines with commas, one for all with tabs, and one for
 * all with blanks: the first line that leaves no doubt tells it, and those before wait. Where none does, commas have decimal
 * numbers between them, tabs and blanks have TestFloat's codes.
 */
export function* withNotation(
  task: VectorTask,
  lines: Iterable<Fields>,
): Generator<{ readonly row: Fields; readonly notation: Notation }> {
  const known = new Map<Fields['by'], Notation>();
  const waiting: Fields[] = [];
  const usual = ({ by }: Fields): Notation => known.get(by) ?? (by === 'commas' ? 'marked' : 'bare');
  for (const row of lines) {
    if (!known.has(row.by)) {
      const told = notationOf(task, row);
      if (told === null) {
        if (waiting.length < MOST_WAITING) {
          waiting.push(row);
          continue;
        }
        known.set(row.by, usual(row));
      } else known.set(row.by, told);
    }
    if (waiting.length === 0) {
      yield { row, notation: usual(row) };
      continue;
    }
    waiting.push(row);
    if (waiting.length <= MOST_WAITING && waiting.some(({ by }) => !known.has(by))) continue;
    for (const one of waiting.splice(0)) yield { row: one, notation: usual(one) };
  }
  for (const one of waiting) yield { row: one, notation: usual(one) };
}
