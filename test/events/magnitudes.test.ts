import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/index.ts';
import { binadesUsed, type Magnitudes, mergeReports } from '../../src/events/index.ts';
import type { Format } from '../../src/formats/index.ts';
import { binary16, e4m3fn, int8 } from '../../src/formats/index.ts';
import { dotKernel } from '../../src/kernels/dot.ts';
import { add, cast, layerNorm, matmul, rmsNorm, softmax, sum } from '../../src/kernels/index.ts';
import type { Kernel } from '../../src/kernels/kernel.ts';
import { layerNormKernel } from '../../src/kernels/layerNorm.ts';
import { matmulKernel } from '../../src/kernels/matmul.ts';
import { rmsNormKernel } from '../../src/kernels/rmsNorm.ts';
import { softmaxKernel } from '../../src/kernels/softmax.ts';
import { sumKernel } from '../../src/kernels/sum.ts';
import type { Plan } from '../../src/specification/contract.ts';
import { defineTarget } from '../../src/targets/index.ts';
import { createCounters } from '../../src/twins/counters.ts';
import { generator } from '../random.ts';

const testEngine = await createEngine();

/** A histogram by comparisons with exact powers of two alone: no logarithm, no bits of a number. */
function stated(values: Iterable<number>, format: Format): Magnitudes {
  const [least, most] =
    format.kind === 'float'
      ? [format.emin, format.emax]
      : [0 - format.fractionBits, format.bits - 1 - format.fractionBits];
  const found = { zero: 0, subnormal: 0, nonFinite: 0 };
  const byExponent = new Map<number, number>();
  let any = false;
  for (const value of values) {
    any = true;
    const a = Math.abs(value);
    if (!Number.isFinite(a)) found.nonFinite += 1;
    else if (a === 0) found.zero += 1;
    else if (a < 2 ** least) found.subnormal += 1;
    else {
      let exponent = least;
      while (a >= 2 ** (exponent + 1)) exponent += 1;
      byExponent.set(exponent, (byExponent.get(exponent) ?? 0) + 1);
    }
  }
  const exponents = [...byExponent.keys()];
  const [first, last] = [Math.min(...exponents), Math.max(...exponents)];
  const counts =
    exponents.length === 0 ? [] : Array.from({ length: last - first + 1 }, (_, i) => byExponent.get(first + i) ?? 0);
  return { ...found, least: exponents.length === 0 ? null : first, counts, range: any ? { least, most } : null };
}

/** Every partial sum, one number after the other, each rounded by a cast. */
function partialSums(x: ArrayLike<number>, format: Format): number[] {
  let so = 0;
  return Array.from({ length: x.length }, (_, i) => {
    so = cast([so + (x[i] as number)], { format, policy: { nanInput: 'invalid' } as never }).output[0] as number;
    return so;
  });
}

describe('magnitudes', () => {
  it('of a cast are those of its output, from the specification and from the engine', () => {
    const formats = fc.constantFrom<Format>(binary16, e4m3fn, int8);
    fc.assert(
      fc.property(
        formats,
        fc.array(fc.oneof(fc.float(), fc.double({ min: -600, max: 600 })), { maxLength: 60 }),
        (format, x) => {
          const policy = { nanInput: format.kind === 'integer' ? ('invalid' as const) : ('error' as const) };
          const options = { format, policy, magnitudes: true, rows: 40, width: x.length } as const;
          const many = Array.from({ length: 40 }, () => x).flat();
          const { output, report } = cast(many, options);
          expect(report.magnitudes).toEqual({ cast: stated(output, format) });
          expect(cast(many, { ...options, engine: null }).report.magnitudes).toEqual(report.magnitudes);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('of elementwise sums to a format are those of the output; on a target every stage has its own', () => {
    const random = generator(4);
    const [x, y] = [0, 1].map(() =>
      Float64Array.from({ length: 3000 }, () => 2 ** Math.floor(random() * 40 - 28) * (random() - 0.5)),
    );
    const bare = add(x!, y!, { format: binary16, magnitudes: true });
    expect(bare.report.magnitudes).toEqual({ add: stated(bare.output, binary16) });
    const { output, report } = add(x!, y!, { target: 'fp16', magnitudes: true });
    expect(Object.keys(report.magnitudes ?? {})).toEqual(['loadX', 'loadY', 'add', 'store']);
    expect(report.magnitudes?.loadX).toEqual(stated(cast(x!, { format: binary16 }).output, binary16));
    expect(report.magnitudes?.store).toEqual(stated(output, binary16));
  });

  it('of a sum are those of every partial sum', () => {
    const random = generator(5);
    for (const size of [1, 2 ** -10, 2 ** -20, 300]) {
      const x = Float64Array.from(
        { length: 500 },
        () => cast([(random() - 0.4) * size], { format: binary16 }).output[0] as number,
      );
      const { report } = sum(x, { rows: 1, width: 500, target: 'fp16', magnitudes: true });
      expect(report.magnitudes?.sum).toEqual(stated(partialSums(x, binary16), binary16));
    }
  });

  it('of a register are its contents after every step, and of a wide one its own digits', () => {
    const unit = (bits: number, overflow: 'saturate' | 'wrap', output: string) =>
      defineTarget({
        name: 'mac',
        matrixUnits: {
          unit: {
            a: ['int16'],
            k: 1,
            product: null,
            reduction: { kind: 'sequential', accumulator: { kind: 'integer', bits, overflow } },
            output: { format: output },
          },
        },
      } as never);
    const random = generator(6);
    const [a, b] = [0, 1].map(() => Array.from({ length: 200 }, () => Math.floor(random() * 65536) - 32768));
    const contents: number[] = [];
    let so = 0;
    for (const [i, x] of a!.entries()) {
      so = Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, so + x * (b![i] as number)));
      contents.push(so);
    }
    const shape = { m: 1, n: 1, k: 200, magnitudes: true } as const;
    const { magnitudes } = matmul(a!, b!, { ...shape, target: unit(32, 'saturate', 'int32') }).report;
    const counted = stated(contents, { ...int8, bits: 32 } as never);
    expect(magnitudes?.accumulate).toEqual(counted);
    // 2^54 − 1 is no number; its exponent is 53 all the same.
    const big = { kind: 'sequential', accumulator: { kind: 'integer', bits: 60, overflow: 'saturate' } } as const;
    const wide = sum([2 ** 53, 2 ** 53 - 1], { rows: 1, width: 2, reduction: big, magnitudes: true });
    expect(wide.report.magnitudes?.sum).toMatchObject({ least: 53, counts: [2], range: { least: 0, most: 59 } });
  });

  it('of a fused sum are its roundings, not its terms', () => {
    const x = Array.from({ length: 64 }, (_, i) => 2 ** (i % 8));
    const { report } = matmul(x, x, { m: 1, n: 1, k: 64, target: 'h100:f16', magnitudes: true });
    const { counts = [], zero = 0 } = report.magnitudes?.accumulate ?? {};
    expect(counts.reduce((n, one) => n + one, zero)).toBe(4);
  });

  it('are the same for norms and softmax in parts, and on an engine or not', () => {
    const random = generator(7);
    const x = Float64Array.from({ length: 12 * 40 }, () => (random() - 0.5) * 2 ** Math.floor(random() * 24 - 12));
    for (const kernel of [layerNorm, rmsNorm, softmax] as const) {
      const run = (from: number, to: number, own: object = {}) =>
        kernel(x.subarray(from * 40, to * 40), { rows: to - from, width: 40, target: 'fp16', magnitudes: true, ...own })
          .report;
      const whole = run(0, 12);
      const parts = mergeReports([run(0, 5), run(5, 6), run(6, 12)]);
      expect(parts.magnitudes).toEqual(whole.magnitudes);
      expect(run(0, 12, { engine: null }).magnitudes).toEqual(whole.magnitudes);
      expect(Object.keys(whole.magnitudes ?? {})).toEqual(whole.stages.filter((stage) => stage !== 'constants'));
      // What a row has one of: a result a row. The same run without them has the same counts.
      const { mean, max } = whole.magnitudes as Record<string, Magnitudes>;
      const once = mean ?? max;
      if (once !== undefined) expect(once.counts.reduce((n, one) => n + one, once.zero + once.subnormal)).toBe(12);
      const { magnitudes: _, ...rest } = whole;
      expect(run(0, 12, { magnitudes: false })).toEqual(rest);
    }
  });

  it('say how many binades are used, free and lost at either end', () => {
    const { report } = cast([2 ** -24, 2 ** -14, 1.5, 65504, 1e6, 2 ** -30], { format: binary16, magnitudes: true });
    expect(report.magnitudes?.cast).toMatchObject({ zero: 1, subnormal: 1, nonFinite: 1, least: -14 });
    expect(binadesUsed(report, 'cast')).toEqual({ used: 3, freeAbove: 0, freeBelow: 0, lostAbove: 1, lostBelow: 1 });
    const none = cast([], { format: binary16, magnitudes: true }).report;
    expect(binadesUsed(none, 'cast')).toBe(null);
    expect(none.magnitudes?.cast.range).toBe(null);
    const zeros = cast([0, -0], { format: binary16, magnitudes: true }).report;
    expect(binadesUsed(zeros, 'cast')).toMatchObject({ used: 0, freeAbove: 30, freeBelow: 30 });
  });

  it('are counted by the engine itself: sums, products and norms need no specification for them', () => {
    const random = generator(8);
    const x = Float64Array.from({ length: 24 * 64 }, () => (random() - 0.5) * 2 ** Math.floor(random() * 24 - 12));
    const isFast = <P extends Plan, Raw>(
      kernel: Kernel<never, P, never, Raw>,
      options: object,
      arrays: readonly unknown[],
    ): boolean => {
      const plan = kernel.plan({ ...options, magnitudes: true } as never);
      const raw = kernel.inputs(plan, arrays, options as never);
      const twin = kernel.compile?.(plan, testEngine);
      if (twin === undefined || twin === null || twin.seesMagnitudes !== true) return false;
      const counters = createCounters(plan.stages.length, twin.flagSlots, (n) => new ArrayBuffer(n), true);
      return twin.computeRange(raw, new Float64Array(plan.size), counters, 0, twin.items);
    };
    const rows = { rows: 24, width: 64 } as const;
    for (const target of ['fp16', 'bf16', 'fp16Fp32Accumulate', 'e5m2Fp16', 'fp32']) {
      expect(isFast(sumKernel as never, { ...rows, target }, [x])).toBe(true);
      expect(isFast(dotKernel as never, { ...rows, target }, [x, x])).toBe(true);
      expect(isFast(rmsNormKernel as never, { ...rows, target }, [x])).toBe(true);
      expect(isFast(layerNormKernel as never, { ...rows, target }, [x])).toBe(true);
      expect(isFast(softmaxKernel as never, { ...rows, target }, [x])).toBe(true);
    }
    for (const target of ['fp16', 'bf16', 'h100:f16', 'a100:f16', 'mi300:bf16', 'h100:fp8Wgmma']) {
      // Small numbers: a NaN is the specification's to tell, and 8-bit formats overflow to one.
      const small = x.map((a) => a / 64);
      expect(isFast(matmulKernel as never, { m: 24, k: 64, n: 24, target }, [small, small])).toBe(true);
    }
    const register = { kind: 'sequential', accumulator: { kind: 'integer', bits: 16, overflow: 'saturate' } } as const;
    expect(isFast(sumKernel as never, { ...rows, reduction: register }, [x.map((a) => Math.trunc(a * 64))])).toBe(true);
    // What stays in lanes is the specification's to count.
    expect(isFast(layerNormKernel as never, { ...rows, target: 'fp16', variance: 'welford' }, [x])).toBe(false);
  });

  it('are refused where they are not', () => {
    const bare = cast([1], { format: binary16 }).report;
    const counted = cast([1], { format: binary16, magnitudes: true }).report;
    expect(() => binadesUsed(bare, 'cast')).toThrow(/magnitudes: true/);
    expect(() => binadesUsed(counted, 'toString')).toThrow(/one of cast/);
    expect(() => mergeReports([bare, counted])).toThrow(/reports.magnitudes/);
    expect(() => cast([1], { format: binary16, magnitudes: 1 as never })).toThrow(/options.magnitudes/);
  });
});
