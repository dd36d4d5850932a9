import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memorySource, openNpy, readNpy, writeNpy } from '../../src/files/index.ts';
import { bfloat16, binary32, e2m1fn, e4m3fn, e5m2, type Format, int4, int8 } from '../../src/formats/index.ts';
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
    ['truth values', 'unsupported x.npy: descr', npy(header('|b1', '(4,)'), four)],
    ['complex numbers', 'unsupported x.npy: descr', npy(header('<c8', '(1,)'), new Uint8Array(8))],
    ['long doubles', 'unsupported x.npy: descr', npy(header('<f16', '(1,)'), new Uint8Array(16))],
    ['texts', 'unsupported x.npy: descr', npy(header('<U1', '(1,)'), four)],
    ['Python objects', 'unsupported x.npy: descr', npy(header('|O', '(1,)'), four)],
    ['bytes without a type', 'unsupported x.npy: descr', npy(header('|V1', '(4,)'), four)],
    ['numbers without an order of bytes', 'unsupported x.npy: descr', npy(header('|f4', '(1,)'), four)],
    ['a type that goes on', 'unsupported x.npy: descr', npy(header('<f4x', '(1,)'), four)],
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

  it('names a structured type', () => {
    const fields = "{'descr': [('a', '<f4'), ('b', '<i2', (2,))], 'fortran_order': False, 'shape': (1,)}";
    expect(() => read(npy(fields, four))).toThrow("[('a', '<f4'), ('b', '<i2', (2,))]");
    expect(failure(() => read(npy("{'descr': [('a', '<f4')", four)))).toBe('file x.npy header');
  });

  const bytesOf = (width: number, values: readonly bigint[], isBig: boolean): number[] =>
    values.flatMap((value) => {
      const bytes = Array.from({ length: width }, (_, i) =>
        Number((BigInt.asUintN(64, value) >> BigInt(8 * i)) & 255n),
      );
      return isBig ? bytes.reverse() : bytes;
    });
  it.each([
    ['i1', 1, [-128n, -1n, 0n, 1n, 2n, 127n]],
    ['u1', 1, [0n, 1n, 2n, 3n, 254n, 255n]],
    ['i2', 2, [-32768n, -1n, 0n, 1n, 258n, 32767n]],
    ['u2', 2, [0n, 1n, 2n, 258n, 4n, 65535n]],
    ['i4', 4, [-(2n ** 31n), -1n, 0n, 1n, 66051n, 2n ** 31n - 1n]],
    ['u4', 4, [0n, 1n, 2n, 3n, 66051n, 2n ** 32n - 1n]],
    ['i8', 8, [-(2n ** 63n), -1n, 0n, 1n, 283686952306183n, 2n ** 53n]],
    ['u8', 8, [0n, 1n, 2n, 3n, 283686952306183n, 2n ** 63n + 2048n]],
  ] as const)('reads %s in either order of bytes and of axes', (type, width, values) => {
    for (const order of ['<', '>', ...(width === 1 ? ['|'] : [])]) {
      const bytes = bytesOf(width, values, order === '>');
      expect([...read(npy(header(order + type, '(2, 3)'), bytes)).data].map(BigInt)).toEqual(values);
      // Columns one after the other: (0,0) (1,0) (0,1) (1,1) (0,2) (1,2).
      const [a, b, c, d, e, f] = values;
      const columns = read(npy(header(order + type, '(2, 3)', 'True'), bytes));
      expect([...columns.data].map(BigInt)).toEqual([a, c, e, b, d, f]);
      expect(columns.shape).toEqual([2, 3]);
    }
  });

  it('reads an array of three axes in Fortran order, and a part of it', () => {
    const shape = [2, 3, 4];
    const stored = new Float64Array(24);
    // Element (i, j, k) is 100 i + 10 j + k; in the file i counts fastest.
    for (let k = 0; k < 4; k++)
      for (let j = 0; j < 3; j++) for (let i = 0; i < 2; i++) stored[i + 2 * (j + 3 * k)] = 100 * i + 10 * j + k;
    const bytes = npy(header('<f8', '(2, 3, 4)', 'True'), new Uint8Array(stored.buffer));
    const rows = Array.from(
      { length: 24 },
      (_, at) => 100 * Math.floor(at / 12) + 10 * (Math.floor(at / 4) % 3) + (at % 4),
    );
    expect(read(bytes)).toEqual({ data: Float64Array.from(rows), shape });
    expect([...openNpy(memorySource(bytes)).read(11, 14)]).toEqual([23, 100, 101]);
    const line = npy(header('<f8', '(1, 3, 1)', 'True'), new Uint8Array(Float64Array.of(1, 2, 3).buffer));
    expect([...read(line).data]).toEqual([1, 2, 3]);
    expect(read(npy(header('<f8', '(0, 3)', 'True'), [])).shape).toEqual([0, 3]);
  });

  it('leaves the bytes that it is given as they are, those of a Buffer too', () => {
    const file = Buffer.from(npy(header('>f4', '(1,)'), [0xc0, 0x49, 0x0f, 0xdb]));
    const before = Buffer.from(file);
    expect([...read(file).data]).toEqual([...read(file).data]);
    expect(file).toEqual(before);
  });

  it('reads big-endian floats', () => {
    expect([...read(npy(header('>f2', '(2,)'), [0x3c, 0, 0xc0, 0])).data]).toEqual([1, -2]);
    expect([...read(npy(header('>f4', '(1,)'), [0xc0, 0x49, 0x0f, 0xdb])).data]).toEqual([-Math.fround(Math.PI)]);
    expect([...read(npy(header('>f8', '(1,)'), [0x40, 0x09, 0x21, 0xfb, 0x54, 0x44, 0x2d, 0x18])).data]).toEqual([
      Math.PI,
    ]);
  });

  it('refuses an integer that binary64 has not', () => {
    const bytes = npy(header('<i8', '(2,)'), bytesOf(8, [1n, 2n ** 53n + 1n], false));
    expect(() => read(bytes)).toThrow(/^x\.npy: .*9007199254740993 at index 1/);
  });

  it('reads bytes and integers as codes of a format that is named', () => {
    const as = (descr: string, shape: string, body: number[], format: Format) => [
      ...readNpy(memorySource(npy(header(descr, shape), body), 'x.npy'), { format }).data,
    ];
    expect(as('|V1', '(3,)', [0x7e, 0xc0, 0x01], e4m3fn)).toEqual([448, -2, 2 ** -9]);
    expect(as('<V2', '(2,)', [0x80, 0x3f, 0x49, 0xc0], bfloat16)).toEqual([1, -3.140625]);
    expect(as('|u1', '(2,)', [0x7b, 0x3c], e5m2)).toEqual([57344, 1]);
    expect(as('<i2', '(1,)', [0x49, 0xc0], bfloat16)).toEqual([-3.140625]);
    expect(as('>u2', '(1,)', [0x3f, 0x80], bfloat16)).toEqual([1]);
    expect(as('<u4', '(1,)', [0, 0, 0x80, 0x3f], binary32)).toEqual([1]);
    // Codes of 4 bits in a byte each, with or without their sign.
    expect(as('|V1', '(3,)', [0x07, 0x0f, 0xff], int4)).toEqual([7, -1, -1]);
    expect(as('|V1', '(2,)', [0x07, 0x0f], e2m1fn)).toEqual([6, -6]);
    expect(() => as('|V1', '(2,)', [0x07, 0x1f], e2m1fn)).toThrow(/^x\.npy: .*31 at index 1/);
    expect(failure(() => as('<V2', '(2,)', [0, 0, 0, 0], e4m3fn))).toBe('unsupported x.npy: descr');
    expect(failure(() => as('<f4', '(1,)', [0, 0, 0, 0], binary32))).toBe('unsupported x.npy: descr');
    expect(failure(() => as('|V3', '(1,)', [0, 0, 0], int8))).toBe('unsupported x.npy: descr');
    expect(
      failure(() => readNpy(memorySource(npy(header('|V1', '(4,)'), four)), { format: 'e4m3fn' as never })),
    ).toMatch(/^type options\.format/);
  });
});

describe('writeNpy', () => {
  it('writes the bytes that the format describes', () => {
    const text = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }";
    const head = [0x93, ...[...'NUMPY'].map((one) => one.charCodeAt(0)), 1, 0, 118, 0];
    const filled = [...`${text}${' '.repeat(117 - text.length)}\n`].map((one) => one.charCodeAt(0));
    expect([...writeNpy({ data: Float32Array.of(1, -2), shape: [2] })]).toEqual([
      ...head,
      ...filled,
      0,
      0,
      128,
      63,
      0,
      0,
      0,
      192,
    ]);
  });

  it('is undone by the reader, whatever the type and shape', () => {
    const arrays = [
      Float64Array,
      Float32Array,
      Uint8Array,
      Int8Array,
      Uint16Array,
      Int16Array,
      Uint32Array,
      Int32Array,
    ];
    const values = fc.array(fc.nat(127), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(
        fc.constantFrom(...arrays),
        values,
        fc.constantFrom([6], [2, 3], [1, 6, 1], [3, 2]),
        (array, numbers, shape) => {
          const data = array.from(numbers);
          const found = readNpy(memorySource(writeNpy({ data, shape })));
          expect([...found.data]).toEqual(numbers);
          expect(found.shape).toEqual(shape);
        },
      ),
    );
    expect(read(writeNpy({ data: BigInt64Array.of(-7n), shape: [] }))).toEqual({
      data: Float64Array.of(-7),
      shape: [],
    });
    expect(read(writeNpy({ data: new Float32Array(0), shape: [0, 5] })).shape).toEqual([0, 5]);
  });

  it('refuses bad input', () => {
    expect(failure(() => writeNpy({ data: new Float32Array(2), shape: [3] }))).toBe('shape tensor');
    expect(failure(() => writeNpy({ data: [1] as never, shape: [1] }))).toBe('type tensor');
    expect(failure(() => writeNpy({ data: new Float32Array(1), shape: new Array(30_000).fill(1) }))).toBe(
      'shape tensor',
    );
  });
});
