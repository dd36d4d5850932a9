import { describe, expect, it } from 'vitest';
import { cellLine, defineSweep, mergeSweeps, readSweepFile, runCell, sweepHeader } from '../../src/sweeps/index.ts';
import { shardCells } from '../../src/sweeps/lines.ts';
import { failure } from '../testing/helpers.ts';

const inputs = { kind: 'normal' } as const;
const grid = {
  kernels: ['sum' as const],
  data: [{ name: 'NaN', rows: 3, width: 16, inputs }],
  formats: ['binary16', 'e4m3fn'],
  accumulators: ['binary16', 'exact:binary64', 'e4m3fn', 'kahan:bfloat16'],
};
const sweep = defineSweep(grid);
const lines = Array.from({ length: sweep.cells }, (_, i) => cellLine(runCell(sweep, i)));
const whole = sweepHeader(sweep) + lines.join('');
const part = (index: number, of: number) =>
  sweepHeader(sweep, { index, of }) +
  shardCells(sweep.cells, { index, of })
    .map((cell) => lines[cell])
    .join('');

describe('readSweepFile', () => {
  it('gives back every cell', () => {
    const file = readSweepFile(whole);
    expect(file?.isComplete).toBe(true);
    expect(file?.cells).toEqual(Array.from({ length: sweep.cells }, (_, i) => runCell(sweep, i)));
    expect(file?.header.hash).toBe(sweep.hash);
  });

  it('reads what is left of a file that was cut anywhere', () => {
    for (let at = 0; at < whole.length; at += 37) {
      const file = readSweepFile(whole.slice(0, at));
      if (at < sweepHeader(sweep).length) expect(file).toBeNull();
      else {
        expect(file?.isComplete).toBe(false);
        expect(whole.startsWith(sweepHeader(sweep) + file?.lines.join(''))).toBe(true);
        expect(file?.length).toBe((sweepHeader(sweep) + file?.lines.join('')).length);
      }
    }
  });

  it('refuses other files, and lines out of order', () => {
    expect(failure(() => readSweepFile('hello'))).toBe('file text');
    expect(failure(() => readSweepFile('cell,data\n1,2\n'))).toBe('file text');
    expect(failure(() => readSweepFile('{"bittrue":"0.1.0","schema":"report/2"}\n'))).toBe('type text');
    expect(failure(() => readSweepFile(whole.replace('sweep/1', 'sweep/2')))).toBe('unsupported text.schema');
    expect(failure(() => readSweepFile(sweepHeader(sweep) + lines[1]))).toBe('file text:2');
    expect(failure(() => readSweepFile(whole + lines[0]))).toBe(`file text:${sweep.cells + 2}`);
    expect(failure(() => readSweepFile(`${sweepHeader(sweep)}{\n`))).toBe('file text:2');
  });
});

describe('mergeSweeps', () => {
  it('joins any sharding into the bytes of a single run', () => {
    expect(mergeSweeps([whole])).toBe(whole);
    for (const of of [2, 3, 7, 8, 9, 20]) {
      const parts = Array.from({ length: of }, (_, i) => part(i + 1, of)).reverse();
      expect(mergeSweeps(parts)).toBe(whole);
    }
    // Halves of which one is halved again.
    expect(mergeSweeps([part(1, 2), part(2, 4), part(4, 4)])).toBe(whole);
  });

  it('refuses a whole number that is no number', () => {
    expect(failure(() => cellLine({ ...runCell(sweep, 0), tile: 4n } as never))).toBe('type cell.tile');
  });

  it('refuses what does not belong together', () => {
    const other = defineSweep({ ...grid, seed: 1 });
    const foreign = sweepHeader(other, { index: 2, of: 2 }) + part(2, 2).split('\n').slice(1).join('\n');
    expect(failure(() => mergeSweeps([]))).toBe('shape files');
    expect(failure(() => mergeSweeps([part(1, 2)]))).toBe('file files');
    expect(failure(() => mergeSweeps([part(1, 2), part(1, 2)]))).toBe('file files[1]');
    expect(failure(() => mergeSweeps([part(1, 2), foreign]))).toBe('file files[1]');
    expect(() => mergeSweeps([part(1, 2), foreign])).toThrow('hash');
    const half = part(2, 2).slice(0, part(2, 2).length / 2);
    expect(failure(() => mergeSweeps([part(1, 2), half], ['a', 'b']))).toBe('file b');
    const older = part(2, 2).replace(/"bittrue":"[^"]*"/, '"bittrue":"0.0.9"');
    expect(() => mergeSweeps([part(1, 2), older])).toThrow('bittrue 0.0.9');
    expect(failure(() => mergeSweeps([part(1, 2), ''], ['a', 'b']))).toBe('file b');
  });
});
