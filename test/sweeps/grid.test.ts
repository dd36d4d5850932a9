import { describe, expect, it } from 'vitest';
import { defineSweep, type SweepGrid } from '../../src/sweeps/index.ts';
import { findTarget } from '../../src/targets/index.ts';
import { failure } from '../testing/helpers.ts';

const normal = { kind: 'normal' } as const;
const data = [{ name: 'a', rows: 2, width: 4, inputs: normal, weights: normal }];
const good: SweepGrid = { kernels: ['dot'], data, formats: ['int8'], accumulators: ['int12..int14:wrap', 'binary16'] };

describe('defineSweep', () => {
  it('tells -0 from 0 in its hash', () => {
    expect(defineSweep({ ...good, scales: [-0] }).hash).not.toBe(defineSweep({ ...good, scales: [0] }).hash);
  });

  it('tells units of one target as data apart', () => {
    const data = [{ name: 'normal', rows: 2, width: 8, inputs: { kind: 'normal' } as const }];
    const own = (text: string) => ({ ...findTarget(text), name: 'mine' });
    const named = (targets: SweepGrid['targets']) =>
      defineSweep({ kernels: ['sum'], data, ...(targets && { targets }) }).checked.axes.targets.map(({ name }) => name);
    expect(named([own('h100:vectorF16'), own('h100:vectorF32'), 'fp16'])).toEqual([
      'mine:vectorF16',
      'mine:vectorF32',
      'fp16',
    ]);
    expect(named([own('h100:f16'), own('h100:bf16')])).toEqual(['mine:f16', 'mine:bf16']);
    expect(named([own('h100:f16'), 'h100'])).toEqual(['mine', 'h100']);
    expect(failure(() => named([own('h100:f16'), own('h100:f16')]))).toBe('name grid.targets');
  });

  it('counts the cells of every axis', () => {
    expect(defineSweep(good).cells).toBe(4);
    const more = {
      ...good,
      orders: ['sequential', 'pairwise'],
      tiles: [null, 2],
      promotions: [null, 2, 4],
      scales: [1, 2],
    };
    expect(defineSweep(more as SweepGrid).cells).toBe(4 * 2 * 2 * 3 * 2);
  });

  it('has a hash that every choice and every number changes', () => {
    const numbers = (last: number) => [{ name: 'a', rows: 1, width: 2, inputs: [1, last], weights: [1, 1] }];
    const grids: SweepGrid[] = [
      good,
      { ...good, seed: 1 },
      { ...good, fit: 'max' },
      { ...good, proof: 'none' },
      { ...good, tiles: [2] },
      { ...good, data: numbers(1) },
      { ...good, data: numbers(2) },
      { ...good, targets: ['h100:f16'] },
    ];
    expect(new Set(grids.map((grid) => defineSweep(grid).hash)).size).toBe(grids.length);
    expect(defineSweep({ ...good }).hash).toBe(defineSweep(good).hash);
  });

  it.each<[Partial<Record<keyof SweepGrid, unknown>>, string]>([
    [{ kernels: [] }, 'shape grid.kernels'],
    [{ data: [] }, 'shape grid.data'],
    [{ kernels: ['gelu'] }, 'name grid.kernels[0]'],
    [{ data: [{ ...data[0], rows: 0 }] }, 'range grid.data[0].rows'],
    [{ data: [{ ...data[0], weights: [1, Number.NaN, 1, 1] }] }, 'value grid.data[0].weights[1]'],
    [{ data: [{ ...data[0], inputs: [1] }] }, 'shape grid.data[0].inputs'],
    [{ data: [...data, ...data] }, 'name grid.data[1].name'],
    [{ formats: ['int8', 'int8'] }, 'name grid.formats'],
    [{ formats: ['int88'] }, 'range grid.formats[0]'],
    [{ formats: ['int8*int8*int8'] }, 'type grid.formats[0]'],
    [{ formats: undefined }, 'type grid.formats'],
    [{ accumulators: undefined }, 'type grid.accumulators'],
    [{ accumulators: ['int32'] }, 'name grid.accumulators[0]'],
    [{ accumulators: ['int12..int8:wrap'] }, 'range grid.accumulators[0]'],
    [{ accumulators: ['int1:wrap'] }, 'range grid.accumulators[0]'],
    [{ orders: ['zigzag'] }, 'name grid.orders[0]'],
    [{ tiles: [0] }, 'range grid.tiles[0]'],
    [{ scales: [Number.NaN] }, 'range grid.scales[0]'],
    [{ targets: ['h101'] }, 'name grid.targets[0]'],
    [{ kernel: ['dot'] } as never, 'name grid.kernel'],
  ])('refuses %j', (change, told) => {
    expect(failure(() => defineSweep({ ...good, ...change } as SweepGrid))).toBe(told);
  });

  it('refuses 10^9 cells, with their number, at once', () => {
    const scales = Array.from({ length: 1000 }, (_, i) => i + 1);
    const grid = { ...good, scales, tiles: scales, promotions: scales, accumulators: ['binary16'] };
    expect(() => defineSweep(grid)).toThrow('1000000000 cells');
  });
});
