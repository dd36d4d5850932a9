import { describe, expect, it } from 'vitest';
import { layerNorm, matmul, sum } from '../../../src/kernels/index.ts';
import { checkModel, judge, newEvents } from '../../../src/studies/index.ts';
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

describe('judge of a report', () => {
  it('counts additions of two numbers other than zero alone', () => {
    // 2048 + 1 is lost, and 1 + 2048 after a zero is none lost: four terms, zeros between, three additions.
    const x = [2048, 0, 1, 0, 0, 1, 0, 4];
    const { report } = sum(x, { rows: 1, width: x.length, target: fp16, reference: true });
    expect(report.totals.absorption).toBe(2);
    expect(report.additions?.sum).toBe(3);
    expect(judge(report, { maxAbsorbed: 0.5 })[0]?.found).toBe(2 / 3);
    // Without a reference pass there may have been as many as the width allows.
    const bare = sum(x, { rows: 1, width: x.length, target: fp16 }).report;
    expect(judge(bare, { maxAbsorbed: 0.1 })[0]?.found).toBe(2 / 7);
    // A partial sum that is zero takes what comes.
    const back = sum([1, -1, 3, 2048], { rows: 1, width: 4, target: fp16, reference: true }).report;
    expect(back.additions?.sum).toBe(2);
  });

  it('takes a norm’s own stages', () => {
    const x = Float64Array.from({ length: 64 }, (_, i) => (i % 2 ? 3 : -3) + (i === 0 ? 512 : 0));
    const { report } = layerNorm(x, { rows: 1, width: 64, target: fp16, reference: true });
    expect(report.additions).toMatchObject({ center: 64, squareSum: 63, epsilon: 1 });
    const product = matmul([1, 0, 2, 3], [1, 5, 0, 1], { m: 1, n: 1, k: 4, target: 'fp32', reference: true }).report;
    expect(product.additions?.accumulate).toBe(1);
  });

  const run = (x: readonly number[], reference = true) =>
    sum(x, { rows: 1, width: x.length, target: fp16, reference }).report;

  it('sees a sum that stopped though nothing failed', () => {
    const report = run(Array(4096).fill(1));
    expect(report.ok).toBe(true);
    // The first of 4096 meets +0, and of the other 4095 additions half lose their addend.
    expect(judge(report, { maxAbsorbed: 2048 / 4095 })).toEqual([]);
    expect(judge(report, { maxAbsorbed: 0.5 })).toEqual([
      { site: null, limit: 'maxAbsorbed', wanted: 0.5, found: 2048 / 4095 },
    ]);
    expect(judge(run(Array(4096).fill(1), false), { maxAbsorbed: 0.5 })[0]?.found).toBe(2048 / 4095);
    // 2048 where 4096 is right; an ulp there is 4.
    expect(judge(report, { maxUlp: 511, minSqnr: 6.1 }).map(({ limit, found }) => [limit, found])).toEqual([
      ['minSqnr', 20 * Math.log10(2)],
      ['maxUlp', 512],
    ]);
    expect(judge(report, { maxUlp: 512, minSqnr: 6 })).toEqual([]);
  });

  it('holds room and kinds of events against limits', () => {
    const report = run([40000, 40000]);
    expect(judge(report, { failOn: ['overflow', 'underflow'] })).toEqual([
      { site: null, limit: 'failOn', kind: 'overflow', wanted: 0, found: 1 },
    ]);
    expect(judge(report, { failOn: ['underflow'] })).toEqual([]);
    expect(judge(report, { minHeadroom: -1 })).toEqual([]);
    expect(judge(report, { minHeadroom: 0 })[0]?.found).toBe(Math.log2(65504 / 80000));
    expect(judge(run([0, 0]), { minHeadroom: 100 })).toEqual([]);
  });

  it('lets no output pass that is not finite, whatever the others are', () => {
    const one = run([60000, 60000]);
    expect(judge(one, { maxUlp: 1, minSqnr: 40 }).map(({ limit, found }) => [limit, found])).toEqual([
      ['minSqnr', null],
      ['maxUlp', Infinity],
    ]);
    const half = sum([60000, 60000, 1, 2], { rows: 2, width: 2, target: fp16, reference: true }).report;
    expect(judge(half, { maxUlp: 1, minSqnr: 40 })).toHaveLength(2);
  });

  it('refuses a run that counted nothing, and lost squares of what has none', () => {
    const unheard = sum([60000, 60000], { rows: 1, width: 2, target: fp16, record: 'off' }).report;
    expect(failure(() => judge(unheard, { failOn: ['overflow'] }))).toBe('unsupported check');
    expect(failure(() => newEvents(run([1, 2]), unheard))).toBe('unsupported check');
    expect(failure(() => newEvents(unheard, run([1, 2])))).toBe('unsupported baseline');
    expect(failure(() => judge(run([1, 2]), { maxLost: 0 }))).toBe('unsupported limits.maxLost');
  });

  it('refuses what was not measured, and limits that are none', () => {
    const plain = run([1, 2], false);
    for (const limits of [{ minSqnr: 1 }, { maxUlp: 1 }, { minHeadroom: 1 }] as const) {
      expect(failure(() => judge(plain, limits))).toBe(`unsupported limits.${Object.keys(limits)[0]}`);
    }
    expect(failure(() => judge(plain, { maxAbsorbed: 1.1 }))).toBe('range limits.maxAbsorbed');
    expect(failure(() => judge(plain, { maxUlp: -1 }))).toBe('range limits.maxUlp');
    expect(failure(() => judge(plain, { failOn: ['overflows'] as never }))).toBe('name limits.failOn[0]');
    expect(failure(() => judge(plain, { maxulp: 1 } as never))).toBe('name limits.maxulp');
  });
});
