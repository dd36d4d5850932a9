/**
 * A product on the codes of a unit, and as frameworks emulate it where the chip has no such unit: both operands become bfloat16 numbers,
 * scales multiplied in, and are multiplied as these (vLLM's and TensorRT's fallbacks for NVFP4 and MXFP4 checkpoints).
 *
 * @module
 */
import type { Engine } from '../../engine/index.ts';
import { BittrueError, checkObject, checkText } from '../../errors/index.ts';
import { type BlockFormat, bfloat16, type Format } from '../../formats/index.ts';
import { matmul } from '../../kernels/index.ts';
import { dequantizeBlocks, quantizeBlocks } from '../../quantization/index.ts';
import { round } from '../../rounding/index.ts';
import type { MatrixUnit, Target, TargetName } from '../../targets/index.ts';
import { givenTarget } from '../../targets/table.ts';
import { productUnitOf } from '../../targets/units.ts';
import { checkTensor } from '../../tensors/check.ts';
import type { Tensor } from '../../tensors/index.ts';
import { transposed } from '../../tensors/transposed.ts';
import { blockOf, entryOf, linearOn, rowScaled } from './operands.ts';

/** The two products beside each other. SQNR in dB, of the exact product of the quantized operands. */
export interface EmulatedProduct {
  readonly name: string;
  readonly target: string;
  readonly unit: string;
  /** The unit that emulates. */
  readonly emulator: string;
  readonly outputs: number;
  readonly codesSqnr: number;
  readonly emulatedSqnr: number;
  /** Outputs whose bfloat16 numbers differ, a share from 0 to 1. */
  readonly different: number;
  /** The largest difference over the root mean square of the exact outputs. */
  readonly largest: number;
  /** Operands that bfloat16 rounds once their scales are multiplied in, a share from 0 to 1 of those other than zero. */
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
 * The product of inputs [rows, in] and a weight [out, in], on codes and emulated.
 *
 * @throws {@link BittrueError} `unsupported` for a unit that takes numbers as they are; `shape` for operands that do not fit
 * @example
 * import { compareEmulated } from 'bittrue/studies';
 * const x = { data: Float64Array.from({ length: 64 }, (_, i) => Math.sin(i)), shape: [2, 32] };
 * const { different, rounded } = compareEmulated('w', x, x, { target: 'b200:mxfp4' });
 * [different, rounded]; // [0, 0]: powers of two times E2M1 are bfloat16 numbers
 */
export function compareEmulated(name: string, x: Tensor, weight: Tensor, options: EmulatedOptions): EmulatedProduct {
  checkText('name', name);
  checkTensor('x', x);
  checkTensor('weight', weight);
  checkObject('options', options, ['target', 'emulator', 'engine']);
  const { emulator = 'bf16', engine } = options;
  const target = givenTarget('options.target', options.target);
  const { unit: found } = productUnitOf('options.target', target);
  const unit = found as MatrixUnit;
  const entry = entryOf(unit);
  if (entry === 'plain')
    throw new BittrueError('unsupported', 'options.target', unit.name, 'a unit that takes codes under scales');
  const [outputs = 0, k = 0] = weight.shape;
  const rows = x.data.length / k;
  if (weight.shape.length !== 2 || x.shape.at(-1) !== k) {
    throw new BittrueError('shape', 'x', `[${x.shape.join(', ')}]`, `rows of ${k}, as the weight has`);
  }
  const on = engine === undefined || engine === null ? {} : { engine };
  const data = Float64Array.from(x.data);
  const codes = linearOn(target, unit.name, null, on)(name, { x: data, rows, weight, bias: null }).output;
  const held = (tensor: Tensor, own: BlockFormat): Float64Array => dequantizeBlocks(quantizeBlocks(tensor, own));
  const formatOf = (element: Format): BlockFormat => (entry === 'blocks' ? blockOf(unit) : rowScaled(element, k));
  const left = held({ data, shape: [rows, k] }, formatOf(unit.a[0] as Format));
  const right = held(weight, formatOf(unit.b[0] as Format));
  const single = (numbers: Float64Array): Float64Array => numbers.map((v) => round(bfloat16, v));
  const [a, b] = [single(left), single(right)];
  const emulated = matmul(a, transposed(b, outputs, k), {
    m: rows,
    n: outputs,
    k,
    target,
    unit: emulator,
    ...on,
  }).output;
  return {
    name,
    target: target.name,
    unit: unit.name,
    emulator,
    outputs: codes.length,
    ...judged(left, right, k, codes, emulated),
    rounded: changed([left, right], [a, b]),
  };
}

function judged(
  left: Float64Array,
  right: Float64Array,
  k: number,
  codes: ArrayLike<number>,
  emulated: ArrayLike<number>,
): Pick<EmulatedProduct, 'codesSqnr' | 'emulatedSqnr' | 'different' | 'largest'> {
  const outputs = right.length / k;
  let [energy, offCodes, offEmulated, different, largest] = [0, 0, 0, 0, 0];
  for (let i = 0; i < codes.length; i++) {
    const [row, column] = [Math.floor(i / outputs) * k, (i % outputs) * k];
    let exact = 0;
    for (let p = 0; p < k; p++) exact += left[row + p]! * right[column + p]!;
    energy += exact ** 2;
    offCodes += (codes[i]! - exact) ** 2;
    offEmulated += (emulated[i]! - exact) ** 2;
    if (round(bfloat16, codes[i]!) !== round(bfloat16, emulated[i]!)) different++;
    largest = Math.max(largest, Math.abs(codes[i]! - emulated[i]!));
  }
  const sqnr = (error: number): number => (error === 0 ? Infinity : 10 * Math.log10(energy / error));
  const mean = Math.sqrt(energy / codes.length);
  return {
    codesSqnr: sqnr(offCodes),
    emulatedSqnr: sqnr(offEmulated),
    different: different / codes.length,
    largest: mean === 0 ? 0 : largest / mean,
  };
}

function changed(exact: readonly Float64Array[], rounded: readonly Float64Array[]): number {
  let [off, all] = [0, 0];
  exact.forEach((numbers, side) => {
    numbers.forEach((v, i) => {
      if (v === 0) return;
      all++;
      if (rounded[side]![i] !== v) off++;
    });
  });
  return all === 0 ? 0 : off / all;
}
