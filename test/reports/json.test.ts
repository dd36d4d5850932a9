import { describe, expect, it } from 'vitest';
import { binary16, defineFloat, int8 } from '../../src/formats/index.ts';
import { rmsNorm } from '../../src/kernels/index.ts';
import { toJson } from '../../src/reports/index.ts';
import { explain } from '../../src/rounding/index.ts';
import { defineTarget, fp16 } from '../../src/targets/index.ts';

describe('toJson', () => {
  it('writes what JSON lacks as strings', () => {
    expect(JSON.parse(toJson({ a: Infinity, b: -Infinity, c: Number.NaN, d: -0, e: 0, f: -1.5 }))).toEqual({
      a: 'Infinity',
      b: '-Infinity',
      c: 'NaN',
      d: '-0',
      e: 0,
      f: -1.5,
    });
  });

  it('writes formats as their notation, typed arrays as arrays, and leaves undefined out', () => {
    const e5m4 = defineFloat({ exponentBits: 5, mantissaBits: 4 });
    expect(
      JSON.parse(toJson({ formats: [binary16, int8, e5m4], data: new Uint16Array([1, 2]), u: undefined })),
    ).toEqual({
      formats: ['binary16', 'int8', 'float:e5m4'],
      data: [1, 2],
    });
  });

  it('puts version and schema in front', () => {
    const text = toJson(explain(binary16, -0), 'explanation/1');
    expect(text).toMatch(/^\{\n {2}"bittrue": "\d+\.\d+\.\d+",\n {2}"schema": "explanation\/1",/);
    expect(JSON.parse(text).result).toEqual({ value: '-0', code: 0x8000, flags: [] });
  });

  it('keeps a report whole', () => {
    const { report } = rmsNorm(new Float64Array(64).fill(100), { rows: 1, width: 64, target: fp16 });
    const read = JSON.parse(toJson(report));
    expect(read.schema).toBe('report/2');
    expect(read.first.overflow).toMatchObject({ exact: '69968', result: 'Infinity', masked: true });
    expect(read.rowFlags).toEqual([...report.rowFlags]);
    expect(read.counts).toEqual(report.counts);
    expect(read.configuration.target.vectorUnits.vector.load.format).toBe('binary16');
    expect(defineTarget(read.configuration.target)).toEqual(fp16);
  });

  it('takes one object twice, and refuses circles and functions', () => {
    const shared = { a: 1 };
    expect(JSON.parse(toJson([shared, shared]))).toEqual([{ a: 1 }, { a: 1 }]);
    const circle: unknown[] = [];
    circle.push(circle);
    expect(() => toJson(circle)).toThrow(/a circle/);
    expect(() => toJson({ f: () => 1 })).toThrow(/plain data/);
    const moved = new Float64Array(2);
    structuredClone(moved.buffer, { transfer: [moved.buffer] });
    for (const lost of [moved, new DataView(new ArrayBuffer(8))]) expect(() => toJson({ lost })).toThrow(/plain data/);
  });

  it('agrees with JSON.stringify on plain data', () => {
    const data = { a: [], b: {}, c: [[1, 2], [3]], d: 'quo"te\n', e: null, f: [{ g: true }] };
    expect(JSON.parse(toJson(data))).toEqual(data);
  });
});
