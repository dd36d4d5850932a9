import { describe, expect, it } from 'vitest';
import { formatVerification } from '../../src/reports/index.ts';
import { verifyVectors } from '../../src/testing/conformance/index.ts';

const cast = { format: 'e4m3fn', operation: 'cast' } as const;
const text = (vectors: string, options: object = {}): string =>
  formatVerification(verifyVectors({ ...cast, vectors, ...options }));

describe('formatVerification', () => {
  it('says that nothing differs', () => {
    expect(text('1,1\n2,2\n')).toBe('e4m3fn cast from binary64, tiesToEven: no difference in 2 rows');
    expect(text('3F800000 38 00\n', { profile: 'torch' })).toBe(
      'e4m3fn cast from binary32, profile torch, tiesToEven: no difference in 1 row',
    );
  });

  it('shows differences and the diagnosis', () => {
    expect(text('3F800000 38 00\n43E90000 7E 05\nC3FA0000 FE 05\n').split('\n')).toEqual([
      'e4m3fn cast from binary32, tiesToEven: 2 of 3 rows differ',
      'in value 2, in the code of a NaN 0, in flags alone 0',
      'operands read as binary32, the default: --from names another format',
      '',
      'line  operands         theirs                      ours                       as if',
      '   2  466 (43E90000)   448 (7E) inexact+overflow   NaN (7F) inexact+overflow  saturate, …',
      '   3  -500 (C3FA0000)  -448 (FE) inexact+overflow  NaN (FF) inexact+overflow  saturate, …',
      '',
      'That implementation:',
      '- saturates: overflow and infinities become ±max (saturate)',
      'explains 2 of 2 differences (100 %)',
      'as good as the first: saturateFinite, profile ocpSaturating, profile p3109SatFinite, profile',
      '  p3109SatPropagate, profile p3109OvfInf, profile onnxSaturate, profile onnxSaturateCast, profile',
      '  torch, profile cudaSatfinite, profile armSaturate',
    ]);
  });

  it('says what it does not know, and what it did not compare', () => {
    const told = text('1,450\n', { limit: 0 });
    expect(told).toContain('1 of 1 row differs');
    expect(told).toContain('No known deviation explains any of the differences.');
    const nan = formatVerification(verifyVectors({ format: 'e2m1fn', operation: 'cast', vectors: 'nan,0\n1,1\n' }));
    expect(nan).toContain('1 row not compared');
  });

  it('tells the default of the operands only where it was used and rows differ', () => {
    const differing = '3F800000 39\n';
    expect(text(differing)).toContain('read as binary32, the default');
    expect(text(differing, { from: 'binary32' })).not.toContain('the default');
    expect(text('1,1.125\n')).not.toContain('the default');
    expect(text('38 38 41\n', { operation: 'add' })).not.toContain('the default');
  });

  it('tells -0 from 0', () => {
    expect(text('-0.001,-0\n')).toContain(' -0 (80) ');
  });

  it('shows one row that the diagnosis leaves, however few rows it shows', () => {
    const told = text('500,448\n600,448\n700,448\n4,5\n', { limit: 1 });
    expect(told).toMatch(
      /explains 3 of 4 differences[\s\S]*\nnot explained:\nline .*\n {3}4 {2}4 \(4010000000000000\) {2}5 /,
    );
    expect(text('500,448\n600,448\n')).not.toContain('not explained');
  });

  it('says what a diagnosis contradicts', () => {
    // The one that is right lies between them: no range of numbers tells it from the others.
    const rows = [600, 650, 750, 800]
      .map((x) => `${x},448`)
      .concat('700,nan', '4,5')
      .join('\n');
    expect(text(rows)).toMatch(
      /In part[\s\S]*explains 4 of 5 differences \(80 %\), but would change 1 of 1 equal rows/,
    );
  });

  it('colours when asked', () => {
    const found = verifyVectors({ ...cast, vectors: '1,2\n' });
    expect(formatVerification(found, { color: true })).toContain('\u001b[31m');
    expect(formatVerification(found)).not.toContain('\u001b');
  });
});
