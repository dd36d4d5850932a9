/**
 * A row-parallel layer over a group of devices: each has a slice of the inputs and the same slice of the weight's
 * columns, and computes a partial sum of every output.
 *
 * @module
 */
import { BittrueError, checkInteger, checkObject } from '../errors/index.ts';
import type { Report } from '../events/index.ts';
import { matmul } from '../kernels/index.ts';
import type { Target } from '../targets/index.ts';
import type { FloatArray, Tensor } from '../tensors/index.ts';
import { type Share, shares } from './shares.ts';

/** What devices compute with. */
export interface PartialSumsOptions {
  /** 2–64; 1 gives the unsplit layer. */
  readonly devices: number;
  /** Where products are summed; default: binary64, one chain in ascending order. */
  readonly target?: Target;
  /** The target's unit, as `matmul` takes it. */
  readonly unit?: string;
}

/** What the devices hold before they communicate. */
export interface PartialSums {
  /** Y_i = X_i · W_iᵀ for every device, [rows, outputs] each. */
  readonly partials: readonly Float64Array[];
  /** Which inputs each device has. */
  readonly shares: readonly Share[];
  /** Of the target, one a device; none in binary64. A row of them is an output, row-major. */
  readonly reports: readonly Report[];
}

/**
 * The partial sums of x · Wᵀ on every device. Inputs that the devices do not divide are shared out as evenly as they
 * go; a device without inputs has zeros. A bias is not part of it: it is added once, after the sum.
 *
 * @param x - row-major [rows, inputs]
 * @param weight - [outputs, inputs]
 * @throws {@link BittrueError} `shape` for operands that do not fit, and as `matmul`
 * @example
 * import { partialSums } from 'bittrue/collectives';
 * const weight = { data: new Float64Array([1, 2, 3, 4, 5, 6]), shape: [2, 3] };
 * const { partials } = partialSums(new Float64Array([1, 10, 100]), weight, { devices: 2 });
 * partials; // [[21, 54], [300, 600]]
 */
export function partialSums(x: FloatArray, weight: Tensor, options: PartialSumsOptions): PartialSums {
  checkObject('options', options, ['devices', 'target', 'unit']);
  const devices = checkInteger('options.devices', options.devices, 1, 64);
  const [outputs, inputs] = weight?.shape ?? [];
  if (weight?.shape?.length !== 2 || weight.data.length !== outputs * inputs || inputs === 0) {
    throw new BittrueError('shape', 'weight', weight, '[outputs, inputs] with its numbers');
  }
  const rows = x.length / inputs;
  if (!Number.isInteger(rows)) {
    throw new BittrueError('shape', 'x', `${x.length} numbers`, `rows of ${inputs}`);
  }
  const { target, unit } = options;
  const own = shares(inputs, devices);
  const partials: Float64Array[] = [];
  const reports: Report[] = [];
  for (const share of own) {
    if (target === undefined) {
      partials.push(product(x, rows, weight.data, outputs, inputs, share));
      continue;
    }
    const k = share[1] - share[0];
    const a = columns(x, rows, inputs, share);
    const b = transposedColumns(weight.data, outputs, inputs, share);
    const { output, report } = matmul(a, b, {
      m: rows,
      n: outputs,
      k,
      target,
      ...(unit === undefined ? {} : { unit }),
    });
    partials.push(output);
    reports.push(report);
  }
  return { partials, shares: own, reports };
}

/** In binary64, every output one chain of additions in ascending order. */
function product(
  x: FloatArray,
  rows: number,
  w: FloatArray,
  outputs: number,
  inputs: number,
  [from, to]: Share,
): Float64Array {
  const y = new Float64Array(rows * outputs);
  for (let r = 0; r < rows; r++) {
    const xAt = r * inputs;
    for (let o = 0; o < outputs; o++) {
      const wAt = o * inputs;
      let sum = 0;
      for (let k = from; k < to; k++) sum += x[xAt + k] * w[wAt + k];
      y[r * outputs + o] = sum;
    }
  }
  return y;
}

function columns(x: FloatArray, rows: number, width: number, [from, to]: Share): Float64Array {
  const out = new Float64Array(rows * (to - from));
  for (let r = 0; r < rows; r++) out.set(x.subarray(r * width + from, r * width + to), r * (to - from));
  return out;
}

function transposedColumns(w: FloatArray, rows: number, width: number, [from, to]: Share): Float64Array {
  const out = new Float64Array(rows * (to - from));
  for (let k = from; k < to; k++) for (let r = 0; r < rows; r++) out[(k - from) * rows + r] = w[r * width + k];
  return out;
}
