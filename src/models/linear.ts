/**
 * y = x · Wᵀ in binary64.
 *
 * @module
 */
import type { FloatArray } from '../tensors/index.ts';

/**
 * Row-major x [rows, inputs] times the transpose of w [outputs, inputs]. Every output is one chain of additions in
 * ascending order of the index, whatever the tiling: tiles of 4 × 4 outputs share their loads, nothing more.
 */
export function linear(x: Float64Array, rows: number, w: FloatArray, outputs: number, inputs: number): Float64Array {
  const y = new Float64Array(rows * outputs);
  const tiledRows = rows - (rows % 4);
  const tiledOutputs = outputs - (outputs % 4);
  for (let r = 0; r < tiledRows; r += 4) {
    for (let o = 0; o < tiledOutputs; o += 4) tile(x, w, y, r, o, outputs, inputs);
    for (let o = tiledOutputs; o < outputs; o++) {
      for (let i = r; i < r + 4; i++) y[i * outputs + o] = dot(x, i * inputs, w, o * inputs, inputs);
    }
  }
  for (let r = tiledRows; r < rows; r++) {
    for (let o = 0; o < outputs; o++) y[r * outputs + o] = dot(x, r * inputs, w, o * inputs, inputs);
  }
  return y;
}

function dot(x: Float64Array, xAt: number, w: FloatArray, wAt: number, length: number): number {
  let sum = 0;
  for (let k = 0; k < length; k++) sum += x[xAt + k] * w[wAt + k];
  return sum;
}

/** Sixteen dot products side by side. */
function tile(
  x: Float64Array,
  w: FloatArray,
  y: Float64Array,
  row: number,
  output: number,
  outputs: number,
  inputs: number,
): void {
  const x0 = row * inputs;
  const x1 = x0 + inputs;
  const x2 = x1 + inputs;
  const x3 = x2 + inputs;
  const w0 = output * inputs;
  const w1 = w0 + inputs;
  const w2 = w1 + inputs;
  const w3 = w2 + inputs;
  let s00 = 0,
    s01 = 0,
    s02 = 0,
    s03 = 0;
  let s10 = 0,
    s11 = 0,
    s12 = 0,
    s13 = 0;
  let s20 = 0,
    s21 = 0,
    s22 = 0,
    s23 = 0;
  let s30 = 0,
    s31 = 0,
    s32 = 0,
    s33 = 0;
  for (let k = 0; k < inputs; k++) {
    const a0 = x[x0 + k],
      a1 = x[x1 + k],
      a2 = x[x2 + k],
      a3 = x[x3 + k];
    const b0 = w[w0 + k],
      b1 = w[w1 + k],
      b2 = w[w2 + k],
      b3 = w[w3 + k];
    s00 += a0 * b0;
    s01 += a0 * b1;
    s02 += a0 * b2;
    s03 += a0 * b3;
    s10 += a1 * b0;
    s11 += a1 * b1;
    s12 += a1 * b2;
    s13 += a1 * b3;
    s20 += a2 * b0;
    s21 += a2 * b1;
    s22 += a2 * b2;
    s23 += a2 * b3;
    s30 += a3 * b0;
    s31 += a3 * b1;
    s32 += a3 * b2;
    s33 += a3 * b3;
  }
  let at = row * outputs + output;
  y[at] = s00;
  y[at + 1] = s01;
  y[at + 2] = s02;
  y[at + 3] = s03;
  at += outputs;
  y[at] = s10;
  y[at + 1] = s11;
  y[at + 2] = s12;
  y[at + 3] = s13;
  at += outputs;
  y[at] = s20;
  y[at + 1] = s21;
  y[at + 2] = s22;
  y[at + 3] = s23;
  at += outputs;
  y[at] = s30;
  y[at + 1] = s31;
  y[at + 2] = s32;
  y[at + 3] = s33;
}
