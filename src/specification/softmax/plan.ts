/**
 * What softmax takes, checked and resolved.
 *
 * @module
 */
import { BittrueError, checkFinite, checkInteger, checkName, checkObject } from '../../errors/index.ts';
import type { Target, VectorUnit } from '../../targets/target.ts';
import { type Plan, planRecord, type RecordOptions, recordKeys } from '../contract.ts';
import { madeTarget, vectorUnit } from '../made.ts';
import { refuseWrap } from '../refuseWrap.ts';
import { defineExp, type ExpMethod, type ResolvedExp } from './method.ts';

/** Options of `softmax`. */
export interface SoftmaxOptions extends RecordOptions {
  readonly rows: number;
  /** Numbers a row; 0 gives an empty output. */
  readonly width: number;
  readonly target: Target;
  /** How e^x is formed; default correctly rounded. */
  readonly exp?: ExpMethod;
  /** Each e^x over the sum (default), or times the rounded reciprocal of the sum. */
  readonly normalize?: 'divide' | 'reciprocal';
  /** Inputs beyond are replaced by these bounds, rounded as inputs are; NaN passes. Default: no stage `clamp`. */
  readonly clamp?: { readonly low?: number; readonly high?: number };
}

/** A checked softmax. */
export interface SoftmaxPlan extends Plan {
  readonly stages: readonly SoftmaxStage[];
  readonly kernel: 'softmax';
  readonly unit: VectorUnit;
  readonly exp: ResolvedExp;
  readonly normalize: 'divide' | 'reciprocal';
  readonly clamp: { readonly low: number; readonly high: number } | null;
}

/** Every stage, in the order of reports. */
export const softmaxStages = [
  'constants',
  'load',
  'clamp',
  'max',
  'subtract',
  'exp',
  'sum',
  'reciprocal',
  'multiply',
  'divide',
  'store',
] as const;
/** The name of one of them. */
export type SoftmaxStage = (typeof softmaxStages)[number];

const keys = ['rows', 'width', 'target', 'exp', 'normalize', 'clamp', ...recordKeys];

/** Checks the options of softmax. */
export function planSoftmax(options: SoftmaxOptions): SoftmaxPlan {
  checkObject('options', options, keys);
  const rows = checkInteger('options.rows', options.rows, 0, 2 ** 31);
  const width = checkInteger('options.width', options.width, 0, 2 ** 31);
  const target = madeTarget(options.target);
  const unit = vectorUnit(target);
  const exp = defineExp(options.exp, 'options.exp');
  const normalize = checkName('options.normalize', options.normalize ?? 'divide', ['divide', 'reciprocal'] as const);
  const clamp = defineClamp(options.clamp);
  refuseWrap(`options.target.vectorUnits.${unit.name}.compute`, unit.compute);
  if (exp.kind === 'base2Polynomial' && exp.rounding !== null) refuseWrap('options.exp.rounding', exp.rounding);
  const has: Record<string, boolean> = {
    constants: clamp !== null || exp.kind === 'base2Polynomial',
    clamp: clamp !== null,
    reciprocal: normalize === 'reciprocal',
    multiply: normalize === 'reciprocal',
    divide: normalize === 'divide',
  };
  return {
    kernel: 'softmax',
    rows,
    width,
    stages: softmaxStages.filter((stage) => has[stage] ?? true),
    ...planRecord(options),
    size: rows * width,
    span: width,
    outputFormat: unit.store.format,
    configuration: { target, exp, normalize, clamp },
    unit,
    exp,
    normalize,
    clamp,
  };
}

function defineClamp(value: unknown): SoftmaxPlan['clamp'] {
  if (value === undefined) return null;
  const { low, high } = checkObject('options.clamp', value, ['low', 'high']);
  const bounds = {
    low: low === undefined ? -Infinity : checkFinite('options.clamp.low', low),
    high: high === undefined ? Infinity : checkFinite('options.clamp.high', high),
  };
  if (bounds.low > bounds.high)
    throw new BittrueError('range', 'options.clamp.high', bounds.high, `at least ${bounds.low}`);
  return Object.freeze(bounds);
}
