/**
 * x · wᵀ in binary64, every output one chain of additions in ascending order of the index.
 *
 * @module
 */

/** y [rows, outputs] = x [rows, inputs] · w [outputs, inputs]ᵀ, two rows and four outputs at a time. */
export function product(x: Float64Array, w: Float64Array, inputs: number, y: Float64Array): Float64Array {
  const rows = x.length / inputs;
  const outputs = w.length / inputs;
  const pairedRows = rows - (rows % 2);
  const tiled = outputs - (outputs % 4);
  for (let o = 0; o < tiled; o += 4) {
    const w0 = o * inputs;
    const w1 = w0 + inputs;
    const w2 = w1 + inputs;
    const w3 = w2 + inputs;
    for (let r = 0; r < pairedRows; r += 2) {
      const x0 = r * inputs;
      const x1 = x0 + inputs;
      let s00 = 0;
      let s01 = 0;
      let s02 = 0;
      let s03 = 0;
      let s10 = 0;
      let s11 = 0;
      let s12 = 0;
      let s13 = 0;
      for (let k = 0; k < inputs; k++) {
        const a0 = x[x0 + k];
        const a1 = x[x1 + k];
        const b0 = w[w0 + k];
        const b1 = w[w1 + k];
        const b2 = w[w2 + k];
        const b3 = w[w3 + k];
        s00 += a0 * b0;
        s01 += a0 * b1;
        s02 += a0 * b2;
        s03 += a0 * b3;
        s10 += a1 * b0;
        s11 += a1 * b1;
        s12 += a1 * b2;
        s13 += a1 * b3;
      }
      const at = r * outputs + o;
      y[at] = s00;
      y[at + 1] = s01;
      y[at + 2] = s02;
      y[at + 3] = s03;
      const next = at + outputs;
      y[next] = s10;
      y[next + 1] = s11;
      y[next + 2] = s12;
      y[next + 3] = s13;
    }
  }
  for (let r = 0; r < rows; r++) {
    for (let o = r < pairedRows ? tiled : 0; o < outputs; o++) {
      let sum = 0;
      for (let k = 0; k < inputs; k++) sum += x[r * inputs + k] * w[o * inputs + k];
      y[r * outputs + o] = sum;
    }
  }
  return y;
}
