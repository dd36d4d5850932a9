import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reduction } from '../../src/accumulators/index.ts';
import {
  type Algorithm,
  type AllReduceOptions,
  algorithms,
  allReduce,
  bf16Codec,
  blockCodec,
  type Codec,
  floatCodec,
  hybridCodec,
  integerCodec,
} from '../../src/collectives/index.ts';
import { bfloat16, binary16, binary32, e4m3fn, mxfp4, nvfp4, parseBlock } from '../../src/formats/index.ts';
import { round, roundTo } from '../../src/rounding/index.ts';
import { reals } from '../../src/testing/arbitraries/index.ts';
import { exact } from '../../src/testing/oracle/index.ts';
import type { Rational } from '../../src/testing/oracle/rational.ts';
import { oracleExactSum, oracleReduce } from '../../src/testing/oracle/reduce.ts';
import { oracleRound } from '../../src/testing/oracle/round.ts';
import { calibrated, failure, filled, groups, normals, rootMeanSquare, summed } from './helpers.ts';

const exactly = (format = binary32): Reduction => ({
  kind: 'sequential',
  accumulator: { kind: 'exact', output: roundTo(format) },
});
const lossless = floatCodec(binary32);
const moderate = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((x) => Math.fround(x));

describe('all-gather with BF16 and exact accumulation', () => {
  it('is Σ_i round_bf16(Y_i), rounded once at the end', () => {
    for (const format of [binary32, bfloat16, binary16]) {
      fc.assert(
        fc.property(groups(reals(bfloat16, { noNaN: true, noInfinity: true })), ({ partials, width }) => {
          const { output } = allReduce(partials, { width, codec: bf16Codec, reduction: exactly(format) });
          output.forEach((value, i) => {
            const terms = partials.map((data) => round(bfloat16, data[i]));
            if (terms.some((x) => !Number.isFinite(x))) return;
            const { format: to, policy } = roundTo(format);
            const sum = oracleExactSum(terms) as Rational;
            expect(value).toBe(exact.isZero(sum) ? 0 : oracleRound(to, policy, sum).value);
          });
        }),
      );
    }
  });

  it('counts one rounding a value sent and one a sum', () => {
    const partials = normals(4, 3, 5);
    const { report } = allReduce(partials, { width: 5, codec: bf16Codec, reduction: exactly(binary16) });
    expect(report.counts['gather.encode'].inexact).toBe(4 * 15);
    expect(report.counts['gather.reduce'].inexact).toBeLessThanOrEqual(15);
    expect(report.stages).toEqual(['gather.encode', 'gather.reduce']);
  });
});

describe('local sums', () => {
  const float = { kind: 'float', rounding: roundTo(binary16) } as const;
  const reductions: readonly Reduction[] = [
    { kind: 'sequential', accumulator: float },
    { kind: 'sequential', accumulator: float, order: 'descending' },
    { kind: 'pairwise', accumulator: float },
    { kind: 'butterfly', accumulator: float },
    { kind: 'sequential', accumulator: { kind: 'kahan', rounding: roundTo(bfloat16) } },
  ];

  it('go by the accumulator and order asked for, as the oracle has them', () => {
    for (const reduction of reductions) {
      fc.assert(
        fc.property(groups(moderate), ({ partials, width }) => {
          const { output } = allReduce(partials, { width, codec: bf16Codec, reduction });
          output.forEach((value, i) => {
            const terms = partials.map((data) => round(bfloat16, data[i]));
            expect(value).toBe(oracleReduce(reduction, terms, null).value);
          });
        }),
        { numRuns: 50 },
      );
    }
  });

  it('are written by a step where one is given: two roundings then', () => {
    const partials = [Float64Array.of(256), Float64Array.of(1), Float64Array.of(2 ** -17)];
    const options = { width: 1, codec: lossless };
    // 257 + 2⁻¹⁷ is above the midpoint of 256 and 258, but not in binary32, which rounds to 257 first.
    expect(allReduce(partials, { ...options, reduction: exactly(bfloat16) }).output[0]).toBe(258);
    const { output, report } = allReduce(partials, { ...options, output: roundTo(bfloat16) });
    expect(output[0]).toBe(256);
    expect(report.counts.store.inexact).toBe(1);
    expect(report.counts['gather.reduce']).toMatchObject({ inexact: 1, absorption: 1 });
  });
});

describe('blocks whose scales have fraction bits', () => {
  // The scale is 1 / max(element), rounded once in its own format: 1/448, 1/127 and 1/6.
  it.each([
    ['block:e4m3fn;size=128;scale=binary32', 2],
    ['block:int8;size=32;scale=binary16', 2 * 127 * 0.00787353515625],
    ['block:e2m1fn;size=16;scale=e4m3fn', 2 * 6 * 0.171875],
  ])('%s: two devices of ones', (text, sum) => {
    const ones = () => new Float64Array(40).fill(1);
    for (const algorithm of ['allGather', 'recursiveDoubling'] as const) {
      const codec = blockCodec(parseBlock(text));
      const { output, report } = allReduce([ones(), ones()], { width: 40, codec, algorithm });
      expect([...new Set(output)]).toEqual([sum]);
      expect(report.ok).toBe(true);
    }
  });
});

describe('every collective', () => {
  const codecs = (partials: readonly Float64Array[], width: number, algorithm: Algorithm) => {
    const sumSeen = calibrated([summed(partials)], width);
    const seen = calibrated(partials, width);
    const k = Math.floor(width / 2);
    return [
      { codec: bf16Codec },
      { codec: blockCodec(mxfp4) },
      { codec: blockCodec(nvfp4) },
      { codec: hybridCodec(seen, { k }), sumCodec: hybridCodec(sumSeen, { k }) },
      { codec: integerCodec(seen, { bits: 8 }), sumCodec: bf16Codec },
    ].map((options) => ({ ...options, algorithm, width })) as AllReduceOptions[];
  };

  it('adds exactly what is exact: small integers, losslessly sent, on 2 to 9 devices', () => {
    fc.assert(
      fc.property(
        groups(fc.integer({ min: -1000, max: 1000 }), 9),
        fc.constantFrom(...algorithms),
        fc.constantFrom('rows' as const, 'features' as const),
        ({ partials, width }, algorithm, split) => {
          const { output, report } = allReduce(partials, { width, codec: lossless, algorithm, split });
          expect([...output].map((x) => x + 0)).toEqual([...summed(partials)].map((x) => x + 0));
          expect(report.totals.inexact).toBe(0);
          expect(report.ok).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('stays near the sum with every codec, rows and devices that do not divide each other', () => {
    for (const algorithm of algorithms) {
      for (const devices of [2, 3, 5, 8]) {
        const width = 13;
        const partials = normals(devices, 7, width, devices);
        const sum = summed(partials);
        for (const options of codecs(partials, width, algorithm)) {
          for (const split of ['rows', 'features'] as const) {
            const { output } = allReduce(partials, { ...options, split });
            const error = rootMeanSquare(output.map((x, i) => x - sum[i])) / rootMeanSquare(sum);
            // Four bits leave about a tenth for each message; nothing here is off by a whole sum.
            expect(error).toBeLessThan(options.codec === bf16Codec ? 0.01 : 0.45);
            expect(error).toBeGreaterThan(0);
          }
        }
      }
    }
  });

  it('gives the same bits whatever is recorded', () => {
    const partials = normals(5, 3, 8);
    for (const algorithm of algorithms) {
      const options = { width: 8, codec: bf16Codec, algorithm };
      const all = allReduce(partials, { ...options, record: 'all' });
      const first = allReduce(partials, options);
      const counts = allReduce(partials, { ...options, record: 'counts' });
      expect(all.output).toEqual(counts.output);
      expect(all.report.counts).toEqual(counts.report.counts);
      expect(first.report.first).toEqual(all.report.first);
      expect(counts.report.first).toEqual({});
      const { events = [], totals } = all.report;
      expect(events.length).toBe(Object.values(totals).reduce((sum, count) => sum + count, 0));
      for (const [kind, event] of Object.entries(all.report.first)) {
        expect(events.find((one) => one.kind === kind)).toEqual(event);
      }
      const places = events.map(({ row, feature }) => row * 8 + feature);
      expect([...places].sort((a, b) => a - b)).toEqual(places);
    }
  });

  it('keeps only as many events as asked for', () => {
    const partials = normals(4, 3, 8);
    const whole = allReduce(partials, { width: 8, codec: bf16Codec, record: 'all' }).report;
    const { report } = allReduce(partials, { width: 8, codec: bf16Codec, record: 'all', limit: 10 });
    expect(report.events).toEqual(whole.events?.slice(0, 10));
    expect(report.dropped).toBe((whole.events?.length ?? 0) - 10);
    expect(whole.dropped).toBe(0);
  });
});

describe('two-step', () => {
  it('sums what all-gather sums, then encodes it once more', () => {
    fc.assert(
      fc.property(groups(moderate), fc.constantFrom('rows' as const, 'features' as const), (group, split) => {
        const { partials, width } = group;
        const codec = integerCodec(calibrated(partials, width));
        const gathered = allReduce(partials, { width, codec });
        const lossy = allReduce(partials, { width, codec, sumCodec: lossless, algorithm: 'twoStep', split });
        expect(lossy.output).toEqual(gathered.output);
        expect(lossy.report.counts['scatter.encode']).toEqual(gathered.report.counts['gather.encode']);
        expect(lossy.report.counts['scatter.reduce']).toEqual(gathered.report.counts['gather.reduce']);
        const twice = allReduce(partials, { width, codec, sumCodec: bf16Codec, algorithm: 'twoStep', split });
        expect([...twice.output]).toEqual([...gathered.output].map((x) => round(bfloat16, x)));
      }),
    );
  });
});

describe('ring', () => {
  it('encodes the running sum at every hop, starting from the device of the part', () => {
    const half = roundTo(binary16);
    const reduction: Reduction = { kind: 'sequential', accumulator: { kind: 'float', rounding: half } };
    fc.assert(
      fc.property(groups(moderate, 5), ({ partials, width, rows }) => {
        const devices = partials.length;
        const options = { width, codec: bf16Codec, algorithm: 'ring' as const, reduction };
        const { output } = allReduce(partials, options);
        for (let row = 0; row < rows; row++) {
          // Rows r, one a device until they run out.
          const owner = ownerOf(row, rows, devices);
          for (let j = 0; j < width; j++) {
            let sum = partials[owner][row * width + j];
            for (let hop = 1; hop < devices; hop++) {
              const own = partials[(owner + hop) % devices][row * width + j];
              sum = oracleReduce(reduction, [round(bfloat16, sum), own], null).value;
            }
            expect(output[row * width + j]).toBe(round(bfloat16, sum));
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  /** The first rows go to device 0, …; those left over to the first devices. */
  function ownerOf(row: number, rows: number, devices: number): number {
    const list: number[] = [];
    for (let device = 0; device < devices; device++) {
      const count = Math.floor(rows / devices) + (device < rows % devices ? 1 : 0);
      for (let i = 0; i < count; i++) list.push(device);
    }
    return list[row];
  }
});

describe('recursive doubling', () => {
  it('adds neighbours, then pairs of them; devices beyond a power of two first', () => {
    const next = 2 ** -8;
    // In BF16 1 + 2⁻⁸ is a tie, which goes to 1: only sums of small ones first keep them.
    const partials = [1, 0, next, next].map((x) => Float64Array.of(x));
    const options = { width: 1, codec: bf16Codec, algorithm: 'recursiveDoubling' as const };
    expect(allReduce(partials, options).output[0]).toBe(1 + 2 * next);
    const six = [1, next, next, 0, next, 0].map((x) => Float64Array.of(x));
    // 4 joins 0 and 5 joins 1: ((1 + ε) + ε) + (ε + 0), sent in BF16: (1 + ε → 1; 1 + ε → 1) + ε.
    const { output, report } = allReduce(six, { ...options, record: 'all' });
    expect(output[0]).toBe(1);
    expect(report.counts['fold.encode'].inexact).toBe(0);
    expect(report.events?.map(({ stage, hop, device }) => [stage, hop, device])).toEqual([
      ['exchange.encode', 0, 0],
      ['exchange.encode', 1, 0],
      ['unfold.encode', 0, 0],
    ]);
  });
});

describe('events', () => {
  const partials = filled(3, 4, 5, (device, row, feature) => device + row / 8 + feature / 4);

  it('say which device, row and feature, with operands and the exact result', () => {
    const seen = calibrated(partials, 5);
    const beyond = partials.map((data) => Float64Array.from(data));
    beyond[1][2 * 5 + 3] = 1000;
    const { report, output } = allReduce(beyond, { width: 5, codec: integerCodec(seen) });
    const scale = integerCodec(seen).narrow!.scales[1][3];
    expect(report.first.saturation).toEqual({
      kind: 'saturation',
      stage: 'gather.encode',
      hop: 0,
      device: 1,
      row: 2,
      feature: 3,
      operation: 'divide',
      operands: [1000, scale],
      exact: expect.stringMatching(/^\d+\.\d+…$/),
      result: 7,
    });
    expect(report.first.overflow).toMatchObject({ device: 1, masked: true });
    expect(report.maskedOutputs).toEqual({ overflow: 1, invalid: 0, divideByZero: 0 });
    expect(report.clipping.map(({ clipped }) => clipped)).toEqual([0, 1, 0]);
    expect(report.clipping[1].values).toBe(20);
    // Each device's row 3 is at its calibrated maximum.
    expect(report.clipping[0].atLimit).toBeGreaterThanOrEqual(5);
    expect(Number.isFinite(output[13])).toBe(true);
  });

  it('name the addend in a sum, and the hop', () => {
    const big = [1, 1, 65504, 65504].map((x) => Float64Array.of(0, x));
    const reduction: Reduction = { kind: 'sequential', accumulator: { kind: 'float', rounding: roundTo(binary16) } };
    const { report, output } = allReduce(big, { width: 2, codec: lossless, reduction });
    expect(output[1]).toBe(Infinity);
    expect(report.first.overflow).toMatchObject({
      stage: 'gather.reduce',
      device: 3,
      row: 0,
      feature: 1,
      operation: 'add',
      operands: [65504, 65504],
      exact: '131008',
      masked: false,
    });
    expect(report.first.absorption).toMatchObject({ device: 2, feature: 1 });
    const ring = allReduce(big, { width: 2, codec: lossless, reduction, algorithm: 'ring' });
    // Row 0 starts at device 0: the sum overflows where device 3 adds its own.
    expect(ring.report.first.overflow).toMatchObject({ stage: 'scatter.reduce', hop: 2, device: 3, feature: 1 });
  });

  it('are placed in the whole matrix, also where parts are cut from it', () => {
    for (const split of ['rows', 'features'] as const) {
      for (const algorithm of ['ring', 'twoStep'] as const) {
        const bad = partials.map((data) => Float64Array.from(data));
        bad[1][3 * 5 + 4] = 1e39;
        const { report } = allReduce(bad, { width: 5, codec: bf16Codec, algorithm, split });
        expect(report.first.overflow).toMatchObject({ row: 3, feature: 4, device: 1 });
        expect(report.first.overflow?.operands).toContain(1e39);
      }
    }
  });

  it('report a NaN with its device: sent on by floats, replaced by zero and invalid in integers', () => {
    const bad = partials.map((data) => Float64Array.from(data));
    bad[2][7] = Number.NaN;
    bad[2][9] = -Infinity;
    const wide = allReduce(bad, { width: 5, codec: bf16Codec });
    expect(wide.report.nonFinite).toEqual([{ device: 2, nan: 1, infinite: 1, row: 1, feature: 2 }]);
    expect(wide.output[7]).toBeNaN();
    expect(wide.output[9]).toBe(-Infinity);
    const { output, report } = allReduce(bad, { width: 5, codec: integerCodec(calibrated(partials, 5)) });
    expect(report.nonFinite).toEqual(wide.report.nonFinite);
    expect(report.first.invalid).toMatchObject({ device: 2, row: 1, feature: 2, result: 0, masked: true });
    expect(report.first.saturation).toMatchObject({ device: 2, row: 1, feature: 4, result: -8 });
    expect(output.every(Number.isFinite)).toBe(true);
    for (const algorithm of algorithms) {
      const { report: other } = allReduce(bad, { width: 5, codec: bf16Codec, algorithm });
      expect(other.nonFinite).toEqual(wide.report.nonFinite);
    }
    const fp8 = allReduce(bad, { width: 5, codec: floatCodec(e4m3fn) });
    expect(fp8.output[7]).toBeNaN();
    expect(fp8.report.first.saturation).toMatchObject({ device: 2, feature: 4 });
    // A block with a NaN is lost as a whole: what was finite in it is invalid.
    const blocks = allReduce(bad, { width: 5, codec: blockCodec(mxfp4) });
    expect(blocks.report.first.invalid).toMatchObject({ device: 2, row: 1, feature: 0, masked: false });
    expect(blocks.report.totals.invalid).toBe(4);
  });

  it('reports nothing where all is well', () => {
    const { report } = allReduce(partials, { width: 5, codec: lossless });
    expect(report.nonFinite).toEqual([]);
    expect(report.first).toEqual({});
    expect(report.ok).toBe(true);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });
});

describe('refusals', () => {
  it('name what does not fit', () => {
    const partials = normals(3, 2, 4);
    const codec = integerCodec(calibrated(partials, 4));
    const run = (options: object, data: readonly Float64Array[] = partials) =>
      failure(() => allReduce(data, { width: 4, codec: bf16Codec, ...options } as AllReduceOptions));
    expect(run({}, partials.slice(0, 1))).toBe('range partials.length');
    expect(run({ width: 5 })).toBe('shape partials[0]');
    expect(run({}, [partials[0], partials[1].subarray(4)])).toBe('shape partials[1]');
    expect(run({}, [partials[0], [1, 2] as never])).toBe('type partials[1]');
    expect(run({ codec: {} as Codec })).toBe('type options.codec');
    expect(run({ codec }, partials.slice(1))).toBe('shape options.codec');
    expect(run({ codec, algorithm: 'ring' })).toBe('unsupported options.sumCodec');
    expect(run({ codec, algorithm: 'twoStep' })).toBe('unsupported options.sumCodec');
    expect(run({ codec, algorithm: 'recursiveDoubling' })).toBe('unsupported options.sumCodec');
    expect(run({ codec, algorithm: 'ring', sumCodec: codec })).toBe('shape options.sumCodec');
    expect(run({ codec })).toBe('no error');
    expect(run({ algorithm: 'tree' })).toBe('name options.algorithm');
    expect(run({ codecs: 1 })).toBe('name options.codecs');
    const stochastic = roundTo(binary16, { rounding: 'stochastic' });
    expect(run({ output: stochastic })).toBe('unsupported options.reduction');
    expect(run({ reduction: { kind: 'sequential', accumulator: { kind: 'float', rounding: stochastic } } })).toBe(
      'unsupported options.reduction',
    );
  });

  it('takes no rows at all', () => {
    const none = [new Float64Array(0), new Float64Array(0)];
    for (const algorithm of algorithms) {
      for (const codec of [bf16Codec, blockCodec(nvfp4)]) {
        const { output, report } = allReduce(none, { width: 4, codec, algorithm });
        expect(output).toHaveLength(0);
        expect(report.traffic).toMatchObject({ bytes: 0, messages: 0, bitsPerValue: 0 });
      }
    }
  });
});
