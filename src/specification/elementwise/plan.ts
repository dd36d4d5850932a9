/**
 * What `add` and `multiply` take, checked and resolved.
 *
 * @module
 */
import { BittrueError, checkInteger, checkObject } from '../../errors/index.ts';
import type { Format } from '../../formats/format.ts';
import type { PartialPolicy } from '../../rounding/policy.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import type { Target } from '../../targets/target.ts';
import type { FloatArray } from '../../tensors/tensor.ts';
import { type Plan, planRecord, type RecordOptions, recordKeys } from '../contract.ts';
import { madeRounding, madeTarget, vectorUnit } from '../made.ts';
import { numbers } from '../operands.ts';

/** Options of `add` and `multiply`: a target, or a format. */
export interface ElementwiseOptions extends RecordOptions {
  /** Its vector unit loads both operands, computes, and stores. */
  readonly target?: Target;
  /** Instead of a target: operands are taken as they are, and results rounded once, to this format. */
  readonly format?: Format;
  /** What differs from the format's defaults. */
  readonly policy?: PartialPolicy;
  /** Rows of the operands, for the places of events; default 1. */
  readonly rows?: number;
  /** Numbers a row; default all of them. */
  readonly width: number;
}

/** The names of the stages of `add` or `multiply`. */
export type ElementwiseStage<Name extends 'add' | 'multiply'> = 'loadX' | 'loadY' | Name | 'store';

/** A checked `add` or `multiply`. */
export interface ElementwisePlan<Name extends 'add' | 'multiply' = 'add' | 'multiply'> extends Plan {
  readonly kernel: Name;
  readonly stages: readonly ElementwiseStage<Name>[];
  /** Null: operands as they are. */
  readonly load: Rounding | null;
  readonly compute: Rounding;
  /** Null: results as they are computed. */
  readonly store: Rounding | null;
}

/** The operands as the caller gave them. */
export interface RawOperands {
  readonly x: FloatArray;
  readonly y: FloatArray;
}

/** The operands as the specification takes them. */
export interface Operands {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** The arrays of either kernel. */
export function elementwiseInputs({ size }: ElementwisePlan, [x, y]: readonly unknown[]): RawOperands {
  return { x: numbers('x', x, size), y: numbers('y', y, size) };
}

/** Checks the options of either kernel. */
export function planElementwise<Name extends 'add' | 'multiply'>(
  kernel: Name,
  options: ElementwiseOptions,
): ElementwisePlan<Name> {
  checkObject('options', options, ['target', 'format', 'policy', 'rows', 'width', ...recordKeys]);
  const rows = checkInteger('options.rows', options.rows ?? 1, 0, 2 ** 31);
  const width = checkInteger('options.width', options.width, 0, 2 ** 32);
  if ((options.target === undefined) === (options.format === undefined)) {
    throw new BittrueError('type', 'options', options, 'a target or a format, one of them');
  }
  const record = planRecord(options);
  const { configuration, load, compute, store } = roundingsOf(options);
  return {
    kernel,
    rows,
    width,
    stages: load === null ? [kernel] : ['loadX', 'loadY', kernel, 'store'],
    size: rows * width,
    span: width,
    outputFormat: (store ?? compute).format,
    configuration,
    load,
    compute,
    store,
    ...record,
  };
}

/** What rounds: one format alone, or a target's vector unit. */
function roundingsOf({
  format,
  policy,
  target,
}: ElementwiseOptions): Pick<ElementwisePlan, 'configuration' | 'load' | 'compute' | 'store'> {
  if (target === undefined) {
    const rounding = madeRounding('options', { format, policy });
    return { configuration: { rounding }, load: null, compute: rounding, store: null };
  }
  if (policy !== undefined) {
    throw new BittrueError('unsupported', 'options.policy', policy, 'none: the target has its own');
  }
  const made = madeTarget(target);
  const { load, compute, store } = vectorUnit(made);
  return { configuration: { target: made }, load, compute, store };
}
