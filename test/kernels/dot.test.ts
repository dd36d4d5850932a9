import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bfloat16, binary16, binary32, e4m3fn, e5m2 } from '../../src/formats/index.ts';
import { dot } from '../../src/kernels/index.ts';
import { roundTo } from '../../src/rounding/index.ts';
import { a100, ada, amx, armBf16, avx512Bf16, fp16, h100, ipu, mi300, tpu, v100 } from '../../src/targets/index.ts';
import { failure, seeded, share } from '../testing/helpers.ts';
import { madeUnits, namedUnits, productCases, productsAgree } from './products.ts';

describe('dot and matmul equal the oracle, bits and events', () => {
  it('on every unit of every chip', () => {
    for (const [i, chosen] of namedUnits.entries()) {
      const widest = Math.min(2 * chosen.unit.k + 3, 70);
      fc.assert(fc.property(productCases(fc.constant(chosen), widest), productsAgree), seeded(share < 1 ? 1 : 8, i));
    }
  });

  it.each(['float', 'aligned', 'grouped', 'integer'] as const)('on any unit of %s accumulators', (kind) => {
    fc.assert(fc.property(productCases(madeUnits(kind)), productsAgree), seeded(600));
  });

  it('on any unit of compensated accumulators', () => {
    const units = madeUnits('careful').filter(({ unit }) => unit.product !== null);
    fc.assert(fc.property(productCases(units), productsAgree), seeded(300));
  });
});

describe('dot', () => {
  const shape = { rows: 1, width: 2 };
  const one = (a: number[], b: number[], options: Omit<Parameters<typeof dot>[2], 'rows' | 'width'>): number =>
    dot(a, b, { ...options, rows: 1, width: a.length }).output[0] as number;

  it('takes the only unit, or asks for a name', () => {
    expect(dot([1, 2], [3, 4], { ...shape, target: tpu }).output[0]).toBe(11);
    expect(dot([1, 2], [3, 4], { ...shape, target: fp16 }).output[0]).toBe(11);
    expect(failure(() => dot([1, 2], [3, 4], { ...shape, target: h100 }))).toBe('name options.unit');
    expect(failure(() => dot([1, 2], [3, 4], { ...shape, target: h100, unit: 'fp4' }))).toBe('name options.unit');
    expect(failure(() => dot([1, 2], [3, 4], { ...shape, target: ipu, unit: 'vector' }))).toBe(
      'unsupported options.unit',
    );
    const mixed = { ...shape, target: h100, unit: 'f16', a: bfloat16 };
    expect(failure(() => dot([1, 2], [3, 4], mixed))).toBe('unsupported options.a');
    expect(failure(() => dot([1, 2], [3], { ...shape, target: tpu }))).toBe('shape b');
    expect(failure(() => dot([1, 2], [3, 4], { ...shape, target: tpu, scaleA: [1] }))).toBe(
      'unsupported options.scaleA',
    );
    expect(failure(() => dot([1, 2], [3, 4], { ...shape, target: tpu, splitK: 0 }))).toBe('range options.splitK');
  });

  it('is not monotonic on a tensor core: a smaller addend gives a larger sum (Fasi et al., V100)', () => {
    const four = [2 ** -12, 2 ** -12, 2 ** -12, 2 ** -12];
    const options = { target: v100, unit: 'f16' };
    expect(one(four, four, { ...options, c: [1 - 2 ** -24] })).toBe(1 + 2 ** -23);
    expect(one(four, four, { ...options, c: [1] })).toBe(1);
  });

  it('lets products beyond the range come back into it', () => {
    const a = [2 ** 127, -(2 ** 127), 1];
    const b = [2 ** 10, 2 ** 10, 5];
    expect(one(a, b, { target: h100, unit: 'bf16' })).toBe(0);
    expect(one(a, b, { target: mi300, unit: 'bf16' })).toBeNaN();
    expect(one([2 ** 127, 1], [2, 1], { target: h100, unit: 'bf16' })).toBe(Infinity);
  });

  it('says what an aligned sum loses, and where', () => {
    const a = [...new Array<number>(16).fill(0), 1, 2 ** -14, 1];
    const b = [...new Array<number>(16).fill(0), 1, 2 ** -14, 2 ** -10];
    const { report } = dot(a, b, { rows: 1, width: 19, target: a100, unit: 'f16', record: 'all' });
    expect(report.counts.accumulate).toMatchObject({ absorption: 1, inexact: 1, invalid: 0 });
    expect(report.first.absorption).toMatchObject({
      ...{ row: 0, index: 17, step: 17, operation: 'alignedSum', operands: [2 ** -14, 2 ** -14] },
      ...{ exact: '1.0009765662252902984619140625', result: 1 + 2 ** -10 },
    });
    expect(report.first.inexact).toMatchObject({ index: 18, step: 18, operands: [0] });
    expect(report.first.inexact?.exact).toBe(report.first.absorption?.exact);
    expect(report.ok).toBe(true);
  });

  it('bears the exact sum of the terms, not of what was kept, and counts each term lost (H100, FP8)', () => {
    const options = { target: h100, unit: 'fp8Wgmma', a: e4m3fn, record: 'all' } as const;
    const two = dot([448, 1], [448, 1], { rows: 1, width: 2, ...options });
    expect(two.output[0]).toBe(200704);
    expect(two.report.first.absorption).toMatchObject({ index: 1, operands: [1, 1], exact: '200705', result: 200704 });
    const ones = [448, ...new Array<number>(31).fill(1)];
    const many = dot(ones, ones, { rows: 1, width: 32, ...options });
    expect(many.report.counts.accumulate).toMatchObject({ absorption: 31, inexact: 1 });
    const events = many.report.events ?? [];
    expect(events.map(({ kind, index }) => [kind, index])).toEqual([
      ...Array.from({ length: 31 }, (_, i) => ['absorption', i + 1]),
      ['inexact', 31],
    ]);
    for (const { exact } of events) expect(exact).toBe('200735');
  });

  it('names a tile by its own terms and its own addend', () => {
    const a = [1, ...new Array<number>(7).fill(0), 2 ** -20, ...new Array<number>(7).fill(0)];
    const { report } = dot(a, a, { rows: 1, width: 16, target: a100, unit: 'f16', c: [2 ** -30], record: 'all' });
    expect(report.events?.map(({ kind, index, operands, exact }) => [kind, index, operands, exact])).toEqual([
      ['inexact', 7, [2 ** -30], '1.000000000931322574615478515625'],
      ['absorption', 7, [2 ** -30], '1.000000000931322574615478515625'],
      ['absorption', 8, [2 ** -20, 2 ** -20], '1.0000000000009094947017729282379150390625'],
      ['inexact', 15, [1], '1.0000000000009094947017729282379150390625'],
    ]);
  });

  it('tells overflow, and whether it shows', () => {
    const half = dot([256, 0], [256, 0], { ...shape, target: v100, unit: 'f16F16' });
    expect(half.output[0]).toBe(Infinity);
    expect(half.report.first.overflow).toMatchObject({ stage: 'accumulate', masked: false });
    const beyond = dot([464.5], [1], { rows: 1, width: 1, target: ada, unit: 'fp8', a: e4m3fn, b: e5m2 });
    expect(beyond.report.first.overflow).toMatchObject({ stage: 'load', row: -1, index: 0 });
    expect(beyond.output[0]).toBeNaN();
  });

  it('truncates tf32 operands and rounds others', () => {
    const almost = 2 - 2 ** -23;
    expect(one([almost], [1], { target: a100, unit: 'tf32' })).toBe(2 - 2 ** -10);
    expect(one([almost], [1], { target: a100, unit: 'bf16' })).toBe(2);
  });

  it('five ways to accumulate in float32 give five results', () => {
    const a = [1, 2 ** -8, -(2 ** -7), 1.5 * 2 ** -8];
    const b = [1, 2 ** -16, 1.0078125 * 2 ** -16, 1.9921875 * 2 ** -16];
    const results = [
      one(a, b, { target: h100, unit: 'bf16', c: [0.1] }),
      one(a, b, { target: avx512Bf16, c: [0.1] }),
      one(a, b, { target: armBf16, unit: 'bfdot', c: [0.1] }),
      one(a, b, { target: amx, unit: 'bf16', c: [0.1] }),
    ];
    expect(new Set(results).size).toBeGreaterThan(1);
    for (const result of results) expect(Math.abs(result - 1.1)).toBeLessThan(2 ** -20);
  });

  it('the reference pass gives room and error', () => {
    const { report } = dot([300, 300], [300, -299], { ...shape, target: v100, unit: 'f16F16', reference: true });
    expect(report.headroom?.accumulate).toBeLessThan(0);
    expect(report.error?.maxUlp).toBeGreaterThanOrEqual(0);
    const scaled = dot(new Array<number>(64).fill(1), new Array<number>(64).fill(1), {
      rows: 1,
      width: 64,
      target: h100,
      unit: 'f16',
      reference: true,
    });
    expect(scaled.report.error?.maxUlp).toBe(0);
    expect(scaled.report.headroom?.accumulate).toBe(Math.log2(binary32.max / 64));
  });

  it('rounds products first where the unit, or a vector unit, does', () => {
    const { report } = dot([1.0009765625, 1], [1.0009765625, 1], { ...shape, target: fp16 });
    expect(report.stages).toEqual(['load', 'product', 'accumulate', 'store']);
    expect(report.counts.product?.inexact).toBe(1);
    expect(roundTo(binary16).format).toBe(binary16);
  });
});
