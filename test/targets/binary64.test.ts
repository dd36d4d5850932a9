import { describe, expect, it } from 'vitest';
import { binary64, defineFloat, formatName } from '../../src/formats/index.ts';
import { dot, matmul } from '../../src/kernels/index.ts';
import { roundTo } from '../../src/rounding/index.ts';
import { a100, b200, defineTarget, h100, mi100, mi200, mi300, type Target } from '../../src/targets/index.ts';
import { oracleOperation } from '../../src/testing/oracle/operations.ts';
import { Doubles } from '../arithmetic/sweeps/binary64.ts';

const chips: [string, Target, number][] = [
  ['a100', a100, 4],
  ['h100', h100, 16],
  ['b200', b200, 16],
  ['mi200', mi200, 4],
  ['mi300', mi300, 4],
];

/** Multiply-adds one after another, by the oracle: value and all flags. */
function chained(a: readonly number[], b: readonly number[], c: number): { value: number; flags: number } {
  let value = c;
  let flags = 0;
  a.forEach((x, k) => {
    const next = oracleOperation('fusedMultiplyAdd', roundTo(binary64), [x, b[k] as number, value]);
    value = next.value;
    flags |= next.flags;
  });
  return { value, flags };
}

/** Rows in which every third product nearly cancels the sum before it, and others tie or leave the range. */
function rows(count: number, width: number): { a: number[]; b: number[]; c: number[] } {
  const doubles = new Doubles(width);
  const a: number[] = [];
  const b: number[] = [];
  const c: number[] = [];
  for (let r = 0; r < count; r++) {
    const [x, y, z] = doubles.three();
    c.push(z);
    for (let k = 0; k < width; k++) {
      const [p, q] = k === 0 ? [x, y] : k % 3 === 0 ? [-(a.at(-1) as number), b.at(-1) as number] : doubles.two();
      a.push(p);
      b.push(q);
    }
  }
  return { a, b, c };
}

describe('f64 matrix units', () => {
  it.each(chips)('%s: one multiply-add after the other', (_, target, k) => {
    const unit = target.matrixUnits.f64;
    expect(unit?.k).toBe(k);
    const [count, width] = [120, 2 * k + 3];
    const { a, b, c } = rows(count, width);
    const { output, report } = dot(a, b, { rows: count, width, c, target, unit: 'f64' });
    let flags = 0;
    for (let r = 0; r < count; r++) {
      const at = r * width;
      const expected = chained(a.slice(at, at + width), b.slice(at, at + width), c[r] as number);
      expect(output[r], `row ${r}`).toBe(expected.value);
      flags |= expected.flags;
    }
    const found = Object.entries(report.counts.accumulate ?? {}).filter(([, n]) => (n as number) > 0);
    expect(found.map(([kind]) => kind)).toEqual(
      expect.arrayContaining(['inexact', 'underflow', 'overflow', 'invalid', 'absorption']),
    );
    expect(flags & 0b10111).toBe(0b10111);
  });

  it('sum in the order of K, however the matrix is cut', () => {
    const big = 2 ** 53;
    const a = [big, 1, 1, -big];
    const ones = [1, 1, 1, 1];
    const shape = { m: 1, n: 1, k: 4, target: h100, unit: 'f64' };
    expect(matmul(a, ones, shape).output[0]).toBe(0);
    // The addend is the chain's start, and lost like every other one; of parts, it is added to their sum.
    expect(matmul(a, ones, { ...shape, c: [1] }).output[0]).toBe(0);
    expect(matmul(a, ones, { ...shape, splitK: 1, c: [1] }).output[0]).toBe(1);
    expect(matmul([1, 1, big, -big], ones, shape).output[0]).toBe(2);
    const { report } = matmul(a, ones, { ...shape, reference: true });
    expect(report.counts.accumulate?.absorption).toBe(2);
  });

  it('MI100 has none', () => {
    expect(Object.keys(mi100.matrixUnits)).not.toContain('f64');
  });

  it('are data, like every other', () => {
    const copy = defineTarget(JSON.parse(JSON.stringify(h100)));
    const unit = copy.matrixUnits.f64;
    expect(unit?.output.format).toBe(binary64);
    expect(formatName(unit?.a[0] ?? defineFloat({ exponentBits: 2, mantissaBits: 1 }))).toBe('binary64');
    expect(dot([1e300, 1], [1e300, 1], { rows: 1, width: 2, target: copy, unit: 'f64' }).output[0]).toBe(Infinity);
  });
});
