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
import { type Changes, LANES, type Room, type Shift } from './arithmetic.ts';
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

/** Outputs whose columns are laid out at a time on a coarse grid. */
const PART = 1024;
/** Changes that are collected before they are summed up: a block of columns then serves many rows. */
const CHANGES = 2 ** 21;
/** Rows at most, whose reference outputs are at hand. */
const GROUP = 128;

/** The errors of candidates by changes, all summed whole (see `CoarseWeights`). */
export function coarseSums(
  layer: Layer,
  candidates: readonly Quantizer[],
  w: Float64Array,
  onShare: (share: number) => void,
): Float64Array {
  return layer.arithmetic.within((room) => {
    const sums = new CoarseSums(layer, candidates.map(prepare), room);
    for (let row = 0; row < layer.rows; ) {
      row = sums.collect(row);
      for (let from = 0; from < layer.outputs; from += PART) sums.add(w, from);
      onShare(row / layer.rows);
    }
    return sums.sums.slice();
  });
}

/** Changes of as many rows as there is room for, and the sums so far. A class to keep its room from group to group. */
class CoarseSums {
  readonly sums: Float64Array;
  private readonly layer: Layer;
  private readonly candidates: readonly Prepared[];
  private readonly shifts: readonly (Shift | null)[];
  private readonly changes: Changes;
  private readonly columns: Float64Array;
  private readonly wanted: Float64Array;
  private readonly weights: Float64Array | null;
  private readonly scales: Float64Array;
  private readonly before: Float64Array;
  private readonly y: Float64Array;
  /** The group at hand: its first row, and how many. */
  private first = 0;
  private held = 0;
  /** From which output on columns are laid out. */
  private laid = -1;

  constructor(layer: Layer, candidates: readonly Prepared[], room: Room) {
    const { rows, inputs, outputs, metric } = layer;
    const count = candidates.length;
    const group = Math.min(rows, GROUP);
    const lanes = Math.ceil(Math.min(PART, outputs) / LANES) * LANES;
    const most = count * inputs;
    const capacity = Math.min(Math.max(CHANGES, most), rows * most);
    this.layer = layer;
    this.candidates = candidates;
    this.shifts = candidates.map(({ shift }) => inRoom(shift, room));
    this.changes = {
      indices: room.integers(capacity),
      factors: room.numbers(capacity),
      ends: room.integers(group * count),
    };
    this.columns = room.numbers(lanes * inputs);
    this.wanted = room.numbers(group * lanes);
    this.weights = metric.isWeighed ? room.numbers(group * lanes) : null;
    this.scales = room.numbers(count);
    this.scales.set(candidates.map(({ scale }) => scale));
    this.before = room.numbers(inputs);
    this.sums = room.numbers(count);
    this.y = room.numbers(lanes);
  }

  /** Collects the changes of rows from `first` on; the row after the last. */
  collect(first: number): number {
    const { candidates, shifts, changes, before, layer } = this;
    const { x, rows, inputs, arithmetic } = layer;
    const count = candidates.length;
    const last = Math.min(rows, first + GROUP);
    this.first = first;
    let row = first;
    for (let end = 0; row < last && end + count * inputs <= changes.indices.length; row++) {
      before.fill(0);
      for (let c = 0; c < count; c++) {
        const { format, scale } = candidates[c];
        end = arithmetic.changes(format, x, row * inputs, scale, shifts[c], before, changes, end);
        changes.ends[(row - first) * count + c] = end;
      }
    }
    this.held = row - first;
    return row;
  }

  /** Adds the errors of a part of the outputs. */
  add(w: Float64Array, from: number): void {
    const { columns, changes, scales, wanted, weights, sums, y, held } = this;
    const { inputs, outputs, metric, arithmetic } = this.layer;
    const count = this.candidates.length;
    const lanes = Math.min(PART, outputs - from);
    const blocks = Math.ceil(lanes / LANES);
    if (this.laid !== from) arithmetic.columns(w, from, lanes, inputs, columns);
    this.laid = from;
    wanted.fill(0);
    for (let place = 0; place < held; place++) {
      metric.ofRow(this.first + place, from, lanes, wanted, weights, place * blocks * LANES);
    }
    arithmetic.sweep({ columns, blocks, inputs, changes, rows: held, count, scales, wanted, weights, sums, y });
  }
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
