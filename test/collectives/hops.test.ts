import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  algorithms,
  allReduce,
  bf16Codec,
  blockCodec,
  type Codec,
  decodeMessage,
  encodeMessage,
  floatCodec,
  groupCodec,
  type HopError,
  parseGroup,
} from '../../src/collectives/index.ts';
import { binary16, binary32, blockCatalogue, mxfp8e4m3, parseBlock } from '../../src/formats/index.ts';
import { roundTo } from '../../src/rounding/index.ts';
import { exact } from '../../src/testing/oracle/index.ts';
import { type Rational, toNumber } from '../../src/testing/oracle/rational.ts';
import { oracleExactSum } from '../../src/testing/oracle/reduce.ts';
import { groups, normals } from './helpers.ts';

const lossless = floatCodec(binary32);

/** Errors of some sums, by exact rational arithmetic. */
function errors(sums: readonly number[], addends: readonly (readonly number[])[]) {
  const sizes = sums.map((sum, i) => {
    const whole = oracleExactSum(addends[i]) as Rational;
    const error = exact.absolute(exact.add(exact.fromNumber(sum), exact.negate(whole)));
    return { error: toNumber(error), size: toNumber(whole) };
  });
  const mean = (of: (one: { error: number; size: number }) => number) =>
    Math.sqrt(sizes.reduce((sum, one) => sum + of(one) ** 2, 0) / sizes.length);
  return {
    values: sizes.length,
    rmse: mean(({ error }) => error),
    rms: mean(({ size }) => size),
    max: sizes.reduce((most, { error }) => Math.max(most, error), 0),
  };
}

function expectNear(found: HopError, wanted: Pick<HopError, 'values' | 'rmse' | 'rms' | 'max'>): void {
  expect(found.values).toBe(wanted.values);
  for (const key of ['rmse', 'rms', 'max'] as const) {
    expect(Math.abs(found[key] - wanted[key])).toBeLessThanOrEqual(1e-12 * wanted[key]);
  }
}

describe('errors by hop', () => {
  it('of a ring are those of running sums that are coded anew at every hop', () => {
    const [devices, rows, width] = [4, 4, 24];
    const partials = normals(devices, rows, width, 3);
    for (const codec of [parseGroup('int8/8'), parseGroup('uint2/8;spikes'), blockCodec(mxfp8e4m3)] as Codec[]) {
      const { output, report } = allReduce(partials, { width, codec, algorithm: 'ring' });
      const recoded = (x: Float64Array) => decodeMessage(codec, 0, encodeMessage(codec, 0, x, width), 1, width);
      // Row c starts on device c and goes around.
      const after: { sums: number[]; addends: number[][] }[] = Array.from({ length: devices }, () => ({
        sums: [],
        addends: [],
      }));
      for (let c = 0; c < rows; c++) {
        const own = (step: number) => partials[(c + step) % devices].subarray(c * width, (c + 1) * width);
        let running = own(0);
        const addendsOf = (count: number, j: number) => Array.from({ length: count }, (_, step) => own(step)[j]);
        for (let hop = 0; hop < devices - 1; hop++) {
          const received = recoded(running);
          running = received.map((x, j) => Math.fround(x + own(hop + 1)[j]));
          after[hop].sums.push(...running);
          running.forEach((_, j) => {
            after[hop].addends.push(addendsOf(hop + 2, j));
          });
        }
        const gathered = recoded(running);
        expect([...output.subarray(c * width, (c + 1) * width)]).toEqual([...gathered]);
        after[devices - 1].sums.push(...gathered);
        gathered.forEach((_, j) => {
          after[devices - 1].addends.push(addendsOf(devices, j));
        });
      }
      expect(report.hops.map(({ phase, hop, devices: sum }) => [phase, hop, sum])).toEqual([
        ['scatter', 0, 2],
        ['scatter', 1, 3],
        ['scatter', 2, 4],
        ['gather', 0, 4],
      ]);
      report.hops.forEach((hop, i) => {
        expectNear(hop, errors(after[i].sums, after[i].addends));
      });
    }
  });

  it('end with the error of the output, for every collective, codec and number of devices', () => {
    const codecs = [bf16Codec, parseGroup('uint4/8'), parseGroup('uint3/8;spikes'), parseGroup('int8/8')];
    const block = parseBlock('block:int8;size=16;scale=binary16');
    const alone = Object.values(blockCatalogue).filter(({ beside }) => beside === undefined);
    const blocks = [...alone, block].map((format) => blockCodec(format));
    for (const algorithm of algorithms) {
      for (const devices of [2, 3, 6, 8]) {
        const partials = normals(devices, 3, 20, devices);
        for (const codec of [...codecs, ...blocks]) {
          const { output, report } = allReduce(partials, { width: 20, codec, algorithm, record: 'counts' });
          const addends = Array.from(output, (_, i) => partials.map((data) => data[i]));
          const last = report.hops[report.hops.length - 1];
          expect([algorithm, last.devices]).toEqual([algorithm, devices]);
          expectNear(last, errors([...output], addends));
          expect(last.rmse).toBeGreaterThan(0);
          expect(report.totals.invalid).toBe(0);
        }
      }
    }
  });

  it('are exactly zero of sums without rounding', () => {
    fc.assert(
      fc.property(
        groups(fc.integer({ min: -1000, max: 1000 }), 9),
        fc.constantFrom(...algorithms),
        (group, algorithm) => {
          const { partials, width } = group;
          const { report } = allReduce(partials, { width, codec: lossless, algorithm });
          for (const { rmse, max, values } of report.hops) expect([rmse, max, values > 0]).toEqual([0, 0, true]);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('tell what was summed after each exchange', () => {
    const hops = (algorithm: (typeof algorithms)[number], devices: number) =>
      allReduce(normals(devices, 2, 8), { width: 8, codec: lossless, algorithm }).report.hops.map(
        ({ phase, hop, devices: sum, values }) => `${phase} ${hop}: ${sum} devices, ${values} values`,
      );
    expect(hops('allGather', 3)).toEqual(['gather 0: 3 devices, 16 values']);
    expect(hops('twoStep', 3)).toEqual(['scatter 0: 3 devices, 16 values', 'gather 0: 3 devices, 16 values']);
    // Blocks of six devices: two of two, two of one; then one of three and one of three.
    expect(hops('recursiveDoubling', 6)).toEqual([
      'fold 0: 2 devices, 32 values',
      'exchange 0: 4 devices, 32 values',
      'exchange 1: 6 devices, 16 values',
      'unfold 0: 6 devices, 16 values',
    ]);
    expect(hops('ring', 2)).toEqual(['scatter 0: 2 devices, 16 values', 'gather 0: 2 devices, 16 values']);
  });

  it('count the rounding of finished sums, and show what is not finite', () => {
    const partials = [Float64Array.of(256), Float64Array.of(2 ** -4)];
    const output = roundTo(binary16);
    const { hops } = allReduce(partials, { width: 1, codec: lossless, algorithm: 'twoStep', output }).report;
    expect(hops.map(({ max }) => max)).toEqual([2 ** -4, 2 ** -4]);
    const lost = allReduce([Float64Array.of(Infinity), Float64Array.of(1)], { width: 1, codec: groupCodec() }).report;
    expect(lost.hops[0].rmse).toBeNaN();
    expect(
      allReduce([new Float64Array(0), new Float64Array(0)], { width: 1, codec: lossless }).report.hops,
    ).toMatchObject([{ values: 0, rmse: 0, rms: 0, max: 0 }]);
  });
});

describe('requantisation around a ring', () => {
  it('adds to the error at every hop, and more with fewer bits', () => {
    const partials = normals(8, 8, 256, 5);
    const of = (text: string) =>
      allReduce(partials, { width: 256, codec: parseGroup(text), algorithm: 'ring' }).report.hops;
    const eight = of('int8/128').map(({ rmse }) => rmse);
    expect([...eight].sort((a, b) => a - b)).toEqual(eight);
    const last = (text: string) => of(text)[7].rmse;
    expect(last('int8/128')).toBeLessThan(last('uint5/128'));
    expect(last('uint5/128')).toBeLessThan(last('uint4/128'));
  });
});
