/**
 * What `dot` and `matmul` take, checked and resolved.
 *
 * @module
 */

import type { BlockScales } from '../../accumulators/chain.ts';
import { takesProducts } from '../../accumulators/define.ts';
import type { Reduction } from '../../accumulators/reduction.ts';
import { BittrueError, checkInteger } from '../../errors/index.ts';
import { binary32 } from '../../formats/binary32.ts';
import type { Format } from '../../formats/format.ts';
import { areEqual, nameOf } from '../../formats/nameOf.ts';
import { type Rounding, roundTo } from '../../rounding/roundTo.ts';
import type { BlockScale, MatrixUnit, Target, VectorUnit } from '../../targets/target.ts';
import { productUnitOf } from '../../targets/units.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import { type Plan, planRecord, type RecordOptions, recordKeys } from '../contract.ts';
import { madeFormat, madeRounding, madeTarget } from '../made.ts';
import { type Numbers, numbers, widen } from '../operands.ts';

/** What `dot` and `matmul` have in common. */
export interface ProductOptions extends RecordOptions {
  readonly target: Target;
  /**
   * Name of a matrix unit or a vector unit; `vector` is the default vector unit. Default: the target's `defaults.matrix`, its
   * only matrix unit, or its vector unit where it has none.
   */
  readonly unit?: string;
  /** Format of A; default the first that the unit has. */
  readonly a?: Format;
  /** Format of B; default that of A where the unit takes it, else the first that it has. */
  readonly b?: Format;
  /** The sum along K in so many parts, each a multiple of the unit's K, added up in `partial` from the addend on. */
  readonly splitK?: number;
  /** Every so many elements of K the sum so far is added to an outer sum in `partial`, which starts from the addend. */
  readonly promoteEvery?: number;
  /** The rounding of those additions; default binary32 to nearest. */
  readonly partial?: Rounding;
}

/** How the outputs pair rows: one by one (`dot`), or every row of A with every column of B (`matmul`). */
export type Pairing = { readonly kind: 'rows' } | { readonly kind: 'all'; readonly columns: number };

/** A checked product. `rows` counts outputs, `width` is K. */
export interface ProductPlan extends Plan {
  readonly stages: readonly ProductStage[];
  readonly kernel: 'dot' | 'matmul';
  readonly pairing: Pairing;
  readonly a: Rounding;
  readonly b: Rounding;
  readonly addend: Rounding;
  /** Whether operands that are zero are read as +0. */
  readonly positiveZeros: boolean;
  readonly scale: BlockScale | null;
  /** Rounding of each product; null: exact products enter the sum. */
  readonly product: Rounding | null;
  readonly reduction: Reduction;
  readonly output: Rounding;
}

/** Checked operands; B transposed, so that what is summed lies together. */
export interface ProductInputs {
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly c: Float64Array | null;
  readonly scales: Omit<BlockScales, 'block'> | null;
}

/** The caller's operands; B as it came. */
export interface RawProductInputs {
  readonly a: FloatArray;
  readonly b: FloatArray;
  readonly c: FloatArray | null;
  readonly scales: Omit<BlockScales, 'block'> | null;
}

/** Every stage of the two kernels, in order. */
export const productStages = ['load', 'product', 'accumulate', 'store'] as const;
/** The name of one of them. */
export type ProductStage = (typeof productStages)[number];

/** The option names of {@link ProductOptions}. */
export const productKeys = ['target', 'unit', 'a', 'b', 'splitK', 'promoteEvery', 'partial', ...recordKeys];

/** A unit, whichever kind it is. */
type Resolved = Pick<
  ProductPlan,
  'a' | 'b' | 'addend' | 'positiveZeros' | 'scale' | 'product' | 'reduction' | 'output'
> & { readonly k: number; readonly name: string };

/** Checks what both kernels share. */
export function planProduct(
  kernel: 'dot' | 'matmul',
  options: ProductOptions,
  rows: number,
  width: number,
  pairing: Pairing,
): ProductPlan {
  const target = madeTarget(options.target);
  const { k, name, ...unit } = resolve(target, options);
  const partial = options.partial === undefined ? roundTo(binary32) : madeRounding('options.partial', options.partial);
  const across: Reduction = { kind: 'sequential', accumulator: { kind: 'float', rounding: partial, fused: false } };
  let { reduction } = unit;
  const { promoteEvery, splitK } = options;
  if (promoteEvery !== undefined) {
    checkInteger('options.promoteEvery', promoteEvery, 1, 2 ** 31);
    reduction = { kind: 'tiled', size: promoteEvery, within: reduction, across };
  }
  if (splitK !== undefined) {
    checkInteger('options.splitK', splitK, 1, 2 ** 31);
    const size = Math.max(1, Math.ceil(Math.ceil(width / splitK) / k) * k);
    reduction = { kind: 'tiled', size, within: reduction, across };
  }
  return {
    kernel,
    rows,
    width,
    stages: productStages.filter((stage) => stage !== 'product' || unit.product !== null),
    ...planRecord(options),
    size: rows,
    span: 1,
    outputFormat: unit.output.format,
    configuration: {
      target,
      unit: name,
      a: nameOf(unit.a.format),
      b: nameOf(unit.b.format),
      ...(promoteEvery === undefined ? {} : { promoteEvery }),
      ...(splitK === undefined ? {} : { splitK }),
      ...(promoteEvery === undefined && splitK === undefined ? {} : { partial }),
    },
    pairing,
    ...unit,
    reduction,
  };
}

function resolve(target: Target, { unit: name, a, b }: ProductOptions): Resolved {
  const found = productUnitOf('options.unit', target, name);
  return found.kind === 'matrix' ? resolveMatrix(found.unit, a, b) : resolveVector(found.unit, a, b);
}

function resolveMatrix(unit: MatrixUnit, a: Format | undefined, b: Format | undefined): Resolved {
  const formatA = choose('options.a', unit.a, a, unit.a[0] as Format);
  const same = unit.mixes === 'same' ? [formatA] : unit.b;
  const usual = same.find((format) => areEqual(format, formatA)) ?? (same[0] as Format);
  const formatB = choose('options.b', same, b, usual);
  return {
    name: unit.name,
    k: unit.k,
    a: roundTo(formatA, unit.load),
    b: roundTo(formatB, unit.load),
    addend: unit.addend,
    positiveZeros: unit.zeroOperands === 'positive',
    scale: unit.scale,
    product: unit.product,
    reduction: unit.reduction,
    output: unit.output,
  };
}

function choose(argument: string, formats: readonly Format[], wanted: Format | undefined, usual: Format): Format {
  if (wanted === undefined) return usual;
  const found = formats.find((format) => areEqual(format, madeFormat(argument, wanted)));
  if (found !== undefined) return found;
  throw new BittrueError('unsupported', argument, nameOf(wanted), `one of ${formats.map(nameOf).join(', ')}`);
}

/** The same on a vector unit: loads, products rounded where they are not fused, its own order of sums. */
function resolveVector(unit: VectorUnit, a: Format | undefined, b: Format | undefined): Resolved {
  const { load, compute, reduction, store } = unit;
  for (const [argument, format] of [
    ['options.a', a],
    ['options.b', b],
  ] as const) {
    choose(argument, [load.format], format, load.format);
  }
  return {
    name: unit.name,
    k: 1,
    a: load,
    b: load,
    addend: load,
    positiveZeros: false,
    scale: null,
    product: takesProducts(reduction) ? null : compute,
    reduction,
    output: store,
  };
}

/** Checks block scales against the unit. `rowsA` and `rowsB` count what has scales of its own. */
export function checkScales(
  { scale, width }: ProductPlan,
  scaleA: Numbers | undefined,
  scaleB: Numbers | undefined,
  rowsA: number,
  rowsB: number,
): Omit<BlockScales, 'block'> | null {
  if (scale === null) {
    if (scaleA === undefined && scaleB === undefined) return null;
    throw new BittrueError('unsupported', 'options.scaleA', scaleA ?? scaleB, 'a unit with block scales');
  }
  const blocks = Math.ceil(width / scale.block);
  if (scaleA === undefined || scaleB === undefined) {
    const missing = scaleA === undefined ? 'scaleA' : 'scaleB';
    throw new BittrueError('type', `options.${missing}`, undefined, `a scale for every ${scale.block} elements of K`);
  }
  return {
    a: widen(numbers('options.scaleA', scaleA, rowsA * blocks)),
    b: widen(numbers('options.scaleB', scaleB, rowsB * blocks)),
  };
}
