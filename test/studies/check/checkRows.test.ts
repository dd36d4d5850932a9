import { describe, expect, it } from 'vitest';
import { checkRows } from '../../../src/studies/index.ts';
import { fp16 } from '../../../src/targets/index.ts';

const whisper = Float64Array.from({ length: 768 }, (_, i) => (i % 2 ? 795 : -795));

describe('checkRows', () => {
  it('finds the masked overflow of a LayerNorm, and that a scale cures it', () => {
    const check = checkRows(whisper, { rows: 1, width: 768, target: fp16, scale: 2 ** -10 });
    expect(check.plain.ok).toBe(false);
    expect(check.plain.first.overflow).toMatchObject({ stage: 'square', exact: '632025', masked: true });
    expect(check.plain.headroom?.square).toBeCloseTo(Math.log2(65504 / 632025), 10);
    expect(check.scaled?.ok).toBe(true);
    expect(check.ok).toBe(true);
  });

  it('is not ok without the scale', () => {
    const check = checkRows(whisper, { rows: 1, width: 768, target: fp16, kernel: 'rmsNorm' });
    expect(check.plain.kernel).toBe('rmsNorm');
    expect(check).toMatchObject({ ok: false, scaled: null, schema: 'check-rows/1' });
  });

  it('takes epsilon', () => {
    const { plain } = checkRows([1, 2], { rows: 1, width: 2, target: fp16, epsilon: 0 });
    expect(plain.configuration.epsilon).toBe(0);
  });

  it.each([
    ['a length that does not fit', { rows: 2, width: 768, target: fp16 }, 'x'],
    ['an unknown kernel', { rows: 1, width: 768, target: fp16, kernel: 'batchNorm' }, 'options.kernel'],
    ['a NaN scale', { rows: 1, width: 768, target: fp16, scale: Number.NaN }, 'options.scale'],
    ['an unknown option', { rows: 1, width: 768, target: fp16, gamma: [] }, 'options.gamma'],
  ])('refuses %s', (_, options, argument) => {
    expect(() => checkRows(whisper, options as never)).toThrow(
      expect.objectContaining({ name: 'BittrueError', argument }),
    );
  });
});
