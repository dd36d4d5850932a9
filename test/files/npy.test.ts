import { describe, expect, it } from 'vitest';
import { memorySource, openNpy, readNpy } from '../../src/files/index.ts';
import { failure } from './helpers.ts';

function npy(header: string, body: number[] | Uint8Array, version = 1, headerLength?: number): Uint8Array {
  const text = [...header].map((character) => character.charCodeAt(0));
  const length = headerLength ?? text.length;
  const prefix = version === 1 ? [length & 255, length >> 8] : [length & 255, length >> 8, 0, 0];
  return new Uint8Array([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0, ...prefix, ...text, ...body]);
}

const header = (descr: string, shape: string, order = 'False') =>
  `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }\n`;
const read = (bytes: Uint8Array) => readNpy(memorySource(bytes, 'x.npy'));

describe('readNpy', () => {
  it('reads f2, f4 and f8 in versions 1 to 3', () => {
    expect(read(npy(header('<f2', '(2,)'), [0, 0x3c, 0, 0xc0]))).toEqual({
      data: new Float32Array([1, -2]),
      shape: [2],
    });
    const singles = new Uint8Array(new Float32Array([1, 2, 3, 4, 5, 6.5]).buffer);
    expect(read(npy(header('<f4', '(2, 3)'), singles, 2))).toEqual({
      data: new Float32Array([1, 2, 3, 4, 5, 6.5]),
      shape: [2, 3],
    });
    const double = new Uint8Array(new Float64Array([Math.PI]).buffer);
    expect(read(npy(header('<f8', '()'), double, 3))).toEqual({ data: new Float64Array([Math.PI]), shape: [] });
    expect(read(npy(header('<f8', '(0, 4)'), []))).toEqual({ data: new Float64Array(0), shape: [0, 4] });
  });

  const four = new Uint8Array(4);
  it.each([
    ['an empty file', 'file x.npy', new Uint8Array(0)],
    ['another magic', 'file x.npy', npy(header('<f4', '(1,)'), four).fill(0, 0, 1)],
    ['version 4', 'unsupported x.npy: version', npy(header('<f4', '(1,)'), four, 4)],
    ['a header longer than the file', 'file x.npy', npy(header('<f4', '(1,)'), four, 1, 5000)],
    ['a header without a shape', 'file x.npy header', npy("{'descr': '<f4', 'fortran_order': False}", four)],
    ['too few numbers', 'file x.npy', npy(header('<f4', '(2,)'), four)],
    ['too many numbers', 'file x.npy', npy(header('<f4', '(1,)'), new Uint8Array(5))],
    ['integers', 'unsupported x.npy: descr', npy(header('<i4', '(1,)'), four)],
    ['big-endian numbers', 'unsupported x.npy: descr', npy(header('>f4', '(1,)'), four)],
    ['Fortran order', 'unsupported x.npy: fortran_order', npy(header('<f4', '(1,)', 'True'), four)],
    ['a negative axis', 'file x.npy header', npy(header('<f4', '(-1,)'), four)],
    ['an axis beyond 2^53', 'file x.npy: shape', npy(header('<f4', '(99999999999999999999,)'), four)],
  ])('refuses %s', (_, wanted, bytes) => {
    expect(failure(() => read(bytes))).toBe(wanted);
  });

  it.each([
    ['either quote, any order', `{"shape": (1,), "fortran_order": False, 'descr': "<f4"}`],
    ['blanks and a comma', "{ 'descr' : '<f4' ,\n 'fortran_order' :False, 'shape': ( 1 , ) , }   \n"],
  ])('reads a header with %s', (_, text) => {
    expect(read(npy(text, four)).shape).toEqual([1]);
  });

  it.each([
    ['a key twice', "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}"],
    ['another key', "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': 1}"],
    ['the keys within a string', `{"a": "'descr': '<f4', 'fortran_order': False, 'shape': (1,)"}`],
    ['no tuple', "{'descr': '<f4', 'fortran_order': False, 'shape': (1)}"],
    ['an escape', "{'descr': '\\x3cf4', 'fortran_order': False, 'shape': (1,)}"],
    ['a leading zero', "{'descr': '<f4', 'fortran_order': False, 'shape': (01,)}"],
    ['two commas', "{'descr': '<f4', 'fortran_order': False, 'shape': (1,,)}"],
    ['something behind', "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} x"],
  ])('refuses a header with %s', (_, text) => {
    expect(failure(() => read(npy(text, four)))).toBe('file x.npy header');
  });

  it('refuses a header beyond 64 KiB and a structured type', () => {
    const long = new Uint8Array(12 + 70_000).fill(32);
    long.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 2, 0, 0x70, 0x11, 1, 0]);
    expect(failure(() => read(long))).toBe('file x.npy');
    const fields = "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}";
    expect(failure(() => read(npy(fields, four)))).toBe('unsupported x.npy: descr');
  });

  it('reads a part of a file, and tells the size of what does not fit', () => {
    const singles = new Uint8Array(new Float32Array([1, 2, 3]).buffer);
    expect([...openNpy(memorySource(npy(header('<f4', '(3,)'), singles))).read(1, 3)]).toEqual([2, 3]);
    const prefix = npy(header('<f2', `(${2 ** 48},)`), []);
    const read = (offset: number, length: number) => prefix.subarray(offset, offset + length);
    expect(() => readNpy({ name: 'vast.npy', size: prefix.length + 2 ** 49, read })).toThrow(
      /^vast\.npy: .* 281474976710656 numbers, 1048576\.0 GiB$/,
    );
  });

  it('refuses every truncation', () => {
    const good = npy(header('<f8', '(2,)'), new Uint8Array(16));
    for (let length = 0; length < good.length; length++) {
      expect(failure(() => read(good.subarray(0, length)))).toMatch(/^file /);
    }
  });
});
