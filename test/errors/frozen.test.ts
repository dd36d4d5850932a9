import { describe, expect, it } from 'vitest';
import { isFrozenData } from '../../src/errors/frozen.ts';

describe('isFrozenData', () => {
  it('is true of what can never change', () => {
    expect(isFrozenData(Object.freeze({ a: 1, b: Object.freeze(['c']) }))).toBe(true);
    expect(isFrozenData(Object.freeze({ b: ['c'] }))).toBe(false);
    expect(
      isFrozenData(
        Object.freeze({
          get a() {
            return 1;
          },
        }),
      ),
    ).toBe(false);
  });

  it('ends on data that holds itself', () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    expect(isFrozenData(Object.freeze(circle))).toBe(false);
  });
});
