import { describe, expect, it } from 'vitest';
import { explainRows } from '../../src/identification/explainRows.ts';
import { defineQuestion } from '../../src/identification/question.ts';
import { round } from '../../src/rounding/index.ts';
import { gpuRows, present } from '../targets/vectors/rows.ts';

if (!present) console.log('no ../shared/vectors: rows measured on GPUs are not explained here');

describe.skipIf(!present)('every set measured on GPUs: the right unit is among those that explain all rows', () => {
  const sets = present ? gpuRows() : [];
  it.each(sets.map((set) => [set.name, set] as const))(
    '%s',
    (name, { a, b, output, width, rows, x, y, c, d, unit }) => {
      const question = defineQuestion({ k: width, a, b, output, ...(c === null ? { addend: null } : {}) });
      const none = new Float64Array(0);
      // The addends were drawn in binary32, and the chip was given the nearest of its own format.
      const addends = c === null ? null : Float64Array.from(c, (one) => round(output, one));
      const measured = Array.from({ length: rows }, (_, r) => ({
        ...{ a: x.subarray(r * width, (r + 1) * width), b: y.subarray(r * width, (r + 1) * width) },
        ...{ c: addends === null ? 0 : (addends[r] as number), scaleA: none, scaleB: none },
      }));
      const limits = { budget: 5000, agree: 2000, seed: 1, zeroSigns: true };
      const found = explainRows(question, { rows: measured, answers: Array.from(d) }, limits);
      console.log(
        `| ${name} | ${found.known.join(', ')} | ${found.arithmetic ?? `none: ${found.wrong} rows left`} | ${found.next.length} |`,
      );
      expect(found.known).toContain(unit.join(':'));
    },
  );
});
