/**
 * What a model's logits on a chip are off from those in binary64, over many batches.
 *
 * @module
 */
import { Noise } from '../check/noise.ts';
import type { LogitsError } from './watch.ts';

/** Sums over predictions. */
export class LogitsErrors {
  private readonly noise = new Noise();
  private largest = 0;
  private total = 0;
  private finite = 0;
  private predictions = 0;
  private same = 0;

  /** Takes rows of logits, `vocabulary` each. */
  add(found: Float64Array, real: Float64Array, vocabulary: number): void {
    this.noise.add(found, real);
    for (let i = 0; i < found.length; i++) {
      const off = Math.abs(found[i] - real[i]);
      if (!Number.isFinite(off)) continue;
      this.finite += 1;
      this.total += off;
      this.largest = Math.max(this.largest, off);
    }
    for (let at = 0; at < found.length; at += vocabulary) {
      this.predictions += 1;
      this.same += Number(likeliest(found, at, vocabulary) === likeliest(real, at, vocabulary));
    }
  }

  /** What is known in the end; null where nothing was compared. */
  result(): LogitsError | null {
    if (this.predictions === 0) return null;
    const { finite } = this;
    return {
      sqnr: this.noise.sqnr(),
      largest: finite === 0 ? Number.NaN : this.largest,
      mean: this.total / finite,
      sameToken: this.same / this.predictions,
    };
  }
}

/** The place of the largest; −1 where all are NaN. */
function likeliest(x: Float64Array, from: number, count: number): number {
  let best = -1;
  for (let i = 0; i < count; i++) if (best < 0 ? x[from + i] === x[from + i] : x[from + i] > x[from + best]) best = i;
  return best;
}
