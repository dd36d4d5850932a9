import { describe, expect, it } from 'vitest';
import { rmsNorm } from '../../../src/kernels/index.ts';
import { toJson } from '../../../src/reports/index.ts';
import { checkRows, newEvents } from '../../../src/studies/index.ts';
import { fp16 } from '../../../src/targets/index.ts';
import { failure } from '../../testing/helpers.ts';

const report = (x: number) => rmsNorm([x, x, 1, 1], { rows: 2, width: 2, target: fp16 }).report;
const rows = (x: number) => checkRows([x, x, 1, 1], { rows: 2, width: 2, target: fp16, kernel: 'rmsNorm' });

describe('newEvents', () => {
  it('tells what the baseline has not, stage by stage', () => {
    expect(newEvents(report(300), report(300))).toEqual([]);
    expect(newEvents(report(1), report(300))).toEqual([{ place: 'square', kind: 'overflow', before: 0, now: 2 }]);
    expect(newEvents(report(300), report(1))).toEqual([]);
  });

  it('counts: more at a known place is new', () => {
    const more = rmsNorm([300, 300, 300, 1], { rows: 2, width: 2, target: fp16 }).report;
    expect(newEvents(report(300), more)).toEqual([{ place: 'square', kind: 'overflow', before: 2, now: 3 }]);
  });

  it('takes kinds that make no run fail', () => {
    expect(newEvents(report(1), report(1.1), ['overflow'])).toEqual([]);
    expect(newEvents(report(1), report(1.1), ['inexact']).length).toBeGreaterThan(0);
  });

  it('reads a baseline of JSON', () => {
    expect(newEvents(JSON.parse(toJson(rows(1))), rows(300))[0]).toMatchObject({ place: 'square', now: 2 });
    expect(newEvents(JSON.parse(toJson(rows(300))), rows(300))).toEqual([]);
  });

  it.each<[unknown, string]>([
    [{}, 'type baseline'],
    [null, 'type baseline'],
    [rows(1), 'unsupported baseline.schema'],
    [{ schema: 'report/3' }, 'unsupported baseline.schema'],
    [{ schema: 'report/2' }, 'type baseline'],
    [{ schema: 'report/2', counts: { square: 1 } }, 'type baseline'],
    [{ schema: 'report/2', counts: { square: { overflow: 'many' } } }, 'type baseline, square, overflow'],
    [{ schema: 'check/1' }, 'type baseline.norms'],
    [{ schema: 'check/1', norms: [null] }, 'type baseline.norms'],
    [{ schema: 'checks/1', checks: [1] }, 'type baseline.checks'],
    [{ schema: 'graph-check/1', runs: [null] }, 'type baseline.runs'],
  ])('refuses %j', (baseline, told) => {
    expect(failure(() => newEvents(baseline as never, report(1)))).toBe(told);
  });
});
