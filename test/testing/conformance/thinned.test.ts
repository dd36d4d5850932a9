import { describe, expect, it } from 'vitest';
import { Thinned } from '../../../src/testing/conformance/thinned.ts';

describe('Thinned', () => {
  it('keeps all of few, and evenly spaced ones of many, the first always', () => {
    for (const [count, every] of [
      [0, 1],
      [8, 1],
      [9, 2],
      [16, 2],
      [17, 4],
      [1000, 128],
    ] as const) {
      const sample = new Thinned<number>(8);
      for (let i = 0; i < count; i++) sample.add(i);
      expect(sample.total).toBe(count);
      expect(sample.kept).toEqual(Array.from({ length: Math.ceil(count / every) }, (_, i) => i * every));
    }
  });
});
