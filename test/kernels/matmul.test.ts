import { describe, expect, it } from 'vitest';
import { matmul } from '../../src/kernels/index.ts';
import { b200, fp32, h100, tpu } from '../../src/targets/index.ts';
import { failure } from '../testing/helpers.ts';

describe('matmul', () => {
  it('multiplies [m, k] by [k, n] and adds C', () => {
    const a = [1, 2, 3, 4, 5, 6];
    const b = [1, 0, 2, 0, 1, 3, 1, 1, 1];
    const shape = { m: 2, n: 3, k: 3, target: tpu };
    expect([...matmul(a, b, shape).output]).toEqual([4, 5, 11, 10, 11, 29]);
    expect([...matmul(a, b, { ...shape, c: [1, 1, 1, 2, 2, 2] }).output]).toEqual([5, 6, 12, 12, 13, 31]);
    expect([...matmul(a, b, { ...shape, target: fp32 }).output]).toEqual([4, 5, 11, 10, 11, 29]);
    expect(matmul([], b, { ...shape, m: 0 }).output.length).toBe(0);
    expect([...matmul([], [], { ...shape, k: 0 }).output]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('refuses shapes that do not fit', () => {
    const shape = { m: 2, n: 2, k: 2, target: tpu };
    expect(failure(() => matmul([1, 2, 3], [1, 2, 3, 4], shape))).toBe('shape a');
    expect(failure(() => matmul([1, 2, 3, 4], [1, 2, 3], shape))).toBe('shape b');
    expect(failure(() => matmul([1, 2, 3, 4], [1, 2, 3, 4], { ...shape, c: [1] }))).toBe('shape options.c');
    expect(failure(() => matmul([1, 2, 3, 4], [1, 2, 3, 4], { ...shape, m: -1 }))).toBe('range options.m');
    expect(failure(() => matmul([1, 2, 3, 4], [1, 2, 3, 4], { ...shape, rows: 2 } as never))).toBe('name options.rows');
  });

  it('masks by output: an overflow in one says nothing of the others', () => {
    const { output, report } = matmul([300, 1], [300, 1], { m: 2, n: 2, k: 1, target: h100, unit: 'f16F16' });
    expect([...output]).toEqual([Infinity, 300, 300, 1]);
    expect([...report.rowFlags].map((flags) => flags & 4)).toEqual([4, 0, 0, 0]);
    expect(report.first.overflow).toMatchObject({ row: 0, masked: false });
    expect(report.rows).toBe(4);
    expect(report.width).toBe(1);
  });

  it('scales blocks of A along its rows and of B along its columns', () => {
    const k = 64;
    const shape = { m: 2, n: 1, k, target: b200, unit: 'mxfp8' };
    const ones = (length: number) => new Array<number>(length).fill(1);
    const { output } = matmul(ones(2 * k), ones(k), { ...shape, scaleA: [1, 2, 4, 8], scaleB: [1, 0.5] });
    expect([...output]).toEqual([32 + 32, 32 * 4 + 32 * 4]);
    expect(failure(() => matmul(ones(2 * k), ones(k), { ...shape, scaleA: [1, 2, 4, 8] }))).toBe('type options.scaleB');
    expect(failure(() => matmul(ones(2 * k), ones(k), shape))).toBe('type options.scaleA');
  });

  it('ignores the sign of an NVFP4 scale', () => {
    const ones = new Array<number>(64).fill(1);
    const shape = { m: 1, n: 1, k: 64, target: b200, unit: 'nvfp4' };
    expect(matmul(ones, ones, { ...shape, scaleA: [-1, 2, 1, 1], scaleB: [1, 1, -4, 1] }).output[0]).toBe(16 * 8);
  });

  it('promotion keeps what a narrow accumulator loses; split-K adds parts in float32', () => {
    const k = 4096;
    const ones = new Float64Array(k).fill(1);
    const small = new Float64Array(k).fill(2 ** -9);
    small[0] = 448;
    const shape = { m: 1, n: 1, k, target: h100, unit: 'fp8Wgmma' };
    const exact = 448 + (k - 1) * 2 ** -9;
    const errors = [{}, { splitK: 4 }, { promoteEvery: 128 }].map((options) => {
      return exact - (matmul(ones, small, { ...shape, ...options }).output[0] as number);
    });
    expect(errors[0]).toBeGreaterThan(7);
    expect(errors[1]).toBeLessThan(3);
    expect(errors[2]).toBeLessThan(0.3);
    expect(failure(() => matmul(ones, small, { ...shape, promoteEvery: 0 }))).toBe('range options.promoteEvery');
  });

  it('refuses an output that memory has no room for, with its size, before it makes it', () => {
    const shape = { m: 2 ** 20, n: 2 ** 20, k: 0, target: fp32 };
    expect(() => matmul([], [], shape)).toThrow(
      /^the output of matmul: .* received 1099511627776 numbers, 10240\.0 GiB$/,
    );
  });
});
