import { describe, expect, it } from 'vitest';
import { packCodes, packedWidth, unpackCodes } from '../../src/tensors/index.ts';
import { failure } from '../quantization/helpers.ts';
import { generator } from '../random.ts';

describe('packCodes', () => {
  it('is undone by unpackCodes, for every width of code', () => {
    const next = generator(3);
    for (let bits = 1; bits <= 16; bits++) {
      for (const width of [1, 2, 5, 8, 13]) {
        const codes = Array.from({ length: 3 * width }, () => Math.floor(next() * 2 ** bits));
        const packed = packCodes(codes, width, bits);
        expect(packed).toHaveLength(3 * packedWidth(width, bits));
        expect([...unpackCodes(packed, width, bits)]).toEqual(codes);
      }
    }
  });

  it('puts the first code into the lowest bits, and starts every row with a byte', () => {
    expect([...packCodes([1, 2, 3, 4, 5, 6], 3, 4)]).toEqual([0x21, 0x03, 0x54, 0x06]);
    expect([...packCodes([0b101010, 0b000001], 2, 6)]).toEqual([0b01101010, 0]);
    expect([...unpackCodes(packCodes([-8, -1, 7], 3, 4), 3, 4)]).toEqual([8, 15, 7]);
  });

  it('refuses what does not fit', () => {
    expect(failure(() => packCodes([16], 1, 4))).toBe('range codes[0]');
    expect(failure(() => packCodes([-9], 1, 4))).toBe('range codes[0]');
    expect(failure(() => packCodes([0.5], 1, 4))).toBe('range codes[0]');
    expect(failure(() => packCodes([1, 2, 3], 2, 4))).toBe('shape codes');
    expect(failure(() => unpackCodes(new Uint8Array(3), 3, 4))).toBe('shape bytes');
    expect(failure(() => packCodes([1], 1, 17))).toBe('range bits');
  });
});
