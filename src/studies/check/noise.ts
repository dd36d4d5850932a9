/**
 * Signal to noise of a model's norms, over many batches of rows.
 *
 * @module
 */
import type { NormCall } from './normCall.ts';

/** Sums of squares: of a norm's real values, and of what an output is off from them. */
export class Noise {
  private signal = 0;
  private noise = 0;
  private finite = 0;

  /** Takes a batch. Outputs that are not finite though they should be are left out: their events tell of them. */
  add(output: Float64Array, { x, rows, width, gamma, beta, epsilon }: NormCall): void {
    for (let r = 0; r < rows; r++) {
      const from = r * width;
      let mean = 0;
      if (beta !== null) for (let i = from; i < from + width; i++) mean += x[i] / width;
      let squares = 0;
      for (let i = from; i < from + width; i++) squares += (x[i] - mean) * (x[i] - mean);
      const root = Math.sqrt(squares / width + epsilon);
      for (let i = 0; i < width; i++) {
        const y = ((x[from + i] - mean) / root) * gamma[i] + (beta === null ? 0 : beta[i]);
        const off = output[from + i] - y;
        if (!Number.isFinite(off)) continue;
        this.finite += 1;
        this.signal += y * y;
        this.noise += off * off;
      }
    }
  }

  /** In dB; Infinity without noise, null where no output was finite. */
  sqnr(): number | null {
    if (this.finite === 0) return null;
    return this.noise === 0 ? Infinity : 10 * Math.log10(this.signal / this.noise);
  }
}
