import { describe, expect, it } from 'vitest';
import { memorySource } from '../../src/files/index.ts';
import { failure } from './helpers.ts';

describe('memorySource', () => {
  it('reads ranges as views', () => {
    const bytes = new Uint8Array([1, 2, 3, 4]);
    const source = memorySource(bytes.subarray(1));
    expect([source.name, source.size]).toEqual(['memory', 3]);
    expect([...source.read(1, 2)]).toEqual([3, 4]);
    expect(source.read(0, 3).buffer).toBe(bytes.buffer);
    expect(source.read(3, 0).length).toBe(0);
  });

  it('refuses ranges outside and things that are no bytes', () => {
    const source = memorySource(new Uint8Array(4), 'four');
    for (const [offset, length] of [
      [0, 5],
      [4, 1],
      [-1, 2],
      [1, -1],
      [0.5, 1],
      [0, NaN],
      [2 ** 53, 1],
    ]) {
      expect(failure(() => source.read(offset, length))).toBe('file four');
    }
    expect(failure(() => memorySource([1, 2] as never))).toBe('type bytes');
  });
});
