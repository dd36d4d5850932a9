import { f16round } from '@petamoriken/float16';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { slancGuarantee } from '../../src/slanc/index.ts';
import { failure } from './helpers.ts';

/** A chain of binary16 additions. */
function chain(addends: number[]): number {
  return addends.reduce((sum, x) => f16round(sum + x), 0);
}

/** Adjacent pairs, level by level. */
function tree(addends: number[]): number {
  let level = addends;
  while (level.length > 1) {
    const next: number[] = [];
    for (let i = 0; i < level.length; i += 2)
      next.push(i + 1 < level.length ? f16round(level[i] + level[i + 1]) : level[i]);
    level = next;
  }
  return level[0];
}

/**
 * The cheapest way to overflow a chain: every addend lies just above half a unit in the last place of the running
 * sum, which rounding then doubles.
 */
function cheapestOverflow(): number[] {
  const addends = [1];
  let sum = 1;
  for (let half = 2 ** -11; sum < Infinity; ) {
    while (sum >= half * 2 ** 12) half *= 2;
    addends.push(half * (1 + 2 ** -10));
    sum = f16round(sum + half * (1 + 2 ** -10));
  }
  return addends;
}

describe('slancGuarantee', () => {
  it('a chain just beyond the safe width can overflow, on a true sum of half the range', () => {
    const addends = cheapestOverflow();
    const sum = addends.reduce((total, x) => total + x, 0);
    expect(chain(addends)).toBe(Infinity);
    expect(sum).toBeGreaterThan(32600);
    expect(sum).toBeLessThan(32834);
    const { claim, bound } = slancGuarantee({ block: 'linear', width: 32834, reduction: 'sequential' });
    expect([claim, bound]).toEqual(['typical', 32834]);
  });

  it('181² followed by 1600 × 4.004² overflows a chain, well below 65520', () => {
    const squares = [f16round(181 ** 2), ...new Array<number>(1600).fill(f16round(4.004 ** 2))];
    expect(chain(squares)).toBe(Infinity);
    expect(181 ** 2 + 1600 * 4.004 ** 2).toBeLessThan(65520);
    expect(tree(squares)).toBeLessThan(Infinity);
  });

  it('within the safe width no chain overflows, however its addends are chosen', () => {
    const ratios = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 3000 });
    fc.assert(
      fc.property(ratios, fc.boolean(), (parts, descending) => {
        const total = parts.reduce((sum, x) => sum + x, 0);
        fc.pre(total > 0);
        const squares = parts.map((x) => f16round((x / total) * 32600));
        if (descending) squares.sort((a, b) => b - a);
        expect(chain(squares)).toBeLessThan(Infinity);
      }),
      { numRuns: 200 },
    );
    // The cheapest attack, cut off at the budget.
    const affordable: number[] = [];
    let spent = 0;
    for (const addend of cheapestOverflow()) {
      spent += addend;
      if (spent <= 32600) affordable.push(addend);
    }
    expect(affordable.length).toBeGreaterThan(16000);
    expect(chain(affordable)).toBeLessThan(Infinity);
    expect(slancGuarantee({ block: 'linear', width: 32600, reduction: 'sequential' }).claim).toBe('proved');
    expect(slancGuarantee({ block: 'linear', width: 32601, reduction: 'sequential' }).claim).toBe('typical');
  });

  it('a tree is safe nearly to the end of the range', () => {
    // depth 16: width (1 + 2^-11)^21 < 65520 up to 64851
    const claimAt = (width: number) => slancGuarantee({ block: 'linear', width, reduction: 'tree' }).claim;
    const last = Math.ceil(65520 / (1 + 2 ** -11) ** 21) - 1;
    expect(claimAt(last)).toBe('proved');
    expect(claimAt(last + 1)).toBe('typical');
    expect(claimAt(1)).toBe('proved');
    const ones = new Array<number>(last).fill(f16round(1 + 2 ** -11));
    expect(tree(ones)).toBeLessThan(Infinity);
    expect(tree(new Array<number>(65536).fill(1))).toBe(Infinity);
  });

  it('says typical, and why, for every real block', () => {
    for (const block of ['first', 'attention', 'mlp', 'gatedMlp'] as const) {
      const { claim, bound, reason } = slancGuarantee({ block, width: 64, reduction: 'sequential' });
      expect([claim, bound]).toEqual(['typical', null]);
      expect(reason.length).toBeGreaterThan(20);
    }
  });

  it('refuses bad input', () => {
    const good = { block: 'linear', width: 64, reduction: 'tree' } as const;
    expect(failure(() => slancGuarantee({ ...good, block: 'linea' as never }))).toBe('name options.block');
    expect(failure(() => slancGuarantee({ ...good, width: NaN }))).toBe('range options.width');
    expect(failure(() => slancGuarantee({ ...good, width: 0 }))).toBe('range options.width');
    expect(failure(() => slancGuarantee({ ...good, reduction: 'chain' as never }))).toBe('name options.reduction');
    expect(failure(() => slancGuarantee({ ...good, widht: 3 } as never))).toBe('name options.widht');
  });
});
