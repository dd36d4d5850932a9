/**
 * Sums of rows: loaded, summed by any reduction, stored.
 *
 * @module
 */
import type { Reduction } from '../../accumulators/reduction.ts';
import type { Step } from '../../rounding/step.ts';
import type { OracleEvent } from './events.ts';
import { oracleOperation } from './operations.ts';
import { oracleReduce } from './reduce.ts';

/** What the sums of all rows give. */
export interface OracleRowSums {
  readonly output: number[];
  readonly events: OracleEvent[];
}

/** The sum of each row; `load` and `store` null: no such stages. */
export function oracleRowSums(options: {
  readonly rows: number;
  readonly width: number;
  readonly x: ArrayLike<number>;
  readonly reduction: Reduction;
  readonly load: Step | null;
  readonly store: Step | null;
}): OracleRowSums {
  const { rows, width, x, reduction, load, store } = options;
  const events: OracleEvent[] = [];
  const output: number[] = [];
  for (let row = 0; row < rows; row++) {
    const convert = (stage: string, step: Step, value: number, index: number | null): number => {
      const { value: result, flags } = oracleOperation('convert', step, [value]);
      if (flags !== 0) events.push({ row, stage, index, step: index ?? 0, flags, operands: [value], result });
      return result;
    };
    const given = Array.from({ length: width }, (_, i) => x[row * width + i] as number);
    const loaded = load === null ? given : given.map((value, i) => convert('load', load, value, i));
    const sum = oracleReduce(reduction, loaded, null);
    for (const event of sum.events) events.push({ row, stage: 'sum', ...event });
    output.push(store === null ? sum.value : convert('store', store, sum.value, null));
  }
  return { output, events };
}
