import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { finished as bittrue, folder } from './helpers.ts';

const sweep = ['sweep', 'dot', '--rows', '4', '--width', '64', '--format', 'int8', '--fit', 'max'];
const grid = [...sweep, '--accumulator', 'int12..int16:saturate,binary16'];
const weights = ['accumulator', '2*256', '--inputs', 'int8', '--target', 'avx512Vnni:vpdpwssd'];

it('a sweep writes a page, one plot, and plots for the terminal', async () => {
  const own = folder();
  const [html, svg, out] = ['page.html', 'plot.svg', 'sweep.jsonl'].map((name) => join(own, name)) as [
    string,
    string,
    string,
  ];
  const { status, out: text } = await bittrue(...grid, '--out', out, '--html', html, '--svg', `${svg}#2`, '--plot');
  expect(status).toBe(0);
  expect(readFileSync(html, 'utf8')).toMatch(/content="bittrue sweep"[\s\S]*overflow: row 0, accumulate/);
  expect(readFileSync(svg, 'utf8')).toMatch(/^<svg [\s\S]*outputs that fail \(%\)/);
  expect(text).toContain('Error: dot\nSQNR (dB)\n');
  // A run that goes on, and a merge, draw all cells.
  const page = readFileSync(html, 'utf8');
  const lines = readFileSync(out, 'utf8').split('\n');
  writeFileSync(out, `${lines.slice(0, 3).join('\n')}\n`);
  await bittrue(...grid, '--out', out, '--html', html);
  expect(readFileSync(html, 'utf8')).toBe(page);
  expect(await bittrue('merge', out, '--html', html)).toMatchObject({ status: 0, out: '' });
  expect(readFileSync(html, 'utf8')).toBe(page);
});

it('accumulator draws how many channels need how many bits', async () => {
  const html = join(folder(), 'page.html');
  const { status, out } = await bittrue(...weights, '--html', html, '--plot');
  expect(status).toBe(0);
  expect(readFileSync(html, 'utf8')).toContain('17 bits proved for 1 channel of 256 products');
  expect(out).toContain('Registers of 1 channel of 256 products');
});

it('keeps files that it did not write, and refuses before it runs', async () => {
  const own = folder();
  const path = join(own, 'mine.html');
  writeFileSync(path, 'mine');
  for (const flags of [
    ['--html', path],
    ['--html', `${own}/`],
    ['--svg', `${join(own, 'a.svg')}#0`],
    ['--html', join(own, 'b'), '--out', join(own, 'b')],
    ['--force'],
  ]) {
    const { status, out } = await bittrue(...grid, ...flags);
    expect([status, out]).toEqual([2, '']);
  }
  expect(readFileSync(path, 'utf8')).toBe('mine');
  expect(existsSync(join(own, 'b'))).toBe(false);
  expect((await bittrue(...grid, '--html', path, '--force')).status).toBe(0);
  expect((await bittrue(...grid, '--svg', `${join(own, 'a.svg')}#99`)).status).toBe(2);
});
