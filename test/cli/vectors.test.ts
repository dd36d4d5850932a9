import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCommand } from '../../src/cli/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'bittrue-vectors-'));
afterAll(() => rmSync(folder, { recursive: true }));

function run(args: readonly string[], input = ''): { status: number; out: string; err: string } {
  let out = '';
  let err = '';
  const status = runCommand(args, {
    out: (text): boolean => {
      out += text;
      return true;
    },
    err: (text) => {
      err += text;
    },
    color: false,
    progress: false,
    input: () => input,
  }) as number;
  return { status, out, err };
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('bittrue vectors', () => {
  it('prints TestFloat lines', () => {
    const { status, out } = run(['vectors', 'e2m1fn', 'add', '--rounding', 'towardZero']);
    const lines = out.trimEnd().split('\n');
    expect(status).toBe(0);
    expect(lines).toHaveLength(256);
    expect(lines[0x11]).toBe('1 1 2 00');
    expect(lines[0x77]).toBe('7 7 7 05');
  });

  it('prints every line once where there are many', () => {
    const lines = run(['vectors', 'float:e3m3', 'mul']).out.trimEnd().split('\n');
    expect(new Set(lines.map((line) => line.slice(0, 5))).size).toBe(16384);
    expect(lines).toHaveLength(16384);
  });

  it('takes count, seed, source and profile', () => {
    const args = ['vectors', 'e4m3fn', 'cast', '--from', 'binary64', '--profile', 'torch', '--count', '20'];
    const { out } = run([...args, '--seed', '7']);
    expect(out.trimEnd().split('\n')).toHaveLength(20);
    expect(out).toMatch(/^[0-9A-F]{16} [0-9A-F]{2} [0-9A-F]{2}\n/);
    expect(run([...args, '--seed', '7']).out).toBe(out);
    expect(run([...args, '--seed', '8']).out).not.toBe(out);
  });

  it.each([
    [['vectors', 'e4m3fn', 'modulo'], /OPERATION: expected one of add/],
    [['vectors', 'int8', 'add'], /a float format/],
    [['vectors', 'nope', 'add'], /FORMAT: expected one of/],
    [['vectors', 'e4m3fn', 'add', '--level', '3'], /level/],
    [['vectors', 'e4m3fn', 'add', '--count', 'many'], /--count/],
    [['vectors', 'e4m3fn', 'add', '--seed', '0.5'], /seed/],
    [['vectors', 'e4m3fn', 'add', '--rounding', 'up'], /rounding/],
    [['vectors', 'bfloat16', 'cast', '--profile', 'armSaturate'], /armSaturate for bfloat16/],
    [['vectors', 'e4m3fn'], /OPERATION/],
  ])('refuses %j', (args, message) => {
    const { status, out, err } = run(args);
    expect(status).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(message);
  });
});

describe('bittrue verify', () => {
  it('accepts its own tables: exit 0', () => {
    for (const operation of ['add', 'div', 'cast', 'mulAdd', 'toI32']) {
      const table = run(['vectors', 'binary16', operation, '--count', '200', '--rounding', 'toOdd']).out;
      const { status, out } = run(['verify', 'binary16', operation, file('own.txt', table), '--rounding', 'toOdd']);
      expect(out).toMatch(/no difference in 200 rows/);
      expect(status).toBe(0);
    }
  });

  it('says what another implementation does: exit 1', () => {
    const table = run(['vectors', 'e4m3fn', 'cast', '--profile', 'ocpSaturating', '--rounding', 'tiesToAway']).out;
    const { status, out } = run(['verify', 'e4m3fn', 'cast', file('theirs.txt', table)]);
    expect(status).toBe(1);
    expect(out).toContain('(tiesToAway)');
    expect(out).toContain('(saturate)');
    expect(out).toMatch(/explains (\d+) of \1 differences \(100 %\)/);
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });

  it('reads CSV, and standard input', () => {
    const csv = 'input,output\n65519.99999999999,inf\n1.0004882812500002,1\n2,2\n';
    const { status, out } = run(['verify', 'binary16', 'cast', '-'], csv);
    expect(status).toBe(1);
    expect(out).toContain('binary16 cast from binary64, tiesToEven: 2 of 3 rows differ');
    expect(out).toContain('rounds twice, first to binary32');
    expect(run(['verify', 'binary16', 'cast', '-'], 'input,output\n2,2\n').status).toBe(0);
  });

  it('prints data', () => {
    const { out } = run(['verify', 'e4m3fn', 'cast', '-', '--json'], '449,448\n1000,448\n-0,0\n');
    expect(JSON.parse(out)).toMatchObject({
      schema: 'verification/1',
      format: 'e4m3fn',
      mismatches: 2,
      first: [
        { line: 2, theirs: { value: 448, code: '7E' }, ours: { value: 'NaN' } },
        { line: 3, inputs: ['-0'] },
      ],
      diagnosis: { explained: 2, verdict: 'all' },
      ok: false,
    });
  });

  it('takes NaN codes, flags and a limit as asked', () => {
    const nan = '7FC00000 FF 00\n';
    expect(run(['verify', 'e4m3fn', 'cast', '-'], nan).status).toBe(0);
    expect(run(['verify', 'e4m3fn', 'cast', '-', '--strict-nan'], nan).status).toBe(1);
    const flags = '3F800000 38 01\n';
    expect(run(['verify', 'e4m3fn', 'cast', '-'], flags).status).toBe(1);
    expect(run(['verify', 'e4m3fn', 'cast', '-', '--no-flags'], flags).status).toBe(0);
    const one = run(['verify', 'e4m3fn', 'cast', '-', '--limit', '1', '--json'], '1,2\n2,3\n3,4\n').out;
    expect(JSON.parse(one)).toMatchObject({ mismatches: 3, first: [{ line: 1 }] });
    expect(JSON.parse(one).first).toHaveLength(1);
  });

  it('follows a profile', () => {
    const table = run(['vectors', 'e5m2', 'cast', '--profile', 'torch']).out;
    expect(run(['verify', 'e5m2', 'cast', '-', '--profile', 'torch', '--strict-nan'], table).status).toBe(0);
    expect(run(['verify', 'e5m2', 'cast', '-', '--profile', 'armSaturate'], table).status).toBe(1);
  });

  it('refuses what it cannot read: exit 2, one line, with the place', () => {
    const refused: [string[], string, RegExp][] = [
      [['verify', 'e4m3fn', 'cast', join(folder, 'missing.txt')], '', /missing\.txt/],
      [['verify', 'e4m3fn', 'cast', folder], '', /bittrue: /],
      [['verify', 'e4m3fn', 'cast', '-'], '', /standard input: expected at least one row/],
      [['verify', 'e4m3fn', 'cast', '-'], '3F800000 38 01\nnonsense\n', /standard input:2/],
      [['verify', 'e4m3fn', 'add', '-'], '38 38 138 00\n', /standard input:1.*8 bits/],
      [['verify', 'e4m3fn', 'cast', '-', '--limit', '-2'], '1,1\n', /limit/],
      [['verify', 'e4m3fn', 'cast', '-', '--profile', 'tpu'], '1,1\n', /one of ocp/],
      [['verify', 'e4m3fn', 'cast'], '', /FILE/],
    ];
    for (const [args, input, message] of refused) {
      const { status, out, err } = run(args, input);
      expect([status, out]).toEqual([2, '']);
      expect(err).toMatch(message);
      expect(err.trimEnd().split('\n')).toHaveLength(1);
    }
  });
});
