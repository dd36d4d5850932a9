import { describe, expect, it } from 'vitest';
import { add, cast, dot, layerNorm, matmul, softmax, sum } from '../../src/kernels/index.ts';
import { layerNorm as specified } from '../../src/specification/index.ts';
import {
  defineTarget,
  findMatrixUnit,
  findTarget,
  findVectorUnit,
  fp16,
  h100,
  ipu,
  nvidiaFp16,
  type Target,
  targets,
  tpu,
} from '../../src/targets/index.ts';
import { failure } from '../testing/helpers.ts';

const message = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return String(error);
  }
  return 'no error';
};

describe('a chip', () => {
  it('is one target: its vector unit runs norms, its matrix units products', () => {
    const x = [1, 2, 3, 4];
    const norm = layerNorm(x, { rows: 1, width: 4, target: h100 });
    expect([...norm.output]).toEqual([...layerNorm(x, { rows: 1, width: 4, target: nvidiaFp16 }).output]);
    expect(dot(x, x, { rows: 1, width: 4, target: h100, unit: 'f16' }).output[0]).toBe(30);
    // The vector unit adds in binary16: 2049 is not one of its numbers.
    const big = [2048, 1];
    expect(dot(big, [1, 1], { rows: 1, width: 2, target: h100, unit: 'f16' }).output[0]).toBe(2049);
    for (const unit of ['vectorF16', 'vector']) {
      const { output, report } = dot(big, [1, 1], { rows: 1, width: 2, target: h100, unit });
      expect([output[0], report.configuration.unit]).toEqual([2048, 'vectorF16']);
    }
  });

  it('names its defaults, and every unit is one of its own', () => {
    for (const target of Object.values(targets)) {
      const { vectorUnits, matrixUnits, defaults } = target;
      for (const [name, unit] of [...Object.entries(vectorUnits), ...Object.entries(matrixUnits)]) {
        expect(unit.name, `${target.name} ${name}`).toBe(name);
      }
      expect(Object.keys(vectorUnits).filter((name) => Object.hasOwn(matrixUnits, name))).toEqual([]);
      if (Object.keys(vectorUnits).length > 0) expect(vectorUnits, target.name).toHaveProperty(defaults.vector ?? '');
      if (Object.keys(matrixUnits).length === 1) expect(matrixUnits).toHaveProperty(defaults.matrix ?? '');
    }
    expect(h100.defaults).toEqual({ vector: 'vectorF16' });
    expect(fp16.defaults).toEqual({ vector: 'vector', matrix: 'vector' });
    expect(tpu.defaults).toEqual({ vector: 'vectorBf16', matrix: 'bf16' });
  });

  it('has the vector unit of the target that stood beside it before', () => {
    const arithmetic = ({ name: _, ...unit }: object & { name: string }) => unit;
    const pairs = [
      ['h100', 'nvidiaFp16'],
      ['v100', 'nvidiaFp16'],
      ['tpu', 'tpuBf16'],
      ['avx10:vectorBf16', 'avx10Bf16'],
      ['amx', 'avx512Fp16'],
    ];
    for (const [chip, alone] of pairs as [string, string][]) {
      expect(arithmetic(findVectorUnit(findTarget(chip))), chip).toEqual(arithmetic(findVectorUnit(findTarget(alone))));
    }
  });
});

describe('a unit that is not there', () => {
  it('is refused with the names of those that are', () => {
    expect(message(() => findVectorUnit(h100, 'fp16'))).toContain('vector units vectorF16, vectorF32, vectorBf16');
    expect(message(() => findMatrixUnit(ipu, 'fp8'))).toContain('matrix units f16, f16Half');
    expect(message(() => layerNorm([1], { rows: 1, width: 1, target: ipu }))).toContain('matrix units f16, f16Half');
    expect(message(() => dot([1], [1], { rows: 1, width: 1, target: h100 }))).toContain(
      'and 12 more, received undefined: did you mean h100:f16, ',
    );
    expect(message(() => findTarget('h100:fp8'))).toMatch(/did you mean .*h100:fp8Wgmma\?/);
    expect(message(() => findTarget('h100:F16'))).toContain('did you mean h100:f16?');
    for (const text of ['h100:', 'h100:f16:f16', ':f16', 'h101:f16']) {
      expect(
        failure(() => findTarget(text)),
        text,
      ).toBe('name target');
    }
  });

  it('is no default', () => {
    const define = (defaults: object) => () => defineTarget({ ...h100, defaults });
    expect(failure(define({ vector: 'f16' }))).toBe('name target.defaults.vector');
    expect(failure(define({ matrix: 'f17' }))).toBe('name target.defaults.matrix');
    expect(failure(define({ norm: 'f16' }))).toBe('name target.defaults.norm');
    const { f16 } = h100.matrixUnits;
    expect(failure(() => defineTarget({ ...h100, vectorUnits: { f16: findVectorUnit(fp16) } }))).toBe(
      'name target.vectorUnits.f16.name',
    );
    const unit = { ...findVectorUnit(fp16), name: 'f16' };
    expect(failure(() => defineTarget({ name: 'x', vectorUnits: { f16: unit }, matrixUnits: { f16 } }))).toBe(
      'name target.vectorUnits',
    );
  });
});

describe('the shape before', () => {
  it('is refused, and the error says the new one', () => {
    const { vector } = fp16.vectorUnits;
    expect(message(() => defineTarget({ name: 'x', vector }))).toContain('vectorUnits: { NAME: … }');
    expect(message(() => defineTarget({ name: 'x', matrix: [] }))).toContain('matrixUnits: { NAME: … }');
  });
});

describe('the text of a target', () => {
  it('is a name, or a name and a unit of either kind', () => {
    expect(findTarget('h100:fp8Wgmma').defaults).toEqual({ vector: 'vectorF16', matrix: 'fp8Wgmma' });
    expect(findTarget('h100:vector').defaults).toEqual({ vector: 'vectorF16', matrix: 'vectorF16' });
    const fields = ({ defaults: _, ...rest }: Target) => rest;
    expect(fields(findTarget('h100:f16'))).toEqual(fields(h100));
  });

  it('is taken by every kernel, as formats are by name; the specification takes data', () => {
    const shape = { rows: 1, width: 2 };
    expect(layerNorm([1, 3], { ...shape, target: 'h100' }).output[1]).toBe(1);
    expect(layerNorm([1, 3], { ...shape, target: 'h100:vectorF32' }).report.configuration.target).toMatchObject({
      name: 'h100',
      defaults: { vector: 'vectorF32' },
    });
    expect(softmax([0, 0], { ...shape, target: 'fp16' }).output[0]).toBe(0.5);
    expect(sum([2048, 1], { ...shape, target: 'fp16' }).output[0]).toBe(2048);
    expect(add([2048], [1], { target: 'fp16' }).output[0]).toBe(2048);
    expect(add([2048], [1], { format: 'binary32' }).output[0]).toBe(2049);
    expect(cast([1.1], { format: 'e4m3fn' }).output[0]).toBe(1.125);
    expect(dot([2048, 1], [1, 1], { ...shape, target: 'h100:f16' }).output[0]).toBe(2049);
    expect(dot([2048, 1], [1, 1], { ...shape, target: 'h100:vectorF16' }).output[0]).toBe(2048);
    const product = matmul([17], [1], { m: 1, n: 1, k: 1, target: 'h100:fp8Wgmma', a: 'e4m3fn', b: 'e5m2' });
    expect(product.output[0]).toBe(16);
    expect(failure(() => layerNorm([1, 3], { ...shape, target: 'h101' }))).toBe('name options.target');
    expect(failure(() => cast([1], { format: 'quarter' }))).toBe('name options.format');
    expect(message(() => specified([1, 3], { ...shape, target: 'h100' as never }))).toContain('findTarget');
  });
});
