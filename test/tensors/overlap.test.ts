import { describe, expect, it } from 'vitest';
import { overlaps } from '../../src/tensors/overlap.ts';

describe('overlaps', () => {
  it('compares ranges of bytes', () => {
    const buffer = new ArrayBuffer(64);
    const middle = new Float32Array(buffer, 16, 4);
    expect(overlaps(middle, new Float64Array(buffer, 0, 2))).toBe(false);
    expect(overlaps(middle, new Float64Array(buffer, 32, 2))).toBe(false);
    expect(overlaps(middle, new Uint8Array(buffer, 31, 1))).toBe(true);
    expect(overlaps(middle, new Float64Array(buffer, 0, 3))).toBe(true);
    expect(overlaps(middle, new Float64Array(buffer, 16, 0))).toBe(false);
    expect(overlaps(middle, new Float32Array(64))).toBe(false);
  });

  it('knows one shared memory by its bytes, whatever objects stand for it', () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 4, shared: true });
    const early = new Uint8Array(memory.buffer, 100, 50).fill(7);
    memory.grow(1);
    const late = new Uint8Array(memory.buffer, 149, 50);
    const sent = new Uint8Array(structuredClone(memory.buffer), 90, 11);
    expect(new Set([early.buffer, late.buffer, sent.buffer]).size).toBe(3);
    for (const other of [late, sent]) {
      expect(overlaps(early, other)).toBe(true);
      expect(overlaps(other, early)).toBe(true);
    }
    expect(overlaps(late, sent)).toBe(false);
    expect(overlaps(early, new Uint8Array(memory.buffer, 150, 50))).toBe(false);
    expect(overlaps(early, new Uint8Array(new SharedArrayBuffer(200)))).toBe(false);
    expect(overlaps(early, new Uint8Array(200).fill(7))).toBe(false);
    expect(early.every((byte) => byte === 7)).toBe(true);
  });
});
