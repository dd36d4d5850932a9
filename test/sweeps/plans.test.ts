import { describe, expect, it } from 'vitest';
import { bfloat16, binary16 } from '../../src/formats/index.ts';
import { type GemmWithEpilogue, gemm } from '../../src/kernels/index.ts';
import { roundTo } from '../../src/rounding/index.ts';
import { cellLine, defineSweep, runCell, type SweepGrid, syntheticNumbers } from '../../src/sweeps/index.ts';
import { failure } from '../testing/helpers.ts';

const [rows, width, channels] = [4, 32, 3];
const inputs = syntheticNumbers({ kind: 'normal' }, 'x', rows, width);
const weights = syntheticNumbers({ kind: 'normal' }, 'w', width, channels);
const bias = Float64Array.of(1, -0.5, 3000);
const c = syntheticNumbers({ kind: 'normal' }, 'c', rows, channels);
const data = [{ name: 'own', rows, width, channels, inputs, weights, bias, c }];
const half = roundTo(binary16);
const plan: GemmWithEpilogue = {
  name: 'layer',
  target: 'h100:f16',
  epilogue: { alpha: 30, beta: 2, bias: 'columns', activation: { function: 'silu' }, output: half },
};
const sweepOf = (targets: SweepGrid['targets'], more: object = {}) =>
  defineSweep({ kernels: ['matmul'], data, ...(targets === undefined ? {} : { targets }), ...more } as SweepGrid);

describe('GEMM plans in a sweep', () => {
  it('give the events, failures and errors of the plan by gemm', () => {
    const narrow = { ...plan, name: 'narrow', epilogue: { ...plan.epilogue, roundings: { bias: roundTo(bfloat16) } } };
    const loud = { ...plan, name: 'loud', epilogue: { ...plan.epilogue, alpha: 30_000 } } as GemmWithEpilogue;
    const sweep = sweepOf([plan, narrow, loud, 'h100:f16']);
    [plan, narrow, loud].forEach((own, i) => {
      const cell = runCell(sweep, i);
      const { sums, epilogue, output } = gemm(inputs, weights, {
        ...{ plan: own as GemmWithEpilogue, m: rows, n: channels, k: width, bias, c },
      });
      expect(cell.refused).toBeUndefined();
      for (const kind of ['overflow', 'inexact', 'absorption', 'underflow'] as const) {
        expect(cell.counts?.[kind]).toBe(sums.totals[kind] + (epilogue?.totals[kind] ?? 0));
      }
      expect(cell.outputs).toBe(output.length);
      expect(cell.verdict).toBeNull();
      expect(Object.keys(cell.headroom ?? {})).toContain('epilogue.activation');
    });
    const [usual, cut, overflowing, bare] = [0, 1, 2, 3].map((i) => runCell(sweep, i));
    expect(usual?.error?.sqnr ?? 0).toBeGreaterThan((cut?.error?.sqnr ?? 0) + 10);
    const over = gemm(inputs, weights, { ...{ plan: loud, m: rows, n: channels, k: width, bias, c } }).output;
    const infinite = over.filter((y) => y === Infinity).length;
    expect(infinite).toBeGreaterThan(0);
    expect(overflowing).toMatchObject({ overflowRate: infinite / over.length, first: { stage: 'store' } });
    expect(bare?.headroom).not.toHaveProperty('epilogue.store');
  });

  it('are told by their names, and their epilogue is of what a file is known by', () => {
    const [one, other] = [plan, { ...plan, epilogue: { ...plan.epilogue, alpha: 31 } } as GemmWithEpilogue];
    expect(sweepOf([one]).hash).not.toBe(sweepOf([other]).hash);
    expect(sweepOf([one]).hash).toBe(sweepOf([{ ...one }]).hash);
    expect(JSON.parse(cellLine(runCell(sweepOf([one]), 0)))).toMatchObject({ target: 'layer' });
    expect(failure(() => sweepOf([one, other]))).toBe('name grid.targets');
  });

  it('refuse what they cannot mean', () => {
    const by = (more: object, grid: object = {}) => failure(() => sweepOf([{ ...plan, ...more }], grid));
    expect(by({})).toBe('no error');
    expect(by({ output: half })).toBe('unsupported grid.targets[0].output');
    expect(by({ epilogue: { bias: 'rows' } })).toBe('unsupported grid.targets[0].epilogue.bias');
    expect(by({ epilogue: { bais: 'rows' } })).toBe('name grid.targets[0].epilogue.bais');
    expect(by({ promoteEvery: 3 })).toBe('range grid.targets[0].promoteEvery');
    expect(by({}, { kernels: ['sum'] })).toBe('unsupported grid.targets[0]');
    const { bias: _, ...without } = data[0] as (typeof data)[0];
    expect(by({}, { data: [without] })).toBe('type grid.data[0].bias');
    expect(by({}, { data: [{ ...data[0], bias: [1] }] })).toBe('shape grid.data[0].bias');
  });
});
