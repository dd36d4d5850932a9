/**
 * A program in the engine's memory, ready to run on a row of outputs.
 *
 * @module
 */
import type { Lease } from '../../engine/engine.ts';
import type { Pointer } from '../../engine/module.ts';
import { OVERFLOW, SATURATION, WRAP } from '../../rounding/flags.ts';
import { TALLY_BYTES } from '../account.ts';
import type { Program } from './compile.ts';
import { type Placed, placeTable } from './table.ts';

const COLUMN = 64;
const EIGHT = 8;
/** Where a job says how many outputs there are. */
const WIDTH = 12;

/** What a program runs on. */
export interface Operands {
  readonly x: Pointer;
  readonly xBinades: Pointer;
  /** Columns of X are 2^xShift bytes apart, vectors of a column xVector bytes. */
  readonly xShift: number;
  readonly xVector: number;
  readonly y: Pointer;
  readonly yBinades: Pointer;
  /** Panels of eight columns that Y has at most, and columns of X. */
  readonly panels: number;
  readonly length: number;
  readonly product: Placed | null;
  readonly store: Placed | null;
  /** Totals of products, sums and stored results. */
  readonly totals: readonly Pointer[];
  /** How sums account overflow. */
  readonly behaviour: number;
}

/** Runs a program. */
export interface Runner {
  /** Where the sums start, then the results. */
  readonly acc: Pointer;
  /** Where numbers lie that a program takes as they are, eight rows side by side. */
  readonly numbers: Pointer;
  /** So many outputs; their flags, which are all ones where one is left to the specification. */
  run(width: number): Uint16Array;
}

/** Places a program and what it works with. X of 0: the numbers themselves. */
export function openRunner(parts: Lease, program: Program, operands: Operands): Runner {
  const {
    engine: { core },
    take,
  } = parts;
  const { panels, length, product, store, totals, behaviour } = operands;
  const words = take(Math.max(4, program.words.byteLength));
  const arena = take(program.arena);
  const tallies = take(12 * TALLY_BYTES);
  const acc = take(panels * COLUMN);
  const flags = take(panels * EIGHT * 2);
  const numbers = arena + program.products;
  const fields = [
    ...[words, words + program.words.byteLength, placeTable(parts, program.table), arena],
    ...[operands.x === 0 ? numbers : operands.x, operands.xBinades, operands.xShift, operands.xVector],
    ...[operands.y, operands.yBinades, length * COLUMN, acc, 0, length],
    ...[product?.at ?? 0, product?.isGeneral ? 1 : 0, program.products, store?.at ?? 0, store?.isGeneral ? 1 : 0],
    ...[tallies, ...totals, product?.behaviour ?? 0, behaviour, store?.behaviour ?? 0, flags],
    // A float sum's rests lie where registers count their changes.
    ...(program.table.some(({ kind }) => kind === 'integer') ? [OVERFLOW | SATURATION, WRAP] : [0, 0]),
  ];
  const job = take(fields.length * 4);
  const { buffer } = core.memory;
  new Uint32Array(buffer, words, program.words.length).set(program.words);
  new Uint8Array(buffer, arena, program.arena).fill(0);
  new Uint8Array(buffer, tallies, 12 * TALLY_BYTES).fill(0);
  const job32 = new Uint32Array(buffer, job, fields.length);
  job32.set(fields);
  const raised = new Uint16Array(buffer, flags, panels * EIGHT);
  return {
    acc,
    numbers,
    run(width) {
      raised.fill(0);
      job32[WIDTH] = width;
      core.call.programRow(job);
      return raised.subarray(0, width);
    },
  };
}
