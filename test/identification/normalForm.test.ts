/** What a search takes to be proved the same gives the same bits: `PROPERTY_RUNS=1` draws more points. */
import { describe, expect, it } from 'vitest';
import { draws, type Next } from '../../src/identification/draws.ts';
import { corners } from '../../src/identification/ends.ts';
import { huntRows } from '../../src/identification/fresh.ts';
import { type Order, orders } from '../../src/identification/orders.ts';
import { type Point, pointOf } from '../../src/identification/point.ts';
import { defineQuestion } from '../../src/identification/question.ts';
import { formOf } from '../../src/identification/rivals.ts';
import { type Tools, toolsOf } from '../../src/identification/tools.ts';
import { share } from '../testing/helpers.ts';

const limits = { budget: 5000, agree: 100, seed: 1, zeroSigns: true };

/** A point some steps away from the defaults, each of another parameter. */
function walked(
  { question, search }: Tools,
  all: readonly Order[],
  steps: number,
  pick: <T>(values: readonly T[]) => T,
): Point {
  let point = pointOf(question, { order: pick(all), family: pick(['aligned', 'aligned', 'float', 'exact'] as const) });
  for (let step = 0; step < steps; step++) {
    const near = [...search.neighbours(point, all)];
    const axis = pick([...new Set(near.map((one) => one.axis))]);
    point = pick(near.filter((one) => one.axis === axis)).point;
  }
  return point;
}

describe('points of one normal form', () => {
  it('give the same bits', () => {
    const next: Next = draws('normal forms');
    const pick = <T>(values: readonly T[]): T => values[next(values.length)] as T;
    const compared = new Map<string, number>();
    for (let n = 0; n < 128 * share; n++) {
      const a = pick(['e5m2', 'binary16', 'bfloat16', 'e4m3fn']);
      const k = 2 + next(6);
      const tools = toolsOf(
        defineQuestion({ k, a, b: a, output: pick(['binary32', 'binary32', 'binary16']) }),
        { ...limits, seed: n },
        { rows: [], answers: [] },
      );
      const { question, search, draw } = tools;
      const all = [...orders(k)].flat().slice(0, 24);
      const point = walked(tools, all, n % 4, pick);
      const own = search.candidate(point);
      if (own === null) continue;
      const form = formOf(question, point);
      const same = [...search.neighbours(point, all)].filter((one) => formOf(question, one.point) === form);
      const rows = [...huntRows(tools, 60), ...corners(question, draw)];
      const said = rows.map((row) => own.to(row));
      // A few of every parameter.
      for (const { axis, point: other } of same.filter((one, i) => one.axis !== same[i - 3]?.axis)) {
        const candidate = search.candidate(other);
        if (candidate === null) continue;
        compared.set(axis, (compared.get(axis) ?? 0) + 1);
        expect(
          rows.map((row) => candidate.to(row)),
          `${axis} ${other[axis]} for ${point[axis]}`,
        ).toEqual(said);
      }
    }
    expect([...compared.keys()]).toEqual(
      expect.arrayContaining(['sumFormat', 'sumOverflow', 'zeroOperands', 'product']),
    );
  });
});
