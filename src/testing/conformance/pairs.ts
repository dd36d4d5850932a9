/**
 * Tables of an input and a result a row, as numbers.
 *
 * @module
 */
import { BittrueError } from '../../errors/index.ts';
import { linesOf } from './lines.ts';

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
const SPECIAL = /^([+-]?)(inf|infinity|nan)$/i;

/** Inputs and results, row by row. */
export interface Pairs {
  readonly inputs: number[];
  readonly results: number[];
}

/**
 * Reads rows of two numbers, between commas, semicolons, tabs or blanks. A heading, empty lines and lines that start with # are
 * skipped.
 *
 * @throws {@link BittrueError} `file`, naming the line, for whatever cannot be read
 */
export function readPairs(text: string | Iterable<string>, name: string): Pairs {
  const pairs: Pairs = { inputs: [], results: [] };
  let [line, isFirst] = [0, true];
  for (const content of linesOf(text, name)) {
    line++;
    const trimmed = content.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const fields = trimmed.split(/\s*[,;\t]\s*|\s+/);
    const numbers = fields.map(numberIn);
    const isHeading = isFirst && numbers.every((x) => x === null);
    isFirst = false;
    if (isHeading) continue;
    const [input, result] = numbers;
    if (fields.length !== 2 || input === null || result === null || input === undefined || result === undefined) {
      throw new BittrueError('file', `${name}:${line}`, trimmed, 'a number and a result, both decimal');
    }
    pairs.inputs.push(input);
    pairs.results.push(result);
  }
  if (pairs.inputs.length === 0) throw new BittrueError('file', name, 'no rows', 'at least one row of two numbers');
  return pairs;
}

function numberIn(field: string): number | null {
  if (NUMBER.test(field)) return Number(field);
  const special = SPECIAL.exec(field);
  if (special === null) return null;
  const x = /^n/i.test(special[2] as string) ? Number.NaN : Infinity;
  return special[1] === '-' ? -x : x;
}
