/** `bittrue verify` on numbers: tables of two columns, .npy files, blocks; the starter test. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { quantizeMultiplier, requantize } from '../../src/arithmetic/index.ts';
import { e2m1fn, e4m3fn, mxfp4 } from '../../src/formats/index.ts';
import { quantizeBlocks } from '../../src/quantization/index.ts';
import { decode, encode, round } from '../../src/rounding/index.ts';
import { generator } from '../random.ts';
import { bittrue, folder, npy } from './helpers.ts';

const table = (rows: readonly (readonly number[])[]): string => {
  const path = join(folder(), 'table.csv');
  writeFileSync(path, `x,y\n${rows.map((row) => row.join(',')).join('\n')}\n`);
  return path;
};
const file = (data: readonly number[], shape: readonly number[] = [data.length]): string => {
  const path = join(folder(), 'data.npy');
  writeFileSync(path, npy(Float64Array.from(data), shape));
  return path;
};
const halves = Array.from({ length: 81 }, (_, i) => (i - 40) / 4);

describe('bittrue verify, numbers', () => {
  it('judges a quantizer', () => {
    const away = halves.map((x) => [x, Math.sign(x) * Math.floor(Math.abs(x / 0.5) + 0.5) + 3]);
    const args = ['int8', 'quantize', table(away), '--scale', '0.5', '--zero-point', '3'];
    const { status, out } = bittrue('verify', ...args);
    expect(status).toBe(1);
    expect(out).toContain('int8, scale 0.5, zero point 3, tiesToEven: 20 of 81 answers are wrong');
    expect(out).toContain('rounds ties away from zero: explains all 20 wrong answers');
    expect(bittrue('verify', ...args, '--rounding', 'tiesToAway').status).toBe(0);
    expect(JSON.parse(bittrue('verify', ...args, '--json').out)).toMatchObject({ schema: 'answers/1', wrong: 20 });
  });

  it('judges a requantisation, by its multiplier or its scale', () => {
    const given = quantizeMultiplier(0.25);
    const requantization = {
      scale: { kind: 'doubleRounding', ...given },
      outputZeroPoint: 1,
      low: -128,
      high: 127,
    } as const;
    const xs = Array.from({ length: 200 }, (_, i) => 3 * i - 300);
    const right = table(xs.map((x) => [x, requantize(requantization, x).value]));
    const scaled = ['--scale', '0.25', '--zero-point', '1'];
    expect(bittrue('verify', 'int8', 'requantize', right, ...scaled).status).toBe(0);
    const exact = ['--multiplier', String(given.multiplier), '--shift', String(given.shift), '--zero-point', '1'];
    expect(bittrue('verify', 'int8', 'requantize', right, ...exact).status).toBe(0);
    const once = bittrue('verify', 'int8', 'requantize', right, ...scaled, '--pipeline', 'singleRounding');
    expect([once.status, once.out.includes('rounds twice, as gemmlowp')]).toEqual([1, true]);
  });

  it('judges a stochastic rounding by its shares, in codes or numbers', () => {
    const next = generator('verify');
    const rows = Array.from({ length: 3000 }, () => {
      const x = Math.fround(12 * next() - 6);
      const [low, high] = (['towardNegative', 'towardPositive'] as const).map((rounding) =>
        round(e2m1fn, x, { rounding }),
      );
      return [x, next() < (x - (low as number)) / ((high as number) - (low as number)) ? high : low] as number[];
    });
    const args = ['cast', table(rows), '--rounding', 'stochastic'];
    const right = bittrue('verify', 'e2m1fn', ...args);
    expect([right.status, right.out.includes('false alarms at most 0.000001')]).toEqual([0, true]);
    const path = join(folder(), 'codes.txt');
    writeFileSync(
      path,
      rows.map(([x]) => `${x} 0x${encode(e2m1fn, round(e2m1fn, x as number)).toString(16)}`).join('\n'),
    );
    const nearest = bittrue('verify', 'e2m1fn', 'cast', path, '--rounding', 'stochastic', '--false-alarm', '1e-9');
    expect([nearest.status, nearest.out.includes('nothing is left to chance')]).toEqual([1, true]);
    expect(bittrue('verify', 'e2m1fn', ...args, '--variant', 'D').status).toBe(2);
    expect(bittrue('verify', 'e2m1fn', 'cast', path, '--random-bits', '4').status).toBe(2);
    expect(bittrue('vectors', 'e2m1fn', 'cast', '--rounding', 'stochastic').status).toBe(2);
    writeFileSync(path, '0.3 0.5 1\n');
    expect(bittrue('verify', 'e2m1fn', 'cast', path, '--rounding', 'stochastic').err).toContain('codes.txt:1');
  });

  it('judges pairs of .npy files', () => {
    const xs = halves.map((x) => x + 0.0625);
    const saturating = xs.map((x) => round(e4m3fn, 100 * x, { overflow: 'saturate' }));
    const inputs = file(xs.map((x) => 100 * x));
    const { status, out } = bittrue('verify', 'e4m3fn', 'cast', inputs, '--results', file(saturating));
    expect([status, out.includes('saturates')]).toEqual([1, true]);
    expect(
      bittrue('verify', 'e4m3fn', 'cast', inputs, '--results', file(saturating), '--profile', 'torch').status,
    ).toBe(0);
    expect(bittrue('verify', 'e4m3fn', 'cast', inputs)).toMatchObject({ status: 2 });
    expect(bittrue('verify', 'e4m3fn', 'cast', inputs, '--results', file([1])).err).toContain('results: expected 81');
  });

  it('judges blocks: scales and elements apart', () => {
    const data = Float64Array.from({ length: 3 * 80 }, (_, i) => Math.fround(Math.sin(i * i) * 2 ** (i % 7)));
    const { scaleCodes, codes } = quantizeBlocks({ data, shape: [3, 80] }, mxfp4, { recipe: 'microxcaling' });
    const scales = file(
      Array.from(scaleCodes, (code) => decode(mxfp4.scale, code)),
      [3, 3],
    );
    const elements = file(
      Array.from(codes, (code) => decode(mxfp4.element, code)),
      [3, 80],
    );
    const args = ['mxfp4', 'quantize', file([...data], [3, 80]), '--scales', scales, '--results', elements];
    expect(bittrue('verify', ...args, '--recipe', 'microxcaling').status).toBe(0);
    const wrong = file(
      Array.from(scaleCodes, (code) => 2 * decode(mxfp4.scale, code)),
      [3, 3],
    );
    const doubled = bittrue('verify', ...args.map((one) => (one === scales ? wrong : one)), '--recipe', 'microxcaling');
    expect(doubled.status).toBe(1);
    expect(doubled.out).toContain('scaleDoubled');
  });

  it('takes integers as the source of a cast', () => {
    const path = join(folder(), 'cases.txt');
    writeFileSync(path, bittrue('vectors', 'e4m3fn', 'cast', '--from', 'int16').out);
    expect(bittrue('verify', 'e4m3fn', 'cast', path, '--from', 'int16')).toMatchObject({ status: 0 });
  });

  it('writes a starter test that runs, and overwrites nothing', () => {
    const path = join(folder(), 'mine.test.mjs');
    expect(bittrue('verify', '--init', 'node', '--output', path)).toMatchObject({ status: 0 });
    expect(existsSync(path)).toBe(true);
    const before = readFileSync(path, 'utf8');
    expect(before).toContain("import test from 'node:test'");
    expect(bittrue('verify', '--init', 'vitest', '--output', path).status).toBe(2);
    expect(readFileSync(path, 'utf8')).toBe(before);
    expect(bittrue('verify', '--init', 'mocha', '--output', `${path}2`)).toMatchObject({ status: 2 });
    expect(bittrue('verify', '--output', `${path}3`, '--init').status).toBe(0);
    expect(readFileSync(`${path}3`, 'utf8')).toContain("from 'vitest'");
    const checked = spawnSync(process.execPath, ['--check', path]);
    expect(checked.status).toBe(0);
  });

  it('tells options that would do nothing, and calls without a table', () => {
    const path = table([[1, 1]]);
    for (const args of [
      ['verify'],
      ['verify', 'int8', 'quantize', path],
      ['verify', 'int8', 'requantize', path],
      ['verify', 'e4m3fn', 'cast', path, '--scale', '2'],
      ['verify', 'int8', 'quantize', path, '--scale', '2', '--shift', '3'],
      ['verify', 'int8', 'quantize', path, '--scale', '2', '--results', path],
      ['verify', 'int8', 'quantize', table([[1, Number.NaN]]), '--scale', '-1'],
      ['verify', 'mxfp4', 'quantize', path, '--scales', path],
    ]) {
      expect(bittrue(...args).status, args.join(' ')).toBe(2);
    }
  });
});
