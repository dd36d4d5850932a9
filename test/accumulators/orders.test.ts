/** Orders that real kernels have: a chain that takes its first element over, padded butterflies, short first tiles, heads and tails. */
import { describe, expect, it } from 'vitest';
import { reductionText } from '../../src/accumulators/describe.ts';
import { type Accumulator, defineReduction } from '../../src/accumulators/index.ts';
import { lastTree } from '../../src/accumulators/walk.ts';
import { binary16 } from '../../src/formats/index.ts';
import { sum } from '../../src/kernels/index.ts';
import { roundTo } from '../../src/rounding/index.ts';
import { oracle } from '../../src/testing/index.ts';

const half: Accumulator = { kind: 'float', rounding: roundTo(binary16) };
const chain = (more: object = {}) => ({ kind: 'sequential', accumulator: half, ...more });
const join = { kind: 'pairwise', accumulator: half, leaf: 'element' };

/** The sum of the library and of the oracle, which must be one. */
function both(reduction: unknown, x: readonly number[], addend: number | null = null): number {
  const made = defineReduction(reduction);
  const { value } = oracle.reduce(made, x, null, addend === null ? {} : { addend });
  if (addend === null) {
    const { output } = sum(x, { rows: 1, width: x.length, reduction: made });
    expect(output[0]).toBe(value);
  }
  return value;
}

describe('start: first', () => {
  it('takes the first element over as it is, and goes on from what it is given', () => {
    expect(both(chain(), [-0, -0])).toBe(0);
    expect(both(chain({ start: 'first' }), [-0, -0])).toBe(-0);
    // 2049 is no binary16: it stays as long as nothing is added.
    expect(both(chain({ start: 'first' }), [2049])).toBe(2049);
    expect(both(chain(), [2049])).toBe(2048);
    expect(both(chain({ start: 'first' }), [2049], 1)).toBe(2050);
    expect(both(chain({ start: 'first', order: 'descending' }), [1, -0, -0])).toBe(1);
  });

  it('is of the first of chained tiles alone', () => {
    const tiles = { kind: 'tiled', size: 2, within: chain({ start: 'first' }), across: 'chain' };
    expect(both(tiles, [-0, -0, -0])).toBe(-0);
    const apart = { kind: 'tiled', size: 2, within: chain({ start: 'first' }), across: chain() };
    expect(both(apart, [-0, -0, -0])).toBe(0);
  });

  it('is refused where products enter', () => {
    const fused = { kind: 'float', rounding: roundTo(binary16), fused: true };
    expect(() => defineReduction({ kind: 'sequential', accumulator: fused, start: 'first' })).toThrow(
      'reduction.start',
    );
  });
});

describe('lanes of a butterfly', () => {
  const five = [2048, 1, 1, 1, 1];
  it('pad with +0, so that offsets are those of a warp', () => {
    // Without padding: i with i + 3, (2048 + 1) + …; of 8 lanes: i with i + 4 first.
    expect(both({ kind: 'butterfly', accumulator: half, leaf: 'element', lanes: 8 }, five)).toBe(2050);
    expect(both({ kind: 'butterfly', accumulator: half, leaf: 'element' }, [-0, -0, -0])).toBe(-0);
    expect(both({ kind: 'butterfly', accumulator: half, leaf: 'element', lanes: 4 }, [-0, -0, -0])).toBe(0);
  });

  it('are a power of two', () => {
    expect(() => defineReduction({ kind: 'butterfly', accumulator: half, lanes: 12 })).toThrow('a power of two');
  });
});

describe('short: first', () => {
  it('puts the remainder into the first tile', () => {
    const within = chain();
    const across = join;
    const x = [1, 1, 2048, 1];
    // 1, and 1 + 2048 + 1, which is 2048; last: 1 + 1 + 2048, and 1.
    expect(both({ kind: 'tiled', size: 3, short: 'first', within, across }, x)).toBe(2048);
    expect(both({ kind: 'tiled', size: 3, within, across }, x)).toBe(2052);
  });
});

describe('split', () => {
  const lanes = { kind: 'strided', lanes: 4, within: chain(), across: join };
  it('sums a vector loop and its remainder, apart or one on top of the other', () => {
    const x = [2048, 0, 0, 0, 1, 1];
    expect(both({ kind: 'split', multipleOf: 4, head: lanes, tail: chain(), across: join }, x)).toBe(2050);
    const onTop = defineReduction({ kind: 'split', multipleOf: 4, head: lanes, tail: chain(), across: 'chain' });
    expect(both(onTop, x)).toBe(2048);
    expect(lastTree(onTop)?.kind).toBe('sequential');
    // The head is a tree: an addend joins at the end.
    expect(both(onTop, [1, 1, 1, 1, 1], 3)).toBe(8);
    expect(reductionText(onTop, true)).toContain('multiples of 4');
  });

  it('has no part without elements', () => {
    const split = { kind: 'split', multipleOf: 4, head: lanes, tail: chain(), across: join };
    expect(both(split, [1, 2])).toBe(3);
    expect(both(split, [1, 2, 3, 4])).toBe(10);
    expect(both(split, [])).toBe(0);
  });

  it('refuses a tail that cannot go on, and products on one side alone', () => {
    const tree = { kind: 'pairwise', accumulator: half };
    expect(() => defineReduction({ kind: 'split', multipleOf: 2, head: chain(), tail: tree, across: 'chain' })).toThrow(
      'reduction.tail',
    );
    const fused = chain({ accumulator: { ...half, fused: true } });
    expect(() => defineReduction({ kind: 'split', multipleOf: 2, head: chain(), tail: fused, across: join })).toThrow(
      'reduction.tail',
    );
  });
});
