/**
 * Another implementation's table: TestFloat lines, or codes (`0x…`) and decimal numbers between commas, tabs or blanks.
 *
 * @module
 */
import { BittrueError, checkText } from '../../errors/index.ts';
import type { Format } from '../../formats/format.ts';
import { decode, encodeValue, isValue } from '../../rounding/codes.ts';
import { roundDecimal } from '../../rounding/decimal.ts';
import { linesOf } from './lines.ts';
import {
  DECIMAL,
  digitsAt,
  type Fields,
  fieldsOf,
  HEXADECIMAL,
  isHeading,
  type Notation,
  PREFIXED,
  SPECIAL,
  withNotation,
} from './notation.ts';
import { type Bits, binary64Bits, type Operand, operandOf, sourceBits } from './operand.ts';
import { checkTask, sourceName, type VectorSource, type VectorTask, vectorOperations } from './task.ts';

/** One row of a table. */
export interface VectorRow {
  /** Line in the file, from 1. */
  readonly line: number;
  readonly operands: readonly Operand[];
  /** Whether its operands are codes: some, at least. */
  readonly isCoded: boolean;
  /** The result as a number. */
  readonly value: number;
  /** Its code; null where the row has a number that the format does not have. */
  readonly code: number | null;
  /** Whether the row gives a code: only then is the code of a NaN known. */
  readonly hasCode: boolean;
  /** Flags; null where the row has none. */
  readonly flags: number | null;
}

/**
 * The rows of a table: `operands result [flags]`, separated by blanks, tabs, commas or semicolons. Codes begin with 0x,
 * other fields are decimal numbers, `inf` or `nan`; or every field is hexadecimal without 0x, as TestFloat prints them,
 * which the lines themselves tell. Decimal operands of a cast are binary64 numbers unless the task names their source. Empty
 * lines, lines that start with #, and a heading in words are skipped. What could be read in two ways is refused.
 *
 * @param text - the table, or its pieces in order, cut anywhere
 * @param name - the file's name, for errors
 * @throws {@link BittrueError} with file and line for whatever cannot be read
 * @example
 * import { defineVectorTask, parseVectors } from 'bittrue/testing';
 * const task = defineVectorTask({ format: 'e4m3fn', operation: 'cast' });
 * const rows = parseVectors(task, '43E90000 7F 05\n466,448\n');
 * rows.map(({ value }) => value); // [NaN, 448]
 */
export function parseVectors(task: VectorTask, text: string | Iterable<string>, name = 'text'): VectorRow[] {
  checkTask(task);
  checkText('name', name);
  return [...vectorRows(task, text, name)];
}

/** The same, one row at a time: a table of any size. */
export function* vectorRows(
  task: VectorTask,
  text: string | Iterable<string>,
  name: string,
  argument = 'text',
): Generator<VectorRow> {
  const widths: Widths = { bare: 0, full: 0, prefixed: new Set() };
  let isEmpty = true;
  for (const { row, notation } of withNotation(task, tableLines(task, text, name, argument))) {
    isEmpty = false;
    yield readRow(task, row, notation, `${name}:${row.line}`, widths);
  }
  if (isEmpty) throw new BittrueError('file', name, 'no rows', 'at least one row of operands and result');
  checkWidths(widths, task, name);
}

function* tableLines(
  task: VectorTask,
  text: string | Iterable<string>,
  name: string,
  argument: string,
): Generator<Fields> {
  let isFirst = true;
  let line = 0;
  for (const content of linesOf(text, name, argument)) {
    line++;
    const trimmed = content.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const row = fieldsOf(trimmed, line);
    const isSkipped = isFirst && isHeading(task, row);
    isFirst = false;
    if (!isSkipped) yield row;
  }
}

/** How a row is written, and where it stands. */
interface Reading {
  readonly notation: Notation;
  readonly place: string;
  /** Whether the line shows that its codes have 0x, or its commas or tabs that it is a table of numbers. */
  readonly isClear: boolean;
}

function readRow(
  task: VectorTask,
  { line, fields, by }: Fields,
  notation: Notation,
  place: string,
  widths: Widths,
): VectorRow {
  const arity = vectorOperations[task.operation];
  if (fields.length !== arity + 1 && fields.length !== arity + 2) {
    const expected = `${arity} operand${arity === 1 ? '' : 's'} and a result, with or without flags`;
    throw new BittrueError('file', place, fields.join(by === 'blanks' ? ' ' : ','), expected);
  }
  const isClear = by !== 'blanks' || fields.some((field) => PREFIXED.test(field));
  const reading = { notation, place, isClear };
  for (const column of fields.slice(0, arity + 1).keys())
    checkClear(fields[column] as string, digitsAt(task, column), reading);
  const operands = fields.slice(0, arity).map((field) => {
    note(widths, field, digitsAt(task, 0), notation);
    return readOperand(task, field, reading);
  });
  const result = readResult(task.result, fields[arity] as string, reading);
  const isCoded = notation === 'bare' || fields.slice(0, arity).some((field) => PREFIXED.test(field));
  return { line, operands, isCoded, ...result, flags: readFlags(fields[arity + 1], by, reading) };
}

/** Digits between blanks, beside decimal numbers, may be a code without 0x as well. */
function checkClear(field: string, digits: number, { notation, isClear, place }: Reading): void {
  if (notation === 'bare' || isClear || field.length !== digits || !/^\d+$/.test(field)) return;
  throw new BittrueError('file', place, field, `0x${field} if it is a code, ${field}.0 if it is a number`);
}

function readFlags(field: string | undefined, by: Fields['by'], { notation, place }: Reading): number | null {
  if (field === undefined) return null;
  const isHex = PREFIXED.test(field) || (notation === 'bare' && HEXADECIMAL.test(field));
  const isDecimal = /^\d+$/.test(field) && (by === 'commas' || Number(field) <= 9);
  const flags = isHex ? Number.parseInt(field, 16) : isDecimal ? Number(field) : Number.NaN;
  if (!(flags <= 31)) throw new BittrueError('file', place, field, 'flags, 0x0 to 0x1F');
  return flags;
}

/** How many digits the codes of a table's operands have. */
interface Widths {
  bare: number;
  /** Bare ones with all their digits. */
  full: number;
  readonly prefixed: Set<number>;
}

function note(widths: Widths, field: string, digits: number, notation: Notation): void {
  if (PREFIXED.test(field)) widths.prefixed.add(field.length - 2);
  else if (notation === 'bare') {
    widths.bare += 1;
    if (field.length >= digits) widths.full += 1;
  }
}

/** Codes of a narrower format are numbers of a wider one too, all of them tiny: a table that has no other is refused. */
function checkWidths({ bare, full, prefixed }: Widths, task: VectorTask, name: string): void {
  const digits = digitsAt(task, 0);
  const [length = 0] = prefixed;
  const isNarrow = prefixed.size === 1 && length < digits && [2, 4, 8].includes(length);
  if (!isNarrow && (bare === 0 || full > 0)) return;
  const { source, operation, sourceGiven } = task;
  const otherwise =
    operation !== 'cast' ? '' : `, or ${sourceGiven ? 'another' : 'their own'} format named (from: such as binary16)`;
  const given = isNarrow ? `codes of ${length} digits alone` : 'shorter codes alone';
  const wanted = `operands with all ${digits} hexadecimal digits of ${sourceName(source)}${otherwise}`;
  throw new BittrueError('file', name, given, wanted);
}

/** The code in a field, or null where it is a decimal number. */
function readCode(source: VectorSource, field: string, { notation, place }: Reading): Bits | null {
  const isBare = notation === 'bare';
  if (isBare ? !HEXADECIMAL.test(field) && !PREFIXED.test(field) : !PREFIXED.test(field)) {
    if (!isBare && (DECIMAL.test(field) || SPECIAL.test(field))) return null;
    throw new BittrueError('file', place, field, unreadable(field, isBare));
  }
  const bits = BigInt(PREFIXED.test(field) ? field : `0x${field}`);
  if (bits >> BigInt(sourceBits(source)) !== 0n) {
    throw new BittrueError('file', place, field, `a code of ${sourceName(source)}, ${sourceBits(source)} bits`);
  }
  return source === 'binary64' ? bits : Number(bits);
}

/** What a field should be that is neither a code nor a number. */
function unreadable(field: string, isBare: boolean): string {
  if (isBare) {
    return DECIMAL.test(field) || SPECIAL.test(field)
      ? 'a code in hexadecimal, as in the other rows (beside decimal numbers, codes begin with 0x)'
      : 'a code in hexadecimal';
  }
  if (HEXADECIMAL.test(field)) return `0x${field} for a code, since other fields have 0x or are decimal numbers`;
  if (/^[+-]?\d+,\d+$/.test(field)) return `${field.replace(',', '.')}, with a decimal point`;
  return 'a code such as 0x7e, a decimal number, inf or nan';
}

/** A decimal number that binary64 has no room for would be read as infinite. */
function checkFinite(field: string, place: string): void {
  if (SPECIAL.test(field) || Number.isFinite(Number(field))) return;
  throw new BittrueError('file', place, field, `a number that binary64 holds, inf, or a code with 0x`);
}

function readOperand(task: VectorTask, field: string, reading: Reading): Operand {
  const { source, operation, sourceGiven } = task;
  const bits = readCode(source, field, reading);
  if (bits !== null) return operandOf(source, bits);
  checkFinite(field, reading.place);
  const from = operation === 'cast' && !sourceGiven ? 'binary64' : source;
  if (from === 'binary64') return numberOperand(field);
  const code = codeOfDecimal(from, field);
  if (code === null) throw new BittrueError('file', reading.place, field, `a value of ${sourceName(from)}`);
  return operandOf(from, code);
}

/** A binary64 number; a NaN keeps its sign. */
function numberOperand(field: string): Operand {
  const bits = binary64Bits(toNumber(field));
  return operandOf('binary64', isNegativeNaN(field) ? bits | (1n << 63n) : bits);
}

function readResult(format: Format, field: string, reading: Reading): Pick<VectorRow, 'value' | 'code' | 'hasCode'> {
  const bits = readCode(format, field, reading);
  if (bits !== null) return { value: decode(format, Number(bits)), code: Number(bits), hasCode: true };
  checkFinite(field, reading.place);
  const value = toNumber(field);
  const code = codeOfDecimal(format, field);
  if (code === null) return { value, code, hasCode: false };
  return { value: decode(format, code), code, hasCode: false };
}

function toNumber(field: string): number {
  const special = SPECIAL.exec(field);
  if (special === null) return Number(field);
  if (special[2]?.toLowerCase() === 'nan') return Number.NaN;
  return special[1] === '-' ? -Infinity : Infinity;
}

function isNegativeNaN(field: string): boolean {
  return /^-nan$/i.test(field);
}

/**
 * The code of a decimal number that the format has, or of the one whose digits it abbreviates, as programs print
 * numbers (0.1 for the binary32 number next to it); else null.
 */
function codeOfDecimal(format: Format, field: string): number | null {
  const value = toNumber(field);
  if (isValue(format, value)) return encodeValue(format, value, isNegativeNaN(field));
  if (!Number.isFinite(value) || (format.kind === 'float' && !format.signed && value < 0)) return null;
  const overflow = format.kind === 'integer' ? 'saturate' : 'saturateFinite';
  const nearest = roundDecimal(format, field, { overflow });
  const digits = field.replace(/e.*$/i, '').replace(/\D/g, '').replace(/^0+/, '').length;
  if (nearest === 0 || digits > 17 || Number(nearest.toPrecision(Math.max(1, digits))) !== value) return null;
  return encodeValue(format, nearest, false);
}
