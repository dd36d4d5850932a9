/**
 * The inner loops of a search on the engine: the bits of `scalarArithmetic`. Operands that lie in the engine's memory
 * are used where they are; small others are copied, and where the memory has no room left the plain loop runs.
 *
 * @module
 */
import { bufferOf } from '../../engine/allocator.ts';
import { type Engine, type Lease, lease } from '../../engine/engine.ts';
import type { Pointer } from '../../engine/module.ts';
import type { FloatFormat } from '../../formats/index.ts';
import { LANES, type Room, type SearchArithmetic, type Sweep, scalarArithmetic } from './arithmetic.ts';

/** Columns that a product packs at a time: with 4096 inputs, 2 MiB. */
const GROUP = 64;
/** Below this, a call and its copies take longer than the plain loop. */
const SHORT = 16;

/** The twins, on an engine's memory. */
export function engineArithmetic(engine: Engine): SearchArithmetic {
  const { call, memory } = engine.core;
  /** Where an array lies in the engine's memory; −1 for others. */
  const placeOf = (data: Float64Array | Int32Array): Pointer =>
    engine.allocator.buffers.has(data.buffer) ? data.byteOffset : -1;
  const view = (at: Pointer, length: number): Float64Array => new Float64Array(memory.buffer, at, length);

  return Object.freeze({
    within: <T>(body: (room: Room) => T): T => lease(engine, (parts) => body(roomOf(engine, parts))),

    cast(
      format: FloatFormat,
      x: Float64Array,
      scale: number,
      out: Float64Array,
      from: number,
      to: number,
      outFrom = from,
    ): void {
      const n = to - from;
      const run = (parts: Lease): boolean => {
        const source = placeOf(x) < 0 ? take(parts, n * 8) : placeOf(x) + from * 8;
        const target = placeOf(out) < 0 ? take(parts, n * 8) : placeOf(out) + outFrom * 8;
        if (source < 0 || target < 0) return false;
        if (placeOf(x) < 0) view(source, n).set(x.subarray(from, to));
        call.divideToGrid(source, target, n, scale, ...gridOf(format));
        if (placeOf(out) < 0) out.set(view(target, n), outFrom);
        return true;
      };
      if (n < SHORT || !lease(engine, run)) scalarArithmetic.cast(format, x, scale, out, from, to, outFrom);
    },

    product(x: Float64Array, w: Float64Array, inputs: number, y: Float64Array): Float64Array {
      const rows = x.length / inputs;
      const outputs = w.length / inputs;
      const run = (parts: Lease): boolean => {
        const source = placeOf(x) < 0 ? take(parts, x.length * 8) : placeOf(x);
        const raw = take(parts, LANES * inputs * 8);
        const packed = take(parts, GROUP * inputs * 8);
        const sums = take(parts, rows * GROUP * 8);
        if (source < 0 || raw < 0 || packed < 0 || sums < 0) return false;
        if (placeOf(x) < 0) view(source, x.length).set(x);
        const tile = view(sums, rows * GROUP);
        for (let o = 0; o < outputs; o += GROUP) {
          const lanes = Math.min(GROUP, outputs - o);
          tile.fill(0);
          for (let l = 0; l < lanes; l += LANES) {
            const columns = packed + l * inputs * 8;
            pack(w, o + l, Math.min(LANES, lanes - l), inputs, raw, columns);
            call.denseRows(source, rows, inputs, columns, sums + l * 8, GROUP * 8);
          }
          for (let r = 0; r < rows; r++) y.set(tile.subarray(r * GROUP, r * GROUP + lanes), r * outputs + o);
        }
        return true;
      };
      const isWorthIt = rows >= 2 && outputs >= LANES / 2 && inputs >= SHORT;
      if (!isWorthIt || !lease(engine, run)) scalarArithmetic.product(x, w, inputs, y);
      return y;
    },

    columns(x: Float64Array, from: number, count: number, inputs: number, out: Float64Array): void {
      const target = placeOf(out);
      const run = (parts: Lease): boolean => {
        const raw = take(parts, LANES * inputs * 8);
        if (raw < 0) return false;
        for (let l = 0; l < count; l += LANES) {
          pack(x, from + l, Math.min(LANES, count - l), inputs, raw, target + l * inputs * 8);
        }
        return true;
      };
      if (target < 0 || !lease(engine, run)) scalarArithmetic.columns(x, from, count, inputs, out);
    },

    changes(...args: Parameters<SearchArithmetic['changes']>): number {
      const [format, x, from, scale, shift, before, changes, at] = args;
      const source = placeOf(x);
      const old = placeOf(before);
      const indices = placeOf(changes.indices);
      const factors = placeOf(changes.factors);
      const up = shift === null ? 0 : placeOf(shift.up);
      const down = shift === null ? 0 : placeOf(shift.down);
      if (Math.min(source, old, indices, factors, up, down) < 0) return scalarArithmetic.changes(...args);
      return (
        at +
        call.gridChanges(
          source + from * 8,
          before.length,
          up,
          down,
          old,
          indices + at * 4,
          factors + at * 8,
          scale,
          ...gridOf(format),
        )
      );
    },

    sweep(run: Sweep): void {
      const columns = placeOf(run.columns);
      const indices = placeOf(run.changes.indices);
      const factors = placeOf(run.changes.factors);
      const ends = placeOf(run.changes.ends);
      const scales = placeOf(run.scales);
      const wanted = placeOf(run.wanted);
      const weights = run.weights === null ? 0 : placeOf(run.weights);
      const sums = placeOf(run.sums);
      const y = placeOf(run.y);
      if (Math.min(columns, indices, factors, ends, scales, wanted, weights, sums, y) < 0) {
        scalarArithmetic.sweep(run);
        return;
      }
      const { blocks, inputs, rows, count } = run;
      call.sweep(columns, blocks, inputs, indices, factors, ends, rows, count, scales, wanted, weights, sums, y);
    },
  });

  /** Up to 16 rows of `from` as one block of columns. */
  function pack(rows: Float64Array, from: number, count: number, inputs: number, raw: Pointer, columns: Pointer): void {
    let source = placeOf(rows) < 0 || count < LANES ? raw : placeOf(rows) + from * inputs * 8;
    if (source === raw) {
      const copy = view(raw, LANES * inputs);
      copy.set(rows.subarray(from * inputs, (from + count) * inputs));
      copy.fill(0, count * inputs);
      source = raw;
    }
    call.transposeIntoColumns(source, inputs, columns);
  }
}

function roomOf({ allocator }: Engine, parts: Lease): Room {
  return {
    numbers: (length) => {
      const at = take(parts, length * 8);
      return at < 0 ? new Float64Array(length) : new Float64Array(bufferOf(allocator), at, length).fill(0);
    },
    integers: (length) => {
      const at = take(parts, length * 4);
      return at < 0 ? new Int32Array(length) : new Int32Array(bufferOf(allocator), at, length).fill(0);
    },
  };
}

/** A part of the memory; −1 where it has none left. */
function take(parts: Lease, bytes: number): Pointer {
  try {
    return parts.take(bytes);
  } catch {
    return -1;
  }
}

/** What the engine's rounding needs of a grid: 2^emin, 2^−mantissaBits and the largest magnitude. */
function gridOf({ emin, mantissaBits, max }: FloatFormat): [number, number, number] {
  return [2 ** emin, 2 ** -mantissaBits, max];
}
