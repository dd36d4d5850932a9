/**
 * How wrong an output is: (Ô − O)², summed in row-major order, and weighed by (dL/dO)² for the diagonal-Fisher metric.
 *
 * Sums never fall as rows are added, so a search may drop a candidate as soon as its sum exceeds another's whole one.
 *
 * @module
 */

/** The reference output of a layer. A class only to hold it. */
export class Metric {
  /** The largest weight of a squared error. */
  readonly largestFactor: number;
  readonly isWeighed: boolean;
  private readonly reference: Float64Array;
  private readonly factors: Float64Array | null;
  private readonly outputs: number;

  constructor(reference: Float64Array, factors: Float64Array | null, outputs: number) {
    this.reference = reference;
    this.factors = factors;
    this.outputs = outputs;
    this.isWeighed = factors !== null;
    this.largestFactor = factors === null ? 1 : factors.reduce((most, factor) => Math.max(most, factor), 0);
  }

  /** Mean over rows and outputs of y [rows, outputs]. */
  mean(y: Float64Array): number {
    return this.sum(y) / y.length;
  }

  /** Sum over rows and outputs of y [rows, outputs]. */
  sum(y: Float64Array): number {
    return this.add(0, y, 0);
  }

  /** Sum over the rows of one output, y [rows]. */
  sumOfOutput(y: Float64Array, output: number): number {
    const { reference, factors, outputs } = this;
    let sum = 0;
    for (let r = 0, at = output; r < y.length; r++, at += outputs) {
      const off = y[r] - reference[at];
      sum += factors === null ? off * off : off * off * factors[at];
    }
    return sum;
  }

  /** What a sweep needs of the reference: the rows of one output, into `wanted` (and `weights`, where there are any). */
  ofOutput(output: number, wanted: Float64Array, weights: Float64Array | null): void {
    const { reference, factors, outputs } = this;
    for (let i = output, r = 0; i < reference.length; i += outputs, r++) {
      wanted[r] = reference[i];
      if (factors !== null && weights !== null) weights[r] = factors[i];
    }
  }

  /** And of some outputs of one row, from place `to` on. */
  ofRow(
    row: number,
    from: number,
    count: number,
    wanted: Float64Array,
    weights: Float64Array | null,
    to: number,
  ): void {
    const { reference, factors, outputs } = this;
    const at = row * outputs + from;
    wanted.set(reference.subarray(at, at + count), to);
    if (factors !== null && weights !== null) weights.set(factors.subarray(at, at + count), to);
  }

  /** Errors of one output and several candidates: y [rows, candidates] is added to their sums. */
  addCandidates(
    sums: Float64Array,
    candidates: Int32Array,
    y: Float64Array,
    output: number,
    firstRow: number,
    rows: number,
    outputs: number,
  ): void {
    const { reference, factors } = this;
    const count = candidates.length;
    for (let r = 0; r < rows; r++) {
      const at = (firstRow + r) * outputs + output;
      const wanted = reference[at];
      const factor = factors === null ? 1 : factors[at];
      for (let k = 0; k < count; k++) {
        const off = y[r * count + k] - wanted;
        sums[candidates[k]] += off * off * factor;
      }
    }
  }

  /** `sum` and the errors of some rows from `firstRow` on, y [rows, outputs]. */
  add(sum: number, y: Float64Array, firstRow: number): number {
    const { reference, factors, outputs } = this;
    const at = firstRow * outputs;
    for (let i = 0; i < y.length; i++) {
      const off = y[i] - reference[at + i];
      sum += factors === null ? off * off : off * off * factors[at + i];
    }
    return sum;
  }
}
