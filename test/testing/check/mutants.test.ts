/**
 * Diseases of converters, as mutants of a right one in formats drawn at random, and as reported in public: each is caught and
 * named. Right converters, written in ten ways, are left in peace. `mutants.exhaustive.ts` has 200 seeds of the same.
 */
import { describe, expect, it } from 'vitest';
import { parseFormat } from '../../../src/formats/index.ts';
import { decode, round } from '../../../src/rounding/index.ts';
import { checkRounding } from '../../../src/testing/check/index.ts';
import { reported, right } from './converters.ts';
import { mutants } from './mutants.ts';
import { drawFormat, drawing, fateOf } from './population.ts';

describe('a mutant', () => {
  it.each(mutants)('that $name is caught and named', (mutant) => {
    const draw = drawing(mutant.name.length);
    const fates = [1, 2].map(
      (seed) => fateOf(mutant, seed, drawFormat(draw)) ?? fateOf(mutant, seed, drawFormat(draw)),
    );
    const seen = fates.filter((fate) => fate !== null);
    expect(seen.length).toBeGreaterThan(0);
    for (const fate of seen) {
      expect(fate).toMatchObject({ caught: true, elements: 1 });
      expect(mutant.names).toContain(fate.said.split('+')[0]);
    }
  });
});

describe('a reported converter', () => {
  it.each(reported)('$name: caught and named', ({ implementation, options, names }) => {
    const check = checkRounding(implementation, options);
    expect(check.ok).toBe(false);
    const said = check.diagnosis?.behaviours
      .map(({ name }) => name)
      .sort()
      .join('+');
    expect(names.map((name) => name.split('+').sort().join('+'))).toContain(said);
    expect(check.diagnosis?.verdict).toBe('all');
    expect(check.diagnosis?.explained).toBe(check.wrong);
  });

  it.each(reported)('$name: wrong on the input that the report gives', ({ implementation, options, input }) => {
    const { from, to, takes, gives, policy = {} } = options;
    const source = parseFormat(from as string);
    const x = takes === 'codes' ? decode(source, input) : input;
    const format = parseFormat(to as string);
    const right = x === x ? round(format, x, policy) : x;
    const found = implementation(input);
    expect(Object.is(gives === 'codes' ? decode(format, found) : found, right)).toBe(false);
  });
});

describe('a right converter', () => {
  it.each(right)('by $name raises no alarm', ({ make }) => {
    for (const to of ['e4m3fn', 'e5m2fnuz', 'binary16', 'bfloat16', 'e3m2fn', 'float:e5m4']) {
      const implementation = make(parseFormat(to) as never);
      if (implementation === null) continue;
      for (const [seed, from] of ['binary64', 'binary32', 'binary16'].entries()) {
        expect(checkRounding(implementation, { from, to, runs: 700, seed })).toMatchObject({ ok: true, wrong: 0 });
      }
    }
  });
});
