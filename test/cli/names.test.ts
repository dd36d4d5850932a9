/**
 * Names on the command line: any case, suggestions, and a word where a name is another format's elsewhere.
 */
import { describe, expect, it } from 'vitest';
import { runCommand } from '../../src/cli/run.ts';
import { bittrue } from './helpers.ts';

/** What a terminal of so many columns shows of a mistake. */
function told(columns: number, ...args: string[]): string[] {
  let err = '';
  const status = runCommand(args, {
    out: () => true,
    err: (text) => {
      err += text;
    },
    color: false,
    progress: false,
    columns,
  });
  expect(status).toBe(2);
  return err.trimEnd().split('\n');
}

describe('near misses', () => {
  it.each([
    [['explain', 'e4m3fm', '1'], 'did you mean e4m3fn (largest 448)?'],
    [['explain', 'fp8', '1'], 'did you mean e4m3fn (largest 448) or e5m2 (largest 57344)?'],
    [['table', 'bfloat61'], 'did you mean bfloat16'],
    [['targets', 'hopper'], 'did you mean h100?'],
    [['compare-targets', 'h101:f16', 'a100:f16', '--random'], 'did you mean h100'],
    [['quantize', '--method', 'fqp'], 'did you mean fpq?'],
    [['explain', 'binary16', '1', '--rounding', 'towardzero'], 'did you mean towardZero?'],
    [['vectors', 'binary16', 'multiply'], 'did you mean mul?'],
    [['vectors', 'binary16', 'cast', '--profile', 'mldtypes'], 'did you mean mlDtypes?'],
    [['chekc'], '(Did you mean check?)'],
    [['check', '--traget', 'fp16'], '(Did you mean --target?)'],
    [['targets', 'fp16', '--jsno'], '(Did you mean --json?)'],
  ])('%j', (args, words) => {
    const { status, err } = bittrue(...args);
    expect(status).toBe(2);
    expect(err).toContain(words);
  });
});

describe('e4m3', () => {
  it.each([
    [['vectors', 'e4m3', 'add', '--count', '1']],
    [['vectors', 'e5m2', 'cast', '--from', 'e4m3', '--count', '1']],
  ])('%j says that e4m3fn may be meant, beside the result', (args) => {
    const { status, out, err } = bittrue(...args);
    expect(status).toBe(0);
    expect(out).not.toContain('is read as');
    expect(err).toMatch(/^bittrue: [^\n]*largest number is 240[^\n]*448, is e4m3fn\n$/);
  });

  it('has that word on top of an explanation and a table, and in their data', () => {
    const note = /^note: .*largest number is 240[\s\S]*448, is e4m3fn\n\n/;
    for (const args of [
      ['explain', 'e4m3', '448'],
      ['table', 'float8_e4m3'],
    ]) {
      const { status, out, err } = bittrue(...args);
      expect({ status, err }).toEqual({ status: 0, err: '' });
      expect(out).toMatch(note);
      expect(JSON.parse(bittrue(...args, '--json').out).note).toContain('448, is e4m3fn');
    }
    expect(JSON.parse(bittrue('explain', 'e4m3fn', '448', '--json').out)).not.toHaveProperty('note');
  });

  it.each([[['explain', 'e4m3fn', '448']], [['explain', 'e5m2', '448']], [['table', 'F8E4M3FN']]])(
    '%j says nothing',
    (args) => {
      expect(bittrue(...args).err).toBe('');
    },
  );

  it('a name that leaves `fn` out for e4m3fn is told too', () => {
    expect(bittrue('explain', 'fp8_e4m3', '448').out).toContain("is read as OCP's e4m3fn");
  });
});

describe('fp8', () => {
  it('lists the formats of OCP first', () => {
    const names = bittrue('formats', 'fp8').out.split('\n').slice(1, 3);
    expect(names.map((line) => line.split(' ')[0]).sort()).toEqual(['e4m3fn', 'e5m2']);
  });
});

describe('mistakes on a terminal', () => {
  const mistakes = [
    ['explain', 'zzz', '1'],
    ['explain', 'e4m3fm', '1'],
    ['targets', 'zzz'],
    ['explain', 'binary16', '1', '--overflow', 'clip'],
    ['vectors', 'zzz', 'cast'],
    ['vectors', 'binary16', 'cast', '--level', '7'],
    ['compare-targets', 'h100', 'a100'],
    ['compare-targets', 'h100:zzz', 'a100', '--random'],
    ['communicate', '--codec', 'zzz'],
    ['quantize', '--method', 'zzz'],
    ['check', 'nowhere'],
    ['check', '--slanc', 'zzz'],
    ['zzz'],
  ];

  it.each(mistakes.flatMap((args) => [80, 120, 200].map((columns) => [columns, args] as const)))(
    'fit %i columns, at most 100: %j',
    (columns, args) => {
      const lines = told(columns, ...args);
      for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(Math.min(columns, 100));
      expect(lines[0]).toMatch(/^bittrue: /);
      for (const line of lines.slice(1)) expect(line).toMatch(/^ {2}\S/);
    },
  );
});
