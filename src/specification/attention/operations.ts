/**
 * A row's operations, each told at its place.
 *
 * @module
 */
import type { ValueUnit } from '../../arithmetic/valueUnit.ts';
import type { Recorder } from '../../events/recorder.ts';
import type { Sums } from '../products/scalar.ts';
import type { AttentionStage } from './options.ts';
import type { AttentionParts, QueryLoaded } from './parts.ts';
import type { Placed } from './place.ts';

/** A row under way. */
export interface Row {
  readonly parts: AttentionParts;
  readonly loaded: QueryLoaded;
  readonly head: number;
  readonly query: number;
  readonly recorder: Recorder;
  readonly placed: Placed;
  /** Number of the row. */
  readonly row: number;
}

export type Binary = 'add' | 'subtract' | 'multiply' | 'divide';

/** x_i ∘ b, in place; element i is column first + i. */
export function binaryEach(
  row: Row,
  stage: AttentionStage,
  unit: ValueUnit,
  operation: Binary,
  x: Float64Array,
  b: number,
  first: number,
  width: number,
): void {
  for (let i = 0; i < x.length; i++) {
    x[i] = binaryOne(row, stage, unit, operation, x[i] as number, b, first + i, row.row * width + first + i);
  }
}

export function binaryOne(
  row: Row,
  stage: AttentionStage,
  unit: ValueUnit,
  operation: Binary,
  a: number,
  b: number,
  column: number,
  key: number,
): number {
  const { recorder, parts } = row;
  recorder.stage = parts.at[stage];
  recorder.index = key;
  recorder.step = 0;
  const r = unit[operation](a, b, recorder);
  note(row, unit, operation, column, column, a, b, r);
  recorder.see(r, unit.binades);
  return r;
}

export function roundOne(row: Row, unit: ValueUnit, a: number, column: number, key: number, step = column): number {
  const { recorder } = row;
  recorder.index = key;
  recorder.step = 0;
  const r = unit.round(a, recorder);
  note(row, unit, 'round', column, step, a, 0, r);
  return r;
}

export function note(
  { recorder }: Row,
  { flags }: ValueUnit,
  operation: Binary | 'round',
  index: number | null,
  step: number,
  a: number,
  b: number,
  r: number,
): void {
  if (flags !== 0) recorder.note(flags, operation, index, step, a, b, 0, r);
}

/** A sum of products on the matrix unit: products, sum, store. */
export function sumProducts(
  row: Row,
  { reducer, multiplier, store, at }: Sums,
  x: Float64Array,
  y: Float64Array,
  count: number,
  addend: number | null,
  key: number,
  column: number,
  first: number,
  joinsAt: number,
): number {
  const { recorder, placed } = row;
  let terms = x;
  if (multiplier !== null) {
    recorder.stage = at.product;
    const own = placed.inSum(key, column, first, Infinity, 0);
    terms = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      const [a, b] = [x[i] as number, y[i] as number];
      own.index = key;
      own.step = i;
      const r = multiplier.multiply(a, b, own);
      if (multiplier.flags !== 0) own.note(multiplier.flags, 'multiply', i, i, a, b, 0, r);
      terms[i] = r;
    }
    own.seeAll(terms, multiplier.binades);
  }
  recorder.stage = at.accumulate;
  const sum = reducer.sum(
    terms,
    multiplier === null ? y : null,
    count,
    placed.inSum(key, column, first, count, joinsAt),
    addend,
  );
  recorder.stage = at.store;
  const stored = roundOne(row, store, sum, column, key, first);
  recorder.see(stored, store.binades);
  return stored;
}
