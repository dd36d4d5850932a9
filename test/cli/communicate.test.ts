import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { embeddedModel } from '../../src/node/index.ts';
import { bittrue, folder } from './helpers.ts';

const tokens = 'test/cli/tokens.json';
const few = ['--tokens', tokens, '--calibration-tokens', tokens];

describe('bittrue communicate', () => {
  it('compares codecs on the embedded model: a table, bars, outliers by layer', () => {
    const { status, out, err } = bittrue('communicate', '--cancelling', 'none', '--devices', '2', ...few);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toMatch(/^2 devices, allGather, k = 2 of 128, symmetric codes, partial sums in binary64; \d+/);
    for (const codec of ['binary64', 'bf16', 'int4', 'random', 'hybrid'])
      expect(out).toMatch(new RegExp(`^${codec} `, 'm'));
    expect(out).toMatch(/^hybrid +4\.1875 +4\.1875 /m);
    expect(out).toMatch(/^hybrid +█+ 0\.\d+$/m);
    expect(out).toMatch(/^layers\.3\.down_proj +\d/m);
    expect(out.split('\n').every((line) => line.length <= 100)).toBe(true);
  });

  it('alone shows a model whose outliers the method is for: hybrid is nearer, by error and by perplexity', () => {
    const { status, out } = bittrue('communicate', '--devices', '2', ...few);
    expect(status).toBe(0);
    expect(out).toMatch(/^Demonstration on the embedded model/);
    const studies = (...options: string[]) =>
      JSON.parse(bittrue('communicate', ...options, '--devices', '2', ...few, '--json').out).studies;
    expect(studies()).toEqual(studies('--cancelling', '64'));
    const [{ runs }] = studies();
    const of = (name: string) => runs.find(({ codec }: { codec: string }) => codec === name);
    expect(of('hybrid').error.rmse).toBeLessThan(of('int4').error.rmse / 2);
    expect(of('hybrid').perplexity).toBeLessThan(of('int4').perplexity);
  });

  it('calibrates on as many sequences as asked: other outliers', () => {
    const study = (...options: string[]) =>
      JSON.parse(
        bittrue(
          'communicate',
          '--cancelling',
          'none',
          '--devices',
          '2',
          '--codec',
          'int4,hybrid',
          '--tokens',
          tokens,
          ...options,
          '--json',
        ).out,
      ).studies[0];
    const [few, more] = [study('--calibration-sequences', '1'), study('--calibration-sequences', '3')];
    expect([few.calibrationSequences, more.calibrationSequences]).toEqual([1, 3]);
    expect(more.sites[0].outliers).not.toEqual(few.sites[0].outliers);
  });

  it('takes the model, codecs, k, collective and target asked for, and gives JSON', () => {
    const options = [
      '--devices',
      '2,3',
      '--codec',
      'hybrid,mxfp4',
      '--k',
      '1/32',
      '--collective',
      'twoStep',
      '--asymmetric',
    ];
    const { status, out } = bittrue('communicate', embeddedModel(), ...options, ...few, '--json');
    expect(status).toBe(0);
    const { schema, studies } = JSON.parse(out);
    expect(schema).toBe('communication-studies/1');
    expect(studies.map(({ devices }: { devices: number }) => devices)).toEqual([2, 3]);
    expect(studies[0]).toMatchObject({ k: 4, algorithm: 'twoStep', symmetric: false, schema: 'communication-study/1' });
    expect(studies[0].runs.map(({ codec }: { codec: string }) => codec)).toEqual(['hybrid', 'mxfp4']);
    expect(studies[0].runs[0].messageBits).toBe(4 + (12 * 4) / 128);
    expect(bittrue('communicate', embeddedModel(), ...options, ...few, '--json').out).toBe(out);
  });

  it('calibrates once: ranges go through a file', () => {
    const file = join(folder(), 'ranges.json');
    const args = ['--codec', 'hybrid', ...few, '--json'];
    const first = bittrue('communicate', '--devices', '3', ...args, '--save-calibration', file);
    const second = bittrue('communicate', ...args, '--calibration', file);
    expect(second).toEqual(first);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ schema: 'model-calibration/1', devices: 3 });
    const wrong = bittrue('communicate', '--devices', '2', ...args, '--calibration', file);
    expect(wrong).toMatchObject({ status: 2, err: expect.stringContaining('--devices: expected 3') });
    const several = bittrue('communicate', '--devices', '2,3', ...args, '--save-calibration', `${file}.new`);
    expect(several).toMatchObject({ status: 2, err: expect.stringContaining('--save-calibration: expected one') });
  });

  it('writes a page with charts', () => {
    const file = join(folder(), 'page.html');
    const { status } = bittrue('communicate', '--devices', '2', '--codec', 'bf16,hybrid', ...few, '--html', file);
    expect(status).toBe(0);
    const page = readFileSync(file, 'utf8');
    expect(page.match(/<svg /g)).toHaveLength(4);
    expect(page).toContain('<title>hybrid: 4.1875,');
  });

  it('takes blocks and groups as text, and tells errors by hop', () => {
    const codecs = 'uint4/128,uint2/32;spikes,mxfp8e4m3,block:int8;size=32;scale=binary16';
    const args = ['--devices', '3', '--codec', codecs, '--collective', 'ring', '--cancelling', 'none', ...few];
    const { runs } = JSON.parse(bittrue('communicate', ...args, '--json').out).studies[0];
    expect(runs.map(({ messageBits }: { messageBits: number }) => messageBits)).toEqual([4.25, 4.3125, 8.25, 8.5]);
    for (const { hops, ok } of runs) expect([hops.length, ok]).toEqual([3, true]);
    expect(bittrue('communicate', ...args).out).toMatch(/hop +devices +uint4\/128 +uint2\/32;spikes/);
  });

  it('runs the same function with outliers', () => {
    const gain = (...options: string[]) => {
      const args = ['--devices', '2', '--codec', 'int4,hybrid', ...few, ...options, '--json'];
      const { perplexity, runs } = JSON.parse(bittrue('communicate', ...args).out).studies[0];
      return { perplexity, gain: runs[0].error.rmse / runs[1].error.rmse };
    };
    const plain = gain('--cancelling', 'none');
    const turned = gain('--rotate', '2');
    const cancelling = gain('--cancelling', '64');
    expect(turned.perplexity).toBeCloseTo(plain.perplexity, 9);
    expect(cancelling.perplexity).toBeCloseTo(plain.perplexity, 9);
    expect(cancelling.gain).toBeGreaterThan(1.5 * plain.gain);
  });

  it.each([
    [['--codec', 'int5'], '--codec'],
    [['--codec', 'uint9/128'], '--codec'],
    [['--codec', 'bf16,uint4/128;zzz'], '--codec'],
    [['--codec', 'block:int8'], '--codec'],
    [['--collective', 'tree'], '--collective'],
    [['--devices', '1'], '--devices'],
    [['--devices', 'two'], '--devices'],
    [['--k', '1/0'], '--k'],
    [['--gamma', '2'], '--gamma'],
    [['--unit', 'f16'], '--unit'],
    [['--target', 'h101'], '--target'],
    [['--sequences', '0'], '--sequences'],
    [['--calibration-sequences', '0'], '--calibration-sequences'],
    [['--rotate', '99'], '--rotate'],
    [['--html', '/dev/null/page.html'], '--html'],
    [['--html', 'page.html/'], '--html'],
    [['--html', 'page.html', '--save-calibration', './page.html'], '--save-calibration'],
    [['nowhere'], 'MODEL'],
  ])('refuses %j', (args, argument) => {
    const { status, out, err } = bittrue('communicate', ...args, ...few);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toContain(`bittrue: ${argument}: expected`);
  });

  it('cuts texts to a shorter context, and names the file whose sequences are longer', () => {
    const model = join(folder(), 'short');
    cpSync(embeddedModel(), model, { recursive: true });
    const config = JSON.parse(readFileSync(join(model, 'config.json'), 'utf8')) as object;
    writeFileSync(join(model, 'config.json'), JSON.stringify({ ...config, max_position_embeddings: 16 }));
    const fast = ['--devices', '2', '--codec', 'bf16', '--sequences', '1', '--calibration-sequences', '1'];
    expect(bittrue('communicate', model, ...fast)).toMatchObject({ status: 0, err: '' });
    const file = join(model, 'long.json');
    writeFileSync(file, JSON.stringify({ sequences: [new Array(17).fill(1)] }));
    const { status, err } = bittrue('communicate', model, ...fast, '--calibration-tokens', file);
    expect([status, err]).toEqual([2, `bittrue: ${file}: sequences[0]: expected 1…16 tokens, received 17 tokens\n`]);
  });
});
