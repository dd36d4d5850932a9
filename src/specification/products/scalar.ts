/**
 * Sums of products, output by output: the specification.
 *
 * @module
 */
import type { BlockScales } from '../../accumulators/chain.ts';
import { Reducer } from '../../accumulators/reducer.ts';
import { ValueUnit } from '../../arithmetic/valueUnit.ts';
import type { Recorder } from '../../events/recorder.ts';
import { type Rounding, roundTo } from '../../rounding/roundTo.ts';
import type { Scalar } from '../contract.ts';
import { multiplyEach, operandReader, storeSum } from '../stages.ts';
import type { ProductInputs, ProductPlan, ProductStage } from './plan.ts';

/** Runs every output. A row of the report is an output, in row-major order. */
export function productScalar(made: ProductPlan): Scalar<ProductPlan, ProductInputs, Float64Array> {
  const loaders = createLoaders(made);
  const parts = createSums(made);
  return (plan, inputs, recorder) => {
    const loaded = load(plan, loaders, inputs, recorder);
    recorder.endConstants();
    return sums(plan, parts, loaded, recorder);
  };
}

/** Units that load each operand. */
export interface Loaders {
  readonly a: ValueUnit;
  readonly b: ValueUnit;
  readonly addend: ValueUnit;
  readonly scale: ValueUnit | null;
}

/** Makes the loaders. */
export function createLoaders({ a, b, addend, scale }: ProductPlan): Loaders {
  const of = ({ format, policy }: Rounding): ValueUnit => new ValueUnit(format, policy);
  return { a: of(a), b: of(b), addend: of(addend), scale: scale === null ? null : of(roundTo(scale.format)) };
}

/**
 * The operands as the unit reads them, each once a call. Their events belong to no output (row −1) and are numbered
 * through A, B (column by column), C and the scales.
 */
export function load(
  plan: ProductPlan,
  loaders: Loaders,
  { a, b, c, scales }: ProductInputs,
  recorder: Recorder,
): ProductInputs {
  recorder.stage = plan.stages.indexOf('load');
  const each = operandReader(recorder);
  const zeros = plan.positiveZeros;
  const loaded = {
    a: each(loaders.a, a, zeros),
    b: each(loaders.b, b, zeros),
    c: c === null ? null : each(loaders.addend, c, zeros),
  };
  const { scale } = loaders;
  if (scales === null || scale === null) return { ...loaded, scales: null };
  const factors = (values: Float64Array): Float64Array => {
    const read = each(scale, values, false);
    return plan.scale?.ignoreSign ? read.map(Math.abs) : read;
  };
  return { ...loaded, scales: { a: factors(scales.a), b: factors(scales.b) } };
}

/** The working parts of a product's sums, made once a run. */
export interface Sums {
  readonly plan: ProductPlan;
  readonly reducer: Reducer;
  readonly multiplier: ValueUnit | null;
  readonly store: ValueUnit;
  readonly products: Float64Array;
  /** Ordinals of the stages; −1 for one that this run does not have. */
  readonly at: { readonly product: number; readonly accumulate: number; readonly store: number };
}

/** Makes the working parts. */
export function createSums(plan: ProductPlan): Sums {
  const { product, reduction, scale, width, output } = plan;
  const operands = { a: plan.a.format, b: plan.b.format, ...(scale === null ? {} : { scale: scale.format }) };
  const at = (stage: ProductStage): number => plan.stages.indexOf(stage);
  return {
    plan,
    reducer: new Reducer(reduction, product === null ? operands : { a: product.format }),
    multiplier: product === null ? null : new ValueUnit(product.format, product.policy),
    store: new ValueUnit(output.format, output.policy),
    products: new Float64Array(width),
    at: { product: at('product'), accumulate: at('accumulate'), store: at('store') },
  };
}

/** Output number r, of a loaded row of A and a loaded column of B. */
export function sumOutput(
  { plan, reducer, multiplier, store, products, at }: Sums,
  r: number,
  x: Float64Array,
  y: Float64Array,
  addend: number | null,
  scales: BlockScales | null,
  recorder: Recorder,
): number {
  const { width } = plan;
  recorder.row = r;
  if (multiplier !== null) {
    recorder.stage = at.product;
    multiplyEach(multiplier, x, y, products, recorder);
  }
  recorder.stage = at.accumulate;
  const sum =
    multiplier === null
      ? reducer.sum(x, y, width, recorder, addend, scales)
      : reducer.sum(products, null, width, recorder, addend);
  return storeSum(store, sum, r, at.store, recorder);
}

/** The outputs from loaded operands. */
export function sums(
  { rows, width, pairing, scale }: ProductPlan,
  parts: Sums,
  { a, b, c, scales }: ProductInputs,
  recorder: Recorder,
): Float64Array {
  const output = new Float64Array(rows);
  const blocks = scale === null ? 0 : Math.ceil(width / scale.block);
  for (let r = 0; r < rows; r++) {
    const i = pairing.kind === 'rows' ? r : Math.floor(r / pairing.columns);
    const j = pairing.kind === 'rows' ? r : r % pairing.columns;
    const own =
      scales === null || scale === null
        ? null
        : {
            a: scales.a.subarray(i * blocks, (i + 1) * blocks),
            b: scales.b.subarray(j * blocks, (j + 1) * blocks),
            block: scale.block,
          };
    const x = a.subarray(i * width, (i + 1) * width);
    const y = b.subarray(j * width, (j + 1) * width);
    const stored = sumOutput(parts, r, x, y, c === null ? null : (c[r] as number), own, recorder);
    output[r] = stored;
    recorder.endRow(stored - stored === 0);
  }
  recorder.end();
  return output;
}
