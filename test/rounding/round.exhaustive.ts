/**
 * Every policy on every value, midpoint and neighbour of every format of at most 8 bits, and every mode on those of 16.
 *
 * @module
 */
import { afterAll, describe, expect, it } from 'vitest';
import { type Format, parseFormat } from '../../src/formats/index.ts';
import { edgesOf } from '../testing/helpers.ts';
import { allPolicies, firstDifference, modePolicies, smallFormats } from './helpers.ts';

let results = 0;

afterAll(() => console.log(`round: ${results} results`));

describe.each(smallFormats)('%s', (_, format) => {
  it('follows every policy everywhere', () => {
    const xs = edgesOf(format);
    for (const policy of allPolicies(format)) {
      expect(firstDifference(format, policy, xs)).toBeNull();
      results += xs.length;
    }
  });
});

const wide = ['binary16', 'bfloat16', 'dlfloat16', 'int16', 'uint16'];
for (let precision = 8; precision <= 15; precision++) {
  for (const domain of ['se', 'sf', 'ue', 'uf']) {
    if (domain.startsWith('s') || precision > 8) wide.push(`binary16p${precision}${domain}`);
  }
}

describe.each(wide.map((name): [string, Format] => [name, parseFormat(name)]))('%s', (_, format) => {
  it('follows every mode everywhere', () => {
    const xs = edgesOf(format);
    for (const policy of modePolicies(format)) {
      expect(firstDifference(format, policy, xs)).toBeNull();
      results += xs.length;
    }
  });
});
