/**
 * What a sum takes, checked and resolved.
 *
 * @module
 */
import type { Reduction } from '../../accumulators/reduction.ts';
import { checkInteger, checkObject } from '../../errors/checks.ts';
import { BittrueError } from '../../errors/error.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import type { Target } from '../../targets/target.ts';
import { type Plan, planRecord, type RecordOptions, recordKeys } from '../contract.ts';
import { madeReduction, madeTarget, vectorUnit } from '../made.ts';

/** Options of `sum`: a target, a reduction, or both. */
export interface SumOptions extends RecordOptions {
  readonly rows: number;

  /** Numbers a row; the sum of none is +0. */
  readonly width: number;

  /** Its vector unit loads and stores; absent: numbers are summed as they are, and sums given as they come. */
  readonly target?: Target;

  /** Default the vector unit's. */
  readonly reduction?: Reduction;
}

/** A checked sum. */
export interface SumPlan extends Plan {
  readonly stages: readonly SumStage[];
  readonly kernel: 'sum';
  readonly reduction: Reduction;
  readonly load: Rounding | null;
  readonly store: Rounding | null;
}
/** All stages of a sum. */
export const sumStages = ['load', 'sum', 'store'] as const;
/** The name of one of them. */
export type SumStage = (typeof sumStages)[number];

export function planSum(options: SumOptions): SumPlan {
  checkObject('options', options, ['rows', 'width', 'target', 'reduction', ...recordKeys]);
  const rows = checkInteger('options.rows', options.rows, 0, 2 ** 31);
  const width = checkInteger('options.width', options.width, 0, 2 ** 31);
  const target = options.target === undefined ? null : madeTarget(options.target);
  const unit = target === null ? null : vectorUnit(target);
  const given = options.reduction === undefined ? null : madeReduction('options.reduction', options.reduction);
  const reduction = given ?? unit?.reduction;
  if (reduction === undefined) throw new BittrueError('type', 'options', options, 'a target, a reduction, or both');
  return {
    kernel: 'sum',
    rows,
    width,
    stages: unit === null ? ['sum'] : sumStages,
    ...planRecord(options),
    size: rows,
    span: 1,
    outputFormat: unit?.store.format ?? null,
    configuration: { ...(target === null ? {} : { target }), reduction },
    reduction,
    load: unit?.load ?? null,
    store: unit?.store ?? null,
  };
}
