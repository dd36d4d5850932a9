/**
 * Sums of rows: loaded, summed by any reduction, stored.
 *
 * @module
 */
import type { Reduction } from '../../accumulators/reduction.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import {
  checkLength,
  checkNumberList,
  checkReduction,
  checkRounding,
  checkSize,
  maybe,
  options as shape,
} from './checks.ts';
import type { OracleEvent } from './events.ts';
import { oracleOperation } from './operations.ts';
import { oracleReduce } from './reduce.ts';

/** What the sums of all rows give. */
export interface OracleRowSums {
  readonly output: number[];
  readonly events: OracleEvent[];
}

const checkOptions = shape('rows to be summed', {
  rows: checkSize,
  width: checkSize,
  x: checkNumberList,
  reduction: checkReduction,
  load: maybe(checkRounding),
  store: maybe(checkRounding),
});

/** The sum of each row; `load` and `store` null: no such stages. */
export function oracleRowSums(options: {
  readonly rows: number;
  readonly width: number;
  readonly x: ArrayLike<number>;
  readonly reduction: Reduction;
  readonly load: Rounding | null;
  readonly store: Rounding | null;
}): OracleRowSums {
  checkOptions('options', options);
  const { rows, width, x, reduction, load, store } = options;
  checkLength('options.x', x, rows * width);
  const events: OracleEvent[] = [];
  const output: number[] = [];
  for (let row = 0; row < rows; row++) {
    const convert = (stage: string, rounding: Rounding, value: number, index: number | null): number => {
      const { value: result, flags } = oracleOperation('convert', rounding, [value]);
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
