import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { compareReports, firstFailure, mergeReports, type Report, VERSION } from '../../src/events/index.ts';
import { type LayerNormOptions, layerNorm, rmsNorm } from '../../src/kernels/index.ts';
import { bf16, fp16 } from '../../src/targets/index.ts';
import { normCases, runKernel } from '../kernels/helpers.ts';
import { failure, seeded } from '../testing/helpers.ts';

const big = (rows: number) => Float64Array.from({ length: 4 * rows }, (_, i) => (i % 2 ? 60000 : -300));
const options = { rows: 3, width: 4, target: fp16 };

describe('a report', () => {
  const { report } = rmsNorm(big(3), options);

  it('is plain data that says what ran', () => {
    expect(report).toMatchObject({
      bittrue: manifest.version,
      schema: 'report/2',
      semantics: 1,
      kernel: 'rmsNorm',
      rows: 3,
      width: 4,
    });
    expect(VERSION).toBe(manifest.version);
    expect(report.configuration.target).toEqual(fp16);
    expect(report.ok).toBe(false);
    expect(report.counts.square?.overflow).toBe(12);
    expect(report.totals.overflow).toBe(12);
    expect(report.events).toBeUndefined();
    expect(rmsNorm(big(3), { ...options, record: 'all', limit: 5 }).report).toMatchObject({
      events: { length: 5 },
    });
  });

  it('is ok when nothing failed, though results were rounded', () => {
    const calm = rmsNorm([1, 2, 3], { rows: 1, width: 3, target: fp16 }).report;
    expect(calm.ok).toBe(true);
    expect(calm.totals.inexact).toBeGreaterThan(0);
    expect(firstFailure(calm)).toBeNull();
  });

  it('counts the same in every mode of recording', () => {
    for (const record of ['counts', 'first', 'all'] as const) {
      const other = rmsNorm(big(3), { ...options, record }).report;
      expect(other.counts).toEqual(report.counts);
      expect(Object.keys(other.first)).toHaveLength(record === 'counts' ? 0 : Object.keys(report.first).length);
    }
  });
});

describe('mergeReports', () => {
  it('makes of the parts what one run makes of the whole', () => {
    fc.assert(
      fc.property(normCases(undefined, { minRows: 2, maxRows: 5 }), fc.nat({ max: 5 }), (given, cut) => {
        const record = { record: 'all', limit: 2 ** 32 } as const;
        let whole: Report;
        try {
          whole = runKernel({ ...given, options: { ...given.options, ...record } }).report;
        } catch {
          return fc.pre(false);
        }
        const { rows, width, residual } = given.options;
        const part = (from: number, to: number) => {
          const own: LayerNormOptions = {
            ...given.options,
            ...record,
            rows: to - from,
            ...(residual ? { residual: Array.from(residual).slice(from * width, to * width) } : {}),
          };
          return runKernel({ ...given, x: given.x.slice(from * width, to * width), options: own }).report;
        };
        const at = Math.min(cut, rows);
        expect(mergeReports([part(0, at), part(at, rows)])).toEqual(whole);
      }),
      seeded(40),
    );
  });

  it('leaves out what belongs to a batch', () => {
    const { report } = rmsNorm([1, 2], { rows: 1, width: 2, target: fp16, reference: true });
    expect(report.headroom).toBeDefined();
    const merged = mergeReports([report, report]);
    expect([merged.headroom, merged.footroom, merged.flushed, merged.error]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('refuses what does not belong together', () => {
    const { report } = rmsNorm([1, 2], { rows: 1, width: 2, target: fp16 });
    expect(failure(() => mergeReports([]))).toBe('shape reports');
    expect(failure(() => mergeReports([report, { ...report, width: 3 }]))).toBe('unsupported reports.width');
    expect(failure(() => mergeReports([report, { ...report, bittrue: '9.9.9' }]))).toBe('unsupported reports.bittrue');
    expect(failure(() => mergeReports([report, { ...report, semantics: 9 }]))).toBe('unsupported reports.semantics');
    expect(failure(() => mergeReports([report, { ...report, stages: ['load'] }]))).toBe('unsupported reports.stages');
    const other = rmsNorm([1, 2], { rows: 1, width: 2, target: bf16 }).report;
    expect(failure(() => mergeReports([report, other]))).toBe('unsupported reports.configuration');
  });
});

describe('compareReports', () => {
  it('puts two runs side by side, stages of both in order', () => {
    const plain = rmsNorm(big(3), { ...options, reference: true }).report;
    const scaled = rmsNorm(big(3), { ...options, scale: 1 / 1024, gamma: [1, 1, 1, 1], reference: true }).report;
    const compared = compareReports(plain, scaled);
    expect(compared.stages.map(({ stage }) => stage)).toEqual([
      'constants',
      'load',
      'scale',
      'square',
      'squareSum',
      'variance',
      'epsilon',
      'reciprocalSqrt',
      'normalize',
      'gamma',
      'store',
    ]);
    expect(compared.stages[2]).toMatchObject({ before: null, headroomBefore: null });
    expect(compared.firstFailureBefore).toMatchObject({ kind: 'overflow', stage: 'square', row: 0, index: 0 });
    expect(compared.firstFailureAfter).toBeNull();
  });

  it('refuses runs of different kernels or shapes', () => {
    const a = rmsNorm([1, 2], { rows: 1, width: 2, target: fp16 }).report;
    const b = layerNorm([1, 2], { rows: 1, width: 2, target: fp16 }).report;
    const c = rmsNorm([1, 2], { rows: 2, width: 1, target: fp16 }).report;
    expect(failure(() => compareReports(a, b))).toBe('unsupported after.kernel');
    expect(failure(() => compareReports(a, c))).toBe('unsupported after.rows');
  });
});
