import { describe, expect, it } from 'vitest';
import { getPlanes, planeBytes, planesOf, putPlanes } from '../../src/collectives/bitPlanes.ts';

describe('bit planes', () => {
  it('are powers of two that add up to the width, the widest first', () => {
    expect([2, 3, 4, 5, 6, 7, 8].map((bits) => planesOf(bits))).toEqual([
      [2],
      [2, 1],
      [4],
      [4, 1],
      [4, 2],
      [4, 2, 1],
      [8],
    ]);
  });

  it('start at whole bytes: so many bits a code where eight codes fill them', () => {
    for (let bits = 2; bits <= 8; bits++) expect(planeBytes(bits, 4096)).toBe((4096 * bits) / 8);
    // 3 codes of 7 bits: 12, 6 and 3 bits.
    expect([2, 3, 4, 5, 6, 7, 8].map((bits) => planeBytes(bits, 3))).toEqual([1, 2, 2, 3, 3, 4, 3]);
    expect(planeBytes(7, 0)).toBe(0);
  });

  it('bring back every code of every width at every place, and touch no byte beside them', () => {
    for (let bits = 2; bits <= 8; bits++) {
      for (let count = 1; count <= 17; count++) {
        for (let code = 0; code < 2 ** bits; code++) {
          // The code at all places in turn, its complement at the others.
          const codes = Uint8Array.from({ length: count }, (_, i) =>
            i === code % count ? code : 2 ** bits - 1 - code,
          );
          const size = planeBytes(bits, count);
          const bytes = new Uint8Array(size + 2);
          putPlanes(bytes, 1, bits, codes);
          const back = new Uint8Array(count).fill(255);
          getPlanes(bytes, 1, bits, back);
          if (codes.some((value, i) => value !== back[i])) expect(back).toEqual(codes);
          expect(bytes[0] + bytes[size + 1]).toBe(0);
        }
      }
    }
  });
});
