import { describe, expect, it } from 'vitest';
import { binary16 } from '../../src/formats/index.ts';
import { dot } from '../../src/kernels/index.ts';
import { roundTo } from '../../src/rounding/index.ts';
import {
  cublasPlan,
  findMatrixUnit,
  findTarget,
  type GemmPlan,
  gemmPlans,
  gemmTarget,
} from '../../src/targets/index.ts';
import { comparePlans, oracle } from '../../src/testing/index.ts';
import { generator } from '../random.ts';
import { failure } from '../testing/helpers.ts';

const random = generator(3);
const draw = (n: number) => Float64Array.from({ length: n }, () => (random() - 0.5) * 2 ** Math.floor(random() * 12));

describe('a GEMM plan', () => {
  it('is the reduction that products have by options', () => {
    const [rows, width] = [40, 300];
    const [x, y] = [draw(rows * width), draw(rows * width)];
    for (const more of [{}, { promoteEvery: 64 }, { splitK: 3 }, { promoteEvery: 32, splitK: 2 }]) {
      const plan: GemmPlan = { name: 'p', target: 'h100:f16', ...more, ...('splitK' in more ? { k: width } : {}) };
      const own = dot(x, y, { rows, width, target: gemmTarget(plan) });
      const wanted = dot(x, y, { rows, width, target: 'h100', unit: 'f16', ...more });
      expect(own.output).toEqual(wanted.output);
      expect(own.report.totals).toEqual(wanted.report.totals);
    }
  });

  it('writes results as its epilogue does', () => {
    const target = gemmTarget({ name: 'p', target: 'h100:f16', output: roundTo(binary16) });
    expect(dot([300, 1], [300, 1], { rows: 1, width: 2, target }).output[0]).toBe(Infinity);
    expect(dot([2048, 1], [1, 1], { rows: 1, width: 2, target }).output[0]).toBe(2048);
  });

  it('takes the residue of K first, as cuBLAS does, and merges slices as it is told', () => {
    const [rows, width] = [12, 100];
    const [x, y] = [draw(rows * width), draw(rows * width)];
    const unit = findMatrixUnit(findTarget('a100'), 'f16');
    for (const more of [{}, { splitK: 2, k: width }, { splitK: 2, k: width, merge: 'fromFirst' as const }]) {
      const { output } = dot(x, y, {
        rows,
        width,
        target: gemmTarget(cublasPlan({ target: 'a100:f16', stages: 9, ...more })),
      });
      for (let row = 0; row < rows; row++) {
        const [a, b] = [x, y].map((all) =>
          all
            .subarray(row * width, (row + 1) * width)
            .map((v) => oracle.round(binary16, roundTo(binary16).policy, v).value),
        ) as [Float64Array, Float64Array];
        const sum = (from: number, to: number, addend: number | null): number =>
          oracle.reduce(unit.reduction, a.subarray(from, to), b.subarray(from, to), {
            operands: { a: binary16, b: binary16 },
            ...(addend === null ? {} : { addend }),
          }).value;
        // Blocks of 32, of 100 numbers: 4, then 32 thrice. Split: slices of 64, the first of which has 36: 4, and 32.
        const chained = (cuts: readonly number[]): number => {
          let total: number | null = null;
          for (let i = 1; i < cuts.length; i++) total = sum(cuts[i - 1] as number, cuts[i] as number, total);
          return total as number;
        };
        const wanted =
          'k' in more ? Math.fround(chained([0, 4, 36]) + chained([36, 68, 100])) : chained([0, 4, 36, 68, 100]);
        expect(output[row]).toBe(wanted);
      }
    }
    const last = { name: 'last', target: 'a100:f16', blockK: 32 } as const;
    const found = comparePlans(last, cublasPlan({ target: 'a100:f16', stages: 9 }), { rows: 4096 });
    expect(found.verdict).toBe('different');
  });

  it('is told from another one, or proved to be the same', () => {
    const { cutlassFp8, cutlassFp8FastAccum, deepGemmFp8 } = gemmPlans;
    expect(comparePlans(cutlassFp8, deepGemmFp8)).toMatchObject({ verdict: 'equivalent' });
    const found = comparePlans(cutlassFp8, cutlassFp8FastAccum, { rows: 4096 });
    expect(found.verdict).toBe('different');
    if (found.verdict !== 'different') return;
    // The operands tell them apart by the kernels, too.
    const [p, q] = [cutlassFp8, cutlassFp8FastAccum].map(
      (plan) =>
        dot(found.a, found.b ?? [], { rows: 1, width: found.width, target: gemmTarget(plan), c: [found.c ?? 0] })
          .output[0],
    );
    expect([p, q]).toEqual(found.sides.map(({ value }) => value));
    expect(p).not.toBe(q);
  });

  it('splits K as the size of a card has it, and other bits come of it', () => {
    const plan = (splitK: number): GemmPlan => ({ name: `split ${splitK}`, target: 'a100:f16', k: 64, splitK });
    expect(comparePlans(plan(2), plan(4), { rows: 4096 }).verdict).toBe('different');
  });

  it('refuses what it cannot mean', () => {
    const by = (more: object) => failure(() => gemmTarget({ name: 'p', target: 'h100:f16', ...more }));
    expect(by({})).toBe('no error');
    expect(by({ target: 'h100' })).toBe('name plan.target');
    expect(by({ target: findTarget('fp16') })).toBe('name plan.target');
    expect(by({ splitK: 2 })).toBe('type plan.k');
    expect(by({ k: 2 })).toBe('unsupported plan.k');
    expect(by({ promoteEvery: 24 })).toBe('range plan.promoteEvery');
    expect(by({ residue: 'first' })).toBe('unsupported plan.residue');
    expect(by({ residue: 'middle', blockK: 32 })).toBe('name plan.residue');
    expect(by({ blockK: 24 })).toBe('range plan.blockK');
    expect(by({ merge: 'pairwise' })).toBe('unsupported plan.merge');
    expect(failure(() => cublasPlan({ target: 'h100:f16', stages: 25 }))).toBe('range algorithm.stages');
    expect(failure(() => comparePlans(gemmPlans.cutlassFp8, { name: 'p', target: 'h100' }))).toBe('name planB.target');
  });
});
