/**
 * Signal to noise of a model's norms, over many batches of rows.
 *
 * @module
 */

/** Sums of squares: of a norm's real values, and of what an output is off from them. */
export class Noise {
  private signal = 0;
  private noise = 0;
  private finite = 0;

  /** Takes outputs and the real values. Outputs that are not finite though they should be are left out: their events tell of them. */
  add(output: Float64Array, real: Float64Array): void {
    for (let i = 0; i < output.length; i++) {
      const off = output[i] - real[i];
      if (!Number.isFinite(off)) continue;
      this.finite += 1;
      this.signal += real[i] * real[i];
      this.noise += off * off;
    }
  }

  /** In dB; Infinity without noise, null where no output was finite. */
  sqnr(): number | null {
    if (this.finite === 0) return null;
    return this.noise === 0 ? Infinity : 10 * Math.log10(this.signal / this.noise);
  }
}
