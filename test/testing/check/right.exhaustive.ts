/**
 * Two hundred seeds: ten right converters, written in ten ways, raise no alarm, neither of the check nor of the laws.
 */
import { describe, expect, it } from 'vitest';
import { checkRounding } from '../../../src/testing/check/index.ts';
import { checkLaws, roundingLaws } from '../../../src/testing/laws/index.ts';
import { right } from './converters.ts';
import { drawFormat, drawing } from './population.ts';

const SEEDS = 200;

describe(`over ${SEEDS} seeds`, () => {
  it.each(right)('a right converter by $name', ({ make }) => {
    const draw = drawing(7);
    let [tried, alarms] = [0, 0];
    for (let seed = 1; seed <= SEEDS; seed++) {
      const to = drawFormat(draw);
      const implementation = make(to);
      if (implementation === null) continue;
      tried += 1;
      const from = ['binary64', 'binary32', 'binary16'][seed % 3] as string;
      if (!checkRounding(implementation, { from, to, runs: 1000, seed }).ok) alarms += 1;
      if (!checkLaws(implementation, roundingLaws(to), { runs: 100, seed }).ok) alarms += 1;
    }
    expect(tried).toBeGreaterThan(SEEDS / 4);
    expect(alarms).toBe(0);
  });
});
