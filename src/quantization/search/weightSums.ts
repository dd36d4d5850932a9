/**
 * The errors of many scales of one output, in two ways: from one scale to the next only the changes (coarse grids, where
 * few numbers change), or whole products (fine grids, where nearly all do).
 *
 * @module
 */
import type { FloatFormat } from '../../formats/index.ts';
import { Climb, ladderOf, type SortedRow } from './ladder.ts';
import type { Layer } from './layer.ts';

/** A grid of at most 32 magnitudes: 6 bits and fewer. */
export function isCoarse(format: FloatFormat): boolean {
  return format.bits <= 6;
}

/** The weights of an output with a scale, into `out` from `at` on. */
export function castOutput(
  { w, inputs, arithmetic }: Layer,
  format: FloatFormat,
  scale: number,
  output: number,
  out: Float64Array,
  at: number,
): void {
  arithmetic.cast(format, w, scale, out, output * inputs, (output + 1) * inputs, at);
  for (let i = at; i < at + inputs; i++) out[i] *= scale;
}

/** Rows of x [rows, inputs] as columns [inputs, lanes]. */
export function transposed(x: Float64Array, from: number, lanes: number, inputs: number): Float64Array {
  const columns = new Float64Array(inputs * lanes);
  for (let l = 0; l < lanes; l++) {
    const row = (from + l) * inputs;
    for (let i = 0; i < inputs; i++) columns[i * lanes + l] = x[row + i];
  }
  return columns;
}

/** Rows that are summed together on a coarse grid: looking for changes costs more than dropping candidates early saves. */
const LANES = 64;

/** By changes. */
export class CoarseWeights {
  readonly parts: number;
  private readonly layer: Layer;
  private readonly columns: readonly Float64Array[];
  private readonly y = new Float64Array(LANES);
  private readonly climb: Climb;

  constructor(layer: Layer, x: Float64Array) {
    const { rows, inputs } = layer;
    this.layer = layer;
    this.parts = Math.ceil(rows / LANES);
    this.columns = Array.from({ length: this.parts }, (_, part) =>
      transposed(x, part * LANES, Math.min(LANES, rows - part * LANES), inputs),
    );
    this.climb = new Climb(inputs);
  }

  /** Adds the errors of a part's rows. Candidates come with falling scales, so each starts from the one before. */
  add(
    part: number,
    candidates: Int32Array,
    scales: Float64Array,
    format: FloatFormat,
    output: number,
    sorted: SortedRow,
    sums: Float64Array,
  ): void {
    const { climb, y } = this;
    const { metric, outputs, inputs, w, arithmetic } = this.layer;
    const columns = this.columns[part];
    const lanes = columns.length / inputs;
    const ladder = ladderOf(format);
    y.fill(0);
    climb.start(ladder);
    for (const c of candidates) {
      const count = climb.advance(sorted, ladder, scales[c], w, output * inputs);
      if (count > 0) arithmetic.update(y, lanes, columns, climb.indices, climb.factors, count);
      sums[c] += metric.lanes(y, scales[c], lanes, part * LANES * outputs + output, outputs);
    }
  }
}

/** Rows that are multiplied together on a fine grid. */
const ROWS = 8;

/** By whole products. */
export class FineWeights {
  readonly parts: number;
  private readonly layer: Layer;
  private readonly x: Float64Array;
  private casts = new Float64Array(0);
  private packed = new Float64Array(0);
  private y = new Float64Array(0);

  constructor(layer: Layer, x: Float64Array) {
    this.layer = layer;
    this.x = x;
    this.parts = Math.ceil(layer.rows / ROWS);
  }

  /** Adds the errors of a part's rows. The first part comes with all candidates, whose weights are kept for the others. */
  add(
    part: number,
    candidates: Int32Array,
    scales: Float64Array,
    format: FloatFormat,
    output: number,
    sums: Float64Array,
  ): void {
    const { metric, outputs, inputs, rows, arithmetic } = this.layer;
    const count = candidates.length;
    if (part === 0) this.castAll(scales, format, output);
    let w = this.casts;
    if (count < scales.length) {
      w = this.packed;
      candidates.forEach((c, k) => {
        w.set(this.casts.subarray(c * inputs, (c + 1) * inputs), k * inputs);
      });
    }
    const from = part * ROWS;
    const lanes = Math.min(ROWS, rows - from);
    const x = this.x.subarray(from * inputs, (from + lanes) * inputs);
    const y = arithmetic.product(x, w.subarray(0, count * inputs), inputs, this.y.subarray(0, lanes * count));
    metric.addCandidates(sums, candidates, y, output, from, lanes, outputs);
  }

  private castAll(scales: Float64Array, format: FloatFormat, output: number): void {
    const { inputs } = this.layer;
    const size = scales.length * inputs;
    if (this.casts.length < size) {
      this.casts = new Float64Array(size);
      this.packed = new Float64Array(size);
      this.y = new Float64Array(ROWS * scales.length);
    }
    scales.forEach((scale, c) => {
      castOutput(this.layer, format, scale, output, this.casts, c * inputs);
    });
  }
}
