/**
 * What a cast takes, checked and resolved.
 *
 * @module
 */
import { checkInteger, checkObject } from '../../errors/index.ts';
import type { Format } from '../../formats/format.ts';
import type { PartialPolicy } from '../../rounding/policy.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import { type Plan, planRecord, type RecordOptions, recordKeys } from '../contract.ts';
import { madeRounding } from '../made.ts';

/** Options of `cast`. */
export interface CastOptions extends RecordOptions {
  readonly format: Format;
  /** What differs from the format's defaults. */
  readonly policy?: PartialPolicy;
  /** Rows of the input, for the places of events; default 1. */
  readonly rows?: number;
  /** Numbers a row; default all of them. */
  readonly width: number;
}

/** A checked cast. */
export interface CastPlan extends Plan {
  readonly stages: readonly 'cast'[];
  readonly rounding: Rounding;
}

/** Checks the options. */
export function planCast(options: CastOptions): CastPlan {
  checkObject('options', options, ['format', 'policy', 'rows', 'width', ...recordKeys]);
  const rounding = madeRounding('options', { format: options.format, policy: options.policy });
  const rows = checkInteger('options.rows', options.rows ?? 1, 0, 2 ** 31);
  const width = checkInteger('options.width', options.width, 0, 2 ** 32);
  return {
    kernel: 'cast',
    rows,
    width,
    stages: ['cast'],
    ...planRecord(options),
    size: rows * width,
    span: width,
    outputFormat: rounding.format,
    configuration: { rounding },
    rounding,
  };
}
