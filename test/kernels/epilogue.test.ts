import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binary16 } from '../../src/formats/index.ts';
import { type Epilogue, epilogue, type GemmWithEpilogue, gemm, matmul } from '../../src/kernels/index.ts';
import { roundTo } from '../../src/rounding/index.ts';
import { gemmTarget } from '../../src/targets/index.ts';
import { generator } from '../random.ts';
import { failure, seeded } from '../testing/helpers.ts';
import { agree, cases } from './epilogues.ts';

describe('an epilogue', () => {
  it('equals the naive model, bit for bit and event for event', () => {
    fc.assert(fc.property(cases({ min: 0, max: 4 }), agree), seeded(1500));
  });

  it('has its events where they are', () => {
    const { report } = epilogue([1, 2, 3, 30_000], {
      ...{ rows: 2, width: 2, bias: [0, 40_000] },
      epilogue: { bias: 'columns', rounding: roundTo(binary16) },
    });
    expect(report.first.overflow).toMatchObject({ stage: 'bias', row: 1, index: 1, operation: 'add', exact: '70000' });
  });

  it('rounds α · sum + β · C once or twice', () => {
    const run = { rows: 1, width: 1, c: [-(1 + 2 ** -9)] };
    const rounding = roundTo(binary16);
    const x = [1 + 2 ** -10];
    const of = (fused: boolean): number =>
      epilogue(x, { ...run, epilogue: { alpha: 1 + 2 ** -10, beta: 1, fused, rounding } }).output[0] as number;
    expect([of(false), of(true)]).toEqual([0, 2 ** -20]);
  });

  it('tells room and error', () => {
    const { report } = epilogue([2, 8], {
      ...{ rows: 1, width: 2, bias: [1, 0], reference: true },
      epilogue: { alpha: 0.1, bias: 'columns', activation: { function: 'gelu' }, rounding: roundTo(binary16) },
    });
    expect(report.headroom?.bias).toBeCloseTo(Math.log2(65504 / 1.2), 3);
    expect(report.error?.maxUlp).toBeLessThan(4);
  });

  it('refuses what it cannot mean', () => {
    const by = (given: object, more: object = {}) =>
      failure(() => epilogue([1, 2], { rows: 1, width: 2, epilogue: given, ...more } as never));
    expect(by({})).toBe('unsupported options.epilogue');
    expect(by({ alpha: Infinity })).toBe('range options.epilogue.alpha');
    expect(by({ alpha: 1, fused: true })).toBe('unsupported options.epilogue.fused');
    expect(by({ beta: 1 })).toBe('type options.c');
    expect(by({ alpha: 1 }, { c: [1, 2] })).toBe('unsupported options.c');
    expect(by({ bias: 'columns' }, { bias: [1] })).toBe('shape options.bias');
    expect(by({ bias: 'both' }, { bias: [1] })).toBe('name options.epilogue.bias');
    expect(by({ alpha: 1, roundings: { add: roundTo(binary16) } })).toBe('unsupported options.epilogue.roundings.add');
    expect(by({ alpha: 1, scale: 2 })).toBe('name options.epilogue.scale');
    expect(by({ activation: { function: 'softcap' } })).toBe('type options.epilogue.activation.cap');
    expect(by({ activation: { function: 'sine' } })).toBe('name options.epilogue.activation.function');
    expect(by({ output: { format: 'binary17' } })).toBe('name options.epilogue.output.format');
  });
});

describe('a GEMM by its plan', () => {
  const random = generator(5);
  const draw = (n: number): Float64Array => Float64Array.from({ length: n }, () => Math.fround(random() * 8 - 4));
  const [m, n, k] = [3, 5, 70];
  const [a, b, c, bias] = [draw(m * k), draw(k * n), draw(m * n), draw(n)];
  const plan = { name: 'p', target: 'h100:f16', promoteEvery: 32 } as const;

  it('is the product on its target, then the epilogue', () => {
    const steps: Epilogue = {
      ...{ alpha: 0.3, beta: 2, bias: 'columns', activation: { function: 'silu' } },
      ...{ load: { format: binary16, policy: {} } as never, output: roundTo(binary16) },
    };
    const found = gemm(a, b, { plan: { ...plan, epilogue: steps }, m, n, k, c, bias });
    const sums = matmul(a, b, { target: gemmTarget(plan), m, n, k });
    const ended = epilogue(sums.output, { rows: m, width: n, epilogue: steps, c, bias });
    expect(found.output).toEqual(ended.output);
    expect(found.sums).toEqual(sums.report);
    expect(found.epilogue).toEqual(ended.report);
    expect(found.ok).toBe(true);
    expect(gemm(a, b, { plan, m, n, k, c }).output).toEqual(
      matmul(a, b, { target: gemmTarget(plan), m, n, k, c }).output,
    );
  });

  it('tells where it fails, and refuses what has no place', () => {
    const run = { m: 1, n: 1, k: 2 };
    const half: GemmWithEpilogue = { ...plan, epilogue: { output: roundTo(binary16) } };
    const found = gemm([300, 1], [300, 1], { plan: half, ...run });
    expect([found.ok, found.sums.ok, found.epilogue?.first.overflow?.stage]).toEqual([false, true, 'store']);
    const by = (more: object) => failure(() => gemm([1, 2], [3, 4], { plan, ...run, ...more }));
    expect(by({ bias: [1] })).toBe('unsupported options.bias');
    expect(by({ plan: { ...half, output: roundTo(binary16) } })).toBe('unsupported options.plan.output');
    expect(by({ plan: { ...half, target: 'h100' } })).toBe('name plan.target');
    expect(by({ plan: half, c: [1] })).toBe('unsupported options.c');
  });
});
