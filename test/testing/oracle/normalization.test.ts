import { describe, expect, it } from 'vitest';
import { bfloat16, binary16, binary32, defineFloat, e4m3fn } from '../../../src/formats/index.ts';
import { type Policy, type Rounding, roundTo } from '../../../src/rounding/index.ts';
import type { VectorUnit } from '../../../src/targets/target.ts';
import { oracleCounts, oracleFirsts, oracleRowFlags } from '../../../src/testing/oracle/events.ts';
import { oracleLayerNorm, oracleRmsNorm } from '../../../src/testing/oracle/normalization.ts';
import { oracleOperation } from '../../../src/testing/oracle/operations.ts';

const X = 1;
const O = 4;

function unit(at: Rounding, changes: Partial<VectorUnit> = {}): VectorUnit {
  return {
    load: at,
    compute: at,
    accumulate: at,
    statistics: at,
    store: at,
    reduction: { kind: 'sequential', accumulator: { kind: 'float', rounding: at } },
    mean: 'reciprocal',
    reciprocalSqrt: { kind: 'correctlyRounded' },
    ...{ name: 'unit', instructions: '', source: '', verified: 'definition', confidence: '' },
    ...changes,
  };
}
const fp16 = unit(roundTo(binary16));
const fp32 = unit(roundTo(binary32));
const half = (policy: Partial<Policy> = {}): Rounding => roundTo(binary16, policy);

const row = [1, 2, 3, 6];
const plain = { rows: 1, width: 4, x: row, epsilon: 0, unit: fp16 };

describe('LayerNorm by hand', () => {
  it('of 1, 2, 3, 6 in binary16', () => {
    // mean 3, centred −2 −1 0 3, variance 14/4 = 3.5, 1/√3.5 = 0.534522… → 0.53466796875
    const { output, events, stages } = oracleLayerNorm(plain);
    const r = oracleOperation('reciprocalSquareRoot', half(), [3.5]).value;
    expect(r).toBe(0.53466796875);
    expect(output).toEqual([-2 * r, -r, 0, 1.603515625]); // 3r = 1.60400390625, a tie to even
    expect(stages).toEqual(
      'constants load sum mean center square squareSum variance epsilon reciprocalSqrt normalize store'.split(' '),
    );
    expect(events.map(({ stage, index, step, flags }) => [stage, index, step, flags])).toEqual([
      ['reciprocalSqrt', null, 0, X],
      ['normalize', 3, 3, X],
    ]);
  });

  it('with γ, β, ε, residual and scale names its stages and constants', () => {
    const { output, stages, events } = oracleLayerNorm({
      ...plain,
      x: [0.5, 1, 1.5, 3],
      residual: [0.5, 1, 1.5, 3],
      scale: 0.5,
      epsilon: 0.1,
      gamma: [1, 2, 0.1, 1],
      beta: [0, 0, 0.3, 1],
    });
    expect(stages).toEqual(
      (
        'constants residualAdd load scale sum mean center square squareSum variance epsilon reciprocalSqrt ' +
        'normalize gamma beta store'
      ).split(' '),
    );
    expect(events.filter(({ row }) => row === -1).map(({ index, step, operands }) => [index, step, operands])).toEqual([
      [null, 0, [0.025]],
      [2, 2, [0.1]],
      [2, 2, [0.3]],
    ]);
    // The power-of-two scale cancels: 3.5/4 + 0.1/4.
    const w = oracleOperation('add', half(), [0.875, oracleOperation('convert', half(), [0.025]).value]).value;
    const r = oracleOperation('reciprocalSquareRoot', half(), [w]).value;
    const n = (c: number): number => oracleOperation('multiply', half(), [c, r]).value;
    expect(output).toEqual([n(-1), 2 * n(-0.5), 0.300048828125, oracleOperation('add', half(), [n(1.5), 1]).value]);
  });

  it('rounds ε·ŝ² once from the exact product, or ε alone', () => {
    const options = { ...plain, epsilon: 1e-5, scale: 0.1 };
    const given = (o: typeof options & { epsilonScaled?: boolean }): number =>
      oracleLayerNorm(o).events.find(({ row, operands }) => row === -1 && (operands[0] as number) < 0.01)
        ?.result as number;
    // ŝ = 0.0999755859375; 1e-5·ŝ² = 9.995e-8 is 1.68 subnormal steps of 2^-24
    expect(given(options)).toBe(2 ** -23);
    expect(given({ ...options, epsilonScaled: false })).toBe(oracleOperation('convert', half(), [1e-5]).value);
    // ε/α² that vanishes is reported: tiny, inexact, zero
    const lost = oracleLayerNorm({ ...options, scale: 2 ** -6 }).events.find(
      ({ row, flags }) => row === -1 && flags & 2,
    );
    expect(lost).toMatchObject({ stage: 'constants', index: null, result: 0, flags: 3 });
  });

  it('divides where the unit divides', () => {
    const x = [1, 1, 3];
    const divide = oracleLayerNorm({ ...plain, width: 3, x, unit: unit(half(), { mean: 'divide' }) });
    const times = oracleLayerNorm({ ...plain, width: 3, x });
    const mean = (o: typeof divide): number => o.events.find(({ stage }) => stage === 'mean')?.result as number;
    expect(mean(divide)).toBe(1.6669921875); // 5/3
    expect(mean(times)).toBe(1.666015625); // 5·0.333251953125
    expect(times.events.some(({ stage, row }) => stage === 'constants' && row === -1)).toBe(true);
    expect(divide.events.some(({ stage }) => stage === 'constants')).toBe(false);
  });

  it('follows binary32 arithmetic written with Math.fround', () => {
    const f = Math.fround;
    const x = Array.from({ length: 37 }, (_, i) => f(Math.sin(i * i) * 40 + 3));
    const gamma = x.map((_, i) => f(1 + i / 100));
    const beta = x.map((_, i) => f(i / 7));
    const s = f(1.7);
    const eps = 1e-5;
    const { output } = oracleLayerNorm({ rows: 1, width: 37, x, gamma, beta, epsilon: eps, scale: 1.7, unit: fp32 });
    const rho = f(1 / 37);
    const z = x.map((v) => f(v * s));
    const mean = f(z.reduce((a, v) => f(a + v), 0) * rho);
    const c = z.map((v) => f(v - mean));
    const variance = f(c.reduce((a, v) => f(a + f(v * v)), 0) * rho);
    const w = f(variance + f(eps * s * s));
    // binary64's 1/√ is right to far more than 24 bits
    const r = f(1 / Math.sqrt(w));
    expect(output).toEqual(c.map((v, i) => f(f(f(v * r) * (gamma[i] as number)) + (beta[i] as number))));
  });
});

describe('1/√', () => {
  const w = 3.5;
  const at = half();
  const root = oracleOperation('squareRoot', at, [w]).value;
  it('in two roundings', () => {
    const { output, events } = oracleLayerNorm({
      ...plain,
      unit: unit(at, { reciprocalSqrt: { kind: 'sqrtThenReciprocal' } }),
    });
    expect(output[1]).toBe(-oracleOperation('divide', at, [1, root]).value);
    expect(events.filter(({ stage }) => stage === 'reciprocalSqrt').map(({ step }) => step)).toEqual([0, 1]);
  });

  it('by division of the numerator', () => {
    const { output } = oracleLayerNorm({ ...plain, unit: unit(at, { reciprocalSqrt: { kind: 'sqrtThenDivide' } }) });
    expect(output[3]).toBe(oracleOperation('divide', at, [3, root]).value);
  });

  it('by Newton from the magic number 0x5f3759df', () => {
    const { output, events } = oracleLayerNorm({
      ...plain,
      unit: unit(roundTo(binary32), { reciprocalSqrt: { kind: 'newton', magic: 0x5f3759df, steps: 2 } }),
    });
    const bits = new Uint32Array(1);
    const float = new Float32Array(bits.buffer);
    const f = Math.fround;
    float[0] = w;
    bits[0] = 0x5f3759df - ((bits[0] as number) >>> 1);
    let y = float[0] as number;
    for (let i = 0; i < 2; i++) y = f(y * f(1.5 - f(f(0.5 * w) * f(y * y))));
    expect(output[1]).toBe(-y);
    const steps = events.filter(({ stage }) => stage === 'reciprocalSqrt').map(({ step }) => step);
    expect(Math.max(...steps)).toBeLessThan(10);
    expect(steps).toContain(9);
    expect(() =>
      oracleLayerNorm({ ...plain, unit: unit(at, { reciprocalSqrt: { kind: 'newton', magic: 0, steps: 1 } }) }),
    ).toThrow('method.magic');
  });
});

describe('variance', () => {
  it('one pass: E[z²] − m², never negative', () => {
    const made = oracleLayerNorm({ ...plain, variance: 'onePass' });
    expect(made.output).toEqual(oracleLayerNorm(plain).output); // 50/4 − 9 = 3.5: exact
    expect(made.stages).toEqual(oracleLayerNorm(plain).stages);
    // 100.0625² rounds: equal numbers give a difference below zero or at it
    const equal = oracleLayerNorm({
      ...plain,
      x: [3.001953125, 3.001953125, 3.001953125, 3.001953125],
      variance: 'onePass',
      epsilon: 0.25,
    });
    const variance = equal.events.filter(({ stage }) => stage === 'variance');
    expect(variance.map(({ step }) => step)).toContain(1);
    expect(equal.output).toEqual([0, 0, 0, 0]);
    const negative = oracleLayerNorm({
      ...plain,
      width: 3,
      x: [1.333984375, 1.333984375, 1.3330078125],
      variance: 'onePass',
      unit: unit(half({ rounding: 'towardZero' })),
      epsilon: 0,
    });
    // v = +0: 1/√0 = Inf with divideByZero, not NaN with invalid
    expect(negative.events.filter(({ stage, flags }) => stage === 'reciprocalSqrt' && flags & 8).length).toBe(1);
  });

  it('Welford: six operations an element', () => {
    const made = oracleLayerNorm({ ...plain, x: [1, 2, 3, 7], variance: 'welford' });
    expect(made.stages).toEqual(
      'constants load welford center variance epsilon reciprocalSqrt normalize store'.split(' '),
    );
    // 1/3 is a constant of element 2; the third update multiplies by it.
    expect(made.events.filter(({ row }) => row === -1)).toMatchObject([
      { stage: 'constants', index: 2, step: 2, operands: [1, 3] },
    ]);
    const inexact = made.events.filter(({ stage }) => stage === 'welford').map(({ index, step }) => [index, step]);
    // δ = 3 − 1.5 = 1.5, ·0.33325 = 0.49988, m = 1.99988 → …
    expect(inexact.every(([index, s]) => Math.floor((s as number) / 6) === index)).toBe(true);
    expect(inexact.length).toBeGreaterThan(0);
    expect(made.output[3]).toBeGreaterThan(1.3);
  });

  it('Welford by hand', () => {
    // All exact: 2, 4 → δ=2, m=2; δ=2, t=1, m=3, e=1, M2=2; variance 1.
    expect(oracleLayerNorm({ ...plain, width: 2, x: [2, 4], variance: 'welford' }).output).toEqual([-1, 1]);
    const tree = unit(half(), { reduction: { kind: 'pairwise', accumulator: { kind: 'float', rounding: half() } } });
    expect(() => oracleLayerNorm({ ...plain, unit: tree, variance: 'welford' })).toThrow('welford');
  });
});

describe('fused', () => {
  const fused = unit(half(), {
    reduction: { kind: 'sequential', accumulator: { kind: 'float', rounding: half(), fused: true } },
  });

  it('squares enter the sum exactly, and the stage is absent', () => {
    const x = [-300, 300, 0, 0];
    const separate = oracleLayerNorm({ ...plain, x });
    expect(separate.events.filter(({ flags }) => flags & O).map(({ stage }) => stage)).toEqual(['square', 'square']);
    const together = oracleLayerNorm({ ...plain, x, unit: fused });
    expect(together.stages).not.toContain('square');
    expect(together.events.filter(({ flags }) => flags & O)).toMatchObject([
      { stage: 'squareSum', index: 0, step: 0, operands: [-300, -300, 0] },
    ]);
  });

  it('integer accumulators take exact squares too', () => {
    const integer = unit(half(), {
      reduction: { kind: 'sequential', accumulator: { kind: 'integer', bits: 24, overflow: 'saturate' } },
    });
    const { output, stages } = oracleLayerNorm({ ...plain, unit: integer });
    expect(output).toEqual(oracleLayerNorm(plain).output);
    expect(stages).not.toContain('square');
  });

  it('γ and β in one operation', () => {
    const gamma = [1 + 2 ** -10, 1, 1, 1];
    const beta = [1, 1, 1, 1];
    const { output, stages } = oracleLayerNorm({ ...plain, gamma, beta, affine: 'fused' });
    expect(stages.slice(-2)).toEqual(['affine', 'store']);
    const n = -1.0693359375;
    expect(output[0]).toBe(oracleOperation('fusedMultiplyAdd', half(), [n, 1 + 2 ** -10, 1]).value);
    expect(() => oracleLayerNorm({ ...plain, gamma, affine: 'fused' })).toThrow('beta');
  });
});

describe('RMSNorm', () => {
  it('drops sum, mean, center and beta', () => {
    const { output, stages } = oracleRmsNorm({ ...plain, x: [3, 4, 0, 0], gamma: [1, 1, 1, 1] });
    expect(stages).toEqual(
      'constants load square squareSum variance epsilon reciprocalSqrt normalize gamma store'.split(' '),
    );
    const r = 0.39990234375; // 1/2.5
    expect(output).toEqual([3 * r, 4 * r, 0, 0].map((v) => oracleOperation('convert', half(), [v]).value));
  });

  it('overflows in the square-sum, or stands still before', () => {
    const first = (v: number) => {
      const x = new Array<number>(4096).fill(v);
      const { events, stages, output } = oracleRmsNorm({ rows: 1, width: 4096, x, epsilon: 1e-5, unit: fp16 });
      return { firsts: oracleFirsts(stages, events), output };
    };
    // 16·k is exact up to 32768; 32768 + 16 is a tie that goes back to 32768, for ever.
    const stuck = first(4);
    expect(stuck.firsts.absorption).toMatchObject({ stage: 'squareSum', step: 2048, operands: [32768, 16] });
    expect(stuck.firsts.overflow).toBeUndefined();
    // A little more than 16 adds 32 each time.
    const over = first(4.00390625);
    expect(over.firsts.overflow?.stage).toBe('squareSum');
    expect(over.firsts.overflow?.operands).toEqual([65504, 16.03125]);
    expect(over.output.every((v) => v === 0)).toBe(true);
  });
});

describe('the post-mortem of peers.md', () => {
  it('width 768, |x − mean| ≈ 795: an infinite variance and a finite output', () => {
    const x = Array.from({ length: 768 }, (_, i) => (i % 2 ? 795 : -795));
    const made = oracleLayerNorm({
      rows: 2,
      width: 768,
      x: [...new Array<number>(768).fill(0), ...x],
      epsilon: 1e-5,
      unit: fp16,
    });
    expect(made.output.every(Number.isFinite)).toBe(true);
    expect(made.output.slice(768, 770)).toEqual([-0, 0]);
    const firsts = oracleFirsts(made.stages, made.events);
    expect(firsts.overflow).toMatchObject({ row: 1, stage: 'square', index: 0, step: 0 });
    expect(oracleCounts(made.stages, made.events).square?.overflow).toBe(768);
    const flags = oracleRowFlags(2, made.events);
    expect((flags[0] as number) & O).toBe(0);
    expect((flags[1] as number) & O).toBe(O);
    expect(firsts.inexact?.row).toBe(-1);
  });
});

describe('rows', () => {
  it('are independent, of any number and width', () => {
    for (const width of [1, 2, 3, 5, 17]) {
      const x = Array.from({ length: 3 * width }, (_, i) => Math.fround(Math.sin(i) * 5));
      const all = oracleLayerNorm({ rows: 3, width, x, epsilon: 1e-3, unit: unit(roundTo(bfloat16)) });
      const single = [0, 1, 2].flatMap(
        (r) =>
          oracleLayerNorm({
            rows: 1,
            width,
            x: x.slice(r * width, (r + 1) * width),
            epsilon: 1e-3,
            unit: unit(roundTo(bfloat16)),
          }).output,
      );
      expect(all.output).toEqual(single);
    }
    expect(oracleLayerNorm({ ...plain, rows: 0, x: [] }).output).toEqual([]);
  });

  it('are bit for bit the same under a power-of-two scale, while nothing overflows or underflows', () => {
    const x = Array.from({ length: 24 }, (_, i) => Math.round(Math.sin(i * 3) * 64) / 8);
    const one = oracleLayerNorm({ rows: 1, width: 24, x, epsilon: 2 ** -4, unit: fp16 });
    const scaled = oracleLayerNorm({ rows: 1, width: 24, x, epsilon: 2 ** -4, scale: 0.25, unit: fp16 });
    expect(scaled.output).toEqual(one.output);
  });

  it('carry NaN and infinities as data', () => {
    const { output, events } = oracleLayerNorm({ ...plain, x: [1, Number.NaN, 2, 3] });
    expect(output.every(Number.isNaN)).toBe(true);
    expect(events.every(({ row }) => row === -1)).toBe(true);
    const infinite = oracleLayerNorm({ ...plain, x: [1, Infinity, 2, 3] });
    expect(oracleFirsts(infinite.stages, infinite.events).invalid).toMatchObject({ stage: 'center', index: 1 });
  });

  it('go through mixed formats', () => {
    const mixed = unit(half(), { load: roundTo(e4m3fn), store: roundTo(e4m3fn, { overflow: 'saturate' }) });
    const { output, events } = oracleLayerNorm({ ...plain, x: [1.1, 2, 3, 465], unit: mixed });
    expect(events.find(({ stage }) => stage === 'load')).toMatchObject({ index: 0, result: 1.125, flags: X });
    expect(events.filter(({ stage }) => stage === 'load')[1]).toMatchObject({ index: 3, flags: O | X });
    expect(output.every(Number.isNaN)).toBe(true);
  });

  it('flush constants as they flush operands', () => {
    const narrow = defineFloat({ exponentBits: 4, mantissaBits: 3 });
    const at = roundTo(narrow, { subnormals: 'flushInputs' });
    const { events } = oracleLayerNorm({ ...plain, epsilon: 2 ** -8, unit: unit(at) });
    expect(events.filter(({ row }) => row === -1)).toMatchObject([{ index: null, flags: 256, result: 0 }]);
  });
});
