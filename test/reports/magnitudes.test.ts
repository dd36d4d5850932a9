import { describe, expect, it } from 'vitest';
import { compareReports } from '../../src/events/index.ts';
import { memorySource, readSafetensors, writeSafetensors } from '../../src/files/index.ts';
import { cast, layerNorm } from '../../src/kernels/index.ts';
import {
  formatCsv,
  formatReport,
  graphCheckHtml,
  magnitudePlots,
  type Plot,
  plotSvg,
  sweepPlots,
  toJson,
} from '../../src/reports/index.ts';
import { checkCaptured, checkRows } from '../../src/studies/index.ts';
import { defineSweep, runCell } from '../../src/sweeps/index.ts';
import { fp16 } from '../../src/targets/index.ts';

const x = [0, -0, 2 ** -20, 2 ** -14, 1.5, -1.75, 4, 1e6, 65504];
const { report } = cast(x, { format: 'binary16', magnitudes: true });

describe('magnitudes in reports', () => {
  it('are a table', () => {
    const lines = formatReport(report).split('\n');
    const row = lines.filter((line) => /^cast {2}/.test(line))[1];
    expect(row?.split(/ {2,}/)).toEqual(['cast', '9', '2', '1', '1', '-14 … 15', '-14 … 15', '4', '0', '0']);
    const rows = checkRows([3, 4, 5, 600], { rows: 2, width: 2, target: fp16, scale: 0.5, magnitudes: true });
    const pair = formatReport(compareReports(rows.plain, rows.scaled!));
    expect(pair.match(/^(before|after):$/gm)).toEqual(['before:', 'after:']);
    expect(pair.split('\n').every((line) => line.length <= 100)).toBe(true);
  });

  it('are columns of CSV, and members of JSON without a −0', () => {
    const [head = '', line = ''] = formatCsv(report).split('\n');
    expect(head.endsWith(',zero,subnormal,nonFinite,leastExponent,largestExponent,binadesUsed')).toBe(true);
    expect(line.endsWith(',2,1,1,-14,15,4')).toBe(true);
    expect(formatCsv(cast([1], { format: 'binary16' }).report)).not.toContain('subnormal');
    // What a call rounds once is counted nowhere.
    const norm = layerNorm([1, 2], { rows: 1, width: 2, target: 'fp16', magnitudes: true }).report;
    expect(formatCsv(norm).split('\n')[1]).toMatch(/^constants,.*,,,,,,$/);
    expect(JSON.parse(toJson(cast([0, 3], { format: 'int8', magnitudes: true }).report)).magnitudes).toEqual({
      cast: { zero: 1, subnormal: 0, nonFinite: 0, least: 1, counts: [1], range: { least: 0, most: 7 } },
    });
  });

  it('are histograms between the ends of the format', () => {
    const [plot, ...more] = magnitudePlots(report);
    expect(more).toEqual([]);
    expect(plot?.title).toBe('cast: exponents of 5 results; 2 zero, 1 subnormal, 1 not finite');
    expect(plot?.series[0]?.points).toEqual([
      { x: -14, y: 1 },
      { x: 0, y: 2 },
      { x: 2, y: 1 },
      { x: 15, y: 1 },
    ]);
    expect(plot?.limits?.map(({ at }) => at)).toEqual([-14, 15]);
    expect(plotSvg(plot!).match(/<rect /g)?.length).toBe(1 + 4);
    expect(magnitudePlots(cast([0], { format: 'binary16', magnitudes: true }).report)).toEqual([]);
    expect(() => magnitudePlots(cast([0], { format: 'binary16' }).report)).toThrow(/magnitudes: true/);
  });

  it('stand in the page of a check that counted them, and in no other', async () => {
    const data = Float32Array.from({ length: 64 }, (_, i) => 2 ** (i % 9));
    const bytes = writeSafetensors({ 'ln.input': { data, shape: [1, 64] } });
    const capture = readSafetensors(memorySource(bytes, 'acts.safetensors'));
    const options = { targets: ['fp16'], kernel: 'layerNorm' } as const;
    const page = graphCheckHtml(await checkCaptured(capture, { ...options, magnitudes: true }));
    expect(page).toContain('square: exponents of 64 results');
    expect(graphCheckHtml(await checkCaptured(capture, options))).not.toContain('<svg');
  });

  it('of a sweep are drawn for each format apart, and a rate of nothing has no axis below zero', () => {
    const data = [{ name: 'normal', rows: 2, width: 64, inputs: { kind: 'normal' } as const }];
    const formats = ['binary16', 'e5m2'];
    const sweep = defineSweep({
      kernels: ['sum'],
      data,
      formats,
      accumulators: ['binary16', 'binary32'],
      magnitudes: true,
    });
    const cells = Array.from({ length: sweep.cells }, (_, i) => runCell(sweep, i));
    const titles = sweepPlots(cells).map(({ title }) => title);
    // Both formats reach as far, and are two all the same.
    expect(titles).toContain('sum, binary16, load: exponents of 256 results');
    expect(titles.filter((title) => title.startsWith('sum, e5m2, load'))).toHaveLength(1);
    expect(titles.filter((title) => title.startsWith('sum, e5m2, sum (2^-126 … 2^127)'))).toHaveLength(1);
    const rate = sweepPlots(cells).find(({ title }) => title.startsWith('Overflow'));
    expect(plotSvg(rate as Plot)).not.toContain('>−');
  });
});
