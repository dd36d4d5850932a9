import { describe, expect, it } from 'vitest';
import { memorySource, readOnnx, readTensor, readTensorBytes, readTensorCodes } from '../../src/files/index.ts';
import { catalogue } from '../../src/formats/index.ts';
import { decode } from '../../src/rounding/index.ts';
import { failure, field, floats, raw, utf8, varint } from './helpers.ts';

const constant = (output: string, tensor: number[]) => [
  ...field(2, utf8(output)),
  ...field(4, utf8('Constant')),
  ...field(5, [...field(1, utf8('value')), ...field(5, tensor)]),
];
const open = (graph: number[]) =>
  readOnnx(memorySource(Uint8Array.from([...field(1, 8), ...field(7, graph)]), 'm.onnx'));

describe('readOnnx', () => {
  it('finds initializers and constants, raw or packed', () => {
    const checkpoint = open([
      ...field(5, raw('w', 1, [2, 3], floats(1, 2, 3, 4, 5, 6))),
      ...field(5, [...field(1, [2]), ...field(2, 1), ...field(8, utf8('packed')), ...field(4, floats(0.5, -7))]),
      ...field(5, raw('half', 10, [1], Uint8Array.of(0, 0x3c))),
      ...field(5, raw('axes', 7, [1], Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255))),
      ...field(1, constant('scalar', raw('', 1, [], floats(3)))),
      ...field(1, [...field(2, utf8('y')), ...field(4, utf8('MatMul'))]),
      ...field(5, [...field(1, 3), ...field(2, 7), ...field(8, utf8('varints')), ...field(7, [1, 2, 3])]),
    ]);
    expect([...checkpoint.entries.keys()]).toEqual(['w', 'packed', 'half', 'axes', 'scalar', 'varints']);
    expect([...new BigInt64Array(readTensorBytes(checkpoint, 'varints').slice().buffer)]).toEqual([1n, 2n, 3n]);
    expect(readTensor(checkpoint, 'w')).toEqual({ data: Float64Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] });
    expect([...readTensor(checkpoint, 'packed').data]).toEqual([0.5, -7]);
    expect([...readTensor(checkpoint, 'half').data]).toEqual([1]);
    expect(readTensor(checkpoint, 'scalar')).toEqual({ data: Float64Array.of(3), shape: [] });
    expect([...readTensorBytes(checkpoint, 'axes')]).toEqual(Array(8).fill(255));
  });

  it('refuses what is no ONNX model, and every truncation of one', () => {
    expect(failure(() => readOnnx(memorySource(new Uint8Array(0), 'm.onnx')))).toBe('file m.onnx');
    expect(failure(() => readOnnx(memorySource(utf8('not a model'), 'm.onnx')))).toBe('file m.onnx');
    const good = Uint8Array.from(field(7, field(5, raw('w', 1, [2], floats(1, 2)))));
    expect(readOnnx(memorySource(good)).entries.size).toBe(1);
    for (let length = 0; length < good.length; length++) {
      expect(failure(() => readOnnx(memorySource(good.subarray(0, length), 'm.onnx')))).toBe('file m.onnx');
    }
  });

  it('refuses lengths that lie and names twice, and lists data in other files', () => {
    expect(failure(() => open(field(5, raw('w', 1, [3], floats(1, 2)))))).toBe('file m.onnx: w');
    const none = [...field(1, 2), ...field(2, 1), ...field(8, utf8('w'))];
    expect(failure(() => open(field(5, none)))).toBe('file m.onnx: w');
    const one = field(5, raw('w', 1, [1], floats(1)));
    expect(failure(() => open([...one, ...one]))).toBe('file m.onnx');
    const external = open(field(5, [...none, ...field(14, 1)]));
    expect(external.unreadable.get('w')).toBe('external data in no file, which is no file of the same folder');
    expect(failure(() => readTensor(external, 'w'))).toBe('unsupported m.onnx: w');
    expect(failure(() => open(field(5, [...none, ...field(14, 2)])))).toBe('file m.onnx: w');
    expect(failure(() => open([...field(5, raw('w', 1, [1], floats(1))), ...field(0, 1)]))).toBe('file m.onnx');
  });

  /** A varint of 64 bits: ten bytes for a negative number. */
  const signed = (value: number): number[] => {
    const bytes: number[] = [];
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) + 128);
    return [...bytes, Number(rest)];
  };
  const numbered = (type: number, dims: number[], number: number, values: number[]) => [
    ...dims.flatMap((axis) => field(1, axis)),
    ...field(2, type),
    ...field(8, utf8('w')),
    ...field(number, values.flatMap(signed)),
  ];

  it.each([
    ['UINT8', 2, 5, [0, 255], [0, 255], 'uint8'],
    ['INT8', 3, 5, [-1, 127], [255, 127], 'int8'],
    ['UINT16', 4, 5, [65535, 1], [65535, 1], 'uint16'],
    ['INT16', 5, 5, [-2, 1], [65534, 1], 'int16'],
    ['INT32', 6, 5, [-2, 1], [4294967294, 1], 'int32'],
    ['FLOAT16', 10, 5, [0x3c00, 0xc000], [0x3c00, 0xc000], 'binary16'],
    ['UINT32', 12, 11, [4294967295, 1], [4294967295, 1], 'uint32'],
    ['BFLOAT16', 16, 5, [0x3f80, 0xc000], [0x3f80, 0xc000], 'bfloat16'],
    ['FLOAT8E4M3FN', 17, 5, [0x38, 0x7e], [0x38, 0x7e], 'e4m3fn'],
    ['FLOAT8E4M3FNUZ', 18, 5, [0x40, 0x80], [0x40, 0x80], 'e4m3fnuz'],
    ['FLOAT8E5M2', 19, 5, [0x3c, 0x7c], [0x3c, 0x7c], 'e5m2'],
    ['FLOAT8E5M2FNUZ', 20, 5, [0x40, 0x80], [0x40, 0x80], 'e5m2fnuz'],
    ['UINT4', 21, 5, [0x21], [1, 2], 'uint4'],
    ['INT4', 22, 5, [-52], [12, 12], 'int4'],
    ['FLOAT4E2M1', 23, 5, [0xf2], [2, 15], 'e2m1fn'],
    ['FLOAT8E8M0', 24, 5, [127, 255], [127, 255], 'e8m0fnu'],
    ['UINT2', 25, 5, [0x0d], [1, 3], 'uint2'],
    ['INT2', 26, 5, [0x0d], [1, 3], 'int2'],
  ] as const)('reads %s, as varints and raw, as codes of its format', (_, type, number, values, codes, name) => {
    const read = readTensorCodes(open(field(5, numbered(type, [2], number, [...values]))), 'w');
    expect([...read.codes]).toEqual(codes);
    expect(read.format).toBe(catalogue[name]);
    const width = values.length === 1 ? 1 : read.codes.BYTES_PER_ELEMENT;
    const bytes = values.flatMap((value) => Array.from({ length: width }, (_, i) => (value >> (8 * i)) & 255));
    const stored = readTensorCodes(open(field(5, raw('w', type, [2], Uint8Array.from(bytes)))), 'w');
    expect([...stored.codes]).toEqual(codes);
  });

  it('reads INT4 of ten-byte varints as -4, -4', () => {
    const { codes, format } = readTensorCodes(open(field(5, numbered(22, [2], 5, [-52]))), 'w');
    expect([...codes].map((code) => decode(format, code))).toEqual([-4, -4]);
  });

  it('reads bytes of 64-bit integers, booleans and complex numbers', () => {
    const bytes = (type: number, number: number, values: number[], dims: number[]) =>
      readTensorBytes(open(field(5, numbered(type, dims, number, values))), 'w');
    expect([...new BigInt64Array(bytes(7, 7, [-5], [1]).slice().buffer)]).toEqual([-5n]);
    expect([...new BigUint64Array(bytes(13, 11, [-1], [1]).slice().buffer)]).toEqual([2n ** 64n - 1n]);
    expect([...bytes(9, 5, [1, 0], [2])]).toEqual([1, 0]);
    const complex = [...field(1, 1), ...field(2, 14), ...field(8, utf8('w')), ...field(4, floats(1, 2))];
    expect([...new Float32Array(readTensorBytes(open(field(5, complex)), 'w').slice().buffer)]).toEqual([1, 2]);
  });

  it('lists strings, undefined types, segments and sparse tensors with the reason', () => {
    const named = (name: string, type: number) => [...field(1, 1), ...field(2, type), ...field(8, utf8(name))];
    const sparse = field(1, raw('sparse', 1, [1], floats(1)));
    const { entries, unreadable } = open([
      ...field(5, named('text', 8)),
      ...field(5, named('none', 0)),
      ...field(5, named('new', 27)),
      ...field(5, [...raw('part', 1, [1], floats(1)), ...field(3, [])]),
      ...field(5, raw('', 1, [1], floats(1))),
      ...field(15, sparse),
    ]);
    expect(entries.size).toBe(0);
    expect([...unreadable.keys()]).toEqual(['text', 'none', 'new', 'part', 'initializers[4]', 'sparse']);
  });

  it('reads chunks and single fields of float_data, in order', () => {
    const chunked = [...field(1, 3), ...field(2, 1), ...field(8, utf8('w'))];
    const single = [...varint(4 * 8 + 5), ...floats(2)];
    const checkpoint = open(field(5, [...chunked, ...field(4, floats(1)), ...single, ...field(4, floats(3))]));
    expect([...readTensor(checkpoint, 'w').data]).toEqual([1, 2, 3]);
  });

  it('refuses numbers beyond their type, and data in the wrong field or in two', () => {
    expect(failure(() => open(field(5, numbered(2, [1], 5, [256]))))).toBe('file m.onnx');
    expect(failure(() => open(field(5, numbered(3, [1], 5, [-129]))))).toBe('file m.onnx');
    expect(failure(() => open(field(5, numbered(7, [1], 5, [1]))))).toBe('file m.onnx: w');
    const two = [...numbered(6, [1], 5, [1]), ...field(9, [1, 0, 0, 0])];
    expect(failure(() => open(field(5, two)))).toBe('file m.onnx: w');
    const graph = field(7, field(5, raw('w', 1, [1], floats(1))));
    expect(failure(() => readOnnx(memorySource(Uint8Array.from([...graph, ...graph]), 'm.onnx')))).toBe('file m.onnx');
  });

  it('reads the numbers of constants, tensors of attributes, graphs within nodes and functions', () => {
    const attribute = (name: string, content: number[]) => field(5, [...field(1, utf8(name)), ...content]);
    const node = (output: string, operator: string, content: number[]) =>
      field(1, [...field(2, utf8(output)), ...field(4, utf8(operator)), ...content]);
    const inner = field(5, raw('w', 1, [1], floats(9)));
    const model = Uint8Array.from([
      ...field(7, [
        ...node('f', 'Constant', attribute('value_float', [...varint(2 * 8 + 5), ...floats(0.5)])),
        ...node('fs', 'Constant', attribute('value_floats', field(7, floats(1, 2)))),
        ...node('i', 'Constant', attribute('value_int', field(3, 7))),
        ...node('is', 'Constant', attribute('value_ints', field(8, [1, 2]))),
        ...node('s', 'Constant', attribute('value_string', field(4, utf8('x')))),
        ...node('zeros', 'ConstantOfShape', attribute('value', field(5, raw('', 1, [1], floats(0))))),
        ...node('y', 'If', attribute('then_branch', field(6, inner))),
      ]),
      ...field(25, [...field(1, utf8('g')), ...field(7, constant('c', raw('', 1, [], floats(4))))]),
    ]);
    const checkpoint = readOnnx(memorySource(model, 'm.onnx'));
    expect([...checkpoint.unreadable.keys()]).toEqual(['s']);
    expect([...checkpoint.entries.keys()].sort()).toEqual(
      ['f', 'fs', 'functions.g/c', 'i', 'is', 'y.then_branch/w', 'zeros.value'].sort(),
    );
    expect(readTensor(checkpoint, 'f')).toEqual({ data: Float64Array.of(0.5), shape: [] });
    expect([...readTensor(checkpoint, 'fs').data]).toEqual([1, 2]);
    expect(readTensor(checkpoint, 'y.then_branch/w').data[0]).toBe(9);
  });

  it('reads external data from the folder when it is given one, and never from elsewhere', () => {
    const external = (location: string, length = '4') =>
      field(5, [
        ...[...field(1, 1), ...field(2, 1), ...field(8, utf8('w')), ...field(14, 1)],
        ...field(13, [...field(1, utf8('location')), ...field(2, utf8(location))]),
        ...field(13, [...field(1, utf8('offset')), ...field(2, utf8('4'))]),
        ...field(13, [...field(1, utf8('length')), ...field(2, utf8(length))]),
      ]);
    const asked: string[] = [];
    const opened = (graph: number[]) =>
      readOnnx(memorySource(Uint8Array.from(field(7, graph)), 'm.onnx'), (name) => {
        asked.push(name);
        return memorySource(floats(1, 2), name);
      });
    expect([...readTensor(opened(external('weights.bin')), 'w').data]).toEqual([2]);
    for (const location of ['../secret', '/etc/hosts', 'a/b', '..', '']) {
      expect(opened(external(location)).unreadable.has('w')).toBe(true);
    }
    expect(opened(external('weights.bin', '8')).unreadable.has('w')).toBe(true);
    expect(asked).toEqual(['weights.bin']);
  });

  it('reads each page of a file of many small fields once: tensors, names, nodes, attributes, constants', () => {
    const small = [...varint(4 * 8 + 5), ...floats(1)];
    const count = 5000;
    const many = (one: (i: number) => number[]) => Array.from({ length: count }, (_, i) => one(i)).flat();
    const tensor = [...field(1, count), ...field(2, 1), ...field(8, utf8('w')), ...many(() => small)];
    const bytes = Uint8Array.from(
      field(7, [
        ...field(5, tensor),
        ...many((i) => field(5, raw(`w${i}`, 1, [1], floats(i)))),
        ...many((i) => field(1, constant(`c${i}`, raw('', 1, [], floats(i))))),
        ...field(1, [...field(2, utf8('y')), ...many((i) => field(5, field(1, utf8(`é${i}`))))]),
        ...field(5, [...many(() => field(8, utf8('other'))), ...raw('named', 1, [1], floats(2))]),
      ]),
    );
    let reads = 0;
    let read = 0;
    const source = {
      ...memorySource(bytes, 'm.onnx'),
      read(offset: number, length: number) {
        reads++;
        read += length;
        return bytes.slice(offset, offset + length);
      },
    };
    const checkpoint = readOnnx(source);
    expect(checkpoint.entries.size).toBe(2 * count + 2);
    expect(read).toBe(bytes.length);
    expect(reads).toBe(Math.ceil(bytes.length / 2 ** 16));
    expect(readTensor(checkpoint, 'w').data.length).toBe(count);
    expect([...readTensor(checkpoint, `c${count - 1}`).data]).toEqual([count - 1]);
  });

  it('goes back over what it has let go: a tensor larger than the pages that are kept', () => {
    const count = 900_000; // 4.3 MiB, where 4 are kept
    const head = [...field(1, count), ...field(2, 1), ...field(8, utf8('w'))];
    const body = new Uint8Array(head.length + 5 * count);
    body.set(head);
    const view = new DataView(body.buffer, head.length);
    for (let i = 0; i < count; i++) {
      view.setUint8(5 * i, 37);
      view.setFloat32(5 * i + 1, i, true);
    }
    const prefix = (number: number, length: number) => [...varint(number * 8 + 2), ...varint(length)];
    const inner = prefix(5, body.length);
    const outer = prefix(7, inner.length + body.length);
    const file = new Uint8Array(outer.length + inner.length + body.length);
    file.set([...outer, ...inner]);
    file.set(body, outer.length + inner.length);
    const { data } = readTensor(readOnnx(memorySource(file)), 'w');
    expect(data.every((x, i) => x === i)).toBe(true);
  });

  it('refuses graphs within graphs without end', () => {
    let graph: number[] = [];
    for (let depth = 0; depth < 40; depth++) {
      graph = field(1, [...field(2, utf8('y')), ...field(5, [...field(1, utf8('body')), ...field(6, graph)])]);
    }
    expect(failure(() => open(graph))).toBe('file m.onnx');
  });
});
