import { describe, expect, it } from 'vitest';
import { binary16, catalogue, e2m1fn, e4m3fn, e5m2, int8, parseFormat } from '../../src/formats/index.ts';
import { rmsNorm } from '../../src/kernels/index.ts';
import {
  formatCsv,
  formatExplanation,
  formatFormatTable,
  formatTarget,
  formatTargets,
} from '../../src/reports/index.ts';
import { eventKinds } from '../../src/rounding/flags.ts';
import { decode, explain } from '../../src/rounding/index.ts';
import { defineTarget, fp16, fp16Tile64, targets } from '../../src/targets/index.ts';

const fits = (text: string) => text.split('\n').every((line) => line.length <= 100);

describe('formatCsv', () => {
  it('has a line a stage and a column a kind', () => {
    const { report } = rmsNorm(new Float64Array(64).fill(100), { rows: 1, width: 64, target: fp16 });
    const [head, ...lines] = formatCsv(report).trimEnd().split('\n');
    expect(head).toBe(['stage', ...eventKinds].join(','));
    expect(lines.map((line) => line.split(',')[0])).toEqual(report.stages);
    const squareSum = lines[report.stages.indexOf('squareSum')].split(',').slice(1).map(Number);
    expect(squareSum).toEqual(eventKinds.map((kind) => report.counts.squareSum[kind]));
  });
});

describe('formatExplanation', () => {
  it('tells value, code, neighbours and what else could be', () => {
    const text = formatExplanation(explain(e4m3fn, 4.25));
    expect(text).toMatch(/^4\.25 in e4m3fn is 4$/m);
    expect(text).toMatch(/^code +0x48 +0 1001 000$/m);
    expect(text).toMatch(/^next above +4\.5 +0x49$/m);
    expect(text).toMatch(/^distance +-0\.5 ulp from the number to the result$/m);
    // What gives the same shares a line.
    expect(text).toMatch(/^ +4 +0x48 +inexact +tiesToEven \*, towardZero, towardNegative$/m);
    expect(text).toMatch(/^ +4\.5 +0x49 +inexact +tiesToAway, towardPositive, toOdd$/m);
  });

  it('fits 100 columns for any format and number', () => {
    for (const format of [binary16, e5m2, int8, parseFormat('binary8p1uf')]) {
      for (const number of ['1e-300', `0.${'123456789'.repeat(20)}`, '1e30']) {
        expect(fits(formatExplanation(explain(format, number)))).toBe(true);
      }
    }
  });
});

describe('formatFormatTable', () => {
  it('holds the value of every code of a small format', () => {
    const rows = formatFormatTable(e2m1fn).split('\n').slice(-2);
    const values = rows.flatMap((row) => row.trim().split(/ +/).slice(1));
    expect(values.map(Number)).toEqual(Array.from({ length: 16 }, (_, code) => decode(e2m1fn, code)));
    expect(values[8]).toBe('-0');
  });

  it('fits 100 columns for every format of the catalogue, in one block', () => {
    for (const format of Object.values(catalogue)) {
      const text = formatFormatTable(format);
      expect(fits(text)).toBe(true);
      expect(text.split('\n').filter((line) => line.startsWith('code')).length).toBe(format.bits > 8 ? 0 : 1);
    }
  });
});

describe('formatTarget and formatTargets', () => {
  it('tells the steps and the order of sums', () => {
    expect(formatTarget(fp16)).toMatch(/^accumulate +binary16$/m);
    expect(formatTarget(fp16Tile64)).toMatch(
      /^reduction +64 at a time: additions in binary16; then butterfly additions in binary16$/m,
    );
    expect(formatTarget(fp16)).toMatch(/^known by +definition$/m);
  });

  it('tells what differs from a format’s default policy', () => {
    const half = { format: 'binary16', policy: { subnormals: 'flushBoth' } };
    const reduction = {
      kind: 'strided',
      lanes: 8,
      within: chain(half),
      across: { kind: 'pairwise', accumulator: chain(half).accumulator },
    };
    const vector = { load: half, compute: half, accumulate: half, statistics: half, store: half, reduction };
    const target = defineTarget({ name: 'mine', vectorUnits: { vector } });
    expect(formatTarget(target)).toMatch(/^load +binary16, subnormals flushBoth$/m);
    expect(formatTarget(target)).toMatch(/^reduction +8 interleaved sums, each additions in binary16, subnormals/m);
    expect(formatTargets([target])).toContain('8 interleaved sums; then pairwise');
  });

  it('lists every target within 100 columns', () => {
    const text = formatTargets(Object.values(targets));
    expect(fits(text)).toBe(true);
    for (const [name, target] of Object.entries(targets)) {
      expect(text).toContain(name);
      expect(fits(formatTarget(target))).toBe(true);
    }
  });
});

function chain(step: unknown) {
  return { kind: 'sequential', accumulator: { kind: 'float', rounding: step } };
}
