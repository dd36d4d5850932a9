import { describe, expect, it } from 'vitest';
import { explainRows, unitsBeside } from '../../src/identification/explainRows.ts';
import { defineQuestion, type Question } from '../../src/identification/question.ts';
import type { Measured } from '../../src/identification/text.ts';
import { round } from '../../src/rounding/index.ts';
import { findTarget } from '../../src/targets/index.ts';
import { gpuRows, modelRows, present, type Rows } from '../targets/vectors/rows.ts';

if (!present) console.log('no ../shared/vectors: rows of GPUs and of their models are not explained here');

/** A set of rows and their answers, those left out that two versions of a model answer in two ways. */
function measuredOf({ unit, a, b, output, width, rows, x, y, c, scales, d, disputed }: Rows): [Question, Measured] {
  const blocks = scales === null ? 0 : scales[0].length / rows;
  const [chip, own] = unit;
  const format = findTarget(chip).matrixUnits[own]?.scale?.format;
  const scale = format === undefined ? null : { format, block: width / blocks };
  const question = defineQuestion({ k: width, a, b, output, scale, ...(c === null ? { addend: null } : {}) });
  const numbers = Array.from({ length: rows }, (_, r) => r).filter((r) => !disputed.includes(r));
  const part = (all: Float64Array, r: number, count: number) => all.subarray(r * count, (r + 1) * count);
  const none = new Float64Array(0);
  const measured = numbers.map((r) => ({
    ...{ a: part(x, r, width), b: part(y, r, width) },
    // Addends of measured rows were drawn in binary32, and the chip was given the nearest of its own format.
    c: c === null ? 0 : round(output, c[r] as number),
    ...{ scaleA: part(scales?.[0] ?? none, r, blocks), scaleB: part(scales?.[1] ?? none, r, blocks) },
  }));
  return [question, { rows: measured, answers: numbers.map((r) => d[r] as number) }];
}

const named = (sets: () => Rows[]) => (present ? sets() : []).map((set) => [set.name, set] as const);

describe.skipIf(!present)('every set measured on GPUs: the right unit is among those that explain all rows', () => {
  it.each(named(gpuRows))('%s', (name, set) => {
    const limits = { budget: 5000, agree: 2000, seed: 1, zeroSigns: true };
    const found = explainRows(...measuredOf(set), limits);
    console.log(
      `| ${name} | ${found.known.join(', ')} | ${found.arithmetic ?? `none: ${found.wrong} rows left`} | ${found.next.length} |`,
    );
    expect(found.known).toContain(set.unit.join(':'));
  });
});

describe.skipIf(!present)('every recording of a public model: the right unit explains all rows', () => {
  it.each(named(modelRows))('%s', (name, set) => {
    const [question, measured] = measuredOf(set);
    const units = unitsBeside(question, measured, true);
    const [known, others] = [units.filter(({ wrong }) => wrong === 0), units.filter(({ wrong }) => wrong > 0)];
    const least = Math.min(...others.map(({ wrong }) => wrong));
    console.log(`| ${name} | ${measured.rows.length} | ${known.map((one) => one.name).join(', ')} | ${least} |`);
    expect(known.map((one) => one.name)).toContain(set.unit.join(':'));
  });
});
