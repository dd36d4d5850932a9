/**
 * A sweep file: JSON Lines, the first of which says what the sweep is, the others a cell each in rising order.
 *
 * @module
 */
import {
  BittrueError,
  checkInteger,
  checkList,
  checkMade,
  checkObject,
  checkSchema,
  checkText,
} from '../errors/index.ts';
import { SEMANTICS, VERSION } from '../events/version.ts';
import type { SweepCell } from './cell.ts';
import { lineOf } from './lineOf.ts';
import { checkSweep, type Sweep } from './sweep.ts';

/** A part of a sweep: the cells whose numbers leave the remainder `index − 1` when divided by `of`. */
export interface Shard {
  /** 1 … `of`. */
  readonly index: number;
  readonly of: number;
}

/** A file's first line as data. */
export interface SweepHeader {
  readonly bittrue: string;
  readonly schema: 'sweep/1';
  readonly semantics: number;
  readonly hash: string;
  readonly cells: number;
  readonly shard: Shard;
  readonly grid: Readonly<Record<string, unknown>>;
}

/** A file as it was read. */
export interface SweepFile {
  readonly header: SweepHeader;
  /** The lines of cells, as they stand. */
  readonly lines: readonly string[];
  /** The same as data. */
  readonly cells: readonly SweepCell[];
  /** Whether all cells of its shard are there. */
  readonly isComplete: boolean;
  /** How many characters the whole lines take; what follows was cut off. */
  readonly length: number;
}

const WHOLE: Shard = /* @__PURE__ */ Object.freeze({ index: 1, of: 1 });

/** Checks a shard. */
export function checkShard(argument: string, shard: unknown): Shard {
  const { index, of } = checkObject(argument, shard, ['index', 'of']);
  const count = checkInteger(`${argument}.of`, of, 1, 2 ** 20);
  return { index: checkInteger(`${argument}.index`, index, 1, count), of: count };
}

/** The cells of a shard. */
export function shardCells(cells: number, { index, of }: Shard): number[] {
  return Array.from({ length: Math.max(0, Math.ceil((cells - index + 1) / of)) }, (_, i) => index - 1 + i * of);
}

/**
 * The first line of a sweep's file, with its line break.
 *
 * @throws {@link BittrueError} for what is no sweep, or no shard
 * @example
 * import { defineSweep, sweepHeader } from 'bittrue/sweeps';
 * const data = [{ name: 'normal', rows: 2, width: 8, inputs: { kind: 'normal' } as const }];
 * const sweep = defineSweep({ kernels: ['sum'], data, targets: ['fp16', 'bf16'] });
 * JSON.parse(sweepHeader(sweep)).cells; // 2
 */
export function sweepHeader(sweep: Sweep, shard: Shard = WHOLE): string {
  const { hash, cells, grid } = checkSweep(sweep);
  const own = checkShard('shard', shard);
  return lineOf({ bittrue: VERSION, schema: 'sweep/1', semantics: SEMANTICS, hash, cells, shard: own, grid });
}

/**
 * A cell's line, with its line break.
 *
 * @throws {@link BittrueError} for what is no cell
 */
export function cellLine(cell: SweepCell): string {
  return lineOf(checkMade('cell', cell, ['cell', 'kernel', 'data'], 'a cell, as runCell gives it'), 'cell');
}

/**
 * Reads a sweep file, whole or cut off: what a run that was killed leaves is a file up to some byte.
 *
 * @param name - how errors call it
 * @returns null where it ends within its first line
 * @throws {@link BittrueError} for what is no sweep file, for cells out of their order, and for a later version's
 */
export function readSweepFile(text: string, name = 'text'): SweepFile | null {
  checkText('name', name);
  checkText(name, text);
  const end = text.indexOf('\n');
  if (end < 0) {
    if (!'{"bittrue":"'.startsWith(text.slice(0, 12))) throw notOurs(name);
    return null;
  }
  const header = parsed(name, 1, text.slice(0, end)) as unknown as SweepHeader;
  checkSchema(name, header, ['sweep/1']);
  const { cells: count } = header;
  checkInteger(`${name}: cells`, count, 1, 2 ** 20);
  const shard = checkShard(`${name}: shard`, header.shard);
  checkText(`${name}: hash`, header.hash);
  const wanted = shardCells(count, shard);
  const lines: string[] = [];
  const cells: SweepCell[] = [];
  let at = end + 1;
  for (;;) {
    const next = text.indexOf('\n', at);
    if (next < 0) break;
    const own = text.slice(at, next + 1);
    const cell = parsed(name, lines.length + 2, own) as unknown as SweepCell;
    if (cell.cell !== wanted[lines.length]) {
      const expected = wanted[lines.length] === undefined ? 'the end of the file' : `cell ${wanted[lines.length]}`;
      throw new BittrueError('file', `${name}:${lines.length + 2}`, `cell ${String(cell.cell)}`, expected);
    }
    lines.push(own);
    cells.push(Object.freeze(revived(cell) as SweepCell));
    at = next + 1;
  }
  return { header, lines, cells, isComplete: lines.length === wanted.length && at === text.length, length: at };
}

/**
 * Joins the files of all shards into the text of a single run.
 *
 * @param files - the texts, in any order
 * @param names - how errors call them
 * @throws {@link BittrueError} `file` for files that are cut off, of different grids or versions, and shards that are missing
 * or there twice
 * @example
 * import { cellLine, defineSweep, mergeSweeps, runCell, sweepHeader } from 'bittrue/sweeps';
 * const data = [{ name: 'normal', rows: 2, width: 8, inputs: { kind: 'normal' } as const }];
 * const sweep = defineSweep({ kernels: ['sum'], data, targets: ['fp16', 'bf16'] });
 * const part = (index: number) => sweepHeader(sweep, { index, of: 2 }) + cellLine(runCell(sweep, index - 1));
 * const whole = sweepHeader(sweep) + cellLine(runCell(sweep, 0)) + cellLine(runCell(sweep, 1));
 * mergeSweeps([part(2), part(1)]) === whole; // true
 */
export function mergeSweeps(files: readonly string[], names?: readonly string[]): string {
  const texts = checkList('files', files);
  if (names !== undefined && checkList('names', names).length !== texts.length) {
    throw new BittrueError('shape', 'names', names, `${texts.length} names`);
  }
  const called = texts.map((_, i) => checkText(`names[${i}]`, names?.[i] ?? `files[${i}]`));
  const parts = texts.map((text, i) => {
    const name = called[i] as string;
    const part = readSweepFile(checkText(name, text), name);
    if (part?.isComplete) return part;
    const found = part === null ? 'a first line cut off' : `${part.lines.length} cells, then the end`;
    throw new BittrueError(
      'file',
      name,
      found,
      'all cells of its shard: the same sweep command goes on where it ended',
    );
  });
  const [head] = parts;
  if (head === undefined) throw new BittrueError('shape', 'files', 'none', 'at least one sweep file');
  const { shard: _, ...grid } = head.header;
  const whole = JSON.stringify(grid);
  const all: (string | undefined)[] = new Array(head.header.cells).fill(undefined);
  parts.forEach(({ header: { shard, ...own }, lines }, i) => {
    for (const key of ['bittrue', 'semantics', 'hash', 'cells'] as const) {
      if (own[key] === grid[key]) continue;
      throw new BittrueError(
        'file',
        called[i] as string,
        `${key} ${own[key]}`,
        `${key} ${grid[key]}, as ${called[0]} has`,
      );
    }
    if (JSON.stringify(own) !== whole) {
      throw new BittrueError('file', called[i] as string, 'another grid', `that of ${called[0]}`);
    }
    shardCells(own.cells, shard).forEach((cell, at) => {
      if (all[cell] !== undefined) {
        throw new BittrueError('file', called[i] as string, `cell ${cell} again`, 'every cell once');
      }
      all[cell] = lines[at];
    });
  });
  const missing = all.indexOf(undefined);
  if (missing >= 0) {
    throw new BittrueError('file', 'files', `no cell ${missing}`, `all ${all.length} cells: a shard is missing`);
  }
  const { bittrue, schema, semantics, hash, cells, grid: shown } = head.header;
  return lineOf({ bittrue, schema, semantics, hash, cells, shard: WHOLE, grid: shown }) + all.join('');
}

function notOurs(name: string): BittrueError {
  return new BittrueError('file', name, 'another kind of file', 'a file that bittrue sweep wrote');
}

function parsed(name: string, number: number, text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Told below, with its place.
  }
  throw number === 1 ? notOurs(name) : new BittrueError('file', `${name}:${number}`, text.trimEnd(), 'a cell as JSON');
}

const numerals: Readonly<Record<string, number>> = { Infinity, '-Infinity': -Infinity, NaN: Number.NaN, '-0': -0 };
/** Fields that are texts, whatever they say. */
const texts = ['data', 'kernel', 'target', 'format', 'order', 'accumulator', 'refused', 'exact'];

/** The numbers that JSON has no word for. */
function revived(value: unknown): unknown {
  if (typeof value === 'string') return Object.hasOwn(numerals, value) ? numerals[value] : value;
  if (Array.isArray(value)) return value.map(revived);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, texts.includes(key) ? one : revived(one)]));
}
