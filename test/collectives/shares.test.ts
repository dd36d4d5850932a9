import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shares } from '../../src/collectives/index.ts';
import { failure } from './helpers.ts';

describe('shares', () => {
  it('cover an extent once, in order, and differ by at most one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 1, max: 64 }), (extent, parts) => {
        const found = shares(extent, parts);
        expect(found).toHaveLength(parts);
        let at = 0;
        for (const [from, to] of found) {
          expect(from).toBe(at);
          at = to;
        }
        expect(at).toBe(extent);
        const lengths = found.map(([from, to]) => to - from);
        expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
        expect([...lengths].sort((a, b) => b - a)).toEqual(lengths);
      }),
    );
  });

  it('refuses what is no count', () => {
    expect(failure(() => shares(-1, 2))).toBe('range extent');
    expect(failure(() => shares(4, 0))).toBe('range parts');
  });
});
