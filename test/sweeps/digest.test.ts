import { describe, expect, it } from 'vitest';
import { digestOfNumbers, digestOfText } from '../../src/sweeps/digest.ts';

describe('digestOf', () => {
  it.each([
    // The published test vectors of FNV-1a, 64 bits.
    ['', 'cbf29ce484222325'],
    ['a', 'af63dc4c8601ec8c'],
    ['b', 'af63df4c8601f1a5'],
    ['foobar', '85944171f73967e8'],
  ])('%j', (text, digest) => {
    expect(digestOfText(text)).toBe(digest);
  });

  it('agrees with the definition on BigInt', () => {
    const x = Float64Array.from({ length: 500 }, (_, i) => Math.sin(i) * 2 ** (i % 90));
    let hash = 0xcbf29ce484222325n;
    for (const byte of new Uint8Array(x.buffer)) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) % 2n ** 64n;
    expect(digestOfNumbers(x)).toBe(hash.toString(16).padStart(16, '0'));
  });

  it('tells 0 from −0', () => {
    expect(digestOfNumbers(Float64Array.of(0))).not.toBe(digestOfNumbers(Float64Array.of(-0)));
  });
});
