import { expect, it } from 'vitest';
import { Maker } from '../../src/identification/making.ts';
import { defineQuestion } from '../../src/identification/question.ts';
import { dot } from '../../src/kernels/index.ts';
import { defineTarget, findTarget } from '../../src/targets/index.ts';
import { draws } from '../../src/testing/conformance/sample.ts';

it('rows show what an alignment cuts that keeps nearly all', () => {
  const unit = findTarget('b200').matrixUnits.fp6F16!;
  const [a] = unit.a;
  const exact = { kind: 'sequential', accumulator: { kind: 'exact', output: { format: 'binary16' } } };
  const whole = { ...unit, disputed: [], reduction: { ...unit.reduction, within: exact } };
  const own = defineTarget({ name: 'exact', source: 'test', matrixUnits: { fp6F16: whole } } as never);
  const made = new Maker(defineQuestion({ k: 64, a, output: 'binary16' }), draws(1)).rows('tails', 6000);
  const [x, y] = (['a', 'b'] as const).map((name) => Float64Array.from(made.flatMap((row) => Array.from(row[name]))));
  const on = {
    rows: made.length,
    width: 64,
    unit: 'fp6F16',
    a,
    b: a,
    c: made.map(({ c }) => c),
    record: 'off',
  } as const;
  const [cut, kept] = ['b200', own].map((target) => dot(x!, y!, { ...on, target } as never).output);
  // As 256 + 1/8 + 2^−18: results of binary16 end at 1/4, the alignment at 2^−17.
  expect(cut!.some((value, row) => !Object.is(value, kept![row]))).toBe(true);
});
