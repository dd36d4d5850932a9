/**
 * How the operands of a linear layer reach a matrix unit: as they are, as elements under one scale a row, or in the unit's blocks.
 *
 * @module
 */
import type { Engine } from '../../engine/index.ts';
import { BittrueError } from '../../errors/index.ts';
import type { Report } from '../../events/index.ts';
import {
  type BlockFormat,
  binary32,
  defineBlock,
  defineInteger,
  type Format,
  formatName,
  nvfp4,
} from '../../formats/index.ts';
import { areEqual } from '../../formats/nameOf.ts';
import { matmul } from '../../kernels/index.ts';
import { applyRecipe, type Blocks, type NamedRecipe, quantizeBlocks } from '../../quantization/index.ts';
import { decoder } from '../../rounding/decoder.ts';
import { decode } from '../../rounding/index.ts';
import type { MatrixUnit, Target, VectorUnit } from '../../targets/index.ts';
import { productUnitOf } from '../../targets/units.ts';
import type { FloatArray, Tensor } from '../../tensors/index.ts';
import { transposed } from '../../tensors/transposed.ts';
import { inEachRow } from './ending.ts';

/**
 * How operands reach a unit.
 * - `plain`: rounded to its formats;
 * - `scaled`: elements of a format of fewer than 16 bits under binary32 scales: of activations one a row, of weights one an output;
 * - `blocks`: the unit's own blocks, under its block scales.
 */
export type OperandEntry = 'plain' | 'scaled' | 'blocks';

/** Formats of so many bits hold activations without a scale. */
const PLAIN_BITS = 16;

/** How operands reach a unit: what its formats ask for. */
export function entryOf(unit: MatrixUnit | VectorUnit): OperandEntry {
  if (!('a' in unit)) return 'plain';
  if (unit.scale !== null) return 'blocks';
  const [a] = unit.a;
  return a === undefined || a.bits >= PLAIN_BITS ? 'plain' : 'scaled';
}

/** A linear layer's operands: x [rows, in], weight [out, in], a bias of every output or none. */
export interface Layer {
  readonly x: Float64Array;
  readonly rows: number;
  readonly weight: Tensor;
  readonly bias: FloatArray | null;
}

/** What a chip makes of it, [rows, out], and a report a kernel. */
export interface LayerRun {
  readonly output: Float64Array;
  readonly reports: Readonly<Record<string, Report>>;
}

/** A weight as a unit reads it, made once: [in, out], its scales, and what its sums are multiplied by. */
interface PreparedWeight {
  readonly data: Float64Array;
  readonly scales: Float64Array | null;
  readonly factors: ArrayLike<number> | null;
  /** What sums start from, an output: it takes back what moved the activations. Null: nothing. */
  readonly start: Float64Array | null;
}

/**
 * Runs linear layers on one unit of a target, and keeps its weights as the unit reads them. `withoutBias`: an epilogue adds it, so
 * that sums start from zero.
 */
export function linearOn(
  target: Target,
  unitName: string,
  recipe: NamedRecipe | null,
  on: { readonly engine?: Engine; readonly reference?: boolean } = {},
  withoutBias = false,
): (name: string, layer: Layer) => LayerRun {
  const { unit } = productUnitOf('options.targets', target, unitName);
  const entry = entryOf(unit);
  const shift = entry === 'scaled' ? shiftOf((unit as MatrixUnit).a[0] as Format) : 0;
  const kept = new Map<string, PreparedWeight>();
  const prepare = (name: string, given: Tensor): PreparedWeight => {
    const known = kept.get(name);
    if (known !== undefined) return known;
    const weight = recipe === null ? given : reduced(given, recipe);
    const [outputs, inputs] = weight.shape as [number, number];
    let made: PreparedWeight;
    if (entry === 'plain')
      made = { data: transposed(weight.data, outputs, inputs), scales: null, factors: null, start: null };
    else {
      const blocks = quantizeBlocks(weight, operandFormats(unit as MatrixUnit, inputs).weight);
      const elements = transposed(elementsOf(blocks), outputs, inputs);
      const scales = scalesOf(blocks);
      made =
        entry === 'scaled'
          ? {
              data: elements,
              scales: null,
              factors: scales,
              start: shift === 0 ? null : sumsOf(elements, outputs, -shift),
            }
          : {
              data: elements,
              scales: transposed(scales, outputs, blocks.blocksPerRow),
              factors: blocks.tensorScale === 1 ? null : new Float64Array(outputs).fill(blocks.tensorScale),
              start: null,
            };
    }
    kept.set(name, made);
    return made;
  };
  return (name, { x, rows, weight, bias: given }) => {
    const bias = withoutBias ? null : given;
    const [n, k] = weight.shape as [number, number];
    const own = prepare(name, weight);
    const sizes = { m: rows, n, k, target, unit: unitName, ...on };
    if (entry === 'plain') {
      const c = bias === null ? {} : { c: inEachRow(rows, bias) };
      const { output, report } = matmul(x, own.data, { ...sizes, ...c });
      return { output, reports: { matmul: report } };
    }
    const blocks = quantizeBlocks({ data: x, shape: [rows, k] }, operandFormats(unit as MatrixUnit, k).x);
    const scales = scalesOf(blocks);
    const blockScales = own.scales === null ? {} : { scaleA: scales, scaleB: own.scales };
    const codes = elementsOf(blocks);
    const read = shift === 0 ? codes : codes.map((x) => x + shift);
    const start = own.start === null ? {} : { c: inEachRow(rows, own.start) };
    const { output, report } = matmul(read, own.data, { ...sizes, ...blockScales, ...start });
    const left = entry === 'scaled' ? (r: number) => scales[r] as number : () => blocks.tensorScale;
    return { output: restored(output, n, left, own.factors, bias), reports: { matmul: report } };
  };
}

/**
 * Sums as a kernel's last lines give them: in binary32, times the scale of the row, times that of the output, plus the bias, each
 * rounded. A product of two binary32 numbers is exact in binary64; a sum of two, rounded to it first, is rounded as it would be at once.
 */
function restored(
  sums: Float64Array,
  outputs: number,
  left: (row: number) => number,
  right: ArrayLike<number> | null,
  bias: FloatArray | null,
): Float64Array {
  return sums.map((sum, i) => {
    const column = i % outputs;
    let y = Math.fround(Math.fround(sum) * left(Math.floor(i / outputs)));
    if (right !== null) y = Math.fround(y * (right[column] as number));
    return bias === null ? y : Math.fround(y + Math.fround(bias[column] as number));
  });
}

/** What the operands of a unit that takes codes are put into: x [rows, k] and a weight [outputs, k]. */
export function operandFormats(unit: MatrixUnit, k: number): { readonly x: BlockFormat; readonly weight: BlockFormat } {
  if (unit.scale !== null) {
    const block = blockOf(unit);
    return { x: block, weight: block };
  }
  return { x: rowScaled(signedOf(unit.a[0] as Format), k), weight: rowScaled(unit.b[0] as Format, k) };
}

/** The block format that a unit multiplies. */
function blockOf({ name, a, scale }: MatrixUnit): BlockFormat {
  const element = a[0] as Format;
  if (scale === null || scale.format.kind !== 'float') {
    throw new BittrueError('unsupported', 'options.targets', name, 'a unit with block scales that are floats');
  }
  if (areEqual(element, nvfp4.element) && scale.block === nvfp4.size) return nvfp4;
  return defineBlock({ name, element, scale: scale.format, size: scale.block });
}

/** Elements of a format, all numbers of a row under one binary32 scale: the largest magnitude becomes the format's largest. */
function rowScaled(element: Format, width: number): BlockFormat {
  return defineBlock({ name: `${formatName(element)} by row`, element, scale: binary32, size: Math.max(1, width) });
}

/** The signed integers behind an unsigned operand, which units such as VPDPBUSD have: they are moved by half the range. */
function signedOf(format: Format): Format {
  return format.signed || format.kind !== 'integer' ? format : defineInteger({ bits: format.bits, signed: true });
}

/** By how much: what the sums then hold too much is taken back where they start (oneDNN's compensation of s8s8 products). */
function shiftOf(format: Format): number {
  return format.signed || format.kind !== 'integer' ? 0 : 2 ** (format.bits - 1);
}

/** The sum of every column of [in, out], times a factor. */
function sumsOf(x: Float64Array, outputs: number, factor: number): Float64Array {
  const sums = new Float64Array(outputs);
  x.forEach((value, i) => {
    sums[i % outputs] = (sums[i % outputs] as number) + factor * value;
  });
  return sums;
}

/** Elements without their scales. */
function elementsOf({ format, codes }: Blocks): Float64Array {
  return Float64Array.from(codes, decoder(format.element));
}

/** Scales of every block, without the tensor's. */
function scalesOf({ format, scaleCodes }: Blocks): Float64Array {
  return Float64Array.from(scaleCodes, (code) => Math.abs(decode(format.scale, code)));
}

/** A weight as a recipe stores it. */
function reduced(weight: Tensor, recipe: NamedRecipe): Tensor {
  return { data: applyRecipe(weight, recipe).values, shape: weight.shape };
}
