import { describe, expect, it } from 'vitest';
import type { NumericEvent } from '../../src/events/index.ts';
import { describeEvent } from '../../src/reports/index.ts';

const overflow: NumericEvent = {
  kind: 'overflow',
  stage: 'squareSum',
  row: 17,
  index: 812,
  step: 812,
  operation: 'add',
  operands: [65472, 96],
  exact: '65568',
  result: Infinity,
  masked: true,
};

describe('describeEvent', () => {
  it('says where, what, the exact result, and that it is masked', () => {
    expect(describeEvent(overflow)).toBe(
      'row 17, squareSum, step 812: 65472 + 96 -> Infinity (exact 65568), masked: the output shows no Inf',
    );
  });

  it('is brief when asked', () => {
    expect(describeEvent(overflow, { brief: true })).toBe(
      'row 17, squareSum, step 812: 65472 + 96 -> Infinity, masked',
    );
  });

  it('says nothing of masking where the output shows it', () => {
    expect(describeEvent({ ...overflow, masked: false })).not.toContain('masked');
  });

  it.each([
    ['subtract', [1, -2], '3', '1 - (-2)'],
    ['multiply', [-0, 2], null, '-0 × 2'],
    ['divide', [1, 3], null, '1 / 3'],
    ['quantize', [1, -2, 0.5], '6', '(1 - (-2)) / 0.5'],
    ['fusedMultiplyAdd', [2, 3, -1], null, '2 × 3 + (-1)'],
    ['squareRoot', [2], null, '√2'],
    ['reciprocalSquareRoot', [0], null, '1/√0'],
    ['round', [65520], null, 'round 65520'],
    ['clamp', [300], null, 'clamp 300'],
  ] as const)('writes %s', (operation, operands, exact, words) => {
    expect(describeEvent({ ...overflow, operation, operands, exact })).toContain(`: ${words} -> `);
  });

  it('tells constants, joins, NaN and long digits', () => {
    expect(describeEvent({ ...overflow, row: -1 })).toMatch(/^once a call, /);
    expect(describeEvent({ ...overflow, index: null, step: 900 })).toContain('squareSum, step 900');
    expect(describeEvent({ ...overflow, index: 3, step: 18 })).toContain('element 3, step 18');
    expect(describeEvent({ ...overflow, kind: 'invalid', result: Number.NaN })).toContain(
      'NaN (exact 65568), masked: the output shows no NaN',
    );
    expect(describeEvent({ ...overflow, exact: '1'.repeat(400) }).length).toBeLessThan(120);
  });
});
