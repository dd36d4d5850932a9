import { describe, expect, it } from 'vitest';
import { tensor } from '../../src/tensors/index.ts';
import { failure } from '../testing/helpers.ts';

describe('tensor', () => {
  it('keeps the data and freezes its shape', () => {
    const data = new Float32Array(6);
    const made = tensor(data, [2, 3]);
    expect(made.data).toBe(data);
    expect(made.shape).toEqual([2, 3]);
    expect(Object.isFrozen(made.shape)).toBe(true);
    expect(tensor(new Float64Array(1), []).shape).toEqual([]);
    expect(tensor(new Float64Array(0), [4, 0]).shape).toEqual([4, 0]);
  });

  const bad: [data: unknown, shape: unknown, expected: string][] = [
    [new Float64Array(6), [2, 2], 'shape shape'],
    [new Float64Array(6), [-2, -3], 'shape shape'],
    [new Float64Array(6), [1.5, 4], 'shape shape'],
    [new Float64Array(0), [Number.NaN], 'shape shape'],
    [new Float64Array(6), [2 ** 53, 6], 'shape shape'],
    [new Float64Array(6), [Symbol('6')], 'shape shape'],
    [new Float64Array(6), 6, 'type shape'],
    [[1, 2], [2], 'type data'],
    [undefined, [0], 'type data'],
  ];
  it.each(bad)('refuses %o in shape %o', (data, shape, expected) => {
    expect(failure(() => tensor(data as never, shape as never))).toBe(expected);
  });
});
