import { describe, expect, it } from 'vitest';
import { memorySource, readOnnx, readTensor, readTensorBytes } from '../../src/files/index.ts';
import { failure, utf8 } from './helpers.ts';

/** A field of the wire format: an integer, or bytes under their length. */
function field(number: number, content: number | Uint8Array | number[]): number[] {
  if (typeof content === 'number') return [...varint(number * 8), ...varint(content)];
  return [...varint(number * 8 + 2), ...varint(content.length), ...content];
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return [...bytes, value];
}

const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
const raw = (name: string, type: number, dims: number[], bytes: Uint8Array) => [
  ...dims.flatMap((axis) => field(1, axis)),
  ...field(2, type),
  ...field(8, utf8(name)),
  ...field(9, bytes),
];
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
    expect([...checkpoint.entries.keys()]).toEqual(['w', 'packed', 'half', 'axes', 'scalar']);
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

  it('refuses lengths that lie, names twice, and data in other files', () => {
    expect(failure(() => open(field(5, raw('w', 1, [3], floats(1, 2)))))).toBe('file m.onnx: w');
    const none = [...field(1, 2), ...field(2, 1), ...field(8, utf8('w'))];
    expect(failure(() => open(field(5, none)))).toBe('file m.onnx: w');
    const one = field(5, raw('w', 1, [1], floats(1)));
    expect(failure(() => open([...one, ...one]))).toBe('file m.onnx');
    expect(failure(() => open(field(5, [...none, ...field(14, 1)])))).toBe('unsupported m.onnx: w');
  });
});
