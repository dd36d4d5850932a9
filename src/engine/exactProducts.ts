/**
 * Sums of products in binary64, every one a chain of additions in ascending order of K: on the engine, which forms several
 * outputs side by side and never parts of one, or in plain loops, with the same bits.
 *
 * @module
 */
import type { FloatArray } from '../tensors/tensor.ts';
import { type Engine, isFull, lease } from './engine.ts';

/** Columns of a panel, as `addProducts64` of the engine's module takes them. */
const PANEL = 4;

/** Fewer products are not worth the copies. */
const FEW = 2 ** 14;

/** Bytes of each part that lies in the engine's memory at a time: a second-level cache holds one. */
const PART_BYTES = 2 ** 20;

/** out += A · B: A [m, k] row-major from `fromA` on, out [m, n] from `to` on; steps from row to row, by default k and n. */
export interface Products {
  readonly a: FloatArray;
  readonly fromA: number;
  readonly stepA?: number;
  readonly out: Float64Array;
  readonly to: number;
  readonly stepOut?: number;
  readonly m: number;
  readonly k: number;
  readonly n: number;
  /**
   * Writes columns of B from `first` on: the number of row p and column first + j to `into[Math.floor(j / 4) · 4k + 4p + j % 4]`.
   * What lies there is zero.
   */
  readonly columns: (into: Float64Array, first: number, count: number) => void;
}

/** Adds products on the engine. False: there is none, it has no room, or there are too few; nothing has been added then. */
export function addProducts(products: Products, engine: Engine | null): boolean {
  const { m, k, n } = products;
  if (engine === null || m < PANEL || m * k * n < FEW) return false;
  try {
    return lease(engine, ({ take }) => {
      const panels = Math.max(1, Math.min(Math.ceil(n / PANEL), Math.floor(PART_BYTES / (k * PANEL * 8))));
      const wide = panels * PANEL;
      const rows = Math.max(PANEL, Math.min(m, Math.floor(PART_BYTES / (k * 8)), Math.floor(PART_BYTES / (wide * 8))));
      const places = [take(wide * k * 8), take(rows * k * 8), take(rows * wide * 8)] as const;
      add(engine, products, places, rows, wide);
      return true;
    });
  } catch (error) {
    if (isFull(error)) return false;
    throw error;
  }
}

function add(
  { core: { call, memory } }: Engine,
  { a, fromA, out, to, m, k, n, columns, stepA = k, stepOut = n }: Products,
  [atB, atA, atSums]: readonly [number, number, number],
  most: number,
  wide: number,
): void {
  const panels = new Float64Array(memory.buffer, atB, wide * k);
  const left = new Float64Array(memory.buffer, atA, most * k);
  const sums = new Float64Array(memory.buffer, atSums, most * wide);
  for (let first = 0; first < n; first += wide) {
    const count = Math.min(wide, n - first);
    const filled = Math.ceil(count / PANEL);
    panels.fill(0, 0, filled * PANEL * k);
    columns(panels, first, count);
    for (let top = 0; top < m; top += most) {
      const rows = Math.min(most, m - top);
      copyRows(a, fromA + top * stepA, stepA, left, 0, k, rows, k);
      const at = to + top * stepOut + first;
      copyRows(out, at, stepOut, sums, 0, wide, rows, count);
      for (let p = 0; p < filled; p++) {
        call.addProducts64(atA, atB + p * PANEL * k * 8, k, rows, atSums + p * PANEL * 8, wide * 8);
      }
      copyRows(sums, 0, wide, out, at, stepOut, rows, count);
    }
  }
}

/** Copies rows of `width` numbers; at once where they follow each other on both sides. */
function copyRows(
  from: FloatArray,
  start: number,
  step: number,
  to: Float64Array,
  at: number,
  stepTo: number,
  rows: number,
  width: number,
): void {
  if (step === width && stepTo === width) {
    to.set(from.subarray(start, start + rows * width), at);
    return;
  }
  for (let r = 0, read = start, write = at; r < rows; r++, read += step, write += stepTo) {
    for (let i = 0; i < width; i++) to[write + i] = from[read + i];
  }
}

/** The columns of a matrix [k, n], row-major from `from` on. */
export function columnsOf(b: FloatArray, from: number, k: number, n: number): Products['columns'] {
  return (into, first, count) => {
    for (let j = 0; j < count; j += PANEL) {
      const own = Math.min(PANEL, count - j);
      for (let p = 0, at = j * k, place = from + first + j; p < k; p++, at += PANEL, place += n) {
        for (let i = 0; i < own; i++) into[at + i] = b[place + i];
      }
    }
  };
}

/** The columns of the transpose of a matrix [n, k], row-major from `from` on. */
export function columnsOfTransposed(b: FloatArray, from: number, k: number): Products['columns'] {
  return (into, first, count) => {
    for (let j = 0; j < count; j++) {
      const row = from + (first + j) * k;
      for (let p = 0, at = Math.floor(j / PANEL) * PANEL * k + (j % PANEL); p < k; p++, at += PANEL)
        into[at] = b[row + p];
    }
  };
}
