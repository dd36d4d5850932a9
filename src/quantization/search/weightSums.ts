/**
 * The errors of many scales of one output, in two ways: from one scale to the next only the changes (coarse grids, where
 * few numbers change), or whole products (fine grids, where nearly all do).
 *
 * @module
 */
import type { FloatFormat } from '../../formats/index.ts';
import { type Changes, LANES, type Room } from './arithmetic.ts';
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

/** By changes, of one output after the other. Reused from output to output, in the same memory. */
export class CoarseWeights {
  private readonly layer: Layer;
  private readonly room: Room;
  private readonly blocks: number;
  private readonly columns: Float64Array;
  private readonly wanted: Float64Array;
  private readonly weights: Float64Array | null;
  private readonly y: Float64Array;
  private readonly ones: Float64Array;
  private readonly climb: Climb;
  private scales: Float64Array = new Float64Array(0);
  private sums: Float64Array = new Float64Array(0);
  private changes: Changes = { indices: new Int32Array(0), factors: new Float64Array(0), ends: new Int32Array(0) };
  private whole: Changes | null = null;
  /** Whose reference is in `wanted`. */
  private output = -1;

  constructor(layer: Layer, x: Float64Array, room: Room) {
    const { rows, inputs, metric, arithmetic } = layer;
    this.layer = layer;
    this.room = room;
    this.blocks = Math.ceil(rows / LANES);
    this.columns = room.numbers(this.blocks * LANES * inputs);
    arithmetic.columns(x, 0, rows, inputs, this.columns);
    this.wanted = room.numbers(this.blocks * LANES);
    this.weights = metric.isWeighed ? room.numbers(this.blocks * LANES) : null;
    this.y = room.numbers(this.blocks * LANES);
    this.ones = room.numbers(1).fill(1);
    this.climb = new Climb(inputs);
  }

  /**
   * The errors of scales, which fall, so that each starts from the one before. All are summed whole: to drop some on the
   * way, the best would have to be summed first, alone, and changes looked for again.
   */
  sumsOf(falling: Float64Array, format: FloatFormat, output: number, sorted: SortedRow): Float64Array {
    const { climb } = this;
    const { inputs, w, metric } = this.layer;
    const ladder = ladderOf(format);
    const count = falling.length;
    this.makeRoom(count, ladder.rises.length * inputs);
    const { changes } = this;
    climb.start(ladder);
    let end = 0;
    for (let c = 0; c < count; c++) {
      end = climb.advance(sorted, ladder, falling[c], w, output * inputs, changes, end);
      changes.ends[c] = end;
    }
    this.scales.set(falling);
    this.sums.fill(0);
    if (this.output !== output) metric.ofOutput(output, this.wanted, this.weights);
    this.output = output;
    this.sweep(changes, count, this.scales);
    return this.sums.slice(0, count);
  }

  /** One output of all rows with the given weights, into y [rows]. */
  outputOf(quantized: Float64Array, y: Float64Array): void {
    const { inputs, rows } = this.layer;
    this.makeRoom(1, 0);
    if (this.whole === null) {
      const { room } = this;
      this.whole = { indices: room.integers(inputs), factors: room.numbers(inputs), ends: room.integers(1) };
      for (let i = 0; i < inputs; i++) this.whole.indices[i] = i;
      this.whole.ends[0] = inputs;
    }
    this.whole.factors.set(quantized);
    this.sweep(this.whole, 1, this.ones);
    y.set(this.y.subarray(0, rows));
  }

  private sweep(changes: Changes, count: number, scales: Float64Array): void {
    const { columns, blocks, wanted, weights, sums, y, layer } = this;
    const { inputs, arithmetic } = layer;
    arithmetic.sweep({ columns, blocks, inputs, changes, rows: 1, count, scales, wanted, weights, sums, y });
  }

  private makeRoom(count: number, most: number): void {
    const { room, changes } = this;
    if (this.sums.length < count) {
      this.scales = room.numbers(count);
      this.sums = room.numbers(count);
      this.changes = { ...changes, ends: room.integers(count) };
    }
    if (changes.indices.length < most) {
      this.changes = { ...this.changes, indices: room.integers(most), factors: room.numbers(most) };
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
  private readonly room: Room;
  private casts: Float64Array = new Float64Array(0);
  private packed: Float64Array = new Float64Array(0);
  private y = new Float64Array(0);

  constructor(layer: Layer, x: Float64Array, room: Room) {
    this.layer = layer;
    this.room = room;
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
      this.casts = this.room.numbers(size);
      this.packed = this.room.numbers(size);
      this.y = new Float64Array(ROWS * scales.length);
    }
    scales.forEach((scale, c) => {
      castOutput(this.layer, format, scale, output, this.casts, c * inputs);
    });
  }
}
