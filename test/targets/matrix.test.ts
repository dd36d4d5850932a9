import { describe, expect, it } from 'vitest';
import { binary16, binary32, e4m3fn, e8m0fnu } from '../../src/formats/index.ts';
import {
  defineMatrixUnit,
  defineTarget,
  h100,
  mi100,
  type Target,
  targets,
  withModel,
} from '../../src/targets/index.ts';
import { failure } from '../testing/helpers.ts';

const single = { format: 'binary32' };
const fused = { kind: 'sequential', accumulator: { kind: 'float', rounding: single, fused: true } };
const plain = { kind: 'sequential', accumulator: { kind: 'float', rounding: single } };
const aligned = { kind: 'aligned', fractionBits: 24, lost: 'truncate', output: single };
const cutting = { reduction: { kind: 'sequential', accumulator: aligned } };
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
    [{ disputed: {} }, 'type unit.disputed'],
    [{ disputed: [{ model: 'km', sums: { leastExponent: -21 } }] }, 'unsupported unit.disputed[0]'],
    [{ ...cutting, disputed: [{ model: 'mine', sums: {} }] }, 'name unit.disputed[0].model'],
    [{ ...cutting, disputed: [{ model: 'km', sums: { lost: 'odd' } }] }, 'name unit.disputed[0].sums.lost'],
    [{ ...cutting, disputed: [{ model: 'km', sums: { zeroSign: 1 } }] }, 'name unit.disputed[0].sums.zeroSign'],
  ])('refuses %j', (change, wanted) => {
    expect(failure(() => defineMatrixUnit({ ...unit, ...change }))).toBe(wanted);
  });

  it('stands in a target under a name of its own', () => {
    const define = (matrixUnits: unknown) => defineTarget({ name: 'npu', matrixUnits });
    expect(define({ mine: unit }).matrixUnits.mine?.name).toBe('mine');
    const { name: _, ...nameless } = unit;
    expect(define({ mine: nameless })).toEqual(define({ mine: unit }));
    expect(failure(() => define({ other: unit }))).toBe('name target.matrixUnits.other.name');
    expect(failure(() => define({ mine: { ...unit, k: -1 } }))).toBe('range target.matrixUnits.mine.k');
    expect(failure(() => define([unit]))).toBe('type target.matrixUnits');
  });
});

describe('the chips', () => {
  it('say of every unit who says so, and how it is known', () => {
    for (const { name, vendor, vectorUnits, matrixUnits, source } of Object.values(targets)) {
      const matrix = Object.values(matrixUnits);
      for (const one of [...matrix, ...Object.values(vectorUnits)]) {
        if (one.name === 'vector' || name === 'neuralEngineFp16') continue;
        expect(source.length, name).toBeGreaterThan(0);
        expect(one.source.length, `${name} ${one.name}`).toBeGreaterThan(0);
        expect(one.instructions.length, `${name} ${one.name}`).toBeGreaterThan(0);
      }
      if (matrix.length > 0 && name !== 'integerMac') expect(vendor.length, name).toBeGreaterThan(0);
    }
  });

  it('call silicon only what was measured', () => {
    const measured = Object.values(targets).flatMap(({ name, matrixUnits, vectorUnits }) =>
      [...Object.values(matrixUnits), ...Object.values(vectorUnits)]
        .filter(({ verified }) => verified === 'silicon')
        .map((one) => `${name} ${one.name}`),
    );
    for (const name of measured) expect(name).toMatch(/^(v100|a100|a2|ada|l40s|rtx1000Ada|h100|h200|b200|avx512\w+) /);
    expect(measured).toContain('h100 fp8MmaF16');
    expect(measured).not.toContain('h100 fp8WgmmaF16');
    expect(measured).not.toContain('b200 nvfp4');
  });

  it('follow the first rule of MMA-Sim, or another model, in what is disputed and nothing else', () => {
    const text = (value: Target) =>
      JSON.stringify(Object.values(value.matrixUnits).map(({ disputed: _, ...unit }) => unit));
    const other = text(withModel(h100, 'mmasim1'));
    expect(other).not.toBe(text(h100));
    const least = /"leastExponent":(-\d+|null)/g;
    expect(other.replaceAll('"zeroRule":"mmasim1"', '"zeroRule":"out"').replaceAll(least, '')).toBe(
      text(h100).replaceAll(least, ''),
    );
    expect(text(withModel(mi100, 'mmasim1'))).toBe(text(mi100));
    const both = withModel(withModel(h100, 'mmasim'), 'fpy').matrixUnits.f16F16;
    expect(both?.disputed).toEqual([]);
    expect(both?.reduction).toMatchObject({ within: { accumulator: { leastExponent: -22, zeroSign: 'allNegative' } } });
    expect(text(withModel(h100, 'km'))).not.toBe(text(h100));
    expect(text(withModel(mi100, 'fpy'))).toBe(text(mi100));
    expect(h100.matrixUnits.fp8Wgmma?.a).toContainEqual(e4m3fn);
  });

  it('say what is disputed', () => {
    const disputed = (chip: string, unit: string) =>
      targets[chip]?.matrixUnits[unit]?.disputed.map(({ model }) => model);
    expect(disputed('h100', 'f16F16')).toEqual(['mmasim', 'fpy']);
    expect(disputed('h100', 'f16F16Wgmma')).toEqual(['km', 'fpy']);
    expect(disputed('h100', 'f16')).toEqual(['fpy']);
    expect(disputed('v100', 'f16')).toEqual(['mmasim', 'fpy']);
    expect(disputed('ada', 'fp8F16')).toEqual(['mmasim', 'fpy']);
    expect(disputed('mi300', 'f16')).toEqual(['mmasim1']);
    expect(disputed('mi100', 'f16')).toEqual([]);
    const { confidence, verified } = h100.matrixUnits.f16F16!;
    expect([verified, confidence]).toEqual(['silicon', 'outputs of the GPU; the least exponent is disputed']);
  });

  it('have siblings by name, with their units, measured or by documents', () => {
    const names = (chip: string) => Object.keys(targets[chip]!.matrixUnits);
    const known = (chip: string, unit: string) => targets[chip]!.matrixUnits[unit]?.verified;
    for (const [chip, of] of [
      ['h200', 'h100'],
      ['gh200', 'h100'],
      ['l40s', 'ada'],
      ['a30', 'a100'],
      ['a10', 'a2'],
      ['gb200', 'b200'],
      ['rtx5090', 'rtxBlackwell'],
      ['mi250x', 'mi200'],
      ['mi325x', 'mi300'],
    ] as const) {
      expect(targets[chip]).toMatchObject({ name: chip, sameAs: of });
      expect(names(chip), chip).toEqual(names(of));
      for (const { name, reduction } of Object.values(targets[chip]!.matrixUnits)) {
        expect(reduction).toEqual(targets[of]?.matrixUnits[name]?.reduction);
      }
    }
    expect([known('h200', 'f16'), known('gh200', 'f16'), known('a2', 'f16')]).toEqual([
      'silicon',
      'documented',
      'silicon',
    ]);
    expect(names('a2')).not.toContain('f64');
  });
});
