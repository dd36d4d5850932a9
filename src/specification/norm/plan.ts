/**
 * What LayerNorm and RMSNorm take, checked and resolved.
 *
 * @module
 */
import { takesProducts } from '../../accumulators/define.ts';
import type { Reduction } from '../../accumulators/reduction.ts';
import { enteredLeaves } from '../../accumulators/walk.ts';
import { BittrueError, checkBoolean, checkFinite, checkInteger, checkName, checkObject } from '../../errors/index.ts';
import { isMade } from '../../errors/made.ts';
import type { Target, VectorUnit } from '../../targets/target.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import { type Plan, planRecord, type RecordOptions, recordKeys } from '../contract.ts';
import { madeTarget, vectorUnit } from '../made.ts';
import { type Numbers, numbers, rowInputs, widen } from '../operands.ts';
import type { ChannelGroups, MeanSquare, RowScale } from './forms.ts';
import { defineWelford, type PlacedForm, usualWelford, type WelfordForm } from './welford.ts';

/** Options of `rmsNorm`. */
export interface RmsNormOptions extends RecordOptions {
  readonly rows: number;
  /** Numbers a row, d. */
  readonly width: number;
  readonly target: Target;
  /** Weights γ, `width` numbers; absent: no stage `gamma`. */
  readonly gamma?: Numbers;
  /** Added to the input first, `rows · width` numbers, as a kernel that fuses the residual addition does. */
  readonly residual?: Numbers;
  /** Added to the variance; default 1e-5. */
  readonly epsilon?: number;
  /** SLaNC's factor: the input is multiplied by it and ε by its square. Default 1: no stage `scale`. */
  readonly scale?: number;
  /** A scale of each row's own, before anything is summed, as `rowScale` makes it; default none. ε goes with it as with `scale`. */
  readonly rowScale?: RowScale;
  /** `meanSquareInSum`: Σ (c·ρ)·c in place of (Σ c²)·ρ. Default the latter. */
  readonly meanSquare?: MeanSquare;
  /** Whether ε is multiplied by the square of the scale; default true. */
  readonly epsilonScaled?: boolean;
}

/** Options of `layerNorm`. */
export interface LayerNormOptions extends RmsNormOptions {
  /** Bias β, `width` numbers; absent: no stage `beta`. */
  readonly beta?: Numbers;
  /** How the variance is formed; default `twoPass`. */
  readonly variance?: 'twoPass' | 'onePass' | 'welford';
  /** With `welford`: the operations of update and merge, which follow the order of the target's sums. Default `welfordForms.chan`. */
  readonly welford?: WelfordForm;
  /**
   * What becomes of a variance that `onePass` leaves negative, which is an event of that name: +0 (`clamp`, default; of −0
   * too), or itself (`keep`): most kernels go on so, to 1/√ of a negative number, a NaN, where ε is smaller.
   */
  readonly negativeVariance?: 'clamp' | 'keep';
  /** Layout of γ and β where each is a channel's, as `channelGroups` makes it; default a number an element of the row. */
  readonly groups?: ChannelGroups;
  /** γ and β in two operations (default) or one fused multiply-add. */
  readonly affine?: 'separate' | 'fused';
}

/** A checked LayerNorm or RMSNorm. */
export interface NormPlan extends Plan {
  readonly stages: readonly NormStage[];
  readonly kernel: 'layerNorm' | 'rmsNorm';
  readonly unit: VectorUnit;
  readonly gamma: Float64Array | null;
  readonly beta: Float64Array | null;
  /** Whether a residual comes with the inputs. */
  readonly hasResidual: boolean;
  readonly epsilon: number;
  readonly scale: number;
  readonly epsilonScaled: boolean;
  readonly rowScale: RowScale | null;
  readonly meanSquare: MeanSquare | null;
  readonly groups: ChannelGroups | null;
  readonly variance: 'twoPass' | 'onePass' | 'welford';
  readonly negativeVariance: 'clamp' | 'keep';
  /** Null for a variance that is formed otherwise. */
  readonly welford: PlacedForm | null;
  readonly affine: 'separate' | 'fused';
  /** Whether the square enters the sum unrounded. */
  readonly fusedSquare: boolean;
}

/** The arrays as the caller gave them. */
export interface RawNormInputs {
  readonly x: FloatArray;
  readonly residual: FloatArray | null;
}

/** The arrays as the specification takes them. */
export interface NormInputs {
  readonly x: Float64Array;
  readonly residual: Float64Array | null;
}

/** The arrays of either kernel. */
export function normInputs(plan: NormPlan, arrays: readonly unknown[], { residual }: LayerNormOptions): RawNormInputs {
  const { size } = plan;
  return {
    x: rowInputs(plan, arrays),
    residual: plan.hasResidual ? numbers('options.residual', residual, size) : null,
  };
}

/** Every stage of the two kernels, in the order of reports. */
export const normStages = [
  'constants',
  'residualAdd',
  'load',
  'rowScale',
  'scale',
  'welford',
  'sum',
  'mean',
  'center',
  'share',
  'square',
  'squareSum',
  'variance',
  'epsilon',
  'reciprocalSqrt',
  'normalize',
  'gamma',
  'beta',
  'affine',
  'store',
] as const;
/** The name of one of them. */
export type NormStage = (typeof normStages)[number];

const rmsKeys = [
  'rows',
  'width',
  'target',
  'gamma',
  'residual',
  'epsilon',
  'scale',
  'epsilonScaled',
  'rowScale',
  'meanSquare',
  ...recordKeys,
];
const layerKeys = [...rmsKeys, 'beta', 'variance', 'welford', 'negativeVariance', 'affine', 'groups'];

/** Checks the options of either kernel. */
export function planNorm(kernel: 'layerNorm' | 'rmsNorm', options: LayerNormOptions): NormPlan {
  checkObject('options', options, kernel === 'layerNorm' ? layerKeys : rmsKeys);
  const rows = checkInteger('options.rows', options.rows, 0, 2 ** 31);
  const width = checkInteger('options.width', options.width, 1, 2 ** 31);
  const target = madeTarget(options.target);
  const unit = vectorUnit(target);
  const groups = formOf<ChannelGroups>('groups', options.groups, 'channelGroups');
  const count = groups === null ? width : (groups.groups * width) / groups.spatial;
  if (!Number.isInteger(count)) throw new BittrueError('shape', 'options.width', width, 'a multiple of groups.spatial');
  const gamma = weights('options.gamma', options.gamma, count);
  const beta = weights('options.beta', options.beta, count);
  const hasResidual = options.residual !== undefined;
  const epsilon = checkFinite('options.epsilon', options.epsilon ?? 1e-5);
  if (epsilon < 0) throw new BittrueError('range', 'options.epsilon', epsilon, 'a number of at least 0');
  const scale = checkFinite('options.scale', options.scale ?? 1);
  if (scale <= 0) throw new BittrueError('range', 'options.scale', scale, 'a number greater than 0');
  const rowScale = formOf<RowScale>('rowScale', options.rowScale, 'rowScale');
  if (rowScale !== null && scale !== 1) {
    throw new BittrueError('unsupported', 'options.scale', scale, 'none beside rowScale: each row has its own');
  }
  const epsilonScaled = checkBoolean('options.epsilonScaled', options.epsilonScaled ?? true);
  const variance = checkName('options.variance', options.variance ?? 'twoPass', [
    'twoPass',
    'onePass',
    'welford',
  ] as const);
  const negativeVariance = checkName('options.negativeVariance', options.negativeVariance ?? 'clamp', [
    'clamp',
    'keep',
  ] as const);
  if (options.negativeVariance !== undefined && variance !== 'onePass') {
    throw new BittrueError(
      'unsupported',
      'options.negativeVariance',
      `${negativeVariance} with variance ${variance}`,
      "variance: 'onePass' with it: sums of squares are never negative",
    );
  }
  const welford = welfordOf(variance, options.welford, unit);
  const meanSquare = formOf<MeanSquare>('meanSquare', options.meanSquare, 'meanSquare');
  if (meanSquare !== null && variance === 'welford') {
    throw new BittrueError('unsupported', 'options.meanSquare', meanSquare.given, 'a variance with a sum of squares');
  }
  const affine = checkName('options.affine', options.affine ?? 'separate', ['separate', 'fused'] as const);
  const fusedSquare = takesProducts(unit.reduction) && variance !== 'welford';
  if (affine === 'fused' && (gamma === null || beta === null)) {
    throw new BittrueError('unsupported', 'options.affine', affine, 'both gamma and beta, to fuse them');
  }

  const layer = kernel === 'layerNorm';
  const has: Record<string, boolean> = {
    residualAdd: hasResidual,
    rowScale: rowScale !== null,
    scale: scale !== 1 || rowScale !== null,
    welford: layer && variance === 'welford',
    sum: layer && variance !== 'welford',
    mean: layer && variance !== 'welford',
    center: layer,
    share: meanSquare !== null,
    square: variance !== 'welford' && !fusedSquare,
    squareSum: variance !== 'welford',
    gamma: gamma !== null && affine === 'separate',
    beta: beta !== null && affine === 'separate',
    affine: affine === 'fused',
  };
  return {
    kernel,
    rows,
    width,
    stages: normStages.filter((stage) => has[stage] ?? true),
    ...planRecord(options),
    size: rows * width,
    span: width,
    outputFormat: unit.store.format,
    configuration: {
      target,
      epsilon,
      scale,
      epsilonScaled,
      ...(layer ? { variance, affine } : {}),
      ...(welford === null ? {} : { welford: welford.given }),
      ...(variance === 'onePass' ? { negativeVariance } : {}),
      ...(rowScale === null ? {} : { rowScale: rowScale.given }),
      ...(meanSquare === null ? {} : { meanSquare: meanSquare.given }),
      ...(groups === null ? {} : { groups: { groups: groups.groups, spatial: groups.spatial } }),
    },
    unit,
    gamma,
    beta,
    hasResidual,
    epsilon,
    scale,
    epsilonScaled,
    rowScale,
    meanSquare,
    groups,
    variance,
    negativeVariance,
    welford,
    affine,
    fusedSquare,
  };
}

/** Elements update lanes one after the other; what lanes found is merged. */
function welfordOf(variance: string, given: WelfordForm | undefined, { reduction }: VectorUnit): PlacedForm | null {
  if (variance !== 'welford') {
    if (given === undefined) return null;
    throw new BittrueError('unsupported', 'options.welford', `a form with variance ${variance}`, "variance: 'welford'");
  }
  const isChain = enteredLeaves<Reduction>(reduction).every(
    ({ kind, start, accumulator }) =>
      kind === 'sequential' && start !== 'first' && (accumulator.kind === 'float' || accumulator.kind === 'fixed'),
  );
  if (isChain && !takesProducts(reduction)) return defineWelford(given ?? usualWelford, 'options.welford');
  const wanted = 'a target whose elements enter chains, by rounded additions of rounded terms';
  throw new BittrueError('unsupported', 'options.variance', 'welford', wanted);
}

/** A form that the library made, or none. */
function formOf<Form extends { readonly kind: string }>(
  name: string,
  given: Form | undefined,
  kind: string,
): Form | null {
  if (given === undefined || (isMade(given) && given.kind === kind)) return given ?? null;
  throw new BittrueError('type', `options.${name}`, given, `what ${kind} makes`);
}

function weights(argument: string, values: Numbers | undefined, length: number): Float64Array | null {
  return values === undefined ? null : widen(numbers(argument, values, length));
}
