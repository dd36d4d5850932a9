import { describe, expect, it } from 'vitest';
import { algorithms } from '../../../src/collectives/index.ts';
import { bfloat16 } from '../../../src/formats/index.ts';
import { byteTokens, type Model, splitTokens } from '../../../src/models/index.ts';
import { embeddedModel, openFile } from '../../../src/node/index.ts';
import { roundTo } from '../../../src/rounding/index.ts';
import {
  type CommunicateOptions,
  type Communication,
  type CommunicationRun,
  calibrateCommunication,
  cancellingOutliers,
  codecNames,
  communicateModel,
  logits,
  parseModelCalibration,
  perplexity,
  rotateOutliers,
} from '../../../src/studies/index.ts';
import { fp16, fp32 } from '../../../src/targets/index.ts';
import { failure, loadWeights, smallWeights } from '../../models/helpers.ts';
import { tinyLlama, validation } from '../helpers.ts';

const tokens = [
  [1, 4, 9, 2, 7, 3, 10, 0],
  [5, 5, 8, 1, 0, 2, 6, 10],
];
const small = loadWeights(smallWeights());

function calibrationText(sequences: number): Uint8Array[] {
  const source = openFile(`${embeddedModel()}/calibration.txt`);
  return splitTokens(byteTokens(source.read(0, source.size)), 64).slice(0, sequences);
}

function runOf({ runs }: Communication, codec: string): CommunicationRun {
  return runs.find((run) => run.codec === codec) as CommunicationRun;
}

function largestDifference(a: Model, b: Model, sequence: Uint8Array): number {
  const [x, y] = [logits(a, [sequence]).data, logits(b, [sequence]).data];
  return Math.max(...Array.from(x, (value, i) => Math.abs(value - y[i])));
}

describe('communicateModel', () => {
  const calibration = calibrateCommunication(small, tokens, { devices: 3 });
  const run = (options: CommunicateOptions) => communicateModel(small, calibration, tokens, options);

  it('calibrates both row-parallel layers of every block, as plain data', () => {
    expect(calibration.sites.map(({ name }) => name)).toEqual([
      'model.layers.0.self_attn.o_proj.weight',
      'model.layers.0.mlp.down_proj.weight',
      'model.layers.1.self_attn.o_proj.weight',
      'model.layers.1.mlp.down_proj.weight',
    ]);
    for (const { partials, sum } of calibration.sites) {
      expect([partials.devices, sum.devices, partials.sequences, partials.gamma]).toEqual([3, 1, 2, 0.01]);
    }
    expect(JSON.parse(JSON.stringify(calibration))).toEqual(calibration);
    const back = parseModelCalibration(JSON.parse(JSON.stringify(calibration)));
    expect(back).toEqual(calibration);
    const options = { codecs: ['hybrid'] } as const;
    expect(communicateModel(small, back, tokens, options)).toEqual(
      communicateModel(small, calibration, tokens, options),
    );
  });

  it('runs every codec through every collective', () => {
    const exact = perplexity(small, tokens).perplexity;
    // With all extremes in range: moving averages over two sequences clip as much at 8 bits as at 4.
    const wide = calibrateCommunication(small, tokens, { devices: 3, method: 'static' });
    const noted = ['uint4/128', 'uint3/4;spikes', 'int8/4', 'mxfp8e4m3', 'block:int8;size=32;scale=binary16'];
    const codecs = [...codecNames, ...noted];
    for (const algorithm of algorithms) {
      const study = communicateModel(small, wide, tokens, { codecs, algorithm, k: 1 });
      expect(study.perplexity).toBe(exact);
      expect(study.runs.map(({ codec }) => codec)).toEqual(codecs);
      for (const { codec, ok, perplexity: found, error, siteErrors, atLimit, messageBits, hops } of study.runs) {
        expect([codec, ok]).toEqual([codec, true]);
        expect(Math.abs(Math.log(found / exact))).toBeLessThan(0.5);
        expect(error.rmse).toBeGreaterThan(0);
        expect(siteErrors).toHaveLength(4);
        expect(hops).toHaveLength({ allGather: 1, ring: 3, twoStep: 2, recursiveDoubling: 3 }[algorithm]);
        const last = hops[hops.length - 1];
        expect([last.devices, last.values, last.max]).toEqual([3, 4 * 14 * 6, error.max]);
        expect(last.rmse).toBeCloseTo(error.rmse, 12);
        expect(atLimit === null).toBe(codec === 'bf16' || codec === 'fp16');
        // Six features: half a byte is idle with k = 1, and a block of 32 is not full.
        const bits = { bf16: 16, fp16: 16, int4: 4, int8: 8, random: 6 + 2 / 3, hybrid: 6 + 2 / 3, fp8: 8 };
        expect(messageBits).toBeCloseTo(bits[codec as 'int4'] ?? messageBits, 12);
      }
      const order = ['bf16', 'int8', 'int4'].map((name) => runOf(study, name).meanRelativeError);
      expect([...order].sort((a, b) => a - b)).toEqual(order);
    }
  });

  it('counts traffic over the whole run from the bytes', () => {
    expect(runOf(run({ codecs: ['bf16'] }), 'bf16').trafficBits).toBe(32);
    // Fourteen rows on three devices: 2·2/3·16.
    expect(runOf(run({ codecs: ['bf16'], algorithm: 'ring' }), 'bf16').trafficBits).toBeCloseTo((4 / 3) * 16, 12);
  });

  it('is the same for the same seed, and shares k out as asked', () => {
    const options = { codecs: ['random'], k: 2 } as const;
    expect(run(options)).toEqual(run(options));
    const seeds = [1, 2, 3].map((seed) => runOf(run({ ...options, seed }), 'random').error.rmse);
    expect(new Set(seeds).size).toBeGreaterThan(1);
    expect(run({ ...options, k: '1/2' }).k).toBe(3);
    for (const { selected } of run({ codecs: [], k: '1/3' }).sites) expect(selected).toHaveLength(2);
  });

  it('is all-INT4 at k = 0 and BF16 at k = E', () => {
    const errors = (k: number) => {
      const study = run({ codecs: ['bf16', 'int4', 'hybrid', 'random'], k });
      return study.runs.map(({ perplexity: found }) => found);
    };
    const [, int4, none, noneRandom] = errors(0);
    expect([none, noneRandom]).toEqual([int4, int4]);
    const [bf16, , all, allRandom] = errors(6);
    expect([all, allRandom]).toEqual([bf16, bf16]);
  });

  it('uses the arithmetic, accumulator and store asked for', () => {
    const onTarget = calibrateCommunication(small, tokens, { devices: 2, target: fp16, method: 'static' });
    expect(onTarget.sites[0].partials.method).toBe('static');
    const study = communicateModel(small, onTarget, tokens, { codecs: ['bf16'], target: fp16 });
    expect(study.arithmetic).toBe('fp16');
    const plain = communicateModel(small, onTarget, tokens, { codecs: ['bf16'], target: fp32 });
    expect(study.runs[0].perplexity).not.toBe(plain.runs[0].perplexity);
    const output = roundTo(bfloat16);
    const exact = { kind: 'sequential', accumulator: { kind: 'exact', output } } as const;
    const twice = run({ codecs: ['bf16'], output });
    const once = run({ codecs: ['bf16'], reduction: exact });
    const inBinary32 = run({ codecs: ['bf16'] });
    expect(once.runs[0].error.rmse).toBeGreaterThan(inBinary32.runs[0].error.rmse);
    expect(twice.runs[0].error.rmse).toBeGreaterThan(inBinary32.runs[0].error.rmse);
  });

  it('tells NaN and overflow with layer, device, feature and row', () => {
    const name = 'model.layers.1.mlp.down_proj.weight';
    const { data, shape } = small.weights[name];
    const large = { ...small, weights: { ...small.weights, [name]: { data: data.map((w) => w * 1e6), shape } } };
    const ranges = calibrateCommunication(large, tokens, { devices: 2 });
    const [run] = communicateModel(large, ranges, tokens, { codecs: ['fp16'] }).runs;
    expect(run.ok).toBe(false);
    expect(run.first.overflow).toMatchObject({ site: name, stage: 'gather.encode', operation: 'round' });
    expect(run.first.overflow?.device).toBeGreaterThanOrEqual(0);
    expect(Math.abs(run.first.overflow?.operands[0] as number)).toBeGreaterThan(65504);
    expect(run.first.overflow?.result).toBe(Math.sign(run.first.overflow?.operands[0] as number) * Infinity);
  });

  it('tells its progress, and refuses what does not fit', () => {
    const seen: string[] = [];
    const onProgress = ({ phase, done, total }: { phase: string; done: number; total: number }) => {
      seen.push(`${phase} ${done}/${total}`);
    };
    calibrateCommunication(small, tokens, { devices: 2, onProgress });
    run({ codecs: ['bf16'], onProgress });
    expect(seen).toEqual(['calibration 1/2', 'calibration 2/2', 'without rounding 1/2', 'bf16 2/2']);
    expect(failure(() => run({ codecs: ['fp4' as never] }))).toBe('name options.codecs[0]');
    expect(failure(() => run({ k: 7 }))).toBe('range k');
    expect(failure(() => run({ devices: 4 } as never))).toBe('name options.devices');
    expect(failure(() => calibrateCommunication(small, [], { devices: 2 }))).toBe('shape sequences');
    expect(failure(() => calibrateCommunication(small, tokens, { devices: 1 }))).toBe('range options.devices');
    const parse = (different: object) => failure(() => parseModelCalibration({ ...calibration, ...different }));
    expect(parse({})).toBe('no error');
    expect(parse({ schema: 'group-calibration/1' })).toBe('name calibration.schema');
    expect(parse({ semantics: 0 })).toBe('unsupported calibration.semantics');
    expect(parse({ devices: 4 })).toBe('shape calibration.sites[0].partials');
    expect(parse({ sequences: 3 })).toBe('shape calibration.sites[0].partials');
    const [site] = calibration.sites;
    expect(parse({ sites: [{ ...site, sum: site.partials }] })).toBe('shape calibration.sites[0].sum');
    expect(parse({ sites: [{ ...site, sum: { ...site.sum, width: 5 } }] })).toBe(
      'shape calibration.sites[0].sum.ranges[0]',
    );
    const other = { ...calibration, sites: calibration.sites.slice(1) };
    expect(failure(() => communicateModel(small, other, tokens))).toBe('shape calibration');
    expect(failure(() => communicateModel(small, {} as never, tokens))).toBe('type calibration');
  });
});

describe('on the embedded model', () => {
  const model = tinyLlama();
  const text = calibrationText(4);
  const evaluation = validation()
    .slice(0, 2)
    .map((sequence) => sequence.subarray(0, 65));
  const study = (of: Model, devices: number) =>
    communicateModel(of, calibrateCommunication(of, text, { devices }), evaluation);
  const gain = (found: Communication, codec = 'int4') =>
    runOf(found, codec).error.rmse / runOf(found, 'hybrid').error.rmse;

  it('hybrid gains next to nothing as the model is: it has no outlier features', () => {
    const found = study(model, 4);
    for (const { outliers } of found.sites) {
      expect(outliers.maxOverMedian).toBeLessThan(4);
      expect(outliers.expectedGain).toBeLessThan(1.06);
    }
    expect(gain(found)).toBeGreaterThan(0.98);
    expect(gain(found)).toBeLessThan(1.06);
    expect(runOf(found, 'bf16').perplexity / found.perplexity).toBeCloseTo(1, 2);
    expect(runOf(found, 'hybrid').meanRelativeError).toBeLessThan(0.2);
    for (const codec of ['int4', 'random', 'hybrid']) {
      expect(runOf(found, codec).clipped).toBeGreaterThan(0);
      expect(runOf(found, codec).clipped).toBeLessThan(0.02);
      expect(runOf(found, codec).ok).toBe(true);
    }
  });

  it('turning the residual stream keeps the function, and makes the outliers that its spectrum allows', () => {
    const turned = rotateOutliers(model, text, 2);
    expect(largestDifference(model, turned, evaluation[0])).toBeLessThan(1e-10);
    const found = study(turned, 4);
    const last = found.sites.at(-1);
    expect(last?.selected).toEqual([0, 1]);
    expect(last?.outliers.maxOverMedian).toBeGreaterThan(4);
    expect(gain(found)).toBeGreaterThan(1.04);
    expect(gain(found, 'random')).toBeGreaterThan(1.03);
    const same = rotateOutliers(model, text, 0);
    expect(largestDifference(model, same, evaluation[0])).toBeLessThan(1e-10);
    expect([...same.weights['model.norm.weight'].data]).toEqual(new Array(128).fill(1));
  });

  it.each([2, 8])('hybrid beats random-k and all-INT4 on %i devices where partial sums have outliers', (devices) => {
    const split = cancellingOutliers(model, text, { features: 2, times: 64 });
    expect(split.config.intermediate).toBe(346);
    expect(largestDifference(model, split, evaluation[0])).toBeLessThan(1e-10);
    const found = study(split, devices);
    for (const { name, outliers, selected } of found.sites) {
      if (!name.includes('down_proj')) continue;
      expect(selected).toEqual([0, 1]);
      expect(outliers.maxOverMedian).toBeGreaterThan(16);
      expect(outliers.expectedGain).toBeGreaterThan(2);
    }
    expect(gain(found)).toBeGreaterThan(1.5);
    expect(gain(found, 'random')).toBeGreaterThan(1.5);
    const value = (codec: string) => runOf(found, codec).perplexity;
    expect(value('hybrid')).toBeLessThan(value('int4'));
    expect(value('hybrid')).toBeLessThan(value('random'));
    expect(value('hybrid') / found.perplexity).toBeLessThan(1.1);
  });

  it('refuses outliers that cannot be', () => {
    expect(failure(() => rotateOutliers(model, text, 33))).toBe('range outliers');
    expect(failure(() => rotateOutliers(model, [], 2))).toBe('shape sequences');
    expect(failure(() => cancellingOutliers(model, text, { features: 0, times: 2 }))).toBe('range options.features');
    expect(failure(() => cancellingOutliers(model, text, { features: 1, times: 0 }))).toBe('range options.times');
    expect(failure(() => cancellingOutliers(model, [], { features: 1, times: 2 }))).toBe('shape sequences');
  });
});
