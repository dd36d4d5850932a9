import { describe, expect, it } from 'vitest';
import { checkModel, judge } from '../../../src/studies/index.ts';
import { fp16 } from '../../../src/targets/index.ts';
import { failure } from '../../testing/helpers.ts';
import { tinyLlama, validation } from '../helpers.ts';

const model = tinyLlama();
const text = [validation()[0].subarray(0, 33)];

describe('judge', () => {
  const check = checkModel(model, text, { target: fp16, residualScale: 8, variant: 'frobenius' });

  it('holds each norm of the configuration asked for against the limits', () => {
    expect(judge(check, {})).toEqual([]);
    expect(judge(check, { minSqnr: 40, maxLost: 1 })).toEqual([]);
    const plain = { ...check, norms: check.norms.map((norm) => ({ ...norm, scaled: null })) };
    const missed = judge(plain, { minSqnr: 40 });
    expect(missed.map(({ site }) => site)).toContain('norm');
    for (const { found } of missed) expect(found).toBeLessThan(40);
    const lost = check.norms.map(({ scaled }) => scaled?.lostSquares as number);
    const most = Math.max(...lost);
    expect(judge(check, { maxLost: most })).toEqual([]);
    const { site } = check.norms[lost.indexOf(most)];
    expect(judge(check, { maxLost: most * 0.999 })).toEqual([
      { site, limit: 'maxLost', wanted: most * 0.999, found: most },
    ]);
  });

  it('counts lost squares as the reports do, and SQNR over all rows', () => {
    for (const { plain, scaled } of check.norms) {
      expect(scaled).not.toBeNull();
      for (const { report, lostSquares, sqnr } of [plain, scaled as typeof plain]) {
        const { counts, rows, width } = report;
        expect(lostSquares).toBe((counts.square?.underflow as number) / (rows * width));
        expect(Number.isFinite(sqnr)).toBe(true);
      }
    }
  });

  it('refuses limits out of range, and an SQNR that no one has found', () => {
    expect(failure(() => judge(check, { maxLost: 2 }))).toBe('range limits.maxLost');
    expect(failure(() => judge(check, { minSqnr: Number.NaN }))).not.toBe('no error');
    const bare = checkModel(model, text, { target: fp16, reference: false });
    expect(failure(() => judge(bare, { minSqnr: 40 }))).toBe('unsupported limits.minSqnr');
    expect(judge(bare, { maxLost: 1 })).toEqual([]);
  });
});
