import { describe, expect, it } from 'vitest';
import { byteTokens, splitTokens } from '../../src/models/index.ts';
import { failure } from './helpers.ts';

describe('byteTokens', () => {
  it('is one token a byte, bytes above 127 as 127', () => {
    expect([...byteTokens('a\n~')]).toEqual([97, 10, 126]);
    expect([...byteTokens('é€')]).toEqual([127, 127, 127, 127, 127]);
    expect([...byteTokens(new Uint8Array([0, 127, 128, 255]))]).toEqual([0, 127, 127, 127]);
    expect(failure(() => byteTokens(5 as never))).toBe('type text');
  });
});

describe('splitTokens', () => {
  it('cuts whole sequences and drops the rest', () => {
    const parts = splitTokens(new Uint8Array([1, 2, 3, 4, 5]), 2);
    expect(parts.map((part) => [...part])).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(splitTokens(new Int32Array(1), 2)).toEqual([]);
    expect(failure(() => splitTokens(new Uint8Array(4), 0))).toBe('range length');
  });
});
