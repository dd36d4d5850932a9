import { describe, expect, it } from 'vitest';
import { bfloat16, binary16, binary32 } from '../../../src/formats/index.ts';
import { type Epilogue, type GemmWithEpilogue, geluByTanh, gemm } from '../../../src/kernels/index.ts';
import { roundTo } from '../../../src/rounding/index.ts';
import { comparePlans, describeDistinction } from '../../../src/testing/index.ts';
import { generator } from '../../random.ts';
import { failure } from '../helpers.ts';

const [half, single, brain] = [roundTo(binary16), roundTo(binary32), roundTo(bfloat16)];
const planOf = (epilogue: Epilogue, more: object = {}): GemmWithEpilogue => ({
  ...{ name: 'plan', target: 'h100:f16', epilogue },
  ...more,
});
const told = (a: Epilogue, b: Epilogue, more: object = {}) => comparePlans(planOf(a), planOf(b, more), { rows: 512 });

describe('plans that differ in their epilogue', () => {
  const gelu = { bias: 'columns', activation: { function: 'gelu' }, output: half } as const;

  it('are equivalent where every operation, factor and rounding is the same', () => {
    for (const [a, b] of [
      [gelu, { ...gelu, rounding: single }],
      [gelu, { ...gelu, bias: 'rows' }],
      [gelu, { ...gelu, alpha: 1 }],
      [{ alpha: 0.1 }, { alpha: Math.fround(0.1) }],
      [{ bias: 'columns' }, { bias: 'columns', output: single }],
    ] as const) {
      expect(told(a, b).verdict).toBe('equivalent');
      // What is called equivalent is, on sums and addends at random.
      const random = generator(3);
      const draw = (n: number) =>
        Float64Array.from({ length: n }, () => Math.fround((random() - 0.5) * 2 ** (random() * 20 - 10)));
      const [x, y, bias] = [draw(64), draw(64), draw(8)];
      const run = (epilogue: Epilogue) => {
        const own = epilogue.bias === undefined ? {} : { bias };
        return [...gemm(x, y, { plan: planOf(epilogue), m: 8, n: 8, k: 8, ...own }).output];
      };
      expect(run(a)).toEqual(
        a.bias === 'columns' && (b as Epilogue).bias === 'rows' ? run({ ...b, bias: 'columns' }) : run(b),
      );
    }
    expect(told(gelu, { ...gelu, alpha: 1 })).toMatchObject({ reason: expect.stringContaining('factor of 1') });
  });

  it('are told apart by operands that gemm tells apart, too', () => {
    for (const [a, b] of [
      [gelu, { ...gelu, activation: { function: 'gelu', method: geluByTanh } }],
      [
        { alpha: 3, beta: 1 },
        { alpha: 3, beta: 1, fused: true },
      ],
      [
        { beta: 1, output: half },
        { bias: 'columns', rounding: half, output: brain },
      ],
    ] as const) {
      const found = told(a, b);
      expect(found.verdict).toBe('different');
      if (found.verdict !== 'different') continue;
      const run = (epilogue: Epilogue) =>
        gemm(found.a, found.b ?? [], {
          ...{ plan: planOf(epilogue), m: 1, n: 1, k: found.width },
          ...(epilogue.beta === undefined ? {} : { c: [found.c ?? 0] }),
          ...(epilogue.bias === undefined ? {} : { bias: [found.c ?? 0] }),
        }).output[0];
      expect([run(a), run(b)]).toEqual(found.sides.map(({ value }) => value));
      expect(run(a)).not.toBe(run(b));
      expect(describeDistinction(found)).toContain('the epilogue makes');
    }
  });

  it('are told apart by their sums, and not told apart where nothing was found', () => {
    expect(told({ output: half }, { output: half }, { target: 'a100:f16' }).verdict).toBe('different');
    // 1 + 2^-30 rounds to no other binary32 number, but is no form of 1.
    const by = { ...single, policy: { ...single.policy, subnormals: 'flushInputs' } } as const;
    const found = told({ beta: 1 }, { beta: 1, roundings: { source: by } });
    expect(['different', 'indistinguishable']).toContain(found.verdict);
  });

  it('refuse plans that read other operands, and an output beside an epilogue', () => {
    expect(failure(() => told({ alpha: 2 }, { alpha: 2, bias: 'columns' }))).toBe('unsupported planB');
    expect(failure(() => told({ alpha: 2 }, { alpha: 2 }, { output: half }))).toBe('unsupported planB.output');
    expect(failure(() => told({ alpha: 2 }, { alhpa: 2 } as never))).toBe('name planB.epilogue.alhpa');
    expect(
      failure(() =>
        comparePlans(planOf({ alpha: 2 }), { name: 'p', target: 'h100:f16', epilogue: { alpha: 2 } }, { rows: -1 }),
      ),
    ).toBe('range options.rows');
  });
});
