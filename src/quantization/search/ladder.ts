/**
 * Where the numbers of a row change their grid value while the scale falls. From one candidate to the next only few do,
 * and with every number's magnitude in order they are found without dividing anything.
 *
 * @module
 */
import { productResidual } from '../../arithmetic/residual.ts';
import type { FloatFormat } from '../../formats/index.ts';
import { divideToGrid } from '../divide.ts';
import type { Changes } from './arithmetic.ts';

/** A grid's magnitudes as steps upwards. */
export interface Ladder {
  /** How far up every step goes. */
  readonly rises: Float64Array;
  /** The quotient from which it is taken: the midpoint. */
  readonly midpoints: Float64Array;
  /** 1 where the midpoint itself is rounded up. */
  readonly tiesUp: Uint8Array;
}

const ladders = /* @__PURE__ */ new WeakMap<FloatFormat, Ladder>();

/** The ladder of a grid. */
export function ladderOf(format: FloatFormat): Ladder {
  let ladder = ladders.get(format);
  if (ladder === undefined) {
    const { emin, mantissaBits, max } = format;
    const values = [0];
    for (let e = emin, first = 0; values[values.length - 1] < max; e++, first = 2 ** mantissaBits) {
      for (let i = first === 0 ? 1 : first; i < 2 ** (mantissaBits + 1); i++) values.push(i * 2 ** (e - mantissaBits));
    }
    const midpoints = Float64Array.from({ length: values.length - 1 }, (_, j) => (values[j] + values[j + 1]) / 2);
    const rounded = new Float64Array(midpoints.length);
    divideToGrid(format, midpoints, 1, rounded, 0, midpoints.length);
    ladder = {
      midpoints,
      rises: midpoints.map((_, j) => values[j + 1] - values[j]),
      tiesUp: Uint8Array.from(rounded, (value, j) => (value === values[j] ? 0 : 1)),
    };
    ladders.set(format, ladder);
  }
  return ladder;
}

const float64 = /* @__PURE__ */ new Float64Array(1);
const words = /* @__PURE__ */ new Uint32Array(float64.buffer);
const LOW = /* @__PURE__ */ new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 0 : 1;

/** A row's magnitudes in ascending order. A class only to reuse its memory from row to row. */
export class SortedRow {
  readonly magnitudes: Float64Array;
  readonly order: Int32Array;
  private readonly mask: number;

  constructor(width: number) {
    this.magnitudes = new Float64Array(width);
    this.order = new Int32Array(width);
    this.mask = 2 ** Math.ceil(Math.log2(Math.max(width, 2)) + 1) - 1;
  }

  /** Sorts x[from], x[from + 1], …; ties by place. */
  sort(x: Float64Array, from: number): void {
    const { magnitudes, order, mask } = this;
    const width = magnitudes.length;
    // The low bits of each magnitude give way to its place, so that a sort of numbers alone keeps both.
    for (let i = 0; i < width; i++) {
      float64[0] = Math.abs(x[from + i]);
      words[LOW] = (words[LOW] & ~mask) | i;
      magnitudes[i] = float64[0];
    }
    magnitudes.sort();
    for (let i = 0; i < width; i++) {
      float64[0] = magnitudes[i];
      order[i] = words[LOW] & mask;
    }
    // Neighbours that differed in those bits only may stand the wrong way round.
    for (let i = 0; i < width; i++) {
      const place = order[i];
      const a = Math.abs(x[from + place]);
      let j = i;
      for (; j > 0 && magnitudes[j - 1] > a; j--) {
        magnitudes[j] = magnitudes[j - 1];
        order[j] = order[j - 1];
      }
      magnitudes[j] = a;
      order[j] = place;
    }
  }
}

/** Changes of grid values from scale to scale, ever smaller ones; all are 0 at first. */
export class Climb {
  /** For every step of the ladder the first number, in order of magnitude, that has taken it. */
  private taken = new Int32Array(0);
  private readonly pending: Float64Array;

  constructor(width: number) {
    this.pending = new Float64Array(width);
  }

  /** Back to all zeros. */
  start({ rises }: Ladder): void {
    if (this.taken.length !== rises.length) this.taken = new Int32Array(rises.length);
    this.taken.fill(this.pending.length);
  }

  /**
   * Enters the changes on the way to a scale, not above the one before, from place `first` on: the place after the last.
   * `x` from `from` on is the row that was sorted.
   */
  advance(
    { magnitudes, order }: SortedRow,
    { rises, midpoints, tiesUp }: Ladder,
    scale: number,
    x: Float64Array,
    from: number,
    { indices, factors }: Changes,
    first: number,
  ): number {
    const { taken, pending } = this;
    let end = first;
    for (let step = 0; step < midpoints.length; step++) {
      const midpoint = midpoints[step];
      const threshold = midpoint * scale;
      let at = taken[step];
      if (at === 0) continue;
      for (; at > 0; at--) {
        const a = magnitudes[at - 1];
        if (a < threshold) break;
        if (a === threshold) {
          // The exact threshold lies beside the rounded one; on it, the tie decides.
          const rest = productResidual(midpoint, scale, threshold);
          if (rest > 0 || (rest === 0 && tiesUp[step] === 0)) break;
        }
        const place = order[at - 1];
        if (pending[place] === 0) indices[end++] = place;
        pending[place] += rises[step];
      }
      taken[step] = at;
      // A number that has not taken this step has taken no higher one.
      if (at === magnitudes.length) break;
    }
    for (let j = first; j < end; j++) {
      const place = indices[j];
      factors[j] = x[from + place] < 0 ? -pending[place] : pending[place];
      pending[place] = 0;
    }
    return end;
  }
}
