/** The laws hold for this library's roundings, and mutants break those that their disease is about. */
import { describe, expect, it } from 'vitest';
import { e4m3fn, formatName, parseFormat } from '../../../src/formats/index.ts';
import { round } from '../../../src/rounding/index.ts';
import { checkLaws, describeLaws, roundingLaws } from '../../../src/testing/laws/index.ts';
import { convert, mutants } from '../check/mutants.ts';
import { failure } from '../helpers.ts';

const formats = [
  'e4m3fn',
  'e5m2',
  'binary16',
  'bfloat16',
  'e2m1fn',
  'e5m2fnuz',
  'float:e3m6',
  'int8',
  'uint8',
  'e8m0fnu',
  'dlfloat16',
  'e3m0',
];

describe('roundingLaws', () => {
  it.each(formats)('hold for %s', (name) => {
    const format = parseFormat(name);
    const check = checkLaws((x: number) => round(format, x), roundingLaws(format), { runs: 700 });
    expect(describeLaws(check)).toBe('');
    expect(check.ok).toBe(true);
    expect(check.laws.filter(({ tried }) => tried === 0).map((law) => law.name)).toEqual([]);
    const away = (x: number): number => round(format, x, { rounding: 'tiesToAway', overflow: 'saturate' });
    const options = { ties: 'away', overflow: 'saturate' } as const;
    expect(describeLaws(checkLaws(away, roundingLaws(formatName(format), options), { runs: 200 }))).toBe('');
  });

  const broken: Readonly<Record<string, string>> = {
    truncates: 'nearest',
    'ties away': 'ties',
    'ties up': 'symmetric',
    'rounds through binary32': 'nearest',
    'rounds subnormals twice': 'nearest',
    'loses the carry': 'monotone',
    'subnormals a binade small': 'idempotent',
    saturates: 'overflow',
    'judges overflow before rounding': 'overflow',
    'makes infinity of NaN': 'nan',
    'loses −0': 'zero',
    'halves powers of two': 'bracketed',
  };

  it.each(Object.entries(broken))('a converter that %s breaks %s', (name, law) => {
    const { disease } = mutants.find((one) => one.name === name)!;
    const laws = roundingLaws(e4m3fn, { overflow: 'nan' });
    const check = checkLaws((x: number) => convert(e4m3fn, x, disease), laws, { runs: 300 });
    expect(check.ok).toBe(false);
    expect(check.broken).toContain(law);
    const verdict = check.laws.find((one) => one.name === law)!;
    expect(verdict.words).not.toBeNull();
    expect(describeLaws(check)).toContain(verdict.words);
  });

  it('end where a format is too small for a law', () => {
    const tiny = parseFormat('float:e2m2');
    const check = checkLaws((x: number) => round(tiny, x), roundingLaws(tiny), { runs: 100 });
    expect(check).toMatchObject({ ok: true });
    expect(check.laws.find(({ name }) => name === 'scaling')?.tried).toBe(0);
  });

  it('tells the simplest case', () => {
    const check = checkLaws(
      (x: number) => Math.trunc(x),
      roundingLaws('int8').filter(({ name }) => name === 'nearest'),
    );
    expect(check.laws[0]).toMatchObject({ name: 'nearest', ok: false, counterexample: 1.75 });
  });

  it('an implementation that throws breaks the law', () => {
    const check = checkLaws((): number => {
      throw new RangeError('no');
    }, roundingLaws('int8'));
    expect(check.laws[0]?.words).toBe('throws RangeError: no');
  });

  it('refuses bad input', () => {
    expect(failure(() => roundingLaws('e4m4'))).toBe('name format');
    expect(failure(() => roundingLaws('int8', { tie: 'even' } as never))).toBe('name options.tie');
    expect(failure(() => checkLaws(Math.round, [{}] as never))).toBe('type laws[0]');
    expect(failure(() => checkLaws(Math.round, roundingLaws('int8'), { runs: 0 }))).toBe('range options.runs');
  });
});
