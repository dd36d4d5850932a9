/**
 * The sweeps over random operands as test cases.
 *
 * @module
 */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { bfloat16, binary16, binary32, type FloatFormat, formatName, tf32 } from '../../../src/formats/index.ts';
import { formats } from '../../../src/testing/arbitraries/index.ts';
import type { Tally } from './pairs.ts';
import { roundedOperations, sweepIntegers, sweepRandom } from './random.ts';

type Named = [name: string, format: FloatFormat];

export const namedFormats: Named[] = [binary16, bfloat16, tf32, binary32].map((format) => [formatName(format), format]);

/** Twenty formats of 9 to 32 bits, of random parameters; the same in every run. */
export const twentyFormats: Named[] = (() => {
  const found = new Map<string, FloatFormat>(namedFormats);
  for (const format of fc.sample(formats({ kind: 'float', maxBits: 32 }), { seed: 20261122, numRuns: 400 })) {
    if (format.bits > 8 && found.size < namedFormats.length + 20) found.set(formatName(format), format);
  }
  return [...found].slice(namedFormats.length);
})();

/** `count` cases an operation and mode; `integers` of conversions to and from integers, integral values, comparison. */
export function describeRandom(list: readonly Named[], count: number, integers = count): void {
  describe.each(list)('%s', (_, format) => {
    it.each(roundedOperations)(`%s: ${count} cases a mode, as the oracle`, (operation) => {
      const tally: Tally = { cases: 0, wrong: [] };
      sweepRandom(format, operation, count, tally);
      expect(tally.wrong).toEqual([]);
      expect(tally.cases).toBe(6 * count);
    });

    it(`integers, integral values and comparison: ${integers} cases a mode, as the oracle`, () => {
      const tally: Tally = { cases: 0, wrong: [] };
      sweepIntegers(format, integers, tally);
      expect(tally.wrong).toEqual([]);
      expect(tally.cases).toBe(6 * integers);
    });
  });
}

/** Outside CI: a million cases an operation and mode for one of the named formats and five of the twenty. */
export function describeMillions(part: 1 | 2 | 3 | 4): void {
  const list = [...namedFormats.slice(part - 1, part), ...twentyFormats.slice(5 * part - 5, 5 * part)];
  describeRandom(list, 1_000_000);
  const results = list.length * (roundedOperations.length + 1) * 6_000_000;
  afterAll(() => console.log(`${list.map(([name]) => name).join(', ')}: ${results} cases`));
}
