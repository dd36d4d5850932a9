/**
 * What the model of norms takes and gives, and its checks.
 *
 * @module
 */
import { checkBoolean, checkFinite } from '../../errors/index.ts';
import type { VectorUnit } from '../../targets/target.ts';
import {
  checkLength,
  checkNumberList,
  checkSize,
  checkVectorUnit,
  integer,
  maybe,
  name,
  options as shape,
} from './checks.ts';
import type { OracleEvent } from './events.ts';
import type { OracleWelfordForm } from './welford.ts';

/** A batch of rows and how to normalise them. */
export interface OracleNormOptions {
  readonly rows: number;
  readonly width: number;
  /** rows × width. */
  readonly x: ArrayLike<number>;
  /** width; absent: the stage is absent. */
  readonly gamma?: ArrayLike<number> | null;
  readonly epsilon: number;
  /** The static scale s; default 1. */
  readonly scale?: number;
  /** A scale of each row: its largest magnitude, which divides it; a power of two near it; or a factor a row. */
  readonly rowScale?: 'maximum' | 'powerOfTwo' | ArrayLike<number>;
  /** `inSum`: Σ (c·(1/d))·c. Default (Σ c²)·(1/d). */
  readonly meanSquare?: 'inSum';
  /** Rows are groups of channels: γ and β have a number for each `spatial` numbers of a row, group after group. */
  readonly groups?: { readonly groups: number; readonly spatial: number };
  /** Whether ε is multiplied by s²; default true. */
  readonly epsilonScaled?: boolean;
  /** rows × width, added before anything else. */
  readonly residual?: ArrayLike<number> | null;
  readonly unit: VectorUnit;
}

export interface OracleLayerNormOptions extends OracleNormOptions {
  /** width; absent: the stage is absent. */
  readonly beta?: ArrayLike<number> | null;
  /** Default `twoPass`. */
  readonly variance?: 'twoPass' | 'onePass' | 'welford';
  /** With `welford`: update and merge. Default `welfordForms.chan`. */
  readonly welford?: OracleWelfordForm;
  /** Whether `onePass` turns what is below +0 into +0. Default `clamp`. */
  readonly negativeVariance?: 'clamp' | 'keep';
  /** `fused`: γ and β, both given, in one fused multiply-add. Default `separate`. */
  readonly affine?: 'separate' | 'fused';
}

/** What a norm gives. */
export interface OracleNorm {
  readonly output: number[];
  readonly events: OracleEvent[];
  /** The stages that this configuration has, in the table's order. */
  readonly stages: string[];
}

const normShape = {
  rows: checkSize,
  width: checkSize,
  x: checkNumberList,
  gamma: maybe(checkNumberList),
  epsilon: checkFinite,
  scale: maybe(checkFinite),
  rowScale: maybe((argument, value) => {
    if (typeof value === 'string') name('maximum', 'powerOfTwo')(argument, value);
    else checkNumberList(argument, value);
  }),
  meanSquare: maybe(name('inSum')),
  groups: maybe(shape('groups of channels', { groups: integer(1, 2 ** 20), spatial: integer(1, 2 ** 20) })),
  epsilonScaled: maybe(checkBoolean),
  residual: maybe(checkNumberList),
  unit: checkVectorUnit,
};
export const checkRmsNorm = shape('an RMSNorm', normShape);
export const checkLayerNorm = shape('a LayerNorm', {
  ...normShape,
  beta: maybe(checkNumberList),
  variance: maybe(name('twoPass', 'onePass', 'welford')),
  welford: maybe(() => undefined),
  negativeVariance: maybe(name('clamp', 'keep')),
  affine: maybe(name('separate', 'fused')),
});

/** Arrays as long as sizes say. */
export function checkLengths({
  rows,
  width,
  x,
  residual,
  gamma,
  beta,
  groups,
  rowScale,
}: OracleLayerNormOptions): void {
  const weights = groups ? (groups.groups * width) / groups.spatial : width;
  if (rowScale !== undefined && typeof rowScale !== 'string') checkLength('options.rowScale', rowScale, rows);
  checkLength('options.x', x, rows * width);
  for (const [key, numbers, length] of [
    ['residual', residual, rows * width],
    ['gamma', gamma, weights],
    ['beta', beta, weights],
  ] as const) {
    if (numbers) checkLength(`options.${key}`, numbers, length);
  }
}
