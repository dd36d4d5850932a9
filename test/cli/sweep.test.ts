import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeSafetensors } from '../../src/files/index.ts';
import { formatSweepCsv } from '../../src/reports/index.ts';
import { generator } from '../random.ts';
import { share } from '../testing/helpers.ts';
import { finished as bittrue, folder, npy } from './helpers.ts';

const small = ['sweep', 'dot', '--rows', '4', '--width', '64', '--fit', 'max', '--format', 'int8'];
const grid = [...small, '--accumulator', 'int12..int16:saturate,binary16', '--order', 'sequential,pairwise'];

describe('bittrue sweep', () => {
  it('prints a line a cell, or comma-separated values', async () => {
    const { status, out } = await bittrue(...grid);
    expect(status).toBe(0);
    const [header, ...cells] = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(header).toMatchObject({ schema: 'sweep/1', cells: 12, shard: { index: 1, of: 1 } });
    expect(cells.map(({ cell }) => cell)).toEqual(Array.from({ length: 12 }, (_, i) => i));
    const csv = (await bittrue(...grid, '--csv')).out.trimEnd().split('\n');
    expect(csv.length).toBe(13);
    expect(csv[1]?.split(',').slice(0, 10)).toEqual([
      '0',
      'normal',
      'dot',
      '',
      '1',
      'int8',
      'sequential',
      '',
      '',
      'int12:saturate',
    ]);
  });

  it('continues a file that was cut off anywhere, and ends with the same bytes', async () => {
    const path = join(folder(), 'sweep.jsonl');
    const { out } = await bittrue(...grid);
    for (let i = 0; i <= 10; i++) {
      writeFileSync(path, out.slice(0, Math.floor((out.length * i) / 10)));
      expect((await bittrue(...grid, '--out', path)).status).toBe(0);
      expect(readFileSync(path, 'utf8')).toBe(out);
    }
  });

  it('joins shards into the same bytes', async () => {
    const path = folder();
    const { out } = await bittrue(...grid);
    const parts = await Promise.all(
      [1, 2, 3].map(async (i) => {
        const part = join(path, `${i}.jsonl`);
        await bittrue(...grid, '--shard', `${i}/3`, '--out', part);
        return part;
      }),
    );
    expect((await bittrue('merge', ...parts)).out).toBe(out);
    expect((await bittrue('merge', ...parts, '--out', join(path, 'all.jsonl'))).status).toBe(0);
    expect(readFileSync(join(path, 'all.jsonl'), 'utf8')).toBe(out);
    expect((await bittrue('merge', ...parts, '--csv')).out).toBe((await bittrue(...grid, '--csv')).out);
    writeFileSync(join(path, 'cut.jsonl'), readFileSync(parts[1] as string, 'utf8').slice(0, 1500));
    const cut = await bittrue(
      'merge',
      parts[0] as string,
      join(path, 'cut.jsonl'),
      parts[2] as string,
      '--out',
      join(path, 'all.jsonl'),
    );
    expect(cut.status).toBe(2);
    expect(cut.err).toContain('cut.jsonl');
    expect(readFileSync(join(path, 'all.jsonl'), 'utf8')).toBe(out);
  });

  it('reads numbers of files: .npy, .npz and checkpoints, whose weights are turned', async () => {
    const path = folder();
    const file = (name: string) => join(path, name);
    writeFileSync(file('x.npy'), npy(Float64Array.of(1, 2, 3, 4, 5, 6), [2, 3]));
    writeFileSync(file('w.npy'), npy(Float64Array.of(1, 2, 3, 4, 5, 6), [3, 2]));
    writeFileSync(
      file('w.safetensors'),
      writeSafetensors({ w: { data: Float32Array.of(1, 3, 5, 2, 4, 6), shape: [2, 3] } }),
    );
    const rest = ['--format', 'int8', '--accumulator', 'int16:wrap', '--inputs', file('x.npy')];
    const first = await bittrue('sweep', 'matmul', ...rest, '--weights', file('w.npy'));
    const second = await bittrue('sweep', 'matmul', ...rest, '--weights', `${file('w.safetensors')}#w`);
    expect(first.status).toBe(0);
    expect(second.out).toBe(first.out);
    expect(JSON.parse(first.out.split('\n')[1] as string)).toMatchObject({ outputs: 4, width: 3, verdict: 'proved' });
    writeFileSync(
      file('grid.json'),
      JSON.stringify({
        kernels: ['matmul'],
        data: [{ name: 'files', inputs: file('x.npy'), weights: file('w.npy') }],
        targets: ['avx512Vnni:vpdpwssd'],
      }),
    );
    expect((await bittrue('sweep', file('grid.json'))).status).toBe(0);
  });

  it.each([
    [['sweep', 'gelu'], 'grid.kernels'],
    [['sweep', 'dot'], 'grid.formats'],
    [[...grid, '--shard', '3/2'], '--shard'],
    [[...grid, '--shard', 'x'], '--shard'],
    [[...grid, '--scale', 'x'], '--scale'],
    [[...grid, '--tile', '0'], 'grid.tiles'],
    [[...grid, '--threads', '1000'], '--threads'],
    [[...grid, '--csv', '--out', 'x'], '--csv'],
    [[...grid, '--inputs', 'x.txt'], '--inputs'],
    [[...grid, '--inputs', 'none.npy'], 'none.npy'],
    [['sweep', 'none.json'], 'none.json'],
    [
      [
        ...grid,
        '--tile',
        Array.from({ length: 999 }, (_, i) => i + 1).join(),
        '--promote-every',
        Array.from({ length: 999 }, (_, i) => i + 1).join(),
      ],
      'cells',
    ],
    [['merge', 'none.jsonl'], 'none.jsonl'],
  ] as [string[], string][])('refuses %#: %2$s', async (args, told) => {
    const { status, err, out } = await bittrue(...args);
    expect(status).toBe(2);
    expect(out).toBe('');
    expect(err).toContain(told);
  });

  it('refuses NaN weights, and files of something else, and leaves them as they are', async () => {
    const path = folder();
    writeFileSync(join(path, 'w.npy'), npy(Float64Array.of(1, Number.NaN), [2, 1]));
    const out = join(path, 'sweep.jsonl');
    const nan = await bittrue(
      'sweep',
      'dot',
      '--weights',
      join(path, 'w.npy'),
      '--format',
      'int8',
      '--accumulator',
      'binary16',
      '--out',
      out,
    );
    expect(nan.status).toBe(2);
    expect(nan.err).toContain('weights[1]');
    expect(existsSync(out)).toBe(false);
    const other = (await bittrue(...grid, '--seed', '1')).out;
    for (const text of ['my notes\n', '{"bittrue":', '{}', other, other.slice(0, 100)]) {
      if ((await bittrue(...grid)).out.startsWith(text)) continue;
      writeFileSync(out, text);
      const { status, err } = await bittrue(...grid, '--out', out);
      expect(status, text).toBe(2);
      expect(err).toContain(out);
      expect(readFileSync(out, 'utf8')).toBe(text);
    }
    expect((await bittrue('merge', out, '--out', out)).status).toBe(2);
  });

  it('tells cells without a meaning, and exits 1 where there is no other', async () => {
    const floats = ['sweep', 'dot', '--rows', '2', '--width', '8', '--format', 'binary16', '--accumulator'];
    const some = await bittrue(...floats, 'int16:wrap,binary16');
    expect(some.status).toBe(0);
    expect(some.err).toContain('1 of 2 cells');
    expect((await bittrue(...floats, 'int16:wrap')).status).toBe(1);
    const path = join(folder(), 'refused.jsonl');
    const out = ['--out', path];
    const { length } = (await bittrue(...floats, 'int16:wrap,int17:wrap')).out.split('\n').slice(0, 2).join('\n');
    writeFileSync(path, `${(await bittrue(...floats, 'int16:wrap,int17:wrap')).out.slice(0, length)}\n`);
    const resumed = await bittrue(...floats, 'int16:wrap,int17:wrap', ...out);
    expect([resumed.status, resumed.err.includes('2 of 2 cells')]).toEqual([1, true]);
    expect((await bittrue(...floats, 'int16:wrap,int17:wrap', ...out)).status).toBe(1);
  });

  it('joins into no file that it reads, however it is called', async () => {
    const path = join(folder(), 'sweep.jsonl');
    await bittrue('sweep', 'sum', '--rows', '2', '--width', '8', '--target', 'fp16', '--out', path);
    const same = `${dirname(path)}/./${basename(path)}`;
    const { status, err } = await bittrue('merge', path, '--out', same);
    expect([status, err.includes('another file')]).toEqual([2, true]);
  });

  it('has values of cells without headroom', () => {
    const cell = { cell: 0, kernel: 'sum', data: 'a', headroom: null } as never;
    expect(formatSweepCsv([cell]).split('\n')[1]).toMatch(/^0,a,sum,,/);
  });

  it('has six columns a stage for magnitudes, where they were counted', async () => {
    const sum = ['sweep', 'sum', '--rows', '4', '--width', '16', '--target', 'fp16', '--target', 'bf16', '--csv'];
    const [head = [], first = []] = (await bittrue(...sum, '--magnitudes')).out
      .split('\n')
      .map((line) => line.split(','));
    const [bare = ''] = (await bittrue(...sum)).out.split('\n');
    const fields = ['least', 'most', 'binades', 'zero', 'subnormal', 'nonFinite'];
    const columns = ['load', 'sum', 'store'].flatMap((stage) => fields.map((field) => `${stage}.${field}`));
    expect(head).toEqual([...bare.split(','), ...columns]);
    const [cell] = (await bittrue(...sum.slice(0, -1), '--magnitudes')).out
      .split('\n')
      .filter((line) => line.startsWith('{"cell"'))
      .map((line) => JSON.parse(line));
    const { least, counts, zero } = cell.magnitudes.sum;
    const own = first.slice(head.indexOf('sum.least'));
    expect(own.slice(0, 4).map(Number)).toEqual([
      least,
      least + counts.length - 1,
      counts.filter((n: number) => n > 0).length,
      zero,
    ]);
  });

  it('refuses flags that a kernel has no use for, and no threads', async () => {
    const sum = ['sweep', 'sum', '--rows', '2', '--width', '8', '--target', 'fp16'];
    for (const flag of [
      ['--weights', 'normal'],
      ['--layout', 'nk'],
      ['--channels', '2'],
      ['--threads', '0'],
    ]) {
      const { status, err } = await bittrue(...sum, ...flag);
      expect([status, err.includes(flag[0] as string)]).toEqual([2, true]);
    }
    expect((await bittrue(...sum)).status).toBe(0);
  });

  it.each([5, null, { data: [1] }])('refuses %j as data of a grid', async (inputs) => {
    const path = join(folder(), 'grid.json');
    writeFileSync(path, JSON.stringify({ kernels: ['sum'], data: [{ name: 'a', inputs }], targets: ['fp16'] }));
    const { status, err } = await bittrue('sweep', path);
    expect([status, err.includes('grid.data[0].inputs')]).toEqual([2, true]);
  });

  it('continues a file whose first line was cut off within a letter', async () => {
    const own = folder();
    const [path, grid] = [join(own, 'sweep.jsonl'), join(own, 'grid.json')];
    const data = [{ name: 'größe', rows: 1, width: 4, inputs: 'normal' }];
    writeFileSync(grid, JSON.stringify({ kernels: ['sum'], data, targets: ['fp16'] }));
    const whole = Buffer.from((await bittrue('sweep', grid)).out);
    writeFileSync(path, whole.subarray(0, whole.indexOf('ö') + 1));
    expect((await bittrue('sweep', grid, '--out', path)).status).toBe(0);
    expect(readFileSync(path).equals(whole)).toBe(true);
  });

  it('killed at some moments it ends with the same bytes, on any number of threads', async () => {
    const main = join(import.meta.dirname, '../../dist/cli/main.js');
    const path = join(folder(), 'killed.jsonl');
    const args = [...grid.slice(0, 2), '--rows', '16', '--width', '512', ...grid.slice(6), '--out', path];
    const { out: whole } = await bittrue(...args.slice(0, -2));
    const size = () => (existsSync(path) ? statSync(path).size : 0);
    const next = generator('moments');
    const kills = share < 1 ? 4 : 10;
    let cut = 0;
    for (let i = 0; i < kills; i++) {
      const child = spawn(process.execPath, [main, ...args, '--threads', String(1 + (i % 2))], { stdio: 'ignore' });
      const ended = new Promise((resolve) => child.on('exit', resolve));
      // Some bytes further than the moment before.
      const until = (whole.length * (i + next())) / (kills + 1);
      while (size() <= until && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 2));
      child.kill('SIGKILL');
      await ended;
      if (size() > 0 && size() < whole.length) cut += 1;
    }
    expect(cut).toBeGreaterThan(0);
    expect(spawnSync(process.execPath, [main, ...args, '--threads', '3']).status).toBe(0);
    expect(readFileSync(path, 'utf8')).toBe(whole);
  }, 60_000);
});
