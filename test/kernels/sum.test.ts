import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binary16, int8 } from '../../src/formats/index.ts';
import { type SumOptions, sum } from '../../src/kernels/index.ts';
import { roundTo } from '../../src/rounding/index.ts';
import { fp16, type VectorTarget } from '../../src/targets/index.ts';
import {
  floatAccumulators,
  integerAccumulators,
  reductions,
  roundings,
  rows,
  targets,
} from '../../src/testing/arbitraries/index.ts';
import { oracleRowSums } from '../../src/testing/oracle/sum.ts';
import { failure, outcome, seeded } from '../testing/helpers.ts';
import { expectReport } from './helpers.ts';

interface Case {
  readonly x: Float64Array;
  readonly options: SumOptions;
}

function agree({ x, options }: Case): void {
  const { rows: count, width, target, reduction } = options;
  const unit = (target as VectorTarget | undefined)?.vectorUnits.vector;
  const order = reduction ?? (unit as NonNullable<typeof unit>).reduction;
  const given = { rows: count, width, x, reduction: order, load: unit?.load ?? null, store: unit?.store ?? null };
  const wanted = outcome(() => oracleRowSums(given));
  const found = outcome(() => sum(x, { ...options, record: 'all', limit: 2 ** 32 }));
  if (wanted === 'refused' || found === 'refused') {
    expect(found).toEqual(wanted);
    return;
  }
  expect([...found.output]).toEqual(wanted.output);
  expectReport(found.report, { ...wanted, stages: unit === undefined ? ['sum'] : ['load', 'sum', 'store'] }, count);
}

describe('sum equals the naive model, bit for bit and event for event', () => {
  it('on any target', () => {
    const cases = targets({ maxBits: 20 }).chain((target) =>
      rows(target.vectorUnits.vector.load.format, { minWidth: 1, maxWidth: 20 }).map(({ x, ...shape }) => ({
        x,
        options: { ...shape, target },
      })),
    );
    fc.assert(fc.property(cases, agree), seeded(250));
  });

  it('by a reduction alone', () => {
    const floats = reductions(floatAccumulators(roundings({ kind: 'float', maxBits: 20 })));
    const cases = floats.chain((reduction) =>
      rows(binary16, { minWidth: 1, maxWidth: 20 }).map(({ x, ...shape }) => ({ x, options: { ...shape, reduction } })),
    );
    fc.assert(fc.property(cases, agree), seeded(200));
  });

  it('in integer registers', () => {
    const cases = reductions(integerAccumulators()).chain((reduction) =>
      rows(int8, { minWidth: 1, maxWidth: 20, noNaN: true, noInfinity: true }).map(({ x, ...shape }) => ({
        x: x.map(Math.round),
        options: { ...shape, reduction },
      })),
    );
    fc.assert(fc.property(cases, agree), seeded(200));
  });
});

describe('sum', () => {
  const reduction = { kind: 'sequential', accumulator: { kind: 'float', rounding: roundTo(binary16) } } as const;

  it('of no numbers is +0, a row each', () => {
    expect([...sum([], { rows: 2, width: 0, target: fp16 }).output]).toEqual([0, 0]);
    expect([...sum([], { rows: 0, width: 3, reduction }).output]).toEqual([]);
  });

  it('takes another reduction than the target’s', () => {
    const x = [2048, 1, 1, 1];
    const pairwise = { ...reduction, kind: 'pairwise' } as const;
    expect(sum(x, { rows: 1, width: 4, target: fp16 }).output[0]).toBe(2048);
    expect(sum(x, { rows: 1, width: 4, target: fp16, reduction: pairwise }).output[0]).toBe(2050);
  });

  it('has headroom and error on request', () => {
    const { report } = sum([16384, 8192, 2], { rows: 1, width: 3, target: fp16, reference: true });
    expect(report.headroom?.sum).toBeCloseTo(Math.log2(65504 / 24578), 12);
    expect(report.error).toMatchObject({ nonFinite: 0, maxUlp: 0.125 });
    const integer = { kind: 'sequential', accumulator: { kind: 'integer', bits: 8, overflow: 'saturate' } } as const;
    const saturated = sum([100, 100], { rows: 1, width: 2, reduction: integer, reference: true }).report;
    expect(saturated.headroom?.sum).toBeCloseTo(Math.log2(127 / 200), 12);
    expect(saturated.error?.maxUlp).toBe(73);
  });

  it('refuses what it cannot mean', () => {
    expect(failure(() => sum([1], { rows: 1, width: 1 }))).toBe('type options');
    expect(failure(() => sum([1], { rows: 1, width: 2, reduction }))).toBe('shape x');
    expect(failure(() => sum([1], { rows: 1, width: 1, reduction: { kind: 'heap' } as never }))).toBe(
      'name options.reduction.kind',
    );
    const integer = { kind: 'sequential', accumulator: { kind: 'integer', bits: 8, overflow: 'wrap' } } as const;
    expect(failure(() => sum([0.5], { rows: 1, width: 1, reduction: integer }))).toBe('value terms');
  });
});
