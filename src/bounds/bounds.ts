/**
 * Can this kernel overflow for inputs of this set? A proof, a witness, or neither.
 *
 * @module
 */
import { BittrueError, checkInteger, checkName, checkObject, fieldsOf } from '../errors/index.ts';
import { SEMANTICS, VERSION } from '../events/version.ts';
import { madeOptions, type Named } from '../kernels/named.ts';
import { idealRounding } from '../rounding/ideal.ts';
import type { Rounding } from '../rounding/roundTo.ts';
import { planNorm, type RmsNormOptions } from '../specification/norm/plan.ts';
import { elementRoundings } from '../specification/norm/roundings.ts';
import { normScalar } from '../specification/norm/scalar.ts';
import { numbers, widen } from '../specification/operands.ts';
import { type DotOptions, dotSpecification } from '../specification/products/dot.ts';
import type { ProductOptions } from '../specification/products/plan.ts';
import { productScalar } from '../specification/products/scalar.ts';
import { planSum, type SumOptions } from '../specification/sum/plan.ts';
import { sumRows } from '../specification/sum/scalar.ts';
import type { VectorUnit } from '../targets/target.ts';
import { transposed } from '../tensors/transposed.ts';
import { Edges } from './edges.ts';
import { defineInputs, finite } from './inputSet.ts';
import { loaded, type OperandFit, operandFit } from './operandFit.ts';
import type {
  BoundsOptions,
  DotBoundsOptions,
  MatmulBoundsOptions,
  SquareSumBoundsOptions,
  SumBoundsOptions,
} from './options.ts';
import { boundRow } from './rowBounds.ts';
import { failureOf } from './simulate.ts';
import { type BoundedSum, boundSum, type ChannelAnswer } from './sumBounds.ts';
import { type Bounds, worst } from './verdict.ts';

/**
 * Whether a kernel can overflow for any input of a set: `proved` not to, `overflows` with a witness, or `unknown`.
 *
 * Every stage counts, from `load` to `store`. Sums over intervals are decided by two runs, all terms at their largest and
 * all at their least, in the order of the reduction, since rounding is monotone; fused sums of matrix units, Kahan's and
 * Neumaier's have bounds of their own, and a search for a witness. For sets that are no boxes Σ|t| is bounded together
 * (Cauchy–Schwarz), with what rounding may add. Registers that wrap may be right in the end: claim `sameResult`.
 *
 * @throws {@link BittrueError} for inverted intervals, numbers that are not finite, shapes that do not fit, and whatever
 * the kernel refuses
 * @example
 * import { bounds } from 'bittrue/bounds';
 * import { fp16 } from 'bittrue/targets';
 * const inputs = { kind: 'intervals', low: -1, high: 1 } as const;
 * bounds({ kernel: 'sum', width: 2048, inputs, target: fp16 }).verdict; // 'proved'
 * const wide = bounds({ kernel: 'squareSum', width: 4096, inputs: { kind: 'ball', radius: 300 }, target: fp16 });
 * wide.verdict; // 'overflows'
 * wide.witness?.event.stage; // 'square'
 */
export function bounds(options: BoundsOptions): Bounds {
  const kernel = checkName('options.kernel', fieldsOf(options).kernel, [
    'sum',
    'dot',
    'matmul',
    'squareSum',
    'rmsNorm',
    'layerNorm',
    'softmax',
  ] as const);
  const { answers, operands } = answersOf(options);
  const at = worst(answers);
  const { witness, reason, ...decisive } = answers[at] ?? NOTHING;
  const first = witness ?? answers.find((answer) => answer.verdict === decisive.verdict)?.witness;
  return Object.freeze({
    bittrue: VERSION,
    schema: 'bounds/1',
    semantics: SEMANTICS,
    kernel,
    ...decisive,
    reason: answers.length > 1 ? `channel ${at}: ${reason}` : reason,
    ...(first === undefined ? {} : { witness: first }),
    ...(operands === undefined ? {} : { operands }),
    channels: Object.freeze(
      answers.map(({ verdict, claim, bound, headroomBits }) => Object.freeze({ verdict, claim, bound, headroomBits })),
    ),
  });
}

/** No channel at all. */
const NOTHING: ChannelAnswer = /* @__PURE__ */ Object.freeze({
  verdict: 'proved',
  claim: 'noEvent',
  bound: 0,
  headroomBits: Number.POSITIVE_INFINITY,
  reason: 'there is no output',
});

/** The answers of a kernel's channels, and how the operands of a product fit. */
function answersOf(options: BoundsOptions): { answers: ChannelAnswer[]; operands?: OperandFit } {
  switch (options.kernel) {
    case 'rmsNorm':
    case 'layerNorm':
    case 'softmax':
      return { answers: [boundRow(options)] };
    case 'dot':
    case 'matmul': {
      const { sum, operands } = ofProducts(options);
      return { answers: boundSum(sum), operands: operands() };
    }
    default:
      return { answers: boundSum(sumOf(options)) };
  }
}

/** A kernel that is a sum, as the bounds read it. */
export function sumOf(
  options: SumBoundsOptions | DotBoundsOptions | MatmulBoundsOptions | SquareSumBoundsOptions,
): BoundedSum {
  switch (options.kernel) {
    case 'sum':
      return ofSum(options);
    case 'squareSum':
      return ofSquares(options);
    default:
      return ofProducts(options).sum;
  }
}

function ofSum(options: SumBoundsOptions): BoundedSum {
  checkObject('options', options, ['kernel', 'inputs', 'width', 'target', 'reduction']);
  const { kernel: _, inputs, ...rest } = options;
  const plan = planSum(madeOptions<SumOptions>({ ...rest, rows: 1 }));
  const run = sumRows(plan);
  return {
    region: defineInputs(inputs, plan.width),
    load: plan.load,
    scale: null,
    terms: 'elements',
    product: null,
    reduction: plan.reduction,
    operands: plan.load === null ? {} : { a: plan.load.format },
    store: plan.store,
    fails: false,
    hasStart: false,
    channels: 1,
    channel: () => ({ weights: null, start: null }),
    simulate: (x) => failureOf(plan, (p, recorder) => run(p, x, recorder)),
  };
}

const weightedKeys = [
  'kernel',
  'inputs',
  'weights',
  'target',
  'unit',
  'a',
  'b',
  'c',
  'splitK',
  'promoteEvery',
  'partial',
];

function ofProducts(options: DotBoundsOptions | MatmulBoundsOptions): { sum: BoundedSum; operands: () => OperandFit } {
  const isDot = options.kernel === 'dot';
  checkObject('options', options, [...weightedKeys, isDot ? 'rows' : 'n']);
  const { kernel: _, inputs, weights: given, c: addends, ...rest } = options;
  const { rows: __, n: ___, ...unit } = rest as { rows?: number; n?: number } & Named<ProductOptions>;
  const channels = isDot
    ? checkInteger('options.rows', options.rows ?? 1, 0, 2 ** 31)
    : checkInteger('options.n', options.n, 0, 2 ** 31);
  const count = (given as ArrayLike<number> | undefined)?.length ?? 0;
  const width = channels === 0 ? 0 : Math.floor(count / channels);
  const weights = finite('options.weights', widen(numbers('options.weights', given, channels * width)));
  const c = addends === undefined ? null : finite('options.c', widen(numbers('options.c', addends, channels)));
  const plan = dotSpecification.plan(madeOptions<DotOptions>({ ...unit, rows: 1, width }));
  if (plan.scale !== null) {
    const name = String(plan.configuration.unit);
    throw new BittrueError('unsupported', 'options.unit', name, 'a unit without block scales');
  }
  const rows = isDot ? weights : transposed(weights, width, channels);
  const own = (channel: number): Float64Array => rows.subarray(channel * width, (channel + 1) * width);
  const run = productScalar(plan);
  const reader = reading(plan.b);
  const addendReader = reading(plan.addend);
  const region = defineInputs(inputs, width);
  const sum: BoundedSum = {
    region,
    load: plan.a,
    scale: null,
    terms: 'products',
    product: plan.product,
    reduction: plan.reduction,
    operands: plan.product === null ? { a: plan.a.format, b: plan.b.format } : { a: plan.product.format },
    store: plan.output,
    fails: false,
    hasStart: c !== null,
    channels,
    channel(at) {
      const loaded = reader(own(at));
      const start = c === null ? null : addendReader(c.subarray(at, at + 1));
      return {
        weights: loaded.values,
        start: start === null ? null : (start.values[0] as number),
        fails: loaded.fails || (start?.fails ?? false),
      };
    },
    simulate(x, channel) {
      const start = c === null ? null : c.subarray(channel, channel + 1);
      return failureOf(plan, (p, recorder) => run(p, { a: x, b: own(channel), c: start, scales: null }, recorder));
    },
  };
  return { sum, operands: () => operandFit(plan, weights, region, undefined) };
}

/** Numbers as they are loaded; those that it cannot read stay what they are, or are clipped where all must be integers. */
function reading(rounding: Rounding): (values: Float64Array) => { values: Float64Array; fails: boolean } {
  const edges = new Edges(rounding);
  if (rounding.format.kind === 'integer') {
    return (values) => {
      edges.fails = false;
      for (const x of values) edges.round(x, x);
      return { values: loaded(rounding, values), fails: edges.fails };
    };
  }
  return (values) => {
    edges.fails = false;
    const read = values.map((x) => {
      edges.round(x, x);
      return edges.high;
    });
    return { values: read, fails: edges.fails };
  };
}

function ofSquares(options: SquareSumBoundsOptions): BoundedSum {
  checkObject('options', options, ['kernel', 'inputs', 'width', 'target', 'scale']);
  const { inputs, width, target, scale = 1 } = options;
  const plan = planNorm('rmsNorm', madeOptions<RmsNormOptions>({ rows: 1, width, target, scale }));
  const { square } = elementRoundings(plan);
  const { compute, load, reduction } = plan.unit;
  // What follows the square-sum raises nothing that makes a run fail.
  const rest = { statistics: idealRounding, normalize: idealRounding, store: idealRounding } as const;
  const unit: VectorUnit = { ...plan.unit, ...rest, reciprocalSqrt: { kind: 'correctlyRounded' } };
  const squares = { ...plan, unit };
  const run = normScalar(squares);
  const factor = new Edges(compute);
  factor.round(plan.scale, plan.scale);
  return {
    region: defineInputs(inputs, width),
    load,
    scale: plan.scale === 1 ? null : { rounding: compute, factor: factor.high },
    terms: 'squares',
    product: plan.fusedSquare ? null : square,
    reduction,
    operands: { a: square.format },
    store: null,
    fails: plan.scale !== 1 && factor.fails,
    hasStart: false,
    channels: 1,
    channel: () => ({ weights: null, start: null }),
    simulate: (x) => failureOf(squares, (p, recorder) => run(p, { x, residual: null }, recorder)),
  };
}
