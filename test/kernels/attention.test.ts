import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bfloat16, binary16, e4m3fn } from '../../src/formats/index.ts';
import { attention, softcapByExponentials, sum, unary } from '../../src/kernels/index.ts';
import { roundTo } from '../../src/rounding/index.ts';
import { attentionSpecification } from '../../src/specification/attention/attention.ts';
import type { AttentionPlan } from '../../src/specification/attention/plan.ts';
import type { ProductPlan } from '../../src/specification/products/plan.ts';
import { bf16, fp16, fp32, h100 } from '../../src/targets/index.ts';
import { oracleAttention } from '../../src/testing/oracle/attention.ts';
import { failure, outcome, seeded } from '../testing/helpers.ts';
import { type AttentionCase, attentionCases } from './attentionCases.ts';
import { expectReport } from './helpers.ts';

/** What a product's plan says, as the oracle takes it. */
function unitOf({ a, b, product, reduction, addend, output, positiveZeros }: ProductPlan) {
  const zeroOperands = positiveZeros ? ('positive' as const) : ('signed' as const);
  return { k: 1, zeroOperands, scale: null, product, reduction, addend, output, loadA: a, loadB: b };
}

function runOracle({ q, k, v, options }: AttentionCase, plan: AttentionPlan) {
  const {
    heads,
    sharedHeads = heads,
    queries,
    keys,
    width,
    valueWidth = width,
    method,
    mask,
    sinks,
    causal,
    window,
  } = options;
  return oracleAttention({
    heads,
    sharedHeads,
    queries,
    keys,
    width,
    valueWidth,
    q,
    k,
    v,
    scoring: unitOf(plan.scoring),
    valuing: unitOf(plan.valuing),
    unit: plan.unit,
    roundings: plan.roundings,
    scale: (options.scale ?? 1 / Math.sqrt(width)) * (options.exponential === 'exp2' ? Math.LOG2E : 1),
    softcap: options.softcap ?? null,
    mask: mask ?? null,
    causal: causal ?? false,
    window: window ?? null,
    sinks: sinks ?? null,
    tile: method?.kind === 'flash' ? method.tile : null,
    threshold: method?.kind === 'flash' ? (method.threshold ?? 0) : 0,
    divide: method?.kind === 'flash' ? 'after' : (method?.divide ?? 'before'),
    exponential: options.exponential ?? 'exp',
    maximumOffset: options.maximumOffset ?? 0,
    sumOf: options.sumOf ?? 'computed',
    normalize: options.normalize ?? 'divide',
    emptyRow: options.emptyRow ?? 'nan',
    wantsLogSumExp: options.logSumExp !== undefined,
  });
}

function agree(given: AttentionCase): void {
  const { q, k, v, options } = given;
  const plan = attentionSpecification.plan(options);
  const wanted = outcome(() => runOracle(given, plan));
  const found = outcome(() => attention(q, k, v, { ...options, record: 'all', limit: 2 ** 32 }));
  if (wanted === 'refused' || found === 'refused') {
    expect(found).toEqual(wanted);
    return;
  }
  expect([...found.output]).toEqual(wanted.output);
  if (options.logSumExp !== undefined) expect([...options.logSumExp]).toEqual(wanted.logSumExp);
  const stages = [...plan.stages];
  expectReport(found.report, { ...wanted, stages }, plan.rows);
}

describe('attention equals the naive model, bit for bit and event for event', () => {
  it('unfused and in tiles, on any target, with every option', () => {
    fc.assert(fc.property(attentionCases({ queries: 3, keys: 7, width: 5, tile: 8 }), agree), seeded(3000));
  });
});

describe('attention', () => {
  const q = Float64Array.from({ length: 2 * 4 * 8 }, (_, i) => Math.sin(i * 1.7));
  const k = Float64Array.from({ length: 2 * 6 * 8 }, (_, i) => Math.cos(i * 2.3));
  const v = Float64Array.from({ length: 2 * 6 * 8 }, (_, i) => Math.sin(i * 0.9) * 2);
  const shape = { heads: 2, queries: 4, keys: 6, width: 8 } as const;

  it('in one tile is the unfused one that divides at the end, bit for bit', () => {
    for (const target of [fp16, bf16, fp32, h100] as const) {
      const on = { ...shape, target, ...(target === h100 ? { unit: 'f16' } : {}), causal: true } as const;
      const one = attention(q, k, v, { ...on, method: { kind: 'flash', tile: 6 } });
      const two = attention(q, k, v, { ...on, method: { kind: 'unfused', divide: 'after' } });
      expect(one.output).toEqual(two.output);
      expect(one.report.totals).toEqual(two.report.totals);
    }
  });

  it('has room where keys are left out', () => {
    for (const more of [
      { causal: true },
      { window: 2 },
      { mask: new Float64Array(2 * 4 * 6).map((_, i) => (i % 6 > 3 ? -Infinity : 0)) },
    ]) {
      const { report } = attention(q, k, v, { ...shape, target: fp16, reference: true, ...more });
      for (const bits of Object.values(report.headroom ?? {})) expect(bits).toBeGreaterThan(10);
    }
  });

  it('is near the real function, and tells its error and headroom', () => {
    const { output, report } = attention(q, k, v, {
      ...shape,
      target: fp32,
      reference: true,
      method: { kind: 'flash', tile: 2 },
    });
    expect(report.error?.maxRelative).toBeLessThan(1e-5);
    expect(output).toHaveLength(64);
    expect(report.headroom?.score).toBeGreaterThan(120);
    expect(report.ok).toBe(true);
  });

  it('overflows in the scores of binary16, and the offset ln 8 saves its sums of values', () => {
    const big = new Float64Array(64).fill(40);
    const run = { heads: 1, queries: 1, keys: 1, width: 64, target: fp16 } as const;
    const { output, report } = attention(big, big, big, run);
    expect(output[0]).toBe(Number.NaN);
    expect(report.first.overflow).toMatchObject({ row: 0, stage: 'score', index: 0, operation: 'add' });
    // 64 equal shares of values of 2000: their sum passes 65,504 before the division.
    const [zero, large] = [new Float64Array(64), new Float64Array(64 * 64).fill(2000)];
    const long = { heads: 1, queries: 1, keys: 64, width: 1, valueWidth: 64, target: fp16 } as const;
    const method = { kind: 'flash', tile: 64 } as const;
    const before = attention([0], zero, large, { ...long, method });
    expect(before.report.first.overflow).toMatchObject({ stage: 'value', index: 0 });
    const after = attention([0], zero, large, { ...long, method, maximumOffset: Math.log(8) });
    expect(after.report.totals.overflow).toBe(0);
    expect(Math.abs((after.output[0] as number) - 2000)).toBeLessThan(20);
  });

  it('tells the tile: a late overflow of the running output', () => {
    const values = Float64Array.from({ length: 8 }, (_, j) => (j < 4 ? 1 : 40000));
    const { report } = attention([0], new Float64Array(8), values, {
      heads: 1,
      queries: 1,
      keys: 8,
      width: 1,
      target: fp16,
      method: { kind: 'flash', tile: 2 },
    });
    expect(report.first.overflow).toMatchObject({ stage: 'value', index: 0, step: 5 });
  });

  it('of a query that sees no key is NaN, or zero', () => {
    const mask = [0, 0, -Infinity, -Infinity];
    const run = { heads: 1, queries: 2, keys: 2, width: 1, target: fp32, mask } as const;
    for (const method of [{ kind: 'unfused' }, { kind: 'flash', tile: 1 }] as const) {
      expect([...attention([1, 1], [1, 1], [3, 5], { ...run, method }).output]).toEqual([4, Number.NaN]);
      expect([...attention([1, 1], [1, 1], [3, 5], { ...run, method, emptyRow: 'zero' }).output]).toEqual([4, 0]);
      expect([...attention([1, 1], [1, 1], [3, 5], { ...run, method, sinks: [0.5] }).output][1]).toBe(0);
    }
  });

  it('gives the log-sum-exp, in either base', () => {
    for (const exponential of ['exp', 'exp2'] as const) {
      const logSumExp = new Float64Array(1);
      const method = { kind: 'flash', tile: 2 } as const;
      attention([1], [1, 2, 3], [0, 0, 0], {
        heads: 1,
        queries: 1,
        keys: 3,
        width: 1,
        target: fp32,
        method,
        exponential,
        logSumExp,
      });
      expect(logSumExp[0]).toBeCloseTo(3.4076059644443806, 5);
    }
  });

  it('takes a soft cap as kernels write it', () => {
    const run = { heads: 1, queries: 1, keys: 2, width: 1, scale: 1, target: fp32, softcap: 50 } as const;
    expect([...attention([5000], [1, 1], [2, 4], run).output]).toEqual([3]);
    const written = attention([5000], [1, 1], [2, 4], { ...run, softcapMethod: softcapByExponentials(50) });
    expect(written.output[0]).toBe(Number.NaN);
    expect(written.report.first.overflow).toMatchObject({ stage: 'softcap', index: 0, step: 1 });
  });

  it('refuses what it cannot mean', () => {
    const run = { heads: 2, queries: 1, keys: 2, width: 1, target: fp32 } as const;
    const by = (more: object) => failure(() => attention([1, 1], [1, 1, 1, 1], [1, 1, 1, 1], { ...run, ...more }));
    expect(by({})).toBe('no error');
    expect(by({ sharedHeads: 3 })).toBe('range options.sharedHeads');
    expect(failure(() => attention([1, 1, 1], [1, 1, 1], [1, 1, 1], { ...run, heads: 3, sharedHeads: 2 }))).toBe(
      'shape options.sharedHeads',
    );
    expect(by({ keys: 0 })).toBe('range options.keys');
    expect(by({ mask: [1] })).toBe('shape options.mask');
    expect(by({ method: { kind: 'flash' } })).toBe('type options.method.tile');
    expect(by({ method: { kind: 'flash', tile: 2, divide: 'before' } })).toBe('name options.method.divide');
    expect(by({ sumOf: 'rounded' })).toBe('unsupported options.sumOf');
    expect(by({ softcapMethod: { kind: 'correctlyRounded' } })).toBe('unsupported options.softcapMethod');
    expect(by({ logSumExp: new Float64Array(3) })).toBe('shape options.logSumExp');
    expect(by({ target: 'b200', unit: 'mxfp8' })).toBe('unsupported options.unit');
    expect(by({ window: 0 })).toBe('range options.window');
    expect(by({ causl: true })).toBe('name options.causl');
  });

  it('takes names for the products’ formats', () => {
    const run = { heads: 1, queries: 1, keys: 2, width: 1, target: 'h100', unit: 'fp8Wgmma', scale: 1 } as const;
    const sum32 = { sum: { format: 'binary32' } } as never;
    expect(attention([1], [1, 1], [1, 5], { ...run, vectorUnit: 'vectorF32', roundings: sum32 }).report.ok).toBe(true);
    expect(failure(() => attention([1], [1, 1], [1, 5], { ...run, vectorUnit: 'x' }))).toBe('name options.vectorUnit');
    const { output } = attention([1], [1, 1], [1, 5], {
      ...run,
      values: { unit: 'f16' },
      scores: { a: 'e4m3fn' as never },
    });
    expect(output[0]).toBe(3);
    expect([e4m3fn.bits, bfloat16.bits]).toEqual([8, 16]);
  });
});

describe('attention on units with block scales', () => {
  it('is refused with the reason and the ways on', () => {
    const run = { heads: 1, queries: 1, keys: 32, width: 32 } as const;
    const [q, k] = [new Float64Array(32), new Float64Array(1024)];
    for (const target of ['b200:mxfp8', 'b200:nvfp4'] as const) {
      const refused = () => attention(q, k, k, { ...run, target });
      expect(refused).toThrow(
        /options\.unit: expected a unit without block scales, such as f16 or bf16: no source says/,
      );
      expect(attention(q, k, k, { ...run, target, unit: 'f16' }).output[0]).toBe(0);
      expect(failure(() => attention(q, k, k, { ...run, target: 'b200:f16', values: { unit: target.slice(5) } }))).toBe(
        'unsupported options.values.unit',
      );
    }
  });
});

describe('the log-sum-exp of coremltools 2690', () => {
  it('without a maximum: 32 terms of e^7.6241 are 65,504 in binary16, and of e^7.6313 infinite at the last step', () => {
    const terms = (x: number) => unary(new Float64Array(32).fill(x), { function: 'exp', format: binary16 }).output;
    const total = (x: number) => sum(terms(x), { rows: 1, width: 32, target: fp16 });
    expect(terms(7.6241)[0]).toBe(2047);
    expect(total(7.6241).output[0]).toBe(65504);
    const { output, report } = total(7.6313);
    expect(output[0]).toBe(Infinity);
    expect(report.first.overflow).toMatchObject({ stage: 'sum', step: 31 });
    expect(roundTo(binary16).format.max).toBe(65504);
  });
});
