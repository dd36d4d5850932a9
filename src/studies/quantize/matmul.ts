/**
 * A quantized layer on a target's own unit: codes multiplied and summed as the hardware does, scales applied outside.
 * What fake quantization in binary64 cannot show: what the accumulator makes of it.
 *
 * @module
 */
import { BittrueError, checkInteger, checkMade, checkRecord } from '../../errors/index.ts';
import type { Report } from '../../events/index.ts';
import { type Into, type MatmulOptions, matmul } from '../../kernels/index.ts';
import {
  type FloatQuantizer,
  floatGridValues,
  type IntegerQuantizer,
  integerCodes,
  shiftedGridValues,
  shiftWeights,
} from '../../quantization/index.ts';
import type { Tensor } from '../../tensors/index.ts';
import type { Quantizer } from './quantizer.ts';

/** The quantizers, and what `matmul` takes but its sizes. */
export interface QuantizedMatmulOptions
  extends Omit<MatmulOptions, 'm' | 'n' | 'k' | 'c' | 'scaleA' | 'scaleB'>,
    Pick<Into<Float64Array>, 'engine'> {
  /** Of x: one scale, or one a row; `shifted` moves its integer biases into the weight (Eq. 19 of LLM-FP4). */
  readonly activation: Quantizer;
  /** Of w: one scale, or one an output. */
  readonly weight: FloatQuantizer | IntegerQuantizer;
  /** The unit gets x's values times 2^−this, for formats of another bias: 1 for E2M1 grids on e2m1fn. Default 0. */
  readonly activationShift?: number;
  /** Likewise for w. */
  readonly weightShift?: number;
}

/** What a quantized layer gives. */
export interface QuantizedMatmulResult {
  /** [rows, out]: `sums` times the scales, in binary64. */
  readonly output: Float64Array;
  /** What the unit returned, [rows, out]. */
  readonly sums: Float64Array;
  /** Of the unit. Values that its formats do not hold show up in stage `load`. */
  readonly report: Report;
}

/**
 * x · wᵀ by a target's unit on quantized operands.
 *
 * @param x - [rows, in]
 * @param w - [out, in]
 * @throws {@link BittrueError} as `matmul` and the quantizers; `unsupported` for asymmetric integers and for groups
 * @example
 * import { floatQuantizer } from 'bittrue/quantization';
 * import { quantizedMatmul } from 'bittrue/studies';
 * import { fp16 } from 'bittrue/targets';
 * const x = { data: new Float64Array([12, 1, 3, 6]), shape: [2, 2] };
 * const w = { data: new Float64Array([0.5, -6]), shape: [1, 2] };
 * const activation = floatQuantizer(x, { grid: 'e2m1' });
 * const weight = floatQuantizer(w, { grid: 'e2m1', granularity: 'channel' });
 * const { output, report } = quantizedMatmul(x, w, { activation, weight, target: fp16 });
 * [...output]; // [0, -34.5]
 * report.ok; // true
 */
export function quantizedMatmul(x: Tensor, w: Tensor, options: QuantizedMatmulOptions): QuantizedMatmulResult {
  checkRecord('options', options, 'an object with activation, weight and target');
  const { activation, weight, activationShift = 0, weightShift = 0, ...rest } = options;
  checkInteger('options.activationShift', activationShift, -64, 64);
  checkInteger('options.weightShift', weightShift, -64, 64);
  const a = operand('options.activation', activation, x);
  const codes = operand('options.weight', weight, w);
  const b = activation.kind === 'shifted' ? shiftWeights(activation, { data: codes, shape: w.shape }) : codes;
  const k = x.shape[x.shape.length - 1];
  const m = a.length / k;
  const n = b.length / k;
  if (w.shape[w.shape.length - 1] !== k) {
    throw new BittrueError('shape', 'w', `[${w.shape.join(', ')}]`, `${k} inputs, as x has`);
  }
  const transposed = new Float64Array(b.length);
  for (let o = 0; o < n; o++) {
    for (let i = 0; i < k; i++) transposed[i * n + o] = b[o * k + i] * 2 ** -weightShift;
  }
  const left = a.map((value) => value * 2 ** -activationShift);
  const { output: sums, report } = matmul(left, transposed, { ...rest, m, n, k });
  const power = 2 ** (activationShift + weightShift);
  const output = sums.map((sum, i) => {
    return sum * power * scaleOf(activation, Math.floor(i / n)) * scaleOf(weight, i % n);
  });
  return { output, sums, report };
}

/** The values that a unit multiplies: grid values or integer codes. */
function operand(argument: string, quantizer: Quantizer, x: Tensor): Float64Array {
  checkMade(
    argument,
    quantizer,
    ['kind'],
    'a quantizer, as floatQuantizer, shiftedQuantizer or integerQuantizer gives it',
  );
  if (quantizer.kind === 'float') return floatGridValues(quantizer, x);
  if (quantizer.kind === 'shifted') return shiftedGridValues(quantizer, x);
  if (!quantizer.symmetric) {
    throw new BittrueError('unsupported', argument, 'asymmetric integers', 'a symmetric quantizer');
  }
  if (quantizer.granularity === 'group') {
    throw new BittrueError('unsupported', argument, 'granularity group', 'scales that do not change along a sum');
  }
  return Float64Array.from(integerCodes(quantizer, x));
}

function scaleOf(quantizer: Quantizer, row: number): number {
  if (quantizer.kind === 'shifted') return quantizer.scale;
  return quantizer.scales[quantizer.granularity === 'tensor' ? 0 : row];
}
