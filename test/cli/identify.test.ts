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
});
