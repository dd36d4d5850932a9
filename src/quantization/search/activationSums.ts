/**
 * The errors of many activation quantizers, in two ways: from one scale to the next only the changes (coarse grids), or
 * whole products (fine grids). With pre-shift as without: a channel's integer bias is part of its grid value.
 *
 * @module
 */
import type { FloatFormat } from '../../formats/index.ts';
import type { FloatQuantizer } from '../float.ts';
import { gridFormat } from '../grid.ts';
import type { ShiftedQuantizer } from '../preshift.ts';
import { LANES, type Room, type Shift } from './arithmetic.ts';
import type { Layer } from './layer.ts';

/** Of an activation. */
export type Quantizer = FloatQuantizer | ShiftedQuantizer;

/** α̃ of a quantizer, of channels with bias 0 where it has such. */
export function scaleOf(quantizer: Quantizer): number {
  return quantizer.kind === 'float' ? quantizer.scales[0] : quantizer.scale;
}

/** A quantizer with what casting needs of it: 2^b and 2^−b of every channel. */
interface Prepared {
  readonly format: FloatFormat;
  readonly scale: number;
  readonly shift: Shift | null;
}

function prepare(quantizer: Quantizer): Prepared {
  const format = gridFormat(quantizer.grid);
  const scale = scaleOf(quantizer);
  if (quantizer.kind === 'float') return { format, scale, shift: null };
  const up = Float64Array.from(quantizer.shifts, (shift) => 2 ** shift);
  return { format, scale, shift: { up, down: up.map((power) => 1 / power) } };
}

/** Rows of x as a quantizer represents them. */
export function castRows(layer: Layer, quantizer: Quantizer, from: number, rows: number): Float64Array {
  return castPrepared(layer, prepare(quantizer), from, rows);
}

function castPrepared(layer: Layer, prepared: Prepared, from: number, rows: number): Float64Array {
  const out = new Float64Array(rows * layer.inputs);
  const scaled = new Float64Array(layer.inputs);
  for (let r = 0; r < rows; r++) castRow(layer, prepared, from + r, scaled, out, r * layer.inputs);
  for (let i = 0; i < out.length; i++) out[i] *= prepared.scale;
  return out;
}

/** round(2^b · x / α̃) · 2^−b of a row, b = 0 without pre-shift; `scaled` is room for a row. */
function castRow(
  { x, inputs, arithmetic }: Layer,
  { format, scale, shift }: Prepared,
  row: number,
  scaled: Float64Array,
  out: Float64Array,
  at: number,
): void {
  const from = row * inputs;
  if (shift === null) {
    arithmetic.cast(format, x, scale, out, from, from + inputs, at);
    return;
  }
  for (let i = 0; i < inputs; i++) scaled[i] = x[from + i] * shift.up[i];
  arithmetic.cast(format, scaled, scale, out, 0, inputs, at);
  for (let i = 0; i < inputs; i++) out[at + i] *= shift.down[i];
}

/** Sums in parts, for `shortlist`; candidates with falling scales. */
export interface Sums {
  readonly parts: number;
  readonly add: (part: number, candidates: Int32Array, sums: Float64Array) => void;
}

/** Outputs of a part on a coarse grid. */
const PART = 1024;
/** Changes that are collected before they are summed up: a block of columns then serves many rows. */
const CHANGES = 2 ** 20;
/** Rows at most, whose reference outputs are at hand. */
const GROUP = 64;

/** By changes, a part of the outputs after the other. */
export function coarseSums(layer: Layer, candidates: readonly Quantizer[], w: Float64Array): Sums {
  const { outputs, arithmetic } = layer;
  const prepared = candidates.map(prepare);
  return {
    parts: Math.ceil(outputs / PART),
    add: (part, alive, sums) => {
      const from = part * PART;
      const count = Math.min(PART, outputs - from);
      const chosen = Array.from(alive, (c) => prepared[c]);
      arithmetic.within((room) => {
        const found = partSums(layer, chosen, w, from, count, room);
        for (let k = 0; k < alive.length; k++) sums[alive[k]] += found[k];
      });
    },
  };
}

/** Sums of candidates over all rows and `outputs` outputs from `from` on. */
function partSums(
  layer: Layer,
  candidates: readonly Prepared[],
  w: Float64Array,
  from: number,
  outputs: number,
  room: Room,
): Float64Array {
  const { rows, inputs, metric, arithmetic, x } = layer;
  const count = candidates.length;
  const blocks = Math.ceil(outputs / LANES);
  const columns = room.numbers(blocks * LANES * inputs);
  arithmetic.columns(w, from, outputs, inputs, columns);
  const most = count * inputs;
  const capacity = Math.min(Math.max(CHANGES, most), rows * most);
  const group = Math.min(rows, GROUP);
  const changes = {
    indices: room.integers(capacity),
    factors: room.numbers(capacity),
    ends: room.integers(group * count),
  };
  const wanted = room.numbers(group * blocks * LANES);
  const weights = metric.isWeighed ? room.numbers(group * blocks * LANES) : null;
  const before = room.numbers(inputs);
  const scales = room.numbers(count);
  scales.set(candidates.map(({ scale }) => scale));
  const sums = room.numbers(count);
  const y = room.numbers(LANES);
  const shifts = candidates.map(({ shift }) => inRoom(shift, room));
  for (let first = 0, next = 0; first < rows; first = next) {
    // As many rows as there is room for; then every block of columns meets them all.
    const starts: number[] = [];
    let end = 0;
    for (next = first; next < rows && starts.length < group && end + most <= capacity; next++) {
      const place = starts.length;
      starts.push(end);
      before.fill(0);
      candidates.forEach(({ format, scale }, c) => {
        end = arithmetic.changes(format, x, next * inputs, scale, shifts[c], before, changes, end);
        changes.ends[place * count + c] = end;
      });
      metric.ofRow(next, from, outputs, wanted, weights, place * blocks * LANES);
    }
    for (let block = 0; block < blocks; block++) {
      starts.forEach((start, place) => {
        arithmetic.sweep({
          columns,
          block,
          inputs,
          changes,
          from: start,
          firstEnd: place * count,
          count,
          scales,
          wanted,
          weights,
          wantedAt: (place * blocks + block) * LANES,
          sums,
          y,
        });
      });
    }
  }
  return sums;
}

function inRoom(shift: Shift | null, room: Room): Shift | null {
  if (shift === null) return null;
  const up = room.numbers(shift.up.length);
  const down = room.numbers(shift.down.length);
  up.set(shift.up);
  down.set(shift.down);
  return { up, down };
}

/** Rows that are multiplied together on a fine grid. */
const ROWS = 8;

/** By whole products, some rows after the others. */
export function fineSums(layer: Layer, candidates: readonly Quantizer[], w: Float64Array): Sums {
  const { rows, inputs, outputs, metric, arithmetic } = layer;
  const prepared = candidates.map(prepare);
  return {
    parts: Math.ceil(rows / ROWS),
    add: (part, alive, sums) => {
      const from = part * ROWS;
      const lanes = Math.min(ROWS, rows - from);
      const y = new Float64Array(lanes * outputs);
      for (const c of alive) {
        const values = castPrepared(layer, prepared[c], from, lanes);
        sums[c] = metric.add(sums[c], arithmetic.product(values, w, inputs, y), from);
      }
    },
  };
}
