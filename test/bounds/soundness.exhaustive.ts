import { expect, it } from 'vitest';
import { rowKernels, wrappingKernels } from './kernels.ts';
import { checkSoundness } from './soundness.ts';

it('ten thousand small kernels: no input contradicts a verdict', () => {
  const { verdicts, unknown, rows } = checkSoundness(10_000);
  console.log('verdicts', verdicts, 'of the unknown', unknown, 'rows', rows);
  expect(verdicts.proved).toBeGreaterThan(2000);
});

it('ten thousand sums in registers that wrap: no sum is wrong', () => {
  const { verdicts, rows } = checkSoundness(10_000, wrappingKernels());
  console.log('verdicts', verdicts, 'rows', rows);
  expect(verdicts.sameResult).toBeGreaterThan(100);
});

it('ten thousand small norms and softmaxes: no input contradicts a verdict', () => {
  const { verdicts, unknown, rows } = checkSoundness(10_000, rowKernels());
  console.log('verdicts', verdicts, 'of the unknown', unknown, 'rows', rows);
  expect(verdicts.proved).toBeGreaterThan(200);
});
