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
import type { Layer } from './layer.ts';
import { transposed } from './weightSums.ts';

/** Of an activation. */
export type Quantizer = FloatQuantizer | ShiftedQuantizer;

/** α̃ of a quantizer, of channels with bias 0 where it has such. */
export function scaleOf(quantizer: Quantizer): number {
  return quantizer.kind === 'float' ? quantizer.scales[0] : quantizer.scale;
}

/** A quantizer with what casting needs of it: 2^b and 2^−b of every channel, or null without pre-shift. */
interface Prepared {
  readonly format: FloatFormat;
  readonly scale: number;
  readonly up: Float64Array | null;
  readonly down: Float64Array | null;
}

function prepare(quantizer: Quantizer): Prepared {
  const format = gridFormat(quantizer.grid);
  const scale = scaleOf(quantizer);
  if (quantizer.kind === 'float') return { format, scale, up: null, down: null };
  const up = Float64Array.from(quantizer.shifts, (shift) => 2 ** shift);
  return { format, scale, up, down: up.map((power) => 1 / power) };
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
  { format, scale, up, down }: Prepared,
  row: number,
  scaled: Float64Array,
  out: Float64Array,
  at: number,
): void {
  const from = row * inputs;
  if (up === null || down === null) {
    arithmetic.cast(format, x, scale, out, from, from + inputs, at);
    return;
  }
  for (let i = 0; i < inputs; i++) scaled[i] = x[from + i] * up[i];
  arithmetic.cast(format, scaled, scale, out, 0, inputs, at);
  for (let i = 0; i < inputs; i++) out[at + i] *= down[i];
}

/** Sums in parts, for `shortlist`; candidates with falling scales. */
export interface Sums {
  readonly parts: number;
  readonly add: (part: number, candidates: Int32Array, sums: Float64Array) => void;
}

/** Outputs that are summed together on a coarse grid. */
const LANES = 1024;

/** By changes, a part of the outputs after the other. */
export function coarseSums(layer: Layer, candidates: readonly Quantizer[], w: Float64Array): Sums {
  const { rows, inputs, outputs, metric, arithmetic } = layer;
  const prepared = candidates.map(prepare);
  const scaled = new Float64Array(inputs);
  const before = new Float64Array(inputs);
  const now = new Float64Array(inputs);
  const indices = new Int32Array(inputs);
  const factors = new Float64Array(inputs);
  return {
    parts: Math.ceil(outputs / LANES),
    add: (part, alive, sums) => {
      const from = part * LANES;
      const lanes = Math.min(LANES, outputs - from);
      const columns = transposed(w, from, lanes, inputs);
      const y = new Float64Array(lanes);
      for (let r = 0; r < rows; r++) {
        y.fill(0);
        before.fill(0);
        for (const c of alive) {
          castRow(layer, prepared[c], r, scaled, now, 0);
          const count = changes(before, now, indices, factors);
          if (count > 0) arithmetic.update(y, lanes, columns, indices, factors, count);
          sums[c] += metric.lanes(y, prepared[c].scale, lanes, r * outputs + from, 1);
        }
      }
    },
  };
}

/** Where two rows differ and by how much; the first becomes the second. */
function changes(before: Float64Array, now: Float64Array, indices: Int32Array, factors: Float64Array): number {
  let count = 0;
  for (let i = 0; i < now.length; i++) {
    const change = now[i] - before[i];
    if (change !== 0) {
      indices[count] = i;
      factors[count++] = change;
      before[i] = now[i];
    }
  }
  return count;
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
