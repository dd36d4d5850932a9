/**
 * A product on the codes of a unit, and as frameworks emulate it where the chip has no such unit: both operands become bfloat16 numbers,
 * scales multiplied in, and are multiplied as these (vLLM's and TensorRT's fallbacks for NVFP4 and MXFP4 checkpoints).
 *
 * @module
 */
import type { Engine } from '../../engine/index.ts';
import { BittrueError, checkObject, checkText } from '../../errors/index.ts';
import { outputError } from '../../events/outputError.ts';
import { type BlockFormat, bfloat16 } from '../../formats/index.ts';
import { matmul } from '../../kernels/index.ts';
import { dequantizeBlocks, quantizeBlocks } from '../../quantization/index.ts';
import { finiteRows } from '../../quantization/matrix.ts';
import { product } from '../../quantization/search/product.ts';
import { round } from '../../rounding/index.ts';
import type { MatrixUnit, Target, TargetName } from '../../targets/index.ts';
import { givenTarget } from '../../targets/table.ts';
import { productUnitOf } from '../../targets/units.ts';
import type { Tensor } from '../../tensors/index.ts';
import { transposed } from '../../tensors/transposed.ts';
import { entryOf, linearOn, operandFormats } from './operands.ts';

/** The two products beside each other. SQNR in dB, of the exact product of the quantized operands; null where that is not finite. */
export interface EmulatedProduct {
  readonly name: string;
  readonly target: string;
  readonly unit: string;
  /** The unit that emulates. */
  readonly emulator: string;
  readonly outputs: number;
  readonly codesSqnr: number | null;
  readonly emulatedSqnr: number | null;
  /** Outputs whose bfloat16 numbers differ, a share from 0 to 1. */
  readonly different: number;
  /** The largest difference of two outputs, over the root mean square of the exact ones. */
  readonly largest: number;
  /** Operands that bfloat16 rounds once their scales are multiplied in, a share from 0 to 1. */
  readonly rounded: number;
}

/** Where a product is formed. */
export interface EmulatedOptions {
  /** A target whose default unit, or `NAME:UNIT`, takes codes: b200:nvfp4, rtxBlackwell:mxfp4, mi300:fp8. */
  readonly target: Target | TargetName;
  /** The unit of the same chip that emulates; default `bf16`. */
  readonly emulator?: string;
  readonly engine?: Engine | null;
}

/**
 * The product of inputs [.., in] and a weight [out, in], on codes and emulated.
 *
 * @throws {@link BittrueError} `unsupported` for a unit that takes numbers as they are; `shape` for operands that do not fit; `value`
 *   for NaN and infinities
 * @example
 * import { compareEmulated } from 'bittrue/studies';
 * const x = { data: Float64Array.from({ length: 64 }, (_, i) => Math.sin(i)), shape: [2, 32] };
 * compareEmulated('w', x, x, { target: 'b200:mxfp4' }).rounded; // 0: powers of two times E2M1 are bfloat16 numbers
 */
export function compareEmulated(name: string, x: Tensor, weight: Tensor, options: EmulatedOptions): EmulatedProduct {
  checkText('name', name);
  checkObject('options', options, ['target', 'emulator', 'engine']);
  const { data, rows, width: k } = finiteRows('x', x);
  const { rows: n, width } = finiteRows('weight', weight);
  if (weight.shape.length !== 2 || width !== k) {
    throw new BittrueError('shape', 'weight', `[${weight.shape.join(', ')}]`, `[outputs, ${k}], as x is wide`);
  }
  const { emulator = 'bf16', engine = null } = options;
  const target = givenTarget('options.target', options.target);
  const { unit } = productUnitOf('options.target', target);
  if (entryOf(unit) === 'plain') {
    throw new BittrueError('unsupported', 'options.target', unit.name, 'a unit that takes codes under scales');
  }
  productUnitOf('options.emulator', target, emulator);
  const on = engine === null ? {} : { engine };
  const rowsOfX = Float64Array.from(data);
  const codes = linearOn(target, unit.name, null, on)(name, { x: rowsOfX, rows, weight, bias: null }).output;
  const formats = operandFormats(unit as MatrixUnit, k);
  const held = (tensor: Tensor, format: BlockFormat) => dequantizeBlocks(quantizeBlocks(tensor, format));
  const [a, b] = [held({ data: rowsOfX, shape: [rows, k] }, formats.x), held(weight, formats.weight)];
  const [shortA, shortB] = [inBfloat16(a), inBfloat16(b)];
  const sizes = { m: rows, n, k, target, unit: emulator, ...on };
  const emulated = matmul(shortA, transposed(shortB, n, k), sizes).output;
  const exact = product(a, b, k, new Float64Array(rows * n));
  return {
    name,
    target: target.name,
    unit: unit.name,
    emulator,
    outputs: codes.length,
    codesSqnr: outputError(bfloat16, codes, exact).sqnr,
    emulatedSqnr: outputError(bfloat16, emulated, exact).sqnr,
    different: unlike(inBfloat16(codes), inBfloat16(emulated)) / codes.length,
    largest: largestDifference(codes, emulated) / rootMeanSquare(exact),
    rounded: (unlike(a, shortA) + unlike(b, shortB)) / (a.length + b.length),
  };
}

function inBfloat16(numbers: ArrayLike<number>): Float64Array {
  return Float64Array.from(numbers, (x) => round(bfloat16, x));
}

/** How many numbers differ. */
function unlike(a: Float64Array, b: Float64Array): number {
  return a.reduce((all, x, i) => all + Number(!Object.is(x + 0, b[i]! + 0)), 0);
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]! - b[i]!));
  return most;
}

/** 1 of zeros. */
function rootMeanSquare(x: Float64Array): number {
  return Math.sqrt(x.reduce((sum, one) => sum + one * one, 0) / x.length) || 1;
}
