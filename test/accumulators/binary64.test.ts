import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Accumulator, defineAccumulator, type Reduction } from '../../src/accumulators/index.ts';
import { Reducer } from '../../src/accumulators/reducer.ts';
import { Recorder } from '../../src/events/recorder.ts';
import { binary32, binary64, e5m2 } from '../../src/formats/index.ts';
import { type PartialPolicy, roundTo } from '../../src/rounding/index.ts';
import { policies } from '../../src/testing/arbitraries/index.ts';
import { oracleReduce } from '../../src/testing/oracle/reduce.ts';
import { Doubles } from '../arithmetic/sweeps/binary64.ts';
import { seeded } from '../testing/helpers.ts';

/** Value and events of a sum, here and by the oracle. */
function agrees(reduction: Reduction, a: number[], b: number[] | null, addend: number | null): void {
  const recorder = new Recorder(['sum'], 1, 'all', 10_000);
  recorder.row = 0;
  const [x, y] = [Float64Array.from(a), b && Float64Array.from(b)];
  const value = new Reducer(reduction).sum(x, y, a.length, recorder, addend);
  recorder.endRow(Number.isFinite(value));
  const expected = oracleReduce(reduction, a, b, { addend });
  expect(value).toBe(expected.value);
  const flags = (found: { flags: number }[]): number => found.reduce((sum, event) => sum | event.flags, 0);
  expect(recorder.rowFlags[0]).toBe(flags(expected.events));
}

const at = (policy: PartialPolicy = {}) => roundTo(binary64, policy);
const accumulators: [string, Accumulator][] = [
  ['float', { kind: 'float', rounding: at() }],
  ['fused', { kind: 'float', rounding: at(), fused: true }],
  ['fused, to odd', { kind: 'float', rounding: at({ rounding: 'toOdd' }), fused: true }],
  ['kahan', { kind: 'kahan', rounding: at() }],
  ['neumaier', { kind: 'neumaier', rounding: at() }],
  ['exact', { kind: 'exact', output: at() }],
  ['exact, downward', { kind: 'exact', output: at({ rounding: 'towardNegative', subnormals: 'flushBoth' }) }],
  ['exact, scaled', { kind: 'exact', output: at(), productExponent: -100 }],
];

describe('accumulators of binary64', () => {
  it.each(accumulators)('%s agrees with the oracle', (_, accumulator) => {
    const doubles = new Doubles(7);
    const products = accumulator.kind === 'exact' || (accumulator.kind === 'float' && accumulator.fused === true);
    for (let i = 0; i < 300; i++) {
      const length = 1 + (i % 7);
      const draw = (): number[] => Array.from({ length }, () => doubles.one());
      const a = draw();
      const kind = (['sequential', 'pairwise', 'butterfly'] as const)[i % 3] as Reduction['kind'] & 'sequential';
      agrees({ kind, accumulator }, a, products && i % 4 !== 0 ? draw() : null, i % 2 === 0 ? doubles.one() : null);
    }
  });

  it('exact: cancels across the whole range', () => {
    const reduction: Reduction = { kind: 'sequential', accumulator: { kind: 'exact', output: at() } };
    const max = Number.MAX_VALUE;
    agrees(reduction, [max, max, 5e-324, -max, -max], null, null);
    agrees(reduction, [max, 2 ** -600, -max], [max, 2 ** -600, max], 1);
    agrees(reduction, [2 ** -540, 2 ** -540], [2 ** -540, -(2 ** -540)], -0);
    agrees(reduction, [max, max], null, 2 ** 970);
  });

  it('are not what tensor cores align to', () => {
    const aligned = { kind: 'aligned', fractionBits: 24, lost: 'truncate', output: { format: 'binary64' } };
    expect(() => defineAccumulator(aligned)).toThrow('accumulator.output');
  });
});

describe('products that count 2^n-fold', () => {
  it('agree with the oracle in narrower formats', () => {
    const terms = fc.array(fc.tuple(fc.constantFrom(-448, 1, 2 ** -16, 57344, 3.5, -0), fc.double()), { minLength: 1 });
    const exponent = fc.integer({ min: -256, max: 256 });
    fc.assert(
      fc.property(terms, exponent, policies(binary32), (pairs, productExponent, policy) => {
        const accumulator = { kind: 'exact', output: { format: binary32, policy }, productExponent } as const;
        const reduction = { kind: 'sequential', accumulator } as const;
        agrees(
          reduction,
          pairs.map(([a]) => a),
          pairs.map(([, b]) => b),
          1.5,
        );
      }),
      seeded(200),
    );
  });

  it('scale the elements, not the addend, nor a tree’s joins', () => {
    const accumulator = defineAccumulator({ kind: 'exact', output: { format: 'binary32' }, productExponent: -3 });
    expect(accumulator).toHaveProperty('productExponent', -3);
    agrees({ kind: 'sequential', accumulator }, [8, 16], [1, 1], 5);
    agrees({ kind: 'pairwise', accumulator }, [8, 16, 24], [1, 1, 1], 5);
    const sum = (kind: 'sequential' | 'pairwise'): number =>
      new Reducer({ kind, accumulator }).sum(
        Float64Array.of(8, 16, 24),
        null,
        3,
        new Recorder(['sum'], 1, 'counts', 0),
        5,
      );
    expect([sum('sequential'), sum('pairwise')]).toEqual([11, 11]);
    expect(defineAccumulator({ kind: 'exact', output: { format: 'e5m2' }, productExponent: 0 })).toEqual({
      kind: 'exact',
      output: roundTo(e5m2),
    });
    expect(() => defineAccumulator({ kind: 'exact', output: { format: 'e5m2' }, productExponent: 257 })).toThrow(
      'productExponent',
    );
  });
});
