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
  private signed = 0;
  private outward = 0;

  /** Takes outputs and the real values. Outputs that are not finite though they should be are left out: their events tell of them. */
  add(output: Float64Array, real: Float64Array): void {
    for (let i = 0; i < output.length; i++) {
      const off = output[i] - real[i];
      if (!Number.isFinite(off)) continue;
      this.finite += 1;
      this.signal += real[i] * real[i];
      this.noise += off * off;
      this.signed += off;
      this.outward += off * Math.sign(real[i]);
    }
  }

  /**
   * How far the mean error is from 0, in its own standard errors were the errors independent: with its sign, and toward (< 0) or away
   * from zero (> 0). Rounding to nearest leaves a few at most; null without any error.
   */
  bias(): { readonly signed: number; readonly outward: number } | null {
    if (this.noise === 0) return null;
    const one = (sum: number): number => sum / Math.sqrt(this.noise);
    return { signed: one(this.signed), outward: one(this.outward) };
  }

  /** In dB; Infinity without noise, null where no output was finite. */
  sqnr(): number | null {
    if (this.finite === 0) return null;
    return this.noise === 0 ? Infinity : 10 * Math.log10(this.signal / this.noise);
  }
}
