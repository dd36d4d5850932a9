/**
 * A program in the engine's memory, ready to run on a row of outputs.
 *
 * @module
 */
import type { Lease } from '../../engine/engine.ts';
import { layoutBytes, offsetsOf, programJob, writeFields } from '../../engine/layouts.ts';
import type { Pointer } from '../../engine/module.ts';
import { OVERFLOW, SATURATION, WRAP } from '../../rounding/flags.ts';
import { TALLY_BYTES } from '../counters.ts';
import type { Histograms } from '../lanes/histograms.ts';
import type { Program } from './compile.ts';
import { binadesOfResults, type Placed, placeTable } from './table.ts';

const COLUMN = 64;
const EIGHT = 8;
/** Where a job says how many outputs there are. */
const { width: WIDTH } = /* @__PURE__ */ offsetsOf(programJob);

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
  /** Whether X, Y and their binades are numbers of binary32. */
  readonly isNarrow?: boolean;
  readonly product: Placed | null;
  readonly store: Placed | null;
  /** Totals of products, sums and stored results. */
  readonly totals: readonly Pointer[];
  /** How sums account overflow. */
  readonly overflowAccounting: number;
  /** Where results are counted by their magnitudes, and the stages of products and sums; null: nowhere. */
  readonly seen: { readonly histograms: Histograms; readonly product: number; readonly sum: number } | null;
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
  const { panels, length, isNarrow = false, product, store, totals, overflowAccounting, seen } = operands;
  const words = take(Math.max(4, program.words.byteLength));
  const arena = take(program.arena);
  const tallies = take(12 * TALLY_BYTES);
  const acc = take(panels * COLUMN);
  const flags = take(panels * EIGHT * 2);
  const numbers = arena + program.products;
  const held = seen === null ? [] : program.table.map(binadesOfResults);
  // A compensated sum's rests lie where registers count their changes.
  const hasRegisters = program.table.some(({ kind }) => kind === 'integer');
  const job = take(layoutBytes(programJob));
  writeFields(core, job, programJob, {
    program: words,
    end: words + program.words.byteLength,
    table: placeTable(parts, program.table),
    arena,
    x: operands.x === 0 ? numbers : operands.x,
    xBinades: operands.xBinades,
    xShift: operands.xShift,
    xVector: operands.xVector,
    y: operands.y,
    yBinades: operands.yBinades,
    panel: length * (isNarrow ? COLUMN / 2 : COLUMN),
    isNarrow: isNarrow ? 1 : 0,
    acc,
    width: 0,
    length,
    product: product?.at ?? 0,
    productIsGeneral: product?.isGeneral ? 1 : 0,
    products: program.products,
    output: store?.at ?? 0,
    outputIsGeneral: store?.isGeneral ? 1 : 0,
    tallies,
    totals,
    overflowAccountings: [product?.overflowAccounting ?? 0, overflowAccounting, store?.overflowAccounting ?? 0],
    flags,
    saturated: hasRegisters ? OVERFLOW | SATURATION : 0,
    wrapped: hasRegisters ? WRAP : 0,
    productMagnitudes: seen === null || product === null ? 0 : seen.histograms.at(seen.product),
    magnitudes: seen?.histograms.at(seen.sum) ?? 0,
  });
  const { buffer } = core.memory;
  new Uint32Array(buffer, words, program.words.length).set(program.words);
  new Uint8Array(buffer, arena, program.arena).fill(0);
  new Uint8Array(buffer, tallies, 12 * TALLY_BYTES).fill(0);
  return {
    acc,
    numbers,
    run(width) {
      // What is taken after this runner may have grown the memory: views are made anew.
      const raised = new Uint16Array(core.memory.buffer, flags, panels * EIGHT).fill(0);
      new Uint32Array(core.memory.buffer, job + WIDTH, 1)[0] = width;
      core.call.programRow(job);
      if (seen !== null) {
        if (product !== null && length > 0) seen.histograms.reach(seen.product, product.binades);
        for (const binades of held) seen.histograms.reach(seen.sum, binades);
      }
      return raised.subarray(0, width);
    },
  };
}
