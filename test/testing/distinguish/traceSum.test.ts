import { BittrueError } from 'bittrue';
import { dot, sum } from 'bittrue/specification';
import { findMatrixUnit, findVectorUnit, targets } from 'bittrue/targets';
import { traceSum } from 'bittrue/testing';
import { describe, expect, it } from 'vitest';
import { generator } from '../../random.ts';

/** Operands of a wide range, so that alignment cuts and sums cancel. */
function operands(next: (n: number) => number, length: number, format: { max: number }) {
  const number = () => (next(5) === 0 ? 0 : (next(2) ? 1 : -1) * (1 + next(16) / 16) * 2 ** (next(24) - 12));
  const small = () => Math.max(-format.max, Math.min(format.max, number()));
  return Array.from({ length }, small);
}

describe('traceSum', () => {
  const uniform = generator(7);
  const next = (n: number) => Math.floor(uniform() * n);
  const units = Object.values(targets)
    .filter(({ sameAs }) => sameAs === undefined)
    .flatMap((target) => Object.keys(target.matrixUnits).map((unit) => ({ target, unit })));

  it.each(units.map(({ target, unit }) => [`${target.name}:${unit}`, target, unit] as const))(
    '%s: its last step is the kernel’s output',
    (name, target, unit) => {
      const { a, b, k, scale } = findMatrixUnit(target, unit);
      for (let round = 0; round < 2; round++) {
        const width = Math.min(k + round, 40);
        const x = operands(next, width, a[0] as { max: number });
        const y = operands(next, width, (b[0] ?? a[0]) as { max: number });
        // No power of two: scales of e8m0fnu are rounded as they are read.
        const blocks = scale === null ? 0 : Math.ceil(width / scale.block);
        const scales = scale === null ? {} : { scaleA: new Array(blocks).fill(3), scaleB: new Array(blocks).fill(0.5) };
        const { output } = dot(x, y, { rows: 1, width, target, unit, ...scales });
        const told = traceSum(name, { a: x, b: y, ...scales });
        expect(told.value).toBe(output[0]);
        expect(told.steps.at(-1)?.result ?? 0).toBe(output[0]);
        for (const { alignment } of told.steps) {
          if (alignment === null || !Number.isFinite(alignment.sum)) continue;
          for (const { exact, lastBit, kept } of alignment.cuts) {
            expect(Math.abs(exact - kept)).toBeLessThan(2 ** lastBit);
            expect(Number.isInteger(kept / 2 ** lastBit)).toBe(true);
          }
        }
      }
    },
  );

  it('adds up on a vector unit', () => {
    const target = targets.fp16 as (typeof targets)[string];
    const x = [2048, 1, 1, -2048];
    const { output } = sum(x, { rows: 1, width: 4, target });
    const told = traceSum('fp16', { a: x });
    expect(findVectorUnit(target).name).toBe(told.unit);
    expect(told.value).toBe(output[0]);
    expect(told.steps.map(({ start, result }) => [start, result])).toEqual([
      [0, 2048],
      [2048, 2048],
      [2048, 2048],
      [2048, 0],
    ]);
    expect(told.exact).toBe('2');
  });

  it('tells what Ampere cuts and Hopper keeps', () => {
    const given = { a: [1, 2 ** -12, -1], b: [1, 2 ** -13, 1] };
    const kept = ['a100:f16', 'h100:f16'].map((one) => traceSum(one, given).steps[0]?.alignment?.cuts[1]?.kept);
    expect(kept).toEqual([0, 2 ** -25]);
  });

  it.each([
    [{ a: [] }, 'operands.a'],
    [{ a: [1, 2], b: [1] }, 'operands.b'],
    [{ a: [1], c: 1 }, 'operands.c'],
    [{ a: [1], b: [1], scaleA: [1] }, 'operands.scaleA'],
  ])('refuses %j', (given, argument) => {
    const caught = (() => {
      try {
        traceSum('b' in given ? 'h100:f16' : 'fp16', given);
      } catch (error) {
        return error;
      }
      return null;
    })();
    expect(caught).toBeInstanceOf(BittrueError);
    expect(caught).toMatchObject({ argument });
  });
});
