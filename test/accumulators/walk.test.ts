import { describe, expect, it } from 'vitest';
import { type Accumulator, defineReduction, type Reduction } from '../../src/accumulators/index.ts';
import {
  accumulatorRounding,
  firstLeaf,
  lastLeaf,
  lastTree,
  leaves,
  mapAccumulators,
} from '../../src/accumulators/walk.ts';

const register = (bits: number) => ({ kind: 'integer', bits, overflow: 'wrap' });
const chain = (bits: number) => ({ kind: 'sequential', accumulator: register(bits) });
const tree = (bits: number) => ({ kind: 'pairwise', accumulator: register(bits) });

/** Tiles of lanes: registers of 2, 3 and 4 bits within, of 5 and 6 across. */
const nested = defineReduction({
  kind: 'tiled',
  size: 8,
  within: {
    kind: 'strided',
    lanes: 4,
    within: { kind: 'tiled', size: 2, within: chain(2), across: tree(3) },
    across: tree(4),
  },
  across: { kind: 'strided', lanes: 2, within: tree(5), across: chain(6) },
});
/** Lanes that chain. */
const chained = defineReduction({ kind: 'strided', lanes: 2, within: chain(2), across: 'chain' });

const widths = (reduction: Reduction) => leaves(reduction).map(({ accumulator }) => bitsOf(accumulator));
const bitsOf = (accumulator: Accumulator) => (accumulator.kind === 'integer' ? accumulator.bits : null);

describe('leaves, firstLeaf and lastLeaf', () => {
  it('go from the elements to the result', () => {
    expect(widths(nested)).toEqual([2, 3, 4, 5, 6]);
    expect(bitsOf(firstLeaf(nested).accumulator)).toBe(2);
    expect(bitsOf(lastLeaf(nested).accumulator)).toBe(6);
  });

  it('find the one accumulator of parts that chain, and of an order alone', () => {
    expect(widths(chained)).toEqual([2]);
    expect(lastLeaf(chained)).toBe(firstLeaf(chained));
    const alone = defineReduction(tree(7));
    expect(leaves(alone)).toEqual([alone]);
    expect(lastLeaf(alone)).toBe(alone);
  });
});

describe('lastTree', () => {
  it('is null where a chain forms the result', () => {
    expect(lastTree(nested)).toBeNull();
    expect(lastTree(chained)).toBeNull();
    const ofTrees = defineReduction({ kind: 'tiled', size: 2, within: chain(2), across: tree(9) });
    expect(lastTree(ofTrees)?.accumulator).toMatchObject({ bits: 9 });
  });
});

describe('mapAccumulators', () => {
  it('changes every accumulator and nothing else', () => {
    const widened = mapAccumulators(nested, (accumulator) =>
      accumulator.kind === 'integer' ? { ...accumulator, bits: accumulator.bits + 10 } : accumulator,
    );
    expect(widths(widened)).toEqual([12, 13, 14, 15, 16]);
    expect(widened).toMatchObject({ kind: 'tiled', size: 8, within: { lanes: 4, within: { size: 2 } } });
    expect(widened).toMatchObject({ across: { lanes: 2, within: { kind: 'pairwise' } } });
    expect(mapAccumulators(chained, (accumulator) => accumulator)).toEqual(chained);
  });
});

describe('accumulatorRounding', () => {
  it('is the step or the output; registers have none', () => {
    const of = (accumulator: unknown) => {
      const reduction = defineReduction({ kind: 'sequential', accumulator });
      return accumulatorRounding(firstLeaf(reduction).accumulator)?.format.bits ?? null;
    };
    expect(of({ kind: 'kahan', rounding: { format: 'binary16' } })).toBe(16);
    expect(of({ kind: 'exact', output: { format: 'binary32' } })).toBe(32);
    expect(of(register(9))).toBeNull();
  });
});
