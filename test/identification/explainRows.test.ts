import { describe, expect, it } from 'vitest';
import { explainRows } from '../../src/identification/explainRows.ts';
import { defineQuestion } from '../../src/identification/question.ts';
import { gpuRows, present, type Rows } from '../targets/vectors/rows.ts';

if (!present) console.log('no ../shared/vectors: rows measured on GPUs are not explained here');

function explained(set: Rows, rows: number) {
  const { a, b, output, width, x, y, c, d } = set;
  const question = defineQuestion({ k: width, a, b, output, ...(c === null ? { addend: null } : {}) });
  const none = new Float64Array(0);
  const measured = Array.from({ length: rows }, (_, r) => ({
    ...{
      a: x.subarray(r * width, (r + 1) * width),
      b: y.subarray(r * width, (r + 1) * width),
      c: c === null ? 0 : (c[r] as number),
    },
    ...{ scaleA: none, scaleB: none },
  }));
  const limits = { budget: 5000, agree: 50, seed: 1, zeroSigns: true };
  return explainRows(question, { rows: measured, answers: Array.from(d.subarray(0, rows)) }, limits);
}

describe.skipIf(!present)('rows measured on GPUs (need ../shared/vectors)', () => {
  const sets = present ? gpuRows() : [];
  it.each(sets.filter(({ name }) => name === 'V100_fp16_fp32').map((set) => [set.name, set] as const))(
    '%s',
    (_, set) => {
      const found = explained(set, 200);
      expect(found.known).toContain(set.unit.join(':'));
      expect(found.arithmetic).not.toBeNull();
    },
  );
});
