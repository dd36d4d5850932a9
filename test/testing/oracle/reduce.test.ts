import { describe, expect, it } from 'vitest';
import type { Accumulator, Reduction } from '../../../src/accumulators/reduction.ts';
import { binary16, binary32, e4m3fn } from '../../../src/formats/index.ts';
import { type Policy, roundTo } from '../../../src/rounding/index.ts';
import { approximately, exact } from '../../../src/testing/oracle/index.ts';
import { oracleOperation } from '../../../src/testing/oracle/operations.ts';
import { oracleExactSum, oracleReduce } from '../../../src/testing/oracle/reduce.ts';

const X = 1;
const O = 4;
const S = 32;
const W = 64;
const A = 128;

const half: Accumulator = { kind: 'float', rounding: roundTo(binary16) };
const single: Accumulator = { kind: 'float', rounding: roundTo(binary32) };
const fused: Accumulator = { kind: 'float', rounding: roundTo(binary16), fused: true };
const sequential = (accumulator: Accumulator = half): Reduction => ({ kind: 'sequential', accumulator });
const pairwise: Reduction = { kind: 'pairwise', accumulator: half };
const butterfly: Reduction = { kind: 'butterfly', accumulator: half };
const register = (
  bits: number,
  overflow: 'saturate' | 'wrap',
  when?: Extract<Accumulator, { kind: 'integer' }>['when'],
): Accumulator =>
  when === undefined ? { kind: 'integer', bits, overflow } : { kind: 'integer', bits, overflow, when };

/** Where the flags fell: [index, step, flags]. */
function places(reduction: Reduction, a: number[], b: number[] | null = null): [number | null, number, number][] {
  return oracleReduce(reduction, a, b).events.map(({ index, step, flags }) => [index, step, flags]);
}
/** Additions that cannot be exact in binary16, so that every operation leaves an event: 2048 + odd fractions. */
const value = (reduction: Reduction, a: number[], b: number[] | null = null): number =>
  oracleReduce(reduction, a, b).value;

describe('a sum in FP16 may grow to twice the true one', () => {
  it('181² followed by 1,600 × 4.004²: Inf, though the true sum is in range', () => {
    const x = [181, ...new Array<number>(1600).fill(4.00390625)];
    const squares = x.map((v) => oracleOperation('multiply', roundTo(binary16), [v, v]).value);
    expect(squares.slice(0, 2)).toEqual([32768, 16.03125]);
    const { value: sum, events } = oracleReduce(sequential(), squares, null);
    expect(sum).toBe(Infinity);
    // Every addition of 16.03 adds 32, the step of binary16 there.
    expect(events.find(({ flags }) => flags & O)).toMatchObject({ index: 1024, operands: [65504, 16.03125] });
    expect(approximately(oracleExactSum(x, x))).toBe(181 ** 2 + 1600 * 4.00390625 ** 2);
    expect(181 ** 2 + 1600 * 4.00390625 ** 2).toBeLessThan(58412);
    // In binary32 nothing happens.
    expect(value(sequential(single), squares)).toBe(32768 + 1600 * 16.03125);
  });

  it('a true sum below 32,834 overflows', () => {
    // In each binade, 1,024 terms just above half a step.
    const x = [1];
    for (let k = 0; k < 16; k++) x.push(...new Array<number>(1024).fill(2 ** (k - 11) * (1 + 2 ** -10)));
    const { value: sum, events } = oracleReduce(sequential(), x, null);
    expect(sum).toBe(Infinity);
    expect(events.filter(({ flags }) => flags & O).map(({ step }) => step)).toEqual([x.length - 1]);
    expect(approximately(oracleExactSum(x))).toBeLessThan(32834);
    expect(value(sequential(), x.slice(0, -1))).toBe(65504);
  });
});

describe('chains', () => {
  it('start at +0 and let each element enter by one operation', () => {
    expect(value(sequential(), [])).toBe(0);
    expect(value(sequential(), [-0, -0])).toBe(0);
    expect(value(sequential(), [1, 2, 3])).toBe(6);
    expect(places(sequential(), [0.1, 2048, 0.5])).toEqual([
      [0, 0, X],
      [1, 1, X | A],
      [2, 2, X | A],
    ]);
  });

  it('name the operation that overflows', () => {
    const { events, value: sum } = oracleReduce(sequential(), [65472, 96, 1], null);
    expect(sum).toBe(Infinity);
    expect(events).toEqual([{ index: 1, step: 1, flags: O | X, operands: [65472, 96], result: Infinity }]);
  });

  it('take exact products where fused', () => {
    const a = [1 + 2 ** -10, 1];
    const b = [1 - 2 ** -10, -1];
    // The first product 1 − 2^-20 is rounded as it enters, not before.
    expect(oracleReduce(sequential(fused), a, b)).toMatchObject({ value: 0 });
    expect(value(sequential({ kind: 'float', rounding: roundTo(binary32), fused: true }), a, b)).toBe(-(2 ** -20));
    expect(places(sequential(fused), [2048, 1], [1, 1])).toEqual([[1, 1, X | A]]);
    expect(value(sequential(fused), [1, 2], null)).toBe(3);
    expect(() => oracleReduce(sequential(), a, b)).toThrow('rounded products');
  });

  it('flush both operands', () => {
    const flushing: Partial<Policy> = { subnormals: 'flushBoth' };
    const chain = sequential({ kind: 'float', rounding: roundTo(binary16, flushing) });
    expect(places(chain, [2 ** -15, 1])).toEqual([[0, 0, 256]]);
  });
});

describe('trees', () => {
  // Powers of two far apart: every join but those with equals is inexact, so that events show the order.
  it('pairwise: adjacent pairs, joins in post-order', () => {
    const x = [2048, 1, 2048, 1, 2048];
    expect(places(pairwise, x)).toEqual([
      [null, 5, X | A], // x0 + x1
      [null, 6, X | A], // x2 + x3
    ]);
    // 0,1 → 5; 2,3 → 6; both → 7; with the odd last one → 8
    expect(places(pairwise, [2048, 0, 0, 0, 1])).toEqual([[null, 8, X | A]]);
    expect(places(pairwise, [2048, 0, 1, 0, 0])).toEqual([[null, 7, X | A]]);
    expect(places(pairwise, [0.1, 0, 0])).toEqual([[0, 0, X]]);
  });

  it('butterfly: halves, joins in post-order', () => {
    // n = 5, h = 3: (x0+x3), (x1+x4), x2; h = 2: ((x0+x3)+x2), (x1+x4); h = 1.
    expect(places(butterfly, [2048, 0, 0, 1, 0])).toEqual([[null, 5, X | A]]);
    expect(places(butterfly, [2048, 0, 1, 0, 0])).toEqual([[null, 6, X | A]]);
    expect(places(butterfly, [0, 2048, 0, 0, 1])).toEqual([[null, 7, X | A]]);
    expect(places(butterfly, [2048, 1, 0, 0, 0])).toEqual([[null, 8, X | A]]);
  });

  it('of one element are a chain of one', () => {
    for (const tree of [pairwise, butterfly]) {
      expect(value(tree, [-0])).toBe(0);
      expect(places(tree, [0.1])).toEqual([[0, 0, X]]);
      expect(value(tree, [])).toBe(0);
    }
  });

  it('differ in the last bit as they should', () => {
    const x = [2048, 1, 1, 1];
    expect(value(sequential(), x)).toBe(2048);
    expect(value(pairwise, x)).toBe(2050);
    expect(value(butterfly, x)).toBe(2048 + 2);
    // butterfly: (2048 + 1 → 2048) + (1 + 1 = 2)
    expect(value(butterfly, [2048, 2048, 1, 1])).toBe(4096);
  });
});

describe('tiles', () => {
  const across = (outer: Reduction | 'chain', inner: Reduction = sequential(), size = 2): Reduction => ({
    kind: 'tiled',
    size,
    within: inner,
    across: outer,
  });

  it('enter a chain across by a join each', () => {
    const x = [2048, 0, 1, 0, 1];
    expect(places(across(sequential()), x)).toEqual([
      [null, 6, X | A], // second tile
      [null, 7, X | A], // third, short
    ]);
    expect(value(across(sequential()), x)).toBe(2048);
  });

  it('or continue as one chain', () => {
    expect(places(across('chain'), [2048, 0, 1, 0, 1])).toEqual([
      [2, 2, X | A],
      [4, 4, X | A],
    ]);
    expect(value(across('chain', across('chain', sequential(), 2), 3), [1, 2, 3, 4, 5, 6, 7])).toBe(28);
    expect(() => oracleReduce(across('chain', pairwise), [1, 2, 3], null)).toThrow('chain');
  });

  it('number joins within before the join across', () => {
    // tile 0: join 4, entry 5; tile 1: join 6, entry 7.
    expect(places(across(sequential(), pairwise), [2048, 1, 0, 0])).toEqual([[null, 4, X | A]]);
    expect(places(across(sequential(), pairwise), [0, 0, 2048, 1])).toEqual([[null, 6, X | A]]);
    expect(places(across(sequential(), pairwise), [2048, 0, 1, 0])).toEqual([[null, 7, X | A]]);
  });

  it('are leaves of a tree across', () => {
    // tile sums leave binary32 for binary16: round(0 + t) is a join of its own, right after the tile.
    const tree = across({ kind: 'pairwise', accumulator: half }, sequential(single));
    // entries 6, 7, join 8, entry 9 (third tile), join 10
    expect(places(tree, [2048, 1, 0, 0, 0, 0])).toEqual([[null, 6, X]]);
    expect(places(tree, [0, 0, 2048, 1, 0, 0])).toEqual([[null, 7, X]]);
    expect(places(tree, [2048, 0, 1, 0, 0, 0])).toEqual([[null, 8, X | A]]);
    expect(places(tree, [0, 0, 0, 0, 2048, 1])).toEqual([[null, 9, X]]);
    expect(places(tree, [2048, 0, 0, 0, 1, 0])).toEqual([[null, 10, X | A]]);
  });

  it('nest', () => {
    const nested = across(sequential(), across(butterfly, pairwise, 2), 4);
    expect(value(nested, [1, 2, 3, 4, 5, 6, 7, 8, 9])).toBe(45);
  });
});

describe('lanes', () => {
  const lanes = (n: number): Reduction => ({ kind: 'strided', lanes: n, within: sequential(), across: sequential() });

  it('take every n-th element; empty ones do not exist', () => {
    const x = [2048, 1, 1, 1];
    // lanes {2048, 1} and {1, 1}
    expect(places(lanes(2), x)).toEqual([[2, 2, X | A]]);
    expect(value(lanes(2), x)).toBe(2050);
    // Seven lanes of which three exist: entries 3, 4, 5.
    expect(places(lanes(7), [2048, 1, 1])).toEqual([
      [null, 4, X | A],
      [null, 5, X | A],
    ]);
    expect(value(lanes(3), [])).toBe(0);
  });

  it('two strided chains across a tile (AMX)', () => {
    const amx: Reduction = { kind: 'strided', lanes: 2, within: sequential(single), across: pairwise };
    expect(value(amx, [1, 2, 3, 4])).toBe(10);
  });
});

describe('integer registers', () => {
  it('clamp or wrap at every step, every n, or at the end', () => {
    const x = [100, 100, -100];
    expect(oracleReduce(sequential(register(8, 'saturate')), x, null)).toMatchObject({
      value: 27,
      events: [{ index: 1, step: 1, flags: O | S, operands: [100, 100], result: 127 }],
    });
    expect(value(sequential(register(8, 'wrap')), x)).toBe(100);
    expect(places(sequential(register(8, 'wrap')), x)).toEqual([
      [1, 1, W],
      [2, 2, W],
    ]);
    expect(value(sequential(register(8, 'saturate', 'atEnd')), x)).toBe(100);
    expect(places(sequential(register(8, 'saturate', 'atEnd')), [100, 100, 0])).toEqual([[2, 2, O | S]]);
    const every2 = sequential(register(8, 'saturate', { every: 2 }));
    expect(places(every2, [100, -200, 100, 100, 100])).toEqual([
      [4, 4, O | S], // −100, then 100, then 200 at the end of the chain
    ]);
    expect(places(every2, [-100, -100, 1])).toEqual([[1, 1, O | S]]);
    expect(value(every2, [-100, -100, 1])).toBe(-127);
  });

  it('take exact products', () => {
    const dot = sequential(register(32, 'saturate', { every: 4 }));
    expect(value(dot, [127, -128, 127, 127], [255, 255, 255, 255])).toBe(255 * (127 * 3 - 128));
    expect(value(sequential(register(12, 'wrap')), [64], [64])).toBe(0);
  });

  it('join by one addition', () => {
    const tree: Reduction = { kind: 'pairwise', accumulator: register(8, 'saturate', 'atEnd') };
    expect(places(tree, [100, 100, -100])).toEqual([[null, 3, O | S]]);
    expect(value(tree, [100, 100, -100])).toBe(27);
    expect(places(tree, [200, 0])).toEqual([[0, 0, O | S]]);
  });

  it('continue from tile to tile, and go into wider ones', () => {
    const chained: Reduction = {
      kind: 'tiled',
      size: 2,
      within: sequential(register(8, 'saturate', 'atEnd')),
      across: 'chain',
    };
    expect(value(chained, [100, 100, -100, 1])).toBe(28);
    const wider: Reduction = {
      kind: 'tiled',
      size: 2,
      within: sequential(register(16, 'saturate')),
      across: sequential(register(32, 'wrap')),
    };
    expect(value(wider, [30000, 30000, 30000, 1])).toBe(32767 + 30001);
    const float: Reduction = { kind: 'tiled', size: 2, within: sequential(register(32, 'wrap')), across: sequential() };
    expect(places(float, [2048, 1, 1, 0])).toEqual([
      [null, 4, X],
      [null, 5, X | A],
    ]);
  });

  it('hold more than 53 bits', () => {
    const wide = sequential(register(80, 'saturate'));
    const { exact: sum, value: nearest } = oracleReduce(wide, [2 ** 60, 1, 2 ** 70], null);
    expect(sum.kind === 'finite' && exact.toInteger(sum)).toBe(2n ** 60n + 1n + 2n ** 70n);
    expect(nearest).toBe(2 ** 60 + 2 ** 70);
    expect(value(sequential(register(65, 'saturate')), [2 ** 70])).toBe(2 ** 64);
  });

  it('refuse fractions, NaN and infinities', () => {
    for (const x of [0.5, Number.NaN, Infinity]) {
      expect(() => oracleReduce(sequential(register(8, 'wrap')), [x], null)).toThrow('integers');
    }
    expect(value(sequential(register(8, 'wrap')), [0.5, 3], [2, 1])).toBe(4);
    expect(() => oracleReduce(sequential(register(8, 'wrap')), [Infinity], [1])).toThrow();
  });
});

describe('narrow floats', () => {
  it('saturate by the step’s policy', () => {
    const chain = sequential({ kind: 'float', rounding: roundTo(e4m3fn, { overflow: 'saturate' }) });
    expect(places(chain, [448, 32, -448])).toEqual([[1, 1, O | X | S]]);
    expect(value(chain, [448, 32, -448])).toBe(0);
  });
});
