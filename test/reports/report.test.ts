import { describe, expect, it } from 'vitest';
import { compareReports, type Report } from '../../src/events/index.ts';
import { layerNorm, rmsNorm } from '../../src/kernels/index.ts';
import { formatReport } from '../../src/reports/index.ts';
import { eventKinds } from '../../src/rounding/flags.ts';
import { fp16 } from '../../src/targets/index.ts';

const x = new Float64Array(64).fill(100);
const options = { rows: 1, width: 64, target: fp16 };
const fits = (text: string) => text.split('\n').every((line) => line.length <= 100);

/** A report in which everything happened, often. */
function crowded(): Report {
  const { report } = layerNorm(x, { ...options, beta: x, gamma: x, reference: true });
  const counts = Object.fromEntries(eventKinds.map((kind, i) => [kind, 10 ** (i + 6)])) as Report['totals'];
  const all = Object.fromEntries(report.stages.map((stage) => [stage, counts]));
  return { ...report, counts: all, totals: counts };
}

describe('formatReport', () => {
  it('tells stages, counts, the first failure and masking', () => {
    const text = formatReport(rmsNorm(x, options).report);
    expect(text).toContain('rmsNorm on fp16: 1 row of 64: NOT ok');
    expect(text).toMatch(/^stage {2,}inexact {2,}underflow {2,}overflow$/m);
    expect(text).toMatch(/^squareSum {2,}\d+ {2,}0 {2,}1$/m);
    expect(text).toContain(
      'first failure: overflow, row 0, squareSum, step 6: 59968 + 10000 -> Infinity (exact 69968)',
    );
    expect(text.replaceAll('\n  ', ' ')).toContain('masked: the output shows no Inf');
    expect(text).toContain('masked: 1 row of the 1 with overflow has only finite outputs');
    expect(text).not.toContain('wrap');
    expect(text).not.toContain('headroom');
    expect(fits(text)).toBe(true);
  });

  it('shows headroom, footroom and error after a reference pass', () => {
    const text = formatReport(rmsNorm(x, { ...options, reference: true }).report);
    expect(text).toMatch(/^stage .*headroom {2}footroom$/m);
    expect(text).toMatch(/^squareSum .*-3\.3/m);
    expect(text).toContain('error against the real function: max ');
  });

  it('says ok, with no first failure', () => {
    const text = formatReport(rmsNorm(x, { ...options, scale: 2 ** -7 }).report);
    expect(text).toContain('scale 0.0078125: 1 row of 64: ok');
    expect(text).not.toContain('first failure');
  });

  it('fits 100 columns whatever happened', () => {
    const report = crowded();
    expect(fits(formatReport(report))).toBe(true);
    expect(fits(formatReport(compareReports(report, report)))).toBe(true);
    for (const kind of eventKinds) expect(formatReport(report)).toContain(kind);
  });

  it('sets two runs side by side', () => {
    const scaled = rmsNorm(x, { ...options, scale: 2 ** -7, reference: true }).report;
    const text = formatReport(compareReports(rmsNorm(x, { ...options, reference: true }).report, scaled));
    expect(text).toMatch(/─ before ─/);
    expect(text).toMatch(/─ after ─/);
    expect(text).toMatch(/^scale {2,}–/m);
    expect(text).toContain('first failure after:  none');
    expect(fits(text)).toBe(true);
  });

  it('colours only when asked', () => {
    const { report } = rmsNorm(x, options);
    expect(formatReport(report)).not.toContain('\u001b');
    expect(formatReport(report, { color: true })).toContain('\u001b[31mNOT ok');
  });
});
