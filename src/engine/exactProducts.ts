/**
 * Sums of products in binary64, every one a chain of additions in ascending order of K: on the engine, which forms several
 * outputs side by side and never parts of one, or in plain loops, with the same bits.
 *
 * @module
 */
import type { FloatArray } from '../tensors/tensor.ts';
import { type Engine, isFull, type Lease, lease } from './engine.ts';
import type { Core, Pointer } from './module.ts';
import { carryOutTogether, give, readyThreads, type Thread } from './pool.ts';

/** Columns of a panel, as `addProducts64` of the engine's module takes them. */
const PANEL = 4;

/** Fewer products are not worth the copies. */
const FEW = 2 ** 14;

/** Products that are worth a message to every thread: some three milliseconds. */
const MANY = 2 ** 23;

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
  const { pool } = engine;
  const threads = pool === null || m * k * n < MANY ? [] : readyThreads(pool);
  try {
    return lease(engine, (parts) => {
      const { take } = parts;
      const most = Math.floor((PART_BYTES * (1 + threads.length)) / (k * PANEL * 8));
      const panels = Math.max(1, Math.min(Math.ceil(n / PANEL), most));
      const wide = panels * PANEL;
      const rows = Math.max(PANEL, Math.min(m, Math.floor(PART_BYTES / (k * 8)), Math.floor(PART_BYTES / (wide * 8))));
      const places = [take(wide * k * 8), take(rows * k * 8), take(rows * wide * 8)] as const;
      add({ ...parts, threads }, products, places, rows, wide);
      return true;
    });
  } catch (error) {
    if (isFull(error)) return false;
    throw error;
  }
}

/** Rows of A times panels of B, as they lie in an engine's memory. */
export interface Panels {
  readonly atB: Pointer;
  readonly atA: Pointer;
  readonly atSums: Pointer;
  readonly k: number;
  readonly rows: number;
  /** Bytes from row to row of the sums. */
  readonly stride: number;
}

/** Panels that a thread multiplies. */
export interface PanelPart {
  readonly panels: Panels;
  readonly first: number;
  readonly end: number;
}

/** Adds the products of some panels. */
export function multiplyPanels({ call }: Core, { panels, first, end }: PanelPart): void {
  const { atB, atA, atSums, k, rows, stride } = panels;
  for (let p = first; p < end; p++)
    call.addProducts64(atA, atB + p * PANEL * k * 8, k, rows, atSums + p * PANEL * 8, stride);
}

/** An engine's memory and those of its threads that have nothing to do. */
interface Hands extends Lease {
  readonly threads: readonly Thread[];
}

/** Adds the products of all panels, on all threads where that is worth it. */
function multiplyTogether({ engine, threads, abandon }: Hands, panels: Panels, count: number): boolean {
  const { pool, core } = engine;
  const hands = Math.min(threads.length + 1, count);
  if (pool === null || hands === 1 || panels.rows * panels.k * count * PANEL < MANY) {
    multiplyPanels(core, { panels, first: 0, end: count });
    return true;
  }
  const start = (hand: number): number => Math.floor((count * hand) / hands);
  const others = threads.slice(0, hands - 1);
  const own = (): boolean => {
    for (const [i, thread] of others.entries()) give(thread, { panels, first: start(i + 1), end: start(i + 2) });
    multiplyPanels(core, { panels, first: 0, end: start(1) });
    return true;
  };
  return carryOutTogether(pool, others, own, abandon);
}

function add(
  hands: Hands,
  { a, fromA, out, to, m, k, n, columns, stepA = k, stepOut = n }: Products,
  [atB, atA, atSums]: readonly [number, number, number],
  most: number,
  wide: number,
): void {
  const { memory } = hands.engine.core;
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
      const job = { atB, atA, atSums, k, rows, stride: wide * 8 };
      copyRows(out, at, stepOut, sums, 0, wide, rows, count);
      if (!multiplyTogether(hands, job, filled)) {
        copyRows(out, at, stepOut, sums, 0, wide, rows, count);
        multiplyPanels(hands.engine.core, { panels: job, first: 0, end: filled });
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
