/**
 * Which deviations explain another implementation's table: its rows, computed again under each.
 *
 * @module
 */
import type { CodeOutcome } from '../../rounding/profileOutcome.ts';
import { type Behaviour, composed } from '../diagnosis/behaviour.ts';
import { diagnose, type Found } from '../diagnosis/diagnose.ts';
import { behavioursFor } from './behaviours.ts';
import { computeWith, type Setup, setupOf } from './compute.ts';
import type { VectorRow } from './parse.ts';
import type { VectorTask } from './task.ts';
import type { Thinned } from './thinned.ts';

/** How a row is compared. */
export interface Strictness {
  /** Whether NaNs must have the same code. */
  readonly strictNaN: boolean;
  readonly ignoreFlags: boolean;
}

/** Whether an outcome is the row's: 2 in full, 1 in value only, 0 not. */
export function agreement(
  row: Pick<VectorRow, 'value' | 'code' | 'hasCode' | 'flags'>,
  found: CodeOutcome | null,
  strictness: Strictness,
): 0 | 1 | 2 {
  if (found === null) return 0;
  if (row.value !== row.value && found.value !== found.value) {
    if (strictness.strictNaN && row.hasCode && row.code !== found.code) return 0;
  } else if (!Object.is(row.value, found.value)) return 0;
  return strictness.ignoreFlags || row.flags === null || row.flags === (found.flags & 31) ? 2 : 1;
}

/** The deviations that explain the most rows of a table, and rows that they leave; null where none explains any. */
export function diagnoseTable(
  task: VectorTask,
  wrong: Thinned<VectorRow>,
  right: Thinned<VectorRow>,
  strictness: Strictness,
): Found<VectorRow> | null {
  const nanCodes = strictness.strictNaN ? commonNaNs(task, wrong.kept) : [];
  const model = {
    behaviours: behavioursFor(task, nanCodes, wrong.kept),
    judge: (behaviours: readonly Behaviour<Setup>[]) => {
      const compute = composed(behaviours, setupOf(task), (setup) => computeWith(task, setup));
      return (row: VectorRow) => agreement(row, compute(row.operands)(row.operands), strictness);
    },
  };
  return diagnose(model, wrong, right);
}

/** The codes that stand most often for NaN in the rows. */
function commonNaNs({ result, format }: VectorTask, rows: readonly VectorRow[]): number[] {
  if (result !== format) return [];
  const counts = new Map<number, number>();
  for (const { value, code, hasCode } of rows) {
    if (value !== value && hasCode && code !== null) counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return [...counts.entries()]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 3)
    .map(([code]) => code);
}
