import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeNpy } from '../../src/files/index.ts';
import { binary16, binary32 } from '../../src/formats/index.ts';
import { dot } from '../../src/kernels/index.ts';
import { decode, encode } from '../../src/rounding/index.ts';
import { bittrue, folder } from './helpers.ts';

/** The codes of every line of a text of rows. */
function rowsIn(path: string): number[][] {
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(' ').map((code) => Number.parseInt(code, 16)));
}

/** What a V100 answers to rows of 8. */
function answers(rows: readonly number[][]): number[] {
  const values = (from: number, to: number) =>
    rows.flatMap((row) => row.slice(from, to).map((code) => decode(binary16, code)));
  const c = rows.map((row) => decode(binary32, row[16] as number));
  const { output } = dot(values(0, 8), values(8, 16), {
    rows: rows.length,
    width: 8,
    c,
    target: 'v100:f16',
    record: 'off',
  });
  return Array.from(output, (x) => encode(binary32, x));
}

const hex = (codes: readonly number[]): string => codes.map((code) => code.toString(16)).join('\n');

describe('probe and identify', () => {
  it('go from rows to a target that verify takes, each run from the files of the last one', () => {
    const path = folder();
    const state = join(path, 'state.json');
    expect(bittrue('probe', path, '--k', '8', '--a', 'binary16', '--output', 'binary32', '--agree', '200').status).toBe(
      0,
    );
    let rows: number[][] = [];
    for (let batch = 1; batch < 60; batch++) {
      rows = rowsIn(join(path, `rows-${batch}.txt`));
      const given = join(path, batch % 2 === 0 ? 'answers.npy' : 'answers.txt');
      const codes = answers(rows);
      writeFileSync(
        given,
        batch % 2 === 0 ? writeNpy({ data: Uint32Array.from(codes), shape: [codes.length] }) : hex(codes),
      );
      const { status, out, err } = bittrue('identify', state, given);
      expect([status, err]).toEqual([0, '']);
      if (out.startsWith('identified')) {
        expect(out).toContain('fused blocks of 4, 23 bits cut');
        break;
      }
    }
    expect(bittrue('identify', state, join(path, 'answers.txt')).status).toBe(2);
    const measured = join(path, 'measured.txt');
    const codes = answers(rows);
    const lines = rows.map((row, i) => [...row, codes[i] as number].map((code) => code.toString(16)).join(' '));
    writeFileSync(measured, lines.join('\n'));
    const right = bittrue('verify', '--target', `${join(path, 'target.json')}`, measured);
    expect([right.status, right.err]).toEqual([0, '']);
    const other = bittrue('verify', '--target', 'a100:f16', measured);
    expect(other.status).toBe(1);
    expect(other.out).toMatch(/a100:f16: \d+ of \d+ rows differ/);
    expect(other.out).toContain('24 bits cut');
  });
});
