import { describe, expect, it } from 'vitest';
import { allocate, checkMemory } from '../../src/errors/index.ts';

describe('memory that cannot be had', () => {
  it('is told with its size, before it is touched', () => {
    expect(allocate('x', Float32Array, 3)).toEqual(new Float32Array(3));
    // 2^40 numbers, 8 TiB; and more than there are integers.
    expect(() => allocate('x', Float64Array, 2 ** 40)).toThrow(
      /^x: expected .*, received 1099511627776 numbers, 8192\.0 GiB$/,
    );
    expect(() => checkMemory('the output', 2 ** 60, 2 ** 63)).toThrow(
      /^the output: expected .* 1152921504606847000 numbers/,
    );
    expect(() => checkMemory('the output', 2 ** 20, 2 ** 23)).not.toThrow();
  });
});
