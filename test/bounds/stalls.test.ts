import { describe, expect, it } from 'vitest';
import { stalls } from '../../src/bounds/index.ts';
import { dot, sum } from '../../src/kernels/index.ts';
import { fp16, fp16Tile64, fp32 } from '../../src/targets/index.ts';

const between = (low: number, high: number) => ({ kind: 'intervals', low, high }) as const;

describe('stalls', () => {
  it('finds ones that stop at 2048', () => {
    const found = stalls({ kernel: 'sum', width: 4096, inputs: between(0, 1), target: fp16 });
    expect(found).toMatchObject({ step: 2048, sum: 2048, exact: 4096, rest: 2048 });
    const { output, report } = sum(found?.x ?? [], { rows: 1, width: 4096, target: fp16 });
    expect(output[0]).toBe(2048);
    expect(report.ok).toBe(true);
    expect(report.counts.sum?.absorption).toBe(2048);
  });

  it('finds small terms behind large ones, with weights of either sign', () => {
    const weights = Array.from({ length: 6000 }, (_, k) => (k % 2 === 0 ? 2 : -2));
    const found = stalls({ kernel: 'dot', weights, inputs: between(-100, 100), target: fp16 });
    expect(found).not.toBeNull();
    const { x, step, exact, rest } = found as NonNullable<typeof found>;
    expect(Math.abs(rest)).toBeGreaterThanOrEqual(Math.abs(exact) / 2);
    const cut = x.map((value, k) => (k < step ? value : 0));
    const run = (row: Float64Array) => dot(row, weights, { rows: 1, width: 6000, target: fp16 }).output[0];
    expect(run(cut)).toBe(run(x));
    // One element fewer gives another sum: the step is the first.
    expect(run(x.map((value, k) => (k < step - 1 ? value : 0)))).not.toBe(run(x));
  });

  it('finds none where the accumulator is wide, or the order is a tree', () => {
    expect(stalls({ kernel: 'sum', width: 600, inputs: between(0, 1), target: fp32 })).toBeNull();
    expect(stalls({ kernel: 'sum', width: 600, inputs: between(1, 1), target: fp16Tile64 })).toBeNull();
  });

  it('refuses balls', () => {
    expect(() => stalls({ kernel: 'sum', width: 4, inputs: { kind: 'ball', radius: 1 }, target: fp16 })).toThrow(
      'inputs.kind',
    );
  });
});
