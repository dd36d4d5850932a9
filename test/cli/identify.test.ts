import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bittrue, folder } from './helpers.ts';

describe('probe and identify', () => {
  it('the first step: answers in, the next rows out, the state beside them', () => {
    const path = folder();
    const state = join(path, 'state.json');
    expect(bittrue('probe', path, '--k', '4', '--a', 'binary16', '--output', 'binary32').status).toBe(0);
    const rows = readFileSync(join(path, 'rows-1.txt'), 'utf8').trim().split('\n').slice(1);
    expect(rows.every((row) => row.split(' ').length === 9)).toBe(true);
    const given = join(path, 'answers.txt');
    writeFileSync(given, rows.map(() => '0').join('\n'));
    const { status, out, err } = bittrue('identify', state, given);
    expect([status, err]).toEqual([0, '']);
    expect(out).toContain('rows-2.txt');
    expect(JSON.parse(readFileSync(state, 'utf8')).answers.length).toBe(1);
  });

  it('refuse answers that are too few or no codes, and write nothing', () => {
    const path = folder();
    const state = join(path, 'state.json');
    bittrue('probe', path, '--k', '4', '--a', 'binary16', '--output', 'binary32', '--as', 'npy');
    const before = readFileSync(state, 'utf8');
    const given = join(path, 'answers.txt');
    writeFileSync(given, '1 2 3');
    expect(bittrue('identify', state, given)).toMatchObject({ status: 2, out: '' });
    writeFileSync(given, 'zz');
    expect(bittrue('identify', state, given).status).toBe(2);
    expect(readFileSync(state, 'utf8')).toBe(before);
    expect(bittrue('probe', path, '--k', '4', '--a', 'binary16').status).toBe(2);
    expect(bittrue('identify', given, '--k', '4', '--a', 'binary16', '--output', 'binary32').status).toBe(2);
  });

  it('go on from the state before, whatever was written after it; a new search does not replace answers', () => {
    const path = folder();
    const state = join(path, 'state.json');
    const start = ['probe', path, '--k', '2', '--a', 'binary16', '--output', 'binary32'] as const;
    expect(bittrue(...start).status).toBe(0);
    const before = readFileSync(state, 'utf8');
    const rows = readFileSync(join(path, 'rows-1.txt'), 'utf8').trim().split('\n').slice(1);
    const given = join(path, 'answers.txt');
    writeFileSync(given, rows.map(() => '0').join('\n'));
    expect(bittrue('identify', state, given).status).toBe(0);
    const [next, after] = [readFileSync(join(path, 'rows-2.txt'), 'utf8'), readFileSync(state, 'utf8')];
    // Stopped between the rows and the state: the old state and the same answers lead to the same.
    writeFileSync(state, before);
    writeFileSync(join(path, 'rows-2.txt'), 'half a row');
    expect(bittrue('identify', state, given).status).toBe(0);
    expect(readFileSync(join(path, 'rows-2.txt'), 'utf8')).toBe(next);
    expect(readFileSync(state, 'utf8')).toBe(after);
    const again = bittrue(...start);
    expect(again.status).toBe(2);
    expect(again.err).toContain('bittrue identify');
    expect(readFileSync(state, 'utf8')).toBe(after);
  });
});

describe('probe --settle', () => {
  it('writes the rows on which the models of a unit differ, with the answer of each', () => {
    const path = folder();
    expect(bittrue('probe', path, '--settle', 'h100:f16F16')).toMatchObject({ status: 0, err: '' });
    const lines = readFileSync(join(path, 'h100-f16F16.txt'), 'utf8').trim().split('\n');
    const rows = lines.filter((line) => !line.startsWith('#'));
    // 16 of a, 16 of b, c, then the remark.
    expect(rows.every((row) => (row.split(' # ')[0] as string).split(' ').length === 33)).toBe(true);
    expect(rows.map((row) => row.split(' # ')[1])).toEqual([
      'catalogue 0x0000, mmasim 0x0001, fpy 0x0000, zeroSign rounded 0x0000',
      'catalogue 0x0000, mmasim 0x0000, fpy 0x8000, zeroSign rounded 0x8000',
      'catalogue 0x0000, mmasim 0x0000, fpy 0x0000, zeroSign rounded 0x8000',
    ]);
  });

  it('says where no row can tell two readings, and why', () => {
    const { status, out } = bittrue('probe', folder(), '--settle', 'v100:f16');
    expect(status).toBe(0);
    expect(out).toContain('no row can tell mmasim from catalogue');
    expect(out).toContain('the least exponent -131 is never reached');
  });

  it('finds rows beside a power of two, where MI300 cuts once or twice', () => {
    expect(bittrue('probe', folder(), '--settle', 'mi300:bf16').out).toContain('mi300:bf16: one row in');
  });

  it('refuses what nobody disputes, and options of a search', () => {
    expect(bittrue('probe', folder(), '--settle', 'tpu:bf16').status).toBe(2);
    expect(bittrue('probe', folder(), '--settle', 'h100:f16F16', '--k', '4').status).toBe(2);
  });

  it('verify takes rows without an addend, as probe writes them for units that have none', () => {
    const measured = join(folder(), 'measured.txt');
    writeFileSync(measured, '3c00 4000 4000 4200 41000000\n3c00 4000 4000 4200 41000001\n');
    const { status, out, err } = bittrue('verify', '--target', 'v100:f16', measured);
    expect([status, err]).toEqual([1, '']);
    expect(out).toContain('v100:f16: 1 of 2 rows differ');
    writeFileSync(measured, '3c00\n');
    expect(bittrue('verify', '--target', 'v100:f16', measured).status).toBe(2);
  });
});
