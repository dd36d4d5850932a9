/**
 * Every pair of matrix units of the catalogue that take the same operands: told apart, proved equivalent, or listed with the
 * rows that were tried. A line a group tells how far it is; a line a pair where a pair takes long.
 */
import { writeSync } from 'node:fs';
import { expect, it } from 'vitest';
import { formatName } from '../../../src/formats/index.ts';
import { normalForm } from '../../../src/identification/normalForm.ts';
import { dot } from '../../../src/kernels/index.ts';
import { describeDistinction, distinguish } from '../../../src/testing/distinguish/index.ts';
import { sideOf } from '../../../src/testing/distinguish/side.ts';
import { gpuRows, present } from '../../targets/vectors/rows.ts';
import { byOracle, distinct, groups, unitOf } from './catalogue.ts';

const ROWS = 1_000_000;
const SLOW = 5000;
const open: string[] = [];
const tally = {
  ...{ pairs: 0, different: 0, equivalent: 0, indistinguishable: 0, unknown: 0 },
  ...{ milliseconds: 0, slowest: 0, mostElements: 0, longest: 0 },
};
// The console of a test waits for the test.
const say = (line: string): number => writeSync(2, `${line}\n`);

it.each(
  groups().map((group) => ({
    ...group,
    name: `${formatName(group.a)} by ${formatName(group.b)}, ${group.units.length} units`,
  })),
)('$name', (group) => {
  const options = { a: group.a, b: group.b, rows: ROWS };
  const some = distinct(group.units);
  for (const [i, left] of some.entries()) {
    for (const right of some.slice(i + 1)) {
      const from = performance.now();
      const found = distinguish(left, right, 'dot', options);
      const took = performance.now() - from;
      tally.pairs += 1;
      tally.milliseconds += took;
      tally.slowest = Math.max(tally.slowest, took);
      tally[found.verdict] += 1;
      if (took > SLOW) say(`${left} and ${right}: ${found.verdict} after ${Math.round(took)} ms`);
      if (found.verdict === 'different') {
        tally.mostElements = Math.max(tally.mostElements, found.nonZero);
        tally.longest = Math.max(tally.longest, found.width);
        const [p, q] = found.sides.map(({ value }) => value);
        expect(p).not.toBe(q);
        expect(byOracle(left, group, found)).toBe(p);
        expect(byOracle(right, group, found)).toBe(q);
      } else if (found.verdict !== 'equivalent')
        open.push(`${left} and ${right} on ${formatName(group.a)}: ${describeDistinction(found)}`);
    }
  }
  say(`${group.name}: ${JSON.stringify(tally)}`);
  // Units of the same arithmetic, such as those of siblings, have one normal form.
  const formOf = (unit: string): string => normalForm(sideOf('target', unit, 'dot', { a: group.a, b: group.b })).text;
  const forms = new Set(some.map(formOf));
  for (const unit of group.units) expect(forms, unit).toContain(formOf(unit));
});

it('leaves at most five pairs open', () => {
  console.log(JSON.stringify(tally), open);
  expect(open.length).toBeLessThanOrEqual(5);
});

it.skipIf(!present)('calls nothing equivalent that the outputs measured on GPUs tell apart', () => {
  let [separated, compared] = [0, 0];
  // Rows were measured without block scales.
  for (const { a, b, units } of groups().filter(({ units: [first = ''] }) => unitOf(first).scale === null)) {
    const some = distinct(units);
    for (const set of gpuRows().filter(
      (rows) => formatName(rows.a) === formatName(a) && formatName(rows.b) === formatName(b),
    )) {
      const { x, y, rows, width } = set;
      const c = set.c ?? new Float64Array(rows);
      const results = some.map((target) => dot(x, y, { rows, width, target, a, b, c, record: 'counts' }).output);
      for (const [i, left] of some.entries()) {
        for (const [j, right] of some.entries()) {
          if (j <= i || results[i]?.every((value, r) => Object.is(value, results[j]?.[r]))) continue;
          separated += 1;
          expect(distinguish(left, right, 'dot', { a, b, rows: 0 }).verdict, `${left} ${right} ${set.name}`).toBe(
            'different',
          );
        }
      }
      compared += 1;
    }
  }
  console.log(`${compared} sets and units, ${separated} pairs told apart by measured operands`);
  expect(separated).toBeGreaterThan(100);
});
