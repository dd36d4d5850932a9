import { describe, expect, it } from 'vitest';
import type { Reduction } from '../../../src/accumulators/index.ts';
import { binary16, binary32, int8 } from '../../../src/formats/index.ts';
import { sum } from '../../../src/kernels/index.ts';
import { round, roundTo } from '../../../src/rounding/index.ts';
import { checkSum, describeCheck } from '../../../src/testing/index.ts';

const half = roundTo(binary16);
const chain: Reduction = { kind: 'sequential', accumulator: { kind: 'float', rounding: half } };
const add = (p: number, q: number): number => round(binary16, p + q);
type Sum = (terms: readonly number[]) => number;
const tree: Sum = (terms) => {
  if (terms.length <= 1) return terms[0] ?? 0;
  const next = Array.from({ length: Math.ceil(terms.length / 2) }, (_, i) =>
    2 * i + 1 < terms.length ? add(terms[2 * i] as number, terms[2 * i + 1] as number) : (terms[2 * i] as number),
  );
  return next.length === 1 ? (next[0] as number) : tree(next);
};
const lanes4: Sum = (terms) => {
  const sums = [0, 0, 0, 0].slice(0, terms.length);
  terms.forEach((x, i) => {
    sums[i % 4] = add(sums[i % 4] as number, x);
  });
  return sums.reduce(add, 0);
};
const kahan: Sum = (terms) => {
  let [total, lost] = [0, 0];
  for (const x of terms) {
    const y = add(x, -lost);
    const t = add(total, y);
    lost = add(add(t, -total), -y);
    total = t;
  }
  return total;
};

/** Each leaf enters from +0, as a chain of one. */
const neighbours: Sum = (terms) => tree(terms.map((x) => add(0, x)));

describe('checkSum', () => {
  it('finds nothing wrong with a right sum, written twice', () => {
    const right: Sum = (terms) => terms.reduce(add, 0);
    expect(checkSum(right, { format: 'binary16', reduction: chain })).toMatchObject({ ok: true, cases: 4000 });
    const ours: Sum = (terms) =>
      sum([...terms], { rows: 1, width: terms.length, reduction: chain }).output[0] as number;
    expect(checkSum(ours, { format: binary16, reduction: chain, runs: 2000 }).ok).toBe(true);
    expect(
      checkSum(neighbours, { format: binary16, reduction: { ...chain, kind: 'pairwise' } as Reduction, runs: 2000 }).ok,
    ).toBe(true);
  });

  it.each<readonly [string, Sum]>([
    ['lastFirst', (terms) => terms.reduceRight(add, 0)],
    ['neighbours', neighbours],
    ['lanes4', lanes4],
    [
      'inBinary32',
      (terms) =>
        round(
          binary16,
          terms.reduce((s, x) => Math.fround(s + x), 0),
        ),
    ],
    [
      'inBinary64',
      (terms) =>
        round(
          binary16,
          terms.reduce((s, x) => s + x, 0),
        ),
    ],
    ['truncates', (terms) => terms.reduce((s, x) => round(binary16, s + x, { rounding: 'towardZero' }), 0)],
    ['saturates', (terms) => terms.reduce((s, x) => round(binary16, s + x, { overflow: 'saturate' }), 0)],
  ])('catches and names %s, with a small example', (name, implementation) => {
    const check = checkSum(implementation, { format: 'binary16', reduction: chain, runs: 1500 });
    expect(check.ok).toBe(false);
    expect(check.diagnosis?.behaviours[0]?.name).toBe(name);
    expect(check.diagnosis?.explained).toBe(check.wrong);
    expect(check.counterexample?.inputs.length).toBeLessThanOrEqual(name === 'neighbours' || name === 'lanes4' ? 6 : 4);
    expect(describeCheck(check)).toContain('the simplest wrong answer');
  });

  it('tells a compensated sum from a plain one, where few terms are large', () => {
    const check = checkSum(kahan, { format: 'binary16', reduction: chain, runs: 1500 });
    expect(check.diagnosis?.behaviours[0]?.name).toBe('kahan');
  });

  it('names compensation that is written wrongly, or left out', () => {
    const wrongSign: Sum = (terms) => {
      let [total, lost] = [0, 0];
      for (const x of terms) {
        const y = add(x, lost);
        const t = add(total, y);
        lost = add(add(t, -total), -y);
        total = t;
      }
      return total;
    };
    const atTheEnd: Sum = (terms) => {
      let [total, lost] = [0, 0];
      for (const x of terms) {
        const t = add(total, x);
        lost = add(lost, Math.abs(total) >= Math.abs(x) ? add(add(total, -t), x) : add(add(x, -t), total));
        total = t;
      }
      return add(total, -lost);
    };
    const named = (implementation: Sum, kind: 'kahan' | 'neumaier'): string | undefined =>
      checkSum(implementation, {
        format: 'binary16',
        reduction: { kind: 'sequential', accumulator: { kind, rounding: roundTo(binary16) } },
        runs: 500,
      }).diagnosis?.behaviours[0]?.name;
    expect(named(kahan, 'kahan')).toBeUndefined();
    expect(named(wrongSign, 'kahan')).toBe('kahanWrongSign');
    expect(named(atTheEnd, 'neumaier')).toBe('neumaierWrongSign');
    expect(named((terms) => terms.reduce(add, 0), 'kahan')).toBe('uncompensated');
  });

  it('checks registers of integers', () => {
    const reduction: Reduction = {
      kind: 'sequential',
      accumulator: { kind: 'integer', bits: 10, overflow: 'saturate' },
    };
    const clamp = (x: number): number => Math.max(-512, Math.min(511, x));
    expect(
      checkSum((terms) => terms.reduce((s, x) => clamp(s + x), 0), { format: 'int8', reduction, runs: 1500 }).ok,
    ).toBe(true);
    const atEnd = checkSum((terms) => clamp(terms.reduce((s, x) => s + x, 0)), { format: int8, reduction, runs: 1500 });
    expect(atEnd.diagnosis?.behaviours[0]?.name).toBe('saturatesAtTheEnd');
    const wrapped = checkSum((terms) => (terms.reduce((s, x) => s + x, 0) << 22) >> 22, {
      format: int8,
      reduction,
      runs: 1500,
    });
    expect(wrapped.diagnosis?.behaviours[0]?.name).toBe('wraps');
  });

  it('names a wider register that stores in the format of the last one, where formats differ', () => {
    const reduction: Reduction = {
      kind: 'tiled',
      size: 4,
      within: chain,
      across: { kind: 'sequential', accumulator: { kind: 'float', rounding: roundTo(binary32) } },
    };
    const wide: Sum = (terms) => {
      let total = 0;
      for (let at = 0; at < terms.length; at += 4) total += terms.slice(at, at + 4).reduce((s, x) => s + x, 0);
      return Math.fround(total);
    };
    const check = checkSum(wide, { format: 'binary16', reduction, runs: 1500 });
    expect(check.diagnosis?.behaviours[0]?.name).toBe('inBinary64');
    expect(check.diagnosis?.explained).toBe(check.wrong);
  });

  it('waits for promises, and refuses what does not fit', async () => {
    const later = await checkSum(async (terms) => terms.reduce(add, 0), {
      format: 'binary16',
      reduction: chain,
      runs: 500,
    });
    expect(later.ok).toBe(true);
    expect(() => checkSum(tree, { format: 'binary64', reduction: chain })).toThrow(/options.format/);
    expect(() => checkSum(tree, { format: 'binary16', reduction: {} as never })).toThrow(/options.reduction/);
    const register = { kind: 'integer', bits: 32, overflow: 'saturate' } as const;
    const whole: Reduction = { kind: 'sequential', accumulator: register };
    const mixed: Reduction = { kind: 'tiled', size: 2, within: chain, across: whole };
    for (const reduction of [whole, mixed])
      expect(() => checkSum(tree, { format: 'binary16', reduction })).toThrow(/^options.reduction: .*sums of binary16/);
    const plain: Sum = (terms) => terms.reduce((s, x) => s + x, 0);
    expect(checkSum(plain, { format: int8, reduction: mixed, runs: 200, maxWidth: 8 }).ok).toBe(true);
    expect(() => checkSum(tree, { format: binary32, reduction: chain, maxWidth: 0 })).toThrow(/options.maxWidth/);
  });
});
