/**
 * How wrong an output is: (Ô − O)², summed in row-major order, and weighed by (dL/dO)² for the diagonal-Fisher metric.
 *
 * Sums never fall as rows are added, so a search may drop a candidate as soon as its sum exceeds another's whole one.
 *
 * @module
 */

/** The reference output of a layer. A class only to hold it. */
export class Metric {
  private readonly reference: Float64Array;
  private readonly factors: Float64Array | null;
  private readonly outputs: number;

  constructor(reference: Float64Array, factors: Float64Array | null, outputs: number) {
    this.reference = reference;
    this.factors = factors;
    this.outputs = outputs;
  }

  /** Mean over rows and outputs of y [rows, outputs]. */
  mean(y: Float64Array): number {
    return this.add(0, y, 0, y.length / this.outputs) / y.length;
  }

  /** `sum` and the errors of `rows` rows from `firstRow` on, which y [rows, outputs] holds. */
  add(sum: number, y: Float64Array, firstRow: number, rows: number): number {
    const { reference, factors, outputs } = this;
    const at = firstRow * outputs;
    for (let i = 0; i < rows * outputs; i++) {
      const off = y[i] - reference[at + i];
      sum += factors === null ? off * off : off * off * factors[at + i];
    }
    return sum;
  }

  /** The same for one output and several candidates: y [rows, candidates] is added to their sums. */
  addCandidates(
    sums: Float64Array,
    y: Float64Array,
    output: number,
    firstRow: number,
    rows: number,
    candidates: number,
  ): void {
    const { reference, factors, outputs } = this;
    for (let r = 0; r < rows; r++) {
      const at = (firstRow + r) * outputs + output;
      const wanted = reference[at];
      const factor = factors === null ? 1 : factors[at];
      for (let c = 0; c < candidates; c++) {
        const off = y[r * candidates + c] - wanted;
        sums[c] += off * off * factor;
      }
    }
  }
}
