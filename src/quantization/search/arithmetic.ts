/**
 * The inner loops of a search, and where their operands lie. Each has a twin on the engine (`engineArithmetic.ts`) that
 * gives the same bits; this file says what they are.
 *
 * Sums over inputs are chains in ascending order of the index. Where many sums share an operand they are taken in blocks
 * of 16 lanes, whose columns lie as [input][lane].
 *
 * @module
 */
import type { FloatFormat } from '../../formats/index.ts';
import { divideToGrid } from '../divide.ts';
import { product } from './product.ts';

/** Sums of a block. */
export const LANES = 16;

/** Where operands are made: arrays of zeros, of which none may be used after `within`. */
export interface Room {
  numbers(length: number): Float64Array;
  integers(length: number): Int32Array;
}

/** How the grid values of rows change from candidate to candidate; before the first all are 0. */
export interface Changes {
  /** Which number of a row changes, and by how much; row after row, candidate after candidate. */
  readonly indices: Int32Array;
  readonly factors: Float64Array;
  /** For every row and candidate, where its changes end; the first begin at 0. */
  readonly ends: Int32Array;
}

/** Powers of two by which a row's numbers are multiplied before and after rounding. */
export interface Shift {
  readonly up: Float64Array;
  readonly down: Float64Array;
}

/** Candidates of some rows against blocks of columns. */
export interface Sweep {
  /** [block][input][lane] */
  readonly columns: Float64Array;
  readonly blocks: number;
  readonly inputs: number;
  readonly changes: Changes;
  readonly rows: number;
  /** Candidates of a row, and α̃ of each. */
  readonly count: number;
  readonly scales: Float64Array;
  /** Reference outputs [row][block][lane], and what weighs squared errors, likewise; null: nothing. */
  readonly wanted: Float64Array;
  readonly weights: Float64Array | null;
  /** Receives every candidate's sum of errors on top of what is there. */
  readonly sums: Float64Array;
  /** Receives the last row's and candidate's outputs [block][lane], in units of its scale. */
  readonly y: Float64Array;
}

/** The inner loops. */
export interface SearchArithmetic {
  /** Runs `body` with room for operands. */
  within<T>(body: (room: Room) => T): T;
  /** `out[i + outFrom − from]` = x[i] / scale rounded to the grid, ties to even, saturating, for from ≤ i < to. */
  cast(
    format: FloatFormat,
    x: Float64Array,
    scale: number,
    out: Float64Array,
    from: number,
    to: number,
    outFrom?: number,
  ): void;
  /** y [rows, outputs] = x [rows, inputs] · w [outputs, inputs]ᵀ. */
  product(x: Float64Array, w: Float64Array, inputs: number, y: Float64Array): Float64Array;
  /** Rows `from` … `from` + `count` − 1 of x as blocks of columns; lanes beyond are 0. */
  columns(x: Float64Array, from: number, count: number, inputs: number, out: Float64Array): void;
  /**
   * Enters, from place `at` on, where round(2^b · x / α̃) · 2^−b of the row of x at `from` differs from `before`, which
   * then is that; returns the place after the last.
   */
  changes(
    format: FloatFormat,
    x: Float64Array,
    from: number,
    scale: number,
    shift: Shift | null,
    before: Float64Array,
    changes: Changes,
    at: number,
  ): number;
  /**
   * For every block, row and candidate: y[l] += Σ factors[j] · columns[indices[j]][l] over its changes, then the error
   * Σ (α̃ · y[l] − wanted[l])² (· weights[l]), even and odd lanes summed apart, is added to the candidate's sum.
   */
  sweep(run: Sweep): void;
}

/** Plain TypeScript. */
export const scalarArithmetic: SearchArithmetic = /* @__PURE__ */ Object.freeze({
  within,
  cast: divideToGrid,
  product,
  columns,
  changes,
  sweep,
});

const room: Room = {
  numbers: (length) => new Float64Array(length),
  integers: (length) => new Int32Array(length),
};

function within<T>(body: (room: Room) => T): T {
  return body(room);
}

function columns(x: Float64Array, from: number, count: number, inputs: number, out: Float64Array): void {
  for (let first = 0; first < count; first += LANES) {
    const block = first * inputs;
    for (let l = 0; l < LANES; l++) {
      const row = (from + first + l) * inputs;
      const isRow = first + l < count;
      for (let i = 0; i < inputs; i++) out[block + i * LANES + l] = isRow ? x[row + i] : 0;
    }
  }
}

function changes(
  format: FloatFormat,
  x: Float64Array,
  from: number,
  scale: number,
  shift: Shift | null,
  before: Float64Array,
  { indices, factors }: Changes,
  at: number,
): number {
  const width = before.length;
  const now = new Float64Array(width);
  if (shift === null) divideToGrid(format, x, scale, now, from, from + width, 0);
  else {
    for (let i = 0; i < width; i++) now[i] = x[from + i] * shift.up[i];
    divideToGrid(format, now, scale, now, 0, width);
    for (let i = 0; i < width; i++) now[i] *= shift.down[i];
  }
  let to = at;
  for (let i = 0; i < width; i++) {
    if (now[i] === before[i]) continue;
    indices[to] = i;
    factors[to++] = now[i] - before[i];
    before[i] = now[i];
  }
  return to;
}

function sweep(run: Sweep): void {
  for (let block = 0; block < run.blocks; block++) {
    for (let row = 0; row < run.rows; row++) sweepRow(run, block, row);
  }
}

function sweepRow(run: Sweep, block: number, row: number): void {
  const { columns, blocks, inputs, changes, count, scales, wanted, weights, sums } = run;
  const { indices, factors, ends } = changes;
  const base = block * inputs * LANES;
  const wantedAt = (row * blocks + block) * LANES;
  const y = run.y.subarray(block * LANES, (block + 1) * LANES);
  y.fill(0);
  let j = row === 0 ? 0 : ends[row * count - 1];
  for (let c = 0; c < count; c++) {
    const end = ends[row * count + c];
    // Four at a time, so that y is read and written a quarter as often; the order is that of one.
    for (; j + 4 <= end; j += 4) {
      const at0 = base + indices[j] * LANES;
      const at1 = base + indices[j + 1] * LANES;
      const at2 = base + indices[j + 2] * LANES;
      const at3 = base + indices[j + 3] * LANES;
      const f0 = factors[j];
      const f1 = factors[j + 1];
      const f2 = factors[j + 2];
      const f3 = factors[j + 3];
      for (let l = 0; l < LANES; l++) {
        y[l] = y[l] + f0 * columns[at0 + l] + f1 * columns[at1 + l] + f2 * columns[at2 + l] + f3 * columns[at3 + l];
      }
    }
    for (; j < end; j++) {
      const at = base + indices[j] * LANES;
      const factor = factors[j];
      for (let l = 0; l < LANES; l++) y[l] += factor * columns[at + l];
    }
    const scale = scales[c];
    let even = 0;
    let odd = 0;
    for (let l = 0; l < LANES; l += 2) {
      const off0 = scale * y[l] - wanted[wantedAt + l];
      const off1 = scale * y[l + 1] - wanted[wantedAt + l + 1];
      even += weights === null ? off0 * off0 : off0 * off0 * weights[wantedAt + l];
      odd += weights === null ? off1 * off1 : off1 * off1 * weights[wantedAt + l + 1];
    }
    sums[c] += even + odd;
  }
}
