import { f16round, getFloat16 } from '@petamoriken/float16';
import { describe, expect, it } from 'vitest';
import { memorySource, readSafetensors, readTensor, readTensorBytes } from '../../src/files/index.ts';
import { failure, safetensors } from './helpers.ts';

/** All 65536 codes of a 16-bit type, as one tensor. */
function allCodes(dtype: string): Uint8Array {
  const codes = new Uint8Array(2 ** 17);
  for (let code = 0; code < 2 ** 16; code++) {
    codes[2 * code] = code & 255;
    codes[2 * code + 1] = code >> 8;
  }
  return safetensors({ w: { dtype, shape: [256, 256], data_offsets: [0, 2 ** 17] } }, codes);
}

describe('readTensor', () => {
  it('reads numbers of a Buffer that lie at no multiple of their width', () => {
    const numbers = Float32Array.of(1.5, -2, 3);
    const file = safetensors(
      { w: { dtype: 'F32', shape: [3], data_offsets: [0, 12] } },
      new Uint8Array(numbers.buffer),
    );
    for (let shift = 0; shift < 4; shift++) {
      const shifted = Buffer.alloc(file.length + shift);
      shifted.set(file, shift);
      expect([...readTensor(readSafetensors(memorySource(shifted.subarray(shift))), 'w').data]).toEqual([1.5, -2, 3]);
    }
  });

  it('reads every binary16 code as @petamoriken/float16 does', () => {
    const { data, shape } = readTensor(readSafetensors(memorySource(allCodes('F16'))), 'w');
    const view = new DataView(new ArrayBuffer(2));
    let wrong = 0;
    for (let code = 0; code < 2 ** 16; code++) {
      view.setUint16(0, code);
      if (!Object.is(data[code], getFloat16(view, 0))) wrong++;
    }
    expect(wrong).toBe(0);
    expect(shape).toEqual([256, 256]);
    expect(f16round(data[0x3c01])).toBe(1 + 2 ** -10);
  });

  it('reads every bfloat16 code as the upper half of a binary32', () => {
    const { data } = readTensor(readSafetensors(memorySource(allCodes('BF16'))), 'w');
    const view = new DataView(new ArrayBuffer(4));
    let wrong = 0;
    for (let code = 0; code < 2 ** 16; code++) {
      view.setUint32(0, code * 2 ** 16);
      if (!Object.is(data[code], view.getFloat32(0))) wrong++;
    }
    expect(wrong).toBe(0);
  });

  it('reads F32 and F64 at any alignment, into either array', () => {
    const numbers = new Uint8Array(13);
    const view = new DataView(numbers.buffer);
    view.setUint8(0, 9);
    view.setFloat32(1, -1.5, true);
    view.setFloat64(5, 1 + 2 ** -40, true);
    const header = {
      byte: { dtype: 'U8', shape: [1], data_offsets: [0, 1] },
      single: { dtype: 'F32', shape: [1], data_offsets: [1, 5] },
      double: { dtype: 'F64', shape: [], data_offsets: [5, 13] },
    };
    const checkpoint = readSafetensors(memorySource(safetensors(header, numbers)));
    expect(readTensor(checkpoint, 'single')).toEqual({ data: new Float64Array([-1.5]), shape: [1] });
    expect(readTensor(checkpoint, 'double')).toEqual({ data: new Float64Array([1 + 2 ** -40]), shape: [] });
    expect(readTensor(checkpoint, 'double', 'float32').data).toEqual(new Float32Array([1]));
    expect([...readTensorBytes(checkpoint, 'byte')]).toEqual([9]);
    expect([...readTensor(checkpoint, 'byte').data]).toEqual([9]);
    expect(failure(() => readTensor(checkpoint, 'bite'))).toBe('name name');
    expect(failure(() => readTensorBytes(checkpoint, 'bite'))).toBe('name name');
    expect(failure(() => readTensor(checkpoint, 'single', 'f32' as never))).toBe('name as');
  });

  it('reads a tensor longer than one chunk', () => {
    const count = 2 ** 20 + 3;
    const bytes = new Uint8Array(Float32Array.from({ length: count }, (_, i) => i).buffer);
    const header = { w: { dtype: 'F32', shape: [count], data_offsets: [0, 4 * count] } };
    const { data } = readTensor(readSafetensors(memorySource(safetensors(header, bytes))), 'w');
    expect(data.every((value, i) => value === i)).toBe(true);
  });
});
