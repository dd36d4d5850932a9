import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { getBits, putBits } from '../../src/collectives/bits.ts';

describe('bits', () => {
  it('puts two INT4 codes into a byte, the first below', () => {
    const bytes = new Uint8Array(3);
    [2, 14, 15, 7].forEach((code, i) => {
      putBits(bytes, 1, 4 * i, 4, code);
    });
    expect([...bytes]).toEqual([0, 0xe2, 0x7f]);
  });

  it('gives back what was put, of any widths, and touches nothing else', () => {
    const codes = fc.array(
      fc
        .integer({ min: 1, max: 32 })
        .chain((width) => fc.tuple(fc.constant(width), fc.integer({ min: 0, max: 2 ** width - 1 }))),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(codes, fc.integer({ min: 0, max: 9 }), (list, from) => {
        const total = list.reduce((sum, [width]) => sum + width, 0);
        const bytes = new Uint8Array(from + Math.ceil(total / 8) + 1);
        const integer = list.reduceRight((sum, [width, code]) => (sum << BigInt(width)) + BigInt(code), 0n);
        let at = 0;
        for (const [width, code] of list) {
          putBits(bytes, from, at, width, code);
          at += width;
        }
        // The whole stream is one little-endian integer.
        const read = bytes.reduceRight((sum, byte, i) => (i < from ? sum : (sum << 8n) + BigInt(byte)), 0n);
        expect(read).toBe(integer);
        expect(bytes.subarray(0, from).every((byte) => byte === 0)).toBe(true);
        at = 0;
        for (const [width, code] of list) {
          expect(getBits(bytes, from, at, width)).toBe(code);
          at += width;
        }
      }),
    );
  });
});
