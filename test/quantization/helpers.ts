import type { Tensor } from '../../src/tensors/index.ts';

export function matrix(rows: readonly (readonly number[])[]): Tensor {
  return { data: Float64Array.from(rows.flat()), shape: [rows.length, rows[0].length] };
}

export function vector(...values: number[]): Tensor {
  return { data: Float64Array.from(values), shape: [values.length] };
}

/** [rows, width] numbers of a function of row and column. */
export function filled(rows: number, width: number, value: (row: number, column: number) => number): Tensor {
  const data = new Float64Array(rows * width);
  for (let i = 0; i < data.length; i++) data[i] = value(Math.floor(i / width), i % width);
  return { data, shape: [rows, width] };
}

/** x [n, in] · wᵀ [out, in], index ascending. */
export function naiveProduct(x: Float64Array, w: Float64Array, inputs: number): Float64Array {
  const rows = x.length / inputs;
  const outputs = w.length / inputs;
  const y = new Float64Array(rows * outputs);
  for (let n = 0; n < rows; n++) {
    for (let o = 0; o < outputs; o++) {
      let sum = 0;
      for (let i = 0; i < inputs; i++) sum += x[n * inputs + i] * w[o * inputs + i];
      y[n * outputs + o] = sum;
    }
  }
  return y;
}

/** The code and argument of the error that a call throws. */
export function failure(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    const { code, argument } = error as { code?: string; argument?: string };
    return `${code} ${argument}`;
  }
  return 'no error';
}
