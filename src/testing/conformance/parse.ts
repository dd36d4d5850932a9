/**
 * Another implementation's table: TestFloat lines, or CSV with codes (`0x…`) or decimal numbers.
 *
 * @module
 */
import { BittrueError, checkText } from '../../errors/index.ts';
import type { Format } from '../../formats/format.ts';
import { decode, encodeValue, isValue } from '../../rounding/codes.ts';
import { roundDecimal } from '../../rounding/decimal.ts';
import { linesOf } from './lines.ts';
import { type Bits, binary64Bits, type Operand, operandOf, sourceBits } from './operand.ts';
import { checkTask, sourceName, type VectorSource, type VectorTask, vectorOperations } from './task.ts';

/** One row of a table. */
export interface VectorRow {
  /** Line in the file, from 1. */
  readonly line: number;
  readonly operands: readonly Operand[];
  /** The result as a number. */
  readonly value: number;
  /** Its code; null where the row has a number that the format does not have. */
  readonly code: number | null;
  /** Whether the row gives a code: only then is the code of a NaN known. */
  readonly hasCode: boolean;
  /** Flags; null where the row has none. */
  readonly flags: number | null;
}

const HEXADECIMAL = /^[0-9a-f]+$/i;
const PREFIXED = /^0x[0-9a-f]+$/i;
const DECIMAL = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
const SPECIAL = /^([+-]?)(inf|infinity|nan)$/i;

/**
 * The rows of a table. Lines without a comma are TestFloat's: codes in hexadecimal, separated by blanks, `operands
 * result [flags]`. Lines with commas are CSV, `operands,result[,flags]`, each a code with `0x` or a decimal number,
 * `inf` or `nan`; decimal operands of a cast are binary64 numbers unless the task names their source. Empty lines,
 * lines that start with #, and a heading in words are skipped.
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
  let isFirst = true;
  let isEmpty = true;
  let line = 0;
  for (const content of linesOf(text, name, argument)) {
    line++;
    const trimmed = content.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const isCsv = trimmed.includes(',');
    const fields = isCsv ? trimmed.split(',').map((field) => field.trim()) : trimmed.split(/\s+/);
    const isHeading = isFirst && fields.every((field) => !isNumeric(field, isCsv));
    isFirst = false;
    if (isHeading) continue;
    isEmpty = false;
    yield readRow(task, fields, isCsv, line, `${name}:${line}`);
  }
  if (isEmpty) throw new BittrueError('file', name, 'no rows', 'at least one row of operands and result');
}

function isNumeric(field: string, isCsv: boolean): boolean {
  return isCsv ? PREFIXED.test(field) || DECIMAL.test(field) || SPECIAL.test(field) : HEXADECIMAL.test(field);
}

function readRow(task: VectorTask, fields: readonly string[], isCsv: boolean, line: number, place: string): VectorRow {
  const arity = vectorOperations[task.operation];
  if (fields.length !== arity + 1 && fields.length !== arity + 2) {
    const expected = `${arity} operand${arity === 1 ? '' : 's'} and a result, with or without flags`;
    throw new BittrueError('file', place, fields.join(isCsv ? ',' : ' '), expected);
  }
  const operands = fields.slice(0, arity).map((field) => readOperand(task, field, isCsv, place));
  const result = readResult(task.result, fields[arity] as string, isCsv, place);
  return { line, operands, ...result, flags: readFlags(fields[arity + 1], isCsv, place) };
}

function readFlags(field: string | undefined, isCsv: boolean, place: string): number | null {
  if (field === undefined) return null;
  const isHex = isCsv ? PREFIXED.test(field) : HEXADECIMAL.test(field);
  const flags = isHex ? Number.parseInt(field, 16) : /^\d+$/.test(field) ? Number(field) : Number.NaN;
  if (!(flags <= 31)) throw new BittrueError('file', place, field, 'flags, 0 to 1F in hexadecimal');
  return flags;
}

/** The code in a field, or null where it is a decimal number. */
function readCode(source: VectorSource, field: string, isCsv: boolean, place: string): Bits | null {
  if (isCsv ? !PREFIXED.test(field) : !HEXADECIMAL.test(field)) {
    if (isCsv && isNumeric(field, true)) return null;
    const expected = isCsv ? 'a code such as 0x7e, a decimal number, inf or nan' : 'a code in hexadecimal';
    throw new BittrueError('file', place, field, expected);
  }
  const bits = BigInt(isCsv ? field : `0x${field}`);
  if (bits >> BigInt(sourceBits(source)) !== 0n) {
    throw new BittrueError('file', place, field, `a code of ${sourceName(source)}, ${sourceBits(source)} bits`);
  }
  return source === 'binary64' ? bits : Number(bits);
}

function readOperand(task: VectorTask, field: string, isCsv: boolean, place: string): Operand {
  const { source, operation, sourceGiven } = task;
  const bits = readCode(source, field, isCsv, place);
  if (bits !== null) return operandOf(source, bits);
  const from = operation === 'cast' && !sourceGiven ? 'binary64' : source;
  if (from === 'binary64') return numberOperand(field);
  const code = codeOfDecimal(from, field);
  if (code === null) throw new BittrueError('file', place, field, `a value of ${sourceName(from)}`);
  return operandOf(from, code);
}

/** A binary64 number; a NaN keeps its sign. */
function numberOperand(field: string): Operand {
  const bits = binary64Bits(toNumber(field));
  return operandOf('binary64', isNegativeNaN(field) ? bits | (1n << 63n) : bits);
}

function readResult(
  format: Format,
  field: string,
  isCsv: boolean,
  place: string,
): Pick<VectorRow, 'value' | 'code' | 'hasCode'> {
  const bits = readCode(format, field, isCsv, place);
  if (bits !== null) return { value: decode(format, Number(bits)), code: Number(bits), hasCode: true };
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
