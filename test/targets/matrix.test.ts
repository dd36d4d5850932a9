import { describe, expect, it } from 'vitest';
import { binary16, binary32, e4m3fn, e8m0fnu } from '../../src/formats/index.ts';
import { defineMatrixUnit, defineTarget, h100, mi100, targets, withZeroRule } from '../../src/targets/index.ts';
import { failure } from '../testing/helpers.ts';

const single = { format: 'binary32' };
const fused = { kind: 'sequential', accumulator: { kind: 'float', step: single, fused: true } };
const plain = { kind: 'sequential', accumulator: { kind: 'float', step: single } };
const unit = { name: 'mine', a: ['binary16'], k: 4, reduction: fused, output: single };

describe('defineMatrixUnit', () => {
  it('completes and freezes plain data', () => {
    const made = defineMatrixUnit({ ...unit, scale: { format: 'e8m0fnu', block: 32 } });
    expect(made).toMatchObject({
      instructions: '',
      a: [binary16],
      b: [binary16],
      mixes: 'any',
      load: {},
      zeroOperands: 'signed',
      scale: { format: e8m0fnu, block: 32, ignoreSign: false },
      product: null,
      verified: 'definition',
    });
    expect(made.addend).toEqual(made.output);
    expect(made.output.format).toBe(binary32);
    expect([made, made.a, made.reduction, made.scale, made.load].every(Object.isFrozen)).toBe(true);
  });

  it('wants a rounding of products exactly where the accumulator takes rounded ones', () => {
    expect(failure(() => defineMatrixUnit({ ...unit, reduction: plain }))).toBe('unsupported unit.product');
    expect(failure(() => defineMatrixUnit({ ...unit, product: single }))).toBe('unsupported unit.product');
    expect(defineMatrixUnit({ ...unit, reduction: plain, product: single }).product?.format).toBe(binary32);
  });

  it.each([
    [{ a: [] }, 'type unit.a'],
    [{ a: ['binary17'] }, 'name unit.a[0]'],
    [{ a: 'binary16' }, 'type unit.a'],
    [{ k: 0 }, 'range unit.k'],
    [{ k: undefined }, 'type unit.k'],
    [{ mixes: 'none' }, 'name unit.mixes'],
    [{ load: { mode: 1 } }, 'name unit.load.mode'],
    [{ load: { rounding: 'up' } }, 'name unit.load.rounding'],
    [{ zeroOperands: 'none' }, 'name unit.zeroOperands'],
    [{ scale: { format: 'e8m0fnu' } }, 'type unit.scale.block'],
    [{ output: undefined }, 'type unit.output'],
    [{ name: 3 }, 'type unit.name'],
    [{ speed: 3 }, 'name unit.speed'],
  ])('refuses %j', (change, wanted) => {
    expect(failure(() => defineMatrixUnit({ ...unit, ...change }))).toBe(wanted);
  });

  it('stands in a target under a name of its own', () => {
    expect(defineTarget({ name: 'npu', matrix: [unit] }).matrix[0]?.name).toBe('mine');
    expect(failure(() => defineTarget({ name: 'npu', matrix: [unit, unit] }))).toBe('name target.matrix');
    expect(failure(() => defineTarget({ name: 'npu', matrix: [{ ...unit, k: -1 }] }))).toBe('range target.matrix[0].k');
    expect(failure(() => defineTarget({ name: 'npu', matrix: {} }))).toBe('type target.matrix');
  });
});

describe('the chips', () => {
  it('say of every unit who says so, and how it is known', () => {
    for (const { name, vendor, matrix, source } of Object.values(targets)) {
      for (const one of matrix) {
        expect(source.length, name).toBeGreaterThan(0);
        expect(one.source.length, `${name} ${one.name}`).toBeGreaterThan(0);
        expect(one.instructions.length, `${name} ${one.name}`).toBeGreaterThan(0);
      }
      if (matrix.length > 0 && name !== 'integerMac') expect(vendor.length, name).toBeGreaterThan(0);
    }
  });

  it('call silicon only what was measured', () => {
    const measured = Object.values(targets).flatMap(({ name, matrix }) =>
      matrix.filter(({ verified }) => verified === 'silicon').map((one) => `${name} ${one.name}`),
    );
    for (const name of measured) expect(name).toMatch(/^(v100|a100|ada|h100|b200|avx512\w+) /);
    expect(measured).toContain('h100 fp8MmaF16');
    expect(measured).not.toContain('h100 fp8WgmmaF16');
    expect(measured).not.toContain('b200 nvfp4');
  });

  it('change their zero rule without changing anything else', () => {
    const other = withZeroRule(h100, 'mmasim');
    const text = (value: unknown) => JSON.stringify(value);
    expect(text(other)).not.toBe(text(h100));
    expect(text(other).replaceAll('mmasim', 'km')).toBe(text(h100));
    expect(text(withZeroRule(mi100, 'mmasim'))).toBe(text(mi100));
    expect(h100.matrix.find(({ name }) => name === 'fp8Wgmma')?.a).toContainEqual(e4m3fn);
  });
});
